//! Lists what a context has, entry by entry, each with the directories that it is in.

use std::collections::{BTreeMap, HashMap};
use std::fs::{self, Metadata};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;

use super::dockerignore::{Matched, Matcher};
use super::error::unreadable;
use super::header::Stop;
use super::prepare::name_of;
use super::selection::{Selection, is_below};
use super::share::Source;
use super::walk::{Found, Walk};
use super::{ContextError, MapFile, facts};
use crate::archive::{self, Kind};

/// An entry as a builder is told of it.
pub struct Item {
  pub name: Vec<u8>,
  pub kind: ItemKind,
  pub mode: u32,
  /// In nanoseconds since 1970.
  pub modified: i64,
  pub capability: Option<Vec<u8>>,
}

pub enum ItemKind {
  Directory,
  File { size: u64, content: Source },
  HardLink { size: u64, target: Vec<u8> },
  Symlink { target: Vec<u8> },
  Pipe,
  CharDevice(u32, u32),
  BlockDevice(u32, u32),
}

pub struct Lister<'a> {
  selection: &'a Selection,
  now: i64,
  show: &'a mut dyn FnMut(Item) -> bool,
  /// Under which name each file that has several was shown.
  links: HashMap<(u64, u64), Vec<u8>>,
  /// The directories that were shown and that more may come of, each within the one before it.
  open: Vec<Vec<u8>>,
}

impl<'a> Lister<'a> {
  pub fn new(selection: &'a Selection, now: i64, show: &'a mut dyn FnMut(Item) -> bool) -> Self {
    Self { selection, now, show, links: HashMap::new(), open: Vec::new() }
  }

  pub fn tree(&mut self, path: &Path, name: &[u8], matcher: &Matcher) -> Result<(), Stop> {
    let selection = self.selection;
    let enters = |name: &[u8]| selection.enters(name);
    let visit = |found: &Found| self.found(found);
    Walk { matcher, visit, enters: &enters }.directory(path, name)
  }

  /// Chosen paths, sorted.
  pub fn chosen(&mut self, root: &Path, paths: &[PathBuf]) -> Result<(), Stop> {
    let mut whole: Option<&Path> = None;
    for (at, relative) in paths.iter().enumerate() {
      if whole.is_some_and(|above| relative.starts_with(above)) {
        continue;
      }
      let (path, name) = (root.join(relative), name_of(relative));
      let kind = fs::symlink_metadata(&path).map_err(|why| unreadable(&path, why))?.file_type();
      let found = Found { path: &path, name: &name, kind };
      // A link that another path leads through has to be a directory here, which that path shows.
      let next = paths[at + 1..].iter().find(|next| *next != relative);
      let passed = kind.is_symlink() && next.is_some_and(|next| next.starts_with(relative));
      if !name.is_empty() && !passed {
        self.found(&found)?;
      }
      if !passed {
        whole = Some(relative);
      }
      if kind.is_dir() {
        self.tree(&path, &name, &Matcher::default())?;
      }
    }
    Ok(())
  }

  /// Files in memory, and the directories that they are in.
  pub fn memory(
    &mut self,
    files: &BTreeMap<String, MapFile>,
    matcher: &Matcher,
  ) -> Result<(), Stop> {
    let mut files: Vec<_> = files.iter().collect();
    // By components, so that a directory comes just before what is in it.
    files.sort_unstable_by(|(a, _), (b, _)| Path::new(a).cmp(Path::new(b)));
    for (name, file) in files {
      let name = name.as_bytes();
      let mut above = Matched::default();
      let mut ignored = false;
      let ends = (0..name.len()).filter(|&at| name[at] == b'/').chain([name.len()]);
      for end in ends {
        (ignored, above) = matcher.ignores(&name[..end], &above)?;
      }
      if !ignored && self.selection.has(name) {
        self.parents(name, None)?;
        self.made(name, file.mode.unwrap_or(0o644), &file.content)?;
      }
    }
    Ok(())
  }

  /// A file that is nowhere on disk.
  pub fn made(&mut self, name: &[u8], mode: u32, content: &Bytes) -> Result<(), Stop> {
    let (size, content) = (content.len() as u64, Source::Bytes(content.clone()));
    let kind = ItemKind::File { size, content };
    let name = name.to_vec();
    self.shown(Item { name, kind, mode, modified: self.now, capability: None })
  }

