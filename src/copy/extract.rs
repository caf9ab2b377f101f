//! Writes a tar to disk. Whatever it holds, nothing is written outside the destination: names are taken apart, and
//! each part is opened relative to the one before, never through a link. What fails leaves no half of itself: files
//! appear whole or not at all, and what was new is removed again.

use std::fs::File;
use std::io::{self, ErrorKind, Write};
use std::path::PathBuf;

use super::folder::{Folder, Found};
use super::host::to_path;
use super::ignore::{Ignore, Sieve};
use super::rules::{self, Placement};
use super::spool::random;
use crate::archive::{
  ArchiveError, Entry, Kind, Moment, Reader, Result, TarSource, refused, shown,
};

/// What to extract, and to where.
pub struct Extraction {
  /// What the archive's entries begin with.
  pub from: Vec<u8>,
  pub placement: Placement,
  pub ignore: Ignore,
}

/// Runs on the thread that it is called on.
pub fn extract(source: TarSource, extraction: &Extraction) -> Result<()> {
  let path = to_path(&extraction.placement.directory);
  let root = Folder::open(&path).map_err(|why| match why.kind() {
    ErrorKind::NotFound => ArchiveError::Missing { path: path.clone() },
    _ => ArchiveError::Unwritable { path: path.clone(), why },
  })?;
  let mut extractor = Extractor {
    root,
    path,
    partial: format!(".dokeres-{}.partial", random()).into_bytes(),
    parent: None,
    directories: Vec::new(),
    made: Vec::new(),
  };
  let outcome = extractor.all(Reader::new(source), extraction);
  if outcome.is_err() {
    extractor.undo();
  }
  outcome
}

struct Extractor {
  root: Folder,
  path: PathBuf,
  /// The name that a file has until it is whole.
  partial: Vec<u8>,
  /// The directory that the last entry went to, and its name: the next is likely to go there too.
  parent: Option<(Vec<u8>, Folder)>,
  /// What directories are to have in the end: until then, files have to be put into them.
  directories: Vec<(Vec<u8>, u32, Moment)>,
  /// What was not there before, less what is within these.
  made: Vec<Vec<u8>>,
}

impl Extractor {
  fn all(&mut self, mut reader: Reader, extraction: &Extraction) -> Result<()> {
    let mut sieve = Sieve::new(&extraction.ignore);
    let target = |name: &[u8]| -> Result<Vec<u8>> {
      let within = rules::within(name, &extraction.from)?;
      Ok(placed(&extraction.placement.name, within))
    };
    while let Some(entry) = reader.next_entry()? {
      let within = rules::within(&entry.name, &extraction.from)?;
      let Some(needed) = sieve.admits(&within, &entry)? else { continue };
      for directory in needed {
        self.directory(&target(&directory.name)?, &directory)?;
      }
      let name = placed(&extraction.placement.name, within);
      match entry.kind {
        Kind::Directory => self.directory(&name, &entry)?,
        Kind::File => self.file(&name, &entry, &mut reader)?,
        Kind::Symlink => self.put(&name, &entry, |folder, partial| {
          folder.symlink(&entry.link, partial, entry.modified)
        })?,
        Kind::Link => self.link(&name, &target(&entry.link)?, &entry)?,
        Kind::Fifo => return Err(unsupported(&entry, "a named pipe")),
        Kind::Char | Kind::Block => return Err(unsupported(&entry, "a device")),
        Kind::Other => return Err(unsupported(&entry, "of an unknown kind")),
      }
    }
    self.finish()
  }

  fn directory(&mut self, name: &[u8], entry: &Entry) -> Result<()> {
    // The destination itself, which was there before.
    if name.is_empty() {
      return Ok(());
    }
    let (above, last) = cut(name);
    let found = self.folder(above)?.found(last);
    match found.map_err(|why| self.unwritable(name, why))? {
      Found::Directory => {}
      Found::Other => {
        let path = self.shown(name).display().to_string();
        return Err(ArchiveError::Conflict(format!(
          "cannot put a directory where {path} is, which is none"
        )));
      }
      Found::Nothing => {
        let made = self.folder(above)?.make(last);
        made.map_err(|why| self.unwritable(name, why))?;
        self.remember(name);
      }
    }
    self.directories.push((name.to_vec(), entry.mode, entry.modified));
    Ok(())
  }

  fn file(&mut self, name: &[u8], entry: &Entry, reader: &mut Reader) -> Result<()> {
    let mut broken = None;
    let put = self.put(name, entry, |folder, partial| {
      let mut file = folder.create(partial)?;
      copy(reader, &mut file, &mut broken)?;
      Folder::finish_file(&file, entry.mode, entry.modified)
    });
    // Of the source and the destination, the one that failed.
    broken.map_or(put, Err)
  }

  fn link(&mut self, name: &[u8], target: &[u8], entry: &Entry) -> Result<()> {
    if target.is_empty() {
      return Err(refused(&entry.name, "it is a hard link to a directory"));
    }
    let (above, last) = cut(target);
    let from = self.walk(above, false)?;
    match from.found(last).map_err(|why| self.unwritable(target, why))? {
      Found::Other => {}
      Found::Directory => return Err(refused(&entry.name, "it is a hard link to a directory")),
      Found::Nothing => {
        return Err(refused(&entry.name, "it is a hard link to what is not there, or left out"));
      }
    }
    self.put(name, entry, |folder, partial| folder.link(&from, last, partial))
  }

