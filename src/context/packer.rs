//! Turns what is to be sent into tar entries.

use std::collections::{HashMap, HashSet};
use std::fs::{self, File, Metadata};
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use super::dockerignore::{IGNORE_FILE, Matcher};
use super::error::unreadable;
use super::header::{self, Sink, Stop};
use super::prepare::{Contents, Plan, Stray, name_of};
use super::walk::{Found, Walk};
use super::{ContextError, Times};
use crate::archive::{self, Entry, Kind};

/// Packs it all, however it ends.
pub fn run(plan: &Plan, sink: Sink, times: Times) {
  let mut packer = Packer { sink, links: HashMap::new(), stray: plan.stray.as_ref(), times };
  let outcome = packer.all(plan);
  packer.sink.finish(outcome);
}

struct Packer<'a> {
  sink: Sink,
  /// Under which name each file that has several was sent.
  links: HashMap<(u64, u64), Vec<u8>>,
  /// The Dockerfile from outside, until `.dockerignore` mentions it.
  stray: Option<&'a Stray>,
  times: Times,
}

impl<'a> Packer<'a> {
  fn all(&mut self, plan: &'a Plan) -> Result<(), Stop> {
    match &plan.contents {
      Contents::Directory(matcher) => self.tree(&plan.root, b"", matcher)?,
      Contents::Chosen(names) => self.chosen(&plan.root, names)?,
    }
    let Some(stray) = &plan.stray else { return Ok(()) };
    self.made(stray.name.as_bytes(), &stray.content)?;
    match self.stray.take() {
      Some(stray) => self.made(IGNORE_FILE.as_bytes(), &stray.hidden(IGNORE_FILE.as_bytes())),
      None => Ok(()),
    }
  }

  fn tree(&mut self, path: &Path, name: &[u8], matcher: &Matcher) -> Result<(), Stop> {
    Walk { matcher, visit: |found: &Found| self.add(found) }.directory(path, name)
  }

  /// Chosen paths, sorted, with the directories they are in: an engine would make those up otherwise.
  fn chosen(&mut self, root: &Path, paths: &[PathBuf]) -> Result<(), Stop> {
    let matcher = Matcher::default();
    let mut sent: HashSet<&Path> = HashSet::new();
    let mut whole: Option<&Path> = None;
    for relative in paths {
      if whole.is_some_and(|above| relative.starts_with(above)) {
        continue;
      }
      let mut parents: Vec<&Path> = relative.ancestors().skip(1).collect();
      parents.reverse();
      // The first is the root.
      for parent in parents.into_iter().skip(1).filter(|parent| sent.insert(parent)) {
        // Where it is a link, the path through it has to be a directory in the archive.
        let path = root.join(parent);
        let metadata = fs::metadata(&path).map_err(|why| unreadable(&path, why))?;
        self.directory(&name_of(parent), &metadata)?;
      }
      let (path, name) = (root.join(relative), name_of(relative));
      let kind = fs::symlink_metadata(&path).map_err(|why| unreadable(&path, why))?.file_type();
      if !name.is_empty() && sent.insert(relative) {
        self.add(&Found { path: &path, name: &name, kind })?;
      }
      if kind.is_dir() {
        whole = Some(relative);
        self.tree(&path, &name, &matcher)?;
      }
    }
    Ok(())
  }

  fn add(&mut self, found: &Found) -> Result<(), Stop> {
    let Found { path, name, kind } = *found;
    let outcome = if kind.is_file() { self.file(path, name) } else { self.other(found) };
    match outcome {
      // Gone since the directory was listed: a file that is not there, not one that cannot be read.
      Err(Stop::Failed(ContextError::Unreadable { why, .. }))
        if why.kind() == ErrorKind::NotFound =>
      {
        Ok(())
      }
      outcome => outcome,
    }
  }

  fn file(&mut self, path: &Path, name: &[u8]) -> Result<(), Stop> {
    let mut file = File::open(path).map_err(|why| unreadable(path, why))?;
    let metadata = file.metadata().map_err(|why| unreadable(path, why))?;
    if !metadata.is_file() {
      return Err(ContextError::Changed { path: path.to_owned() }.into());
    }
    if self.linked(name, &metadata)? {
      return Ok(());
    }
    let mut entry = header::described(name, &metadata, self.times);
    if name == IGNORE_FILE.as_bytes()
      && let Some(stray) = self.stray.take()
    {
      let content = fs::read(path).map_err(|why| unreadable(path, why))?;
      return header::file(&mut self.sink, entry, &stray.hidden(&content));
    }
    archive::add_capabilities(&mut entry, &file);
    archive::write(&mut self.sink, &entry)?;
    let count = self.sink.fill(entry.size, |room| {
      loop {
        match file.read(room) {
          Err(why) if why.kind() == ErrorKind::Interrupted => {}
          outcome => return outcome.map_err(|why| unreadable(path, why)),
        }
      }
    })?;
    if count < entry.size {
      return Err(ContextError::Changed { path: path.to_owned() }.into());
    }
    self.sink.pad(entry.size)
  }

  fn other(&mut self, found: &Found) -> Result<(), Stop> {
    let Found { path, name, kind } = *found;
    let metadata = fs::symlink_metadata(path).map_err(|why| unreadable(path, why))?;
    if kind.is_dir() {
      // A walk that finds only directories for a long time sends nothing for as long.
      self.sink.check()?;
      return self.directory(name, &metadata);
    }
    let mut entry = header::described(name, &metadata, self.times);
    // A socket, which no archive can hold.
    if entry.kind == Kind::Other || self.linked(name, &metadata)? {
      return Ok(());
    }
    if entry.kind == Kind::Symlink {
      let target = fs::read_link(path).map_err(|why| unreadable(path, why))?;
      entry.link = slashed(target.as_os_str().as_encoded_bytes());
    }
    archive::write(&mut self.sink, &entry)
  }

  fn directory(&mut self, name: &[u8], metadata: &Metadata) -> Result<(), Stop> {
    archive::write(&mut self.sink, &header::described(name, metadata, self.times))
  }

  /// Sends a link instead, where the same file has been sent under another name.
  fn linked(&mut self, name: &[u8], metadata: &Metadata) -> Result<bool, Stop> {
    let Some(identity) = archive::shared(metadata) else { return Ok(false) };
    if let Some(first) = self.links.get(&identity) {
      let own = header::described(name, metadata, self.times);
      let link = Entry { kind: Kind::Link, link: first.clone(), size: 0, ..own };
      archive::write(&mut self.sink, &link)?;
      return Ok(true);
    }
    self.links.insert(identity, name.to_vec());
    Ok(false)
  }

  /// A file that is nowhere on disk.
  fn made(&mut self, name: &[u8], content: &[u8]) -> Result<(), Stop> {
    header::file(&mut self.sink, header::made(name, 0o600, self.times), content)
  }
}

fn slashed(target: &[u8]) -> Vec<u8> {
  let separator = if cfg!(windows) { b'\\' } else { b'/' };
  target.iter().map(|&byte| if byte == separator { b'/' } else { byte }).collect()
}
