//! A context, given to `BuildKit` over its session: the docker CLI's way for directories.

use std::io::{Cursor, Read};
use std::sync::Arc;

use crate::buildkit::{Asked, Content, Entry, Files, Kind, OfferedFiles};
use crate::context::{self, ContextError, Item, ItemKind, Part, Shared, Source};

/// How `BuildKit` calls the two directories of a Dockerfile's build.
const CONTEXT: &str = "context";
const DOCKERFILE: &str = "dockerfile";

/// What goes with the `/build` request of such a context.
pub const REMOTE: &str = "client-session";

pub fn offer(shared: Shared) -> OfferedFiles {
  let key = shared.key.clone();
  OfferedFiles { source: Arc::new(Shares(shared)), key }
}

struct Shares(Shared);

impl Files for Shares {
  fn list(&self, asked: &Asked, show: &mut dyn FnMut(Entry) -> bool) -> Result<(), String> {
    let part = match asked.directory.as_str() {
      CONTEXT => Part::Context,
      DOCKERFILE => Part::Dockerfile,
      other => return Err(format!("there is no directory `{other}` to send")),
    };
    let mut show = |item: Item| show(entry(item));
    self.0.list(part, &asked.paths, &asked.excluded, &mut show).map_err(|error| error.to_string())
  }

  fn open(&self, content: &Content, size: u64) -> Result<Box<dyn Read + Send>, String> {
    Ok(match content {
      Content::Bytes(bytes) => Box::new(Cursor::new(bytes.clone())),
      Content::File(path) => {
        let file = context::read(path, size);
        Box::new(file.map_err(|error: ContextError| error.to_string())?)
      }
    })
  }
}

fn entry(item: Item) -> Entry {
  let Item { name, kind, mode, modified, capability } = item;
  let kind = match kind {
    ItemKind::Directory => Kind::Directory,
    ItemKind::File { size, content: Source::File(path) } => {
      Kind::File { size, content: Content::File(path) }
    }
    ItemKind::File { size, content: Source::Bytes(bytes) } => {
      Kind::File { size, content: Content::Bytes(bytes) }
    }
    ItemKind::HardLink { size, target } => Kind::HardLink { size, target },
    ItemKind::Symlink { target } => Kind::Symlink { target },
    ItemKind::Pipe => Kind::Pipe,
    ItemKind::CharDevice(major, minor) => Kind::CharDevice(major, minor),
    ItemKind::BlockDevice(major, minor) => Kind::BlockDevice(major, minor),
  };
  Entry { name, kind, mode, modified, capability }
}
