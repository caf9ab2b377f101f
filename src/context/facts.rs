//! What a file system tells of a file, besides what Rust knows of all of them.

use std::fs::Metadata;
use std::path::Path;

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

/// Where a symlink leads, as it is said in an image.
pub fn target(path: &Path) -> std::io::Result<Vec<u8>> {
  let target = std::fs::read_link(path)?;
  let separator = if cfg!(windows) { b'\\' } else { b'/' };
  let bytes = target.as_os_str().as_encoded_bytes();
  Ok(bytes.iter().map(|&byte| if byte == separator { b'/' } else { byte }).collect())
}

/// What a program may do without being root. A file system that has no such thing says so by an error.
#[cfg(target_os = "linux")]
pub fn capabilities(path: &Path) -> Option<Vec<u8>> {
  xattr::get(path, "security.capability").ok().flatten()
}

#[cfg(not(target_os = "linux"))]
pub fn capabilities(_: &Path) -> Option<Vec<u8>> {
  None
}
