//! The rules of `docker cp`: moby's `PrepareArchiveCopy`.

use super::path;
use crate::archive::{ArchiveError, Result, refused, shown};

/// Directories in one another; each is held open while they are removed.
const DEEPEST: usize = 500;

/// What is copied.
#[derive(Debug, Clone)]
pub struct Source {
  pub path: Vec<u8>,
  pub is_directory: bool,
  /// The name to go on under, where a followed link's is not its target's.
  pub renamed: Option<Vec<u8>>,
}

impl Source {
  fn name(&self) -> Vec<u8> {
    self.renamed.clone().unwrap_or_else(|| path::split(&self.path).1)
  }
}

/// Where it is to go.
#[derive(Debug, Clone)]
pub struct Destination {
  pub path: Vec<u8>,
  /// Whether what is there already is a directory.
  pub is_directory: Option<bool>,
}

/// The directory to extract in, and the name there; `.` and `/`: what is copied goes into that directory itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placement {
  pub directory: Vec<u8>,
  pub name: Vec<u8>,
}

pub fn place(source: &Source, destination: &Destination) -> Result<Placement> {
  let (directory, name) = path::split(&destination.path);
  let to = shown(&destination.path);
  match destination.is_directory {
    Some(true) => Ok(Placement { directory: destination.path.clone(), name: source.name() }),
    Some(false) if source.is_directory => Err(ArchiveError::Conflict(format!(
      "cannot copy the directory {} onto {to}, which is a file",
      shown(&source.path)
    ))),
    None if !source.is_directory && path::asserts_directory(&destination.path) => {
      Err(ArchiveError::NoDirectory(to))
    }
    _ => Ok(Placement { directory, name }),
  }
}

/// What an entry of an archive of `base` is called within what was asked for; empty: that itself. Whatever would lead
/// out of it is refused.
pub fn within(name: &[u8], base: &[u8]) -> Result<Vec<u8>> {
  let mut parts: Vec<&[u8]> =
    name.split(|&byte| byte == b'/').filter(|part| !matches!(*part, b"" | b".")).collect();
  if parts.contains(&b"..".as_slice()) {
    return Err(refused(name, "its name leads upwards"));
  }
  if parts.len() > DEEPEST {
    return Err(refused(name, "it is nested too deeply"));
  }
  if name.starts_with(b"/") && base != b"/" {
    return Err(refused(name, "its name is absolute"));
  }
  if base != b"." && base != b"/" {
    if parts.first() != Some(&base) {
      return Err(refused(name, "it is not of what was asked for"));
    }
    parts.remove(0);
  }
  Ok(parts.join(&b'/'))
}

/// Its new name, under the one that the rules gave.
pub fn renamed(base: &[u8], within: &[u8]) -> Vec<u8> {
  let base: &[u8] = if base == b"/" { b"." } else { base };
  if within.is_empty() { base.to_vec() } else { [base, b"/", within].concat() }
}