  /// Makes something under a name of its own, and puts it in its place when it is whole.
  fn put(
    &mut self,
    name: &[u8],
    entry: &Entry,
    make: impl FnOnce(&Folder, &[u8]) -> io::Result<()>,
  ) -> Result<()> {
    if name.is_empty() {
      return Err(refused(&entry.name, "it is no directory, though it should be"));
    }
    let (above, last) = cut(name);
    let partial = self.partial.clone();
    let found = self.folder(above)?.found(last).map_err(|why| self.unwritable(name, why))?;
    if found == Found::Directory {
      let path = self.shown(name).display().to_string();
      return Err(ArchiveError::Conflict(format!(
        "cannot put what is no directory where {path} is, which is one"
      )));
    }
    let folder = self.folder(above)?;
    let put = make(folder, &partial).and_then(|()| folder.rename(&partial, last));
    if let Err(why) = put {
      // It may not have come to be.
      let _ = folder.remove(&partial);
      return Err(self.unwritable(name, why));
    }
    // Two names of one file are not renamed to one another: that does nothing, and leaves both.
    if entry.kind == Kind::Link {
      let _ = folder.remove(&partial);
    }
    if found == Found::Nothing {
      self.remember(name);
    }
    Ok(())
  }

  /// The directory of that name; what is missing of it is made.
  fn folder(&mut self, name: &[u8]) -> Result<&Folder> {
    if name.is_empty() {
      return Ok(&self.root);
    }
    if self.parent.as_ref().is_none_or(|(known, _)| known != name) {
      let folder = self.walk(name, true)?;
      self.parent = Some((name.to_vec(), folder));
    }
    match &self.parent {
      Some((_, folder)) => Ok(folder),
      None => Ok(&self.root),
    }
  }

  fn walk(&mut self, name: &[u8], making: bool) -> Result<Folder> {
    let mut folder = self.root.again().map_err(|why| self.unwritable(b"", why))?;
    let mut end = 0;
    for part in name.split(|&byte| byte == b'/').filter(|part| !part.is_empty()) {
      end += part.len() + usize::from(end > 0);
      let so_far = &name[..end];
      let below = match folder.sub(part) {
        Err(why) if making && why.kind() == ErrorKind::NotFound => {
          folder.make(part).map_err(|why| self.unwritable(so_far, why))?;
          self.remember(so_far);
          folder.sub(part).and_then(|below| below.open_up().map(|()| below))
        }
        below => below,
      };
      folder = below.map_err(|why| match folder.found(part) {
        Ok(Found::Other) => ArchiveError::Conflict(format!(
          "{} is a link or a file: nothing is written through it",
          self.shown(so_far).display()
        )),
        _ => self.unwritable(so_far, why),
      })?;
    }
    Ok(folder)
  }

  /// Inner directories first: what is done in one changes the time of the one around it.
  fn finish(&mut self) -> Result<()> {
    for (name, mode, modified) in std::mem::take(&mut self.directories).into_iter().rev() {
      let folder = self.walk(&name, false)?;
      folder.finish(mode, modified).map_err(|why| self.unwritable(&name, why))?;
    }
    Ok(())
  }

  fn remember(&mut self, name: &[u8]) {
    let within = |above: &Vec<u8>| {
      name.strip_prefix(above.as_slice()).is_some_and(|rest| rest.starts_with(b"/"))
    };
    if !self.made.last().is_some_and(within) {
      self.made.push(name.to_vec());
    }
  }

  /// Takes away what was not there before. What cannot be is left: the failure that led here is what counts.
  fn undo(&mut self) {
    self.parent = None;
    for name in std::mem::take(&mut self.made).into_iter().rev() {
      let (above, last) = cut(&name);
      if let Ok(folder) = self.walk(above, false) {
        let _ = folder.remove(last);
      }
    }
  }

  fn shown(&self, name: &[u8]) -> PathBuf {
    if name.is_empty() { self.path.clone() } else { self.path.join(to_path(name)) }
  }

  fn unwritable(&self, name: &[u8], why: io::Error) -> ArchiveError {
    ArchiveError::Unwritable { path: self.shown(name), why }
  }
}

/// A failure of the source goes to `broken`: it says more than any of the destination's could.
fn copy(reader: &mut Reader, file: &mut File, broken: &mut Option<ArchiveError>) -> io::Result<()> {
  loop {
    match reader.content() {
      Ok(content) if content.is_empty() => return Ok(()),
      Ok(content) => file.write_all(&content)?,
      Err(error) => {
        *broken = Some(error);
        return Err(ErrorKind::BrokenPipe.into());
      }
    }
  }
}

/// A name relative to the destination's directory.
fn placed(name: &[u8], within: Vec<u8>) -> Vec<u8> {
  match name {
    b"." | b"/" => within,
    name if within.is_empty() => name.to_vec(),
    name => [name, b"/", &within].concat(),
  }
}

fn cut(name: &[u8]) -> (&[u8], &[u8]) {
  match name.iter().rposition(|&byte| byte == b'/') {
    Some(slash) => (&name[..slash], &name[slash + 1..]),
    None => (b"", name),
  }
}

fn unsupported(entry: &Entry, kind: &'static str) -> ArchiveError {
  ArchiveError::Unsupported { entry: shown(&entry.name), kind }
}