  pub fn regular(
    &mut self,
    name: &[u8],
    path: &Path,
    metadata: &Metadata,
    mode: u32,
  ) -> Result<(), Stop> {
    let size = metadata.len();
    let content = Source::File(path.to_owned());
    let item = Item {
      name: name.to_vec(),
      kind: ItemKind::File { size, content },
      mode,
      modified: facts::marked(metadata, self.modified(metadata)),
      capability: facts::capabilities(path),
    };
    self.shown(item)
  }

  fn found(&mut self, found: &Found) -> Result<(), Stop> {
    if !self.selection.has(found.name) {
      return Ok(());
    }
    match self.entry(found) {
      // Gone since the directory was listed.
      Err(Stop::Failed(ContextError::Unreadable { why, .. }))
        if why.kind() == ErrorKind::NotFound =>
      {
        Ok(())
      }
      outcome => outcome,
    }
  }

  fn entry(&mut self, found: &Found) -> Result<(), Stop> {
    let Found { path, name, .. } = *found;
    let metadata = fs::symlink_metadata(path).map_err(|why| unreadable(path, why))?;
    let described = archive::described(name.to_vec(), &metadata);
    // A socket, which no image can hold.
    if described.kind == Kind::Other {
      return Ok(());
    }
    self.parents(name, Some(path))?;
    if described.kind == Kind::Directory {
      return self.directory(name, Some(&metadata));
    }
    let first = archive::shared(&metadata).and_then(|identity| {
      let first = self.links.get(&identity).cloned();
      self.links.entry(identity).or_insert_with(|| name.to_vec());
      first
    });
    let mode = described.mode;
    let (major, minor) = described.device;
    let kind = match (described.kind, first) {
      (Kind::File, None) => return self.regular(name, path, &metadata, mode),
      (Kind::File, Some(target)) => ItemKind::HardLink { size: metadata.len(), target },
      (Kind::Symlink, _) => {
        let target = facts::target(path).map_err(|why| unreadable(path, why))?;
        ItemKind::Symlink { target }
      }
      (Kind::Char, _) => ItemKind::CharDevice(major, minor),
      (Kind::Block, _) => ItemKind::BlockDevice(major, minor),
      _ => ItemKind::Pipe,
    };
    let modified = self.modified(&metadata);
    self.shown(Item { name: name.to_vec(), kind, mode, modified, capability: None })
  }

  /// Shows the directories that the entry is in, where they were not: some are ignored but for what is in them.
  fn parents(&mut self, name: &[u8], path: Option<&Path>) -> Result<(), Stop> {
    while self.open.last().is_some_and(|last| !is_below(name, last)) {
      self.open.pop();
    }
    let known = self.open.last().map_or(0, |last| last.len() + 1);
    let ends: Vec<usize> = (known..name.len()).filter(|&at| name[at] == b'/').collect();
    for (at, &end) in ends.iter().enumerate() {
      let parent = path.and_then(|path| path.ancestors().nth(ends.len() - at));
      // A link that leads there is a directory to the builder.
      let metadata =
        parent.map(|parent| fs::metadata(parent).map_err(|why| unreadable(parent, why)));
      self.directory(&name[..end], metadata.transpose()?.as_ref())?;
    }
    Ok(())
  }

  fn directory(&mut self, name: &[u8], metadata: Option<&Metadata>) -> Result<(), Stop> {
    self.open.push(name.to_vec());
    let mode = metadata.map_or(0o755, archive::mode);
    let modified = metadata.map_or(self.now, |metadata| self.modified(metadata));
    let (name, kind) = (name.to_vec(), ItemKind::Directory);
    self.shown(Item { name, kind, mode, modified, capability: None })
  }

  fn modified(&self, metadata: &Metadata) -> i64 {
    metadata.modified().map_or(self.now, nanoseconds)
  }

  fn shown(&mut self, item: Item) -> Result<(), Stop> {
    if (self.show)(item) { Ok(()) } else { Err(Stop::Gone) }
  }
}

pub fn nanoseconds(time: SystemTime) -> i64 {
  match time.duration_since(UNIX_EPOCH) {
    Ok(since) => i64::try_from(since.as_nanos()).unwrap_or(i64::MAX),
    Err(before) => i64::try_from(before.duration().as_nanos()).map_or(i64::MIN, |before| -before),
  }
}
