//! A context for a builder that has it listed and then asks for what it does not know yet, where a tar would have
//! it all at once. The Dockerfile is in a directory of its own, so that it is in the context only where it lies there.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use bytes::Bytes;

use super::dockerignore::{IGNORE_FILE, Matcher};
use super::error::unreadable;
use super::header::Stop;
use super::listing::{Item, Lister, nanoseconds};
use super::prepare::{self, Contents};
use super::selection::Selection;
use super::{Context, ContextError, Dockerfile, MapFile, key, map};
use crate::archive;

/// Of a Dockerfile that has no name, or none that can be told.
const NAME: &str = "Dockerfile";

/// A context that can be listed more than once.
pub struct Shared {
  /// The Dockerfile's name in its own directory.
  pub dockerfile: String,
  /// Not that of any other directory, and the same the next time.
  pub key: String,
  script: Vec<(String, Source)>,
  place: Place,
  /// When it was opened: of what has no time of its own.
  now: i64,
}

enum Place {
  Disk { root: PathBuf, contents: Contents },
  Memory(BTreeMap<String, MapFile>),
}

#[derive(Debug, Clone)]
pub enum Source {
  File(PathBuf),
  Bytes(Bytes),
}

/// Which part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
  Context,
  /// The Dockerfile, and an ignore file of its own.
  Dockerfile,
}

/// # Errors
/// As [`super::pack`]. A context that is a tar cannot be shared.
pub async fn share(context: Context) -> Result<Shared, ContextError> {
  tokio::task::spawn_blocking(move || open(context)).await.map_err(|_| ContextError::Interrupted)?
}

fn open(context: Context) -> Result<Shared, ContextError> {
  let (root, dockerfile, extra) = match context {
    Context::Directory { root, dockerfile } => (root, dockerfile, None),
    Context::Files { root, dockerfile, extra } => (root, Dockerfile::Path(dockerfile), Some(extra)),
    Context::Map { files, dockerfile } => return in_memory(files, &dockerfile),
    Context::Tar { .. } => {
      return Err(ContextError::Source(io::Error::other("a tar is sent as it is")));
    }
  };
  let plan = prepare::prepare(root, dockerfile, extra)?;
  let (dockerfile, script) = match (plan.given, plan.stray) {
    (None, stray) => {
      let text = stray.map(|stray| stray.content).unwrap_or_default();
      (NAME.to_owned(), vec![(NAME.to_owned(), Source::Bytes(text.into()))])
    }
    (Some(given), _) => {
      let name = given.file_name().and_then(|name| name.to_str()).unwrap_or(NAME);
      let mut script = vec![(name.to_owned(), Source::File(given.clone()))];
      let mut ignore = given.as_os_str().to_owned();
      ignore.push(IGNORE_FILE);
      if Path::new(&ignore).is_file() {
        script.push((format!("{name}{IGNORE_FILE}"), Source::File(ignore.into())));
      }
      (name.to_owned(), script)
    }
  };
  let key = key::of_directory(&plan.root);
  let place = Place::Disk { root: plan.root, contents: plan.contents };
  Ok(Shared { dockerfile, key, script, place, now: nanoseconds(SystemTime::now()) })
}

fn in_memory(files: BTreeMap<String, MapFile>, path: &str) -> Result<Shared, ContextError> {
  map::check(&files, path)?;
  let name = path.rsplit('/').next().unwrap_or(path);
  let script = ["", IGNORE_FILE].into_iter().filter_map(|ending| {
    let file = files.get(&format!("{path}{ending}"))?;
    Some((format!("{name}{ending}"), Source::Bytes(file.content.clone())))
  });
  Ok(Shared {
    dockerfile: name.to_owned(),
    key: key::of_files(&files),
    script: script.collect(),
    place: Place::Memory(files),
    now: nanoseconds(SystemTime::now()),
  })
}

impl Shared {
  /// Shows what is in a part, in the order of a walk, until `show` says that it is enough. Blocks.
  ///
  /// # Errors
  /// What cannot be read, or a bad pattern.
  pub fn list(
    &self,
    part: Part,
    paths: &[Vec<u8>],
    excluded: &[Vec<u8>],
    show: &mut dyn FnMut(Item) -> bool,
  ) -> Result<(), ContextError> {
    let root = match &self.place {
      Place::Disk { root, .. } if part == Part::Context => Some(root.as_path()),
      _ => None,
    };
    let selection = Selection::new(paths, root);
    let mut lister = Lister::new(&selection, self.now, show);
    let outcome = match (part, &self.place) {
      // As few as they are they need not be looked for.
      (Part::Dockerfile, _) => self.scripts(&mut lister),
      (Part::Context, Place::Memory(files)) => lister.memory(files, &patterns(excluded)?),
      (Part::Context, Place::Disk { root, contents: Contents::Directory(_) }) => {
        lister.tree(root, b"", &patterns(excluded)?)
      }
      // What was chosen is not ignored.
      (Part::Context, Place::Disk { root, contents: Contents::Chosen(paths) }) => {
        lister.chosen(root, paths)
      }
    };
    match outcome {
      Ok(()) | Err(Stop::Gone) => Ok(()),
      Err(Stop::Failed(error)) => Err(error),
    }
  }

  fn scripts(&self, lister: &mut Lister) -> Result<(), Stop> {
    for (name, source) in &self.script {
      match source {
        Source::Bytes(bytes) => lister.made(name.as_bytes(), 0o644, bytes)?,
        Source::File(path) => {
          let metadata = fs::metadata(path).map_err(|why| unreadable(path, why))?;
          let mode = archive::mode(&metadata);
          lister.regular(name.as_bytes(), path, &metadata, mode)?;
        }
      }
    }
    Ok(())
  }
}

fn patterns(excluded: &[Vec<u8>]) -> Result<Matcher, ContextError> {
  Matcher::deep(IGNORE_FILE.into(), excluded)
}

/// A file's content: as many bytes as it had when it was listed.
///
/// # Errors
/// One that cannot be read, here or in reading it; one that has become shorter in reading it.
pub fn read(path: &Path, size: u64) -> Result<impl Read + Send + use<>, ContextError> {
  let gone = |why: io::Error| match why.kind() {
    // It was there, and a builder cannot be told that it is not any more.
    io::ErrorKind::NotFound => ContextError::Changed { path: path.to_owned() },
    _ => unreadable(path, why),
  };
  let file = File::open(path).map_err(gone)?;
  let metadata = file.metadata().map_err(|why| unreadable(path, why))?;
  if !metadata.is_file() {
    return Err(ContextError::Changed { path: path.to_owned() });
  }
  Ok(Exact { file, path: path.to_owned(), left: size })
}

struct Exact {
  file: File,
  path: PathBuf,
  left: u64,
}

impl Read for Exact {
  fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
    let length = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
    if length == 0 {
      return Ok(0);
    }
    match self.file.read(&mut buffer[..length]) {
      Ok(0) => Err(ContextError::Changed { path: self.path.clone() }.into()),
      Ok(count) => {
        self.left -= count as u64;
        Ok(count)
      }
      Err(why) if why.kind() == io::ErrorKind::Interrupted => Err(why),
      Err(why) => Err(unreadable(&self.path, why).into()),
    }
  }
}
