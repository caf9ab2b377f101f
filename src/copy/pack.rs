//! Makes a tar of what is on this machine, while it is sent.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind, Read};
use std::path::Path;

use super::host::{to_bytes, to_path};
use super::ignore::{Ignore, Sieve};
use super::rules;
use crate::archive::{self, ArchiveError, Entry, Kind, Owner, Sink, Stop, TarStream, unreadable};

/// What to pack, and how.
pub struct Packing {
  /// The path of a file or a directory, as [`super::source`] resolved it.
  pub path: Vec<u8>,
  /// What it is called in the archive.
  pub name: Vec<u8>,
  pub ignore: Ignore,
  pub owner: Owner,
}

/// Packs on a thread of its own; has to be called within a runtime.
#[must_use]
pub fn pack(packing: Packing) -> TarStream {
  let (sink, stream) = archive::sink();
  tokio::task::spawn_blocking(move || {
    let mut packer = Packer { sink, packing: &packing, links: HashMap::new() };
    let outcome = packer.all();
    packer.sink.finish(outcome);
  });
  stream
}

struct Packer<'a> {
  sink: Sink,
  packing: &'a Packing,
  /// Under which name each file that has several was sent.
  links: HashMap<(u64, u64), Vec<u8>>,
}

/// What is left of a directory that is being walked through.
type Level = std::vec::IntoIter<OsString>;

impl Packer<'_> {
  fn all(&mut self) -> Result<(), Stop> {
    let packing = self.packing;
    let mut path = to_path(&packing.path);
    let metadata = fs::symlink_metadata(&path).map_err(|why| unreadable(&path, why))?;
    self.add(&path, b"", &metadata)?;
    if !metadata.is_dir() {
      return Ok(());
    }
    let mut sieve = Sieve::new(&packing.ignore);
    let mut within = Vec::new();
    let mut levels = vec![list(&path)?];
    while let Some(level) = levels.last_mut() {
      let Some(name) = level.next() else {
        levels.pop();
        path.pop();
        within.truncate(within.iter().rposition(|&byte| byte == b'/').unwrap_or(0));
        continue;
      };
      path.push(&name);
      let length = within.len();
      if length > 0 {
        within.push(b'/');
      }
      within.extend_from_slice(name.as_encoded_bytes());
      if let Some(level) = self.one(&path, &within, &mut sieve)? {
        levels.push(level);
      } else {
        path.pop();
        within.truncate(length);
      }
    }
    Ok(())
  }

  /// Adds it, unless it is ignored; a directory is to be walked through next.
  fn one(&mut self, path: &Path, within: &[u8], sieve: &mut Sieve) -> Result<Option<Level>, Stop> {
    let metadata = match fs::symlink_metadata(path) {
      Ok(metadata) => metadata,
      // Gone since its directory was listed.
      Err(why) if why.kind() == ErrorKind::NotFound => return Ok(None),
      Err(why) => return Err(unreadable(path, why).into()),
    };
    let is_directory = metadata.is_dir();
    if is_directory {
      // A walk that finds only directories for a long time sends nothing for as long.
      self.sink.check()?;
    }
    let admitted = sieve.admits(within, &self.described(within, &metadata))?;
    let ignored = admitted.is_none();
    for needed in admitted.unwrap_or_default() {
      archive::write(&mut self.sink, &needed)?;
    }
    if !ignored {
      match self.add(path, within, &metadata) {
        Err(Stop::Failed(ArchiveError::Missing { .. })) => return Ok(None),
        outcome => outcome?,
      }
    }
    if !is_directory || (ignored && !self.packing.ignore.may_reach_below(within)) {
      return Ok(None);
    }
    match list(path) {
      Ok(level) => Ok(Some(level)),
      Err(ArchiveError::Missing { .. }) => Ok(None),
      // It is only looked into on the chance of an exception.
      Err(_) if ignored => Ok(None),
      Err(error) => Err(error.into()),
    }
  }

  fn add(&mut self, path: &Path, within: &[u8], metadata: &Metadata) -> Result<(), Stop> {
    let mut entry = self.described(within, metadata);
    if entry.kind == Kind::Other {
      // A socket: no archive can hold it, and docker leaves it out as well.
      return Ok(());
    }
    if entry.kind != Kind::Directory
      && let Some(identity) = archive::shared(metadata)
    {
      if let Some(first) = self.links.get(&identity) {
        (entry.kind, entry.size) = (Kind::Link, 0);
        entry.link.clone_from(first);
        return archive::write(&mut self.sink, &entry);
      }
      self.links.insert(identity, entry.name.clone());
    }
    match entry.kind {
      Kind::File => self.file(path, entry),
      Kind::Symlink => {
        let target = fs::read_link(path).map_err(|why| unreadable(path, why))?;
        entry.link = to_bytes(&target);
        archive::write(&mut self.sink, &entry)
      }
      _ => archive::write(&mut self.sink, &entry),
    }
  }

  fn file(&mut self, path: &Path, mut entry: Entry) -> Result<(), Stop> {
    let mut file = File::open(path).map_err(|why| unreadable(path, why))?;
    let metadata = file.metadata().map_err(|why| unreadable(path, why))?;
    if !metadata.is_file() {
      return Err(ArchiveError::Changed { path: path.to_owned() }.into());
    }
    entry.size = metadata.len();
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
      return Err(ArchiveError::Changed { path: path.to_owned() }.into());
    }
    self.sink.pad(entry.size)
  }

  fn described(&self, within: &[u8], metadata: &Metadata) -> Entry {
    let mut entry = archive::described(rules::renamed(&self.packing.name, within), metadata);
    self.packing.owner.apply(&mut entry);
    entry
  }
}

fn list(path: &Path) -> Result<Level, ArchiveError> {
  let read = || -> io::Result<Vec<OsString>> {
    let mut names: Vec<OsString> =
      fs::read_dir(path)?.map(|entry| Ok(entry?.file_name())).collect::<io::Result<_>>()?;
    names.sort_unstable();
    Ok(names)
  };
  Ok(read().map_err(|why| unreadable(path, why))?.into_iter())
}
