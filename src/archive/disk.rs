//! What a file of this machine is as an entry.

use std::fs::{File, Metadata};
use std::time::UNIX_EPOCH;

use super::entry::{Entry, Kind, Moment};
use super::pax;

/// All that its metadata tells. A socket is of no kind that an archive could hold.
#[must_use]
pub fn described(name: Vec<u8>, metadata: &Metadata) -> Entry {
  let (kind, device) = kind(metadata);
  let mut entry = Entry::new(kind, name, mode(metadata));
  entry.size = if kind == Kind::File { metadata.len() } else { 0 };
  entry.device = device;
  entry.modified = modified(metadata);
  (entry.uid, entry.gid) = owner(metadata);
  entry
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
#[must_use]
pub fn shared(metadata: &Metadata) -> Option<(u64, u64)> {
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
#[must_use]
pub fn shared(_: &Metadata) -> Option<(u64, u64)> {
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

/// What a program may do without being root is an attribute of its file.
pub fn add_capabilities(entry: &mut Entry, file: &File) {
  if let Some(value) = capabilities(file) {
    entry.attributes.push(([pax::ATTRIBUTE, CAPABILITY.as_bytes()].concat(), value));
  }
}

/// A file system that has no such thing says so by an error.
#[cfg(target_os = "linux")]
fn capabilities(file: &File) -> Option<Vec<u8>> {
  xattr::FileExt::get_xattr(file, CAPABILITY).ok().flatten()
}

#[cfg(not(target_os = "linux"))]
fn capabilities(_: &File) -> Option<Vec<u8>> {
  None
}
