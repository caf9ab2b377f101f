//! Makes a tar of what is on this machine, while it is sent.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind, Read};
use std::path::Path;
use std::time::UNIX_EPOCH;

use super::entry::{Entry, Kind, Moment, Owner};
use super::error::{ArchiveError, unreadable};
use super::host::{to_bytes, to_path};
use super::ignore::{Ignore, Sieve};
use super::pipe::{self, Sink, Stop, TarStream};
use super::{pax, rules, writer};

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
  let (sink, stream) = pipe::sink();
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
      match self.one(&path, &within, &mut sieve)? {
        Some(level) => levels.push(level),
        None => {
          path.pop();
          within.truncate(length);
        }
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
      writer::write(&mut self.sink, &needed)?;
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
      && let Some(identity) = shared(metadata)
    {
      if let Some(first) = self.links.get(&identity) {
        (entry.kind, entry.size) = (Kind::Link, 0);
        entry.link.clone_from(first);
        return writer::write(&mut self.sink, &entry);
      }
      self.links.insert(identity, entry.name.clone());
    }
    match entry.kind {
      Kind::File => self.file(path, entry),
      Kind::Symlink => {
        let target = fs::read_link(path).map_err(|why| unreadable(path, why))?;
        entry.link = to_bytes(&target);
        writer::write(&mut self.sink, &entry)
      }
      _ => writer::write(&mut self.sink, &entry),
    }
  }

  fn file(&mut self, path: &Path, mut entry: Entry) -> Result<(), Stop> {
    let mut file = File::open(path).map_err(|why| unreadable(path, why))?;
    let metadata = file.metadata().map_err(|why| unreadable(path, why))?;
    if !metadata.is_file() {
      return Err(ArchiveError::Changed { path: path.to_owned() }.into());
    }
    entry.size = metadata.len();
    if let Some(value) = capabilities(&file) {
      entry.attributes.push(([pax::ATTRIBUTE, CAPABILITY.as_bytes()].concat(), value));
    }
    writer::write(&mut self.sink, &entry)?;
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
    let (kind, device) = kind(metadata);
    let mut entry = Entry::new(kind, rules::renamed(&self.packing.name, within), mode(metadata));
    entry.size = if kind == Kind::File { metadata.len() } else { 0 };
    entry.device = device;
    entry.modified = modified(metadata);
    (entry.uid, entry.gid) = owner(metadata);
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

fn modified(metadata: &Metadata) -> Moment {
  let since = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
  // Whole seconds, as the docker CLI has it.
  let seconds = since.and_then(|since| i64::try_from(since.as_secs()).ok());
  Moment { seconds: seconds.unwrap_or(0), nanos: 0 }
}

#[cfg(unix)]
fn mode(metadata: &Metadata) -> u32 {
  std::os::unix::fs::MetadataExt::mode(metadata) & 0o7777
}

#[cfg(unix)]
fn owner(metadata: &Metadata) -> (u64, u64) {
  use std::os::unix::fs::MetadataExt;
  (metadata.uid().into(), metadata.gid().into())
}

/// Which file it is, if it has more names than one.
#[cfg(unix)]
fn shared(metadata: &Metadata) -> Option<(u64, u64)> {
  use std::os::unix::fs::MetadataExt;
  (metadata.nlink() > 1).then(|| (metadata.dev(), metadata.ino()))
}

#[cfg(unix)]
fn kind(metadata: &Metadata) -> (Kind, (u32, u32)) {
  use std::os::unix::fs::{FileTypeExt, MetadataExt};
  let kind = metadata.file_type();
  let device = || device(metadata.rdev());
  match kind {
    _ if kind.is_file() => (Kind::File, (0, 0)),
    _ if kind.is_dir() => (Kind::Directory, (0, 0)),
    _ if kind.is_symlink() => (Kind::Symlink, (0, 0)),
    _ if kind.is_fifo() => (Kind::Fifo, (0, 0)),
    _ if kind.is_char_device() => (Kind::Char, device()),
    _ if kind.is_block_device() => (Kind::Block, device()),
    _ => (Kind::Other, (0, 0)),
  }
}

#[cfg(target_os = "linux")]
fn device(number: u64) -> (u32, u32) {
  (rustix::fs::major(number), rustix::fs::minor(number))
}

#[cfg(all(unix, not(target_os = "linux")))]
fn device(number: u64) -> (u32, u32) {
  let part = |part: u64| u32::try_from(part).unwrap_or(0);
  (part((number >> 24) & 0xff), part(number & 0xff_ffff))
}

/// Windows knows none of these: what the docker CLI says there.
#[cfg(not(unix))]
fn mode(_: &Metadata) -> u32 {
  0o755
}

#[cfg(not(unix))]
fn owner(_: &Metadata) -> (u64, u64) {
  (0, 0)
}

#[cfg(not(unix))]
fn shared(_: &Metadata) -> Option<(u64, u64)> {
  None
}

#[cfg(not(unix))]
fn kind(metadata: &Metadata) -> (Kind, (u32, u32)) {
  let kind = match metadata {
    _ if metadata.is_symlink() => Kind::Symlink,
    _ if metadata.is_dir() => Kind::Directory,
    _ => Kind::File,
  };
  (kind, (0, 0))
}

const CAPABILITY: &str = "security.capability";

/// What a program may do without being root. A file system that has no such thing says so by an error.
#[cfg(target_os = "linux")]
fn capabilities(file: &File) -> Option<Vec<u8>> {
  xattr::FileExt::get_xattr(file, CAPABILITY).ok().flatten()
}

#[cfg(not(target_os = "linux"))]
fn capabilities(_: &File) -> Option<Vec<u8>> {
  None
}
