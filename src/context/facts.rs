//! What a file system tells of a file, besides what Rust knows of all of them.

use std::fs::{File, Metadata};
use std::path::Path;

use tar::EntryType;

/// Which file it is, if it has more names than one.
#[cfg(unix)]
pub fn shared(metadata: &Metadata) -> Option<(u64, u64)> {
  use std::os::unix::fs::MetadataExt;
  (metadata.nlink() > 1).then(|| (metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
pub fn shared(_: &Metadata) -> Option<(u64, u64)> {
  None
}

/// A file's time in nanoseconds, for those who take a file for the same while it has the same time and size. Where it
/// was set to another than that of the last change, as copies and archives do, its fraction of a second tells of that.
#[cfg(unix)]
pub fn marked(metadata: &Metadata, modified: i64) -> i64 {
  use std::hash::{DefaultHasher, Hasher};
  use std::os::unix::fs::MetadataExt;
  const SECOND: i64 = 1_000_000_000;
  let changed = metadata.ctime().saturating_mul(SECOND).saturating_add(metadata.ctime_nsec());
  if changed == modified {
    return modified;
  }
  let mut hasher = DefaultHasher::new();
  hasher.write_i64(changed);
  hasher.write_i64(modified);
  let mark = i64::try_from(hasher.finish() % SECOND.unsigned_abs()).unwrap_or_default();
  modified.div_euclid(SECOND).saturating_mul(SECOND).saturating_add(mark)
}

#[cfg(not(unix))]
pub fn marked(_: &Metadata, modified: i64) -> i64 {
  modified
}

#[cfg(unix)]
pub fn mode(metadata: &Metadata) -> u32 {
  std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o7777
}

/// Windows knows no mode: what the docker CLI says there.
#[cfg(not(unix))]
pub fn mode(_: &Metadata) -> u32 {
  0o755
}

/// Where a symlink leads, as it is said in an image.
pub fn target(path: &Path) -> std::io::Result<Vec<u8>> {
  let target = std::fs::read_link(path)?;
  let separator = if cfg!(windows) { b'\\' } else { b'/' };
  let bytes = target.as_os_str().as_encoded_bytes();
  Ok(bytes.iter().map(|&byte| if byte == separator { b'/' } else { byte }).collect())
}

/// The entry for something that is neither file nor directory, and its device numbers. None for sockets, which no
/// archive can hold.
pub fn special(metadata: &Metadata) -> Option<(EntryType, Option<(u32, u32)>)> {
  let kind = metadata.file_type();
  if kind.is_symlink() {
    return Some((EntryType::Symlink, None));
  }
  #[cfg(unix)]
  {
    use std::os::unix::fs::{FileTypeExt, MetadataExt};
    let device = device(metadata.rdev());
    if kind.is_fifo() {
      return Some((EntryType::Fifo, None));
    }
    if kind.is_char_device() {
      return Some((EntryType::Char, device));
    }
    if kind.is_block_device() {
      return Some((EntryType::Block, device));
    }
  }
  None
}

/// What a program may do without being root. A file system that has no such thing says so by an error.
#[cfg(target_os = "linux")]
pub fn capabilities(file: &File) -> Option<Vec<u8>> {
  xattr::FileExt::get_xattr(file, CAPABILITY).ok().flatten()
}

#[cfg(not(target_os = "linux"))]
pub fn capabilities(_: &File) -> Option<Vec<u8>> {
  None
}

/// The same of a file that is not open.
#[cfg(target_os = "linux")]
pub fn capabilities_at(path: &Path) -> Option<Vec<u8>> {
  xattr::get(path, CAPABILITY).ok().flatten()
}

#[cfg(not(target_os = "linux"))]
pub fn capabilities_at(_: &Path) -> Option<Vec<u8>> {
  None
}

#[cfg(target_os = "linux")]
const CAPABILITY: &str = "security.capability";

#[cfg(target_os = "linux")]
fn device(number: u64) -> Option<(u32, u32)> {
  let major = ((number >> 8) & 0xfff) | ((number >> 32) & !0xfff);
  let minor = (number & 0xff) | ((number >> 12) & !0xff);
  Some((u32::try_from(major).ok()?, u32::try_from(minor).ok()?))
}

#[cfg(all(unix, not(target_os = "linux")))]
fn device(number: u64) -> Option<(u32, u32)> {
  Some((u32::try_from((number >> 24) & 0xff).ok()?, u32::try_from(number & 0xff_ffff).ok()?))
}
