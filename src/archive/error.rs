//! What can go wrong with a copy.

use std::io;
use std::path::{Path, PathBuf};

use super::pipe::Interrupted;
use super::reader::LARGEST_FILE;

/// Why files could not be copied. Each names the file that is to blame.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ArchiveError {
  #[error("there is no {}", path.display())]
  Missing { path: PathBuf },
  #[error("cannot read {}: {why}", path.display())]
  Unreadable { path: PathBuf, why: io::Error },
  #[error("cannot write {}: {why}", path.display())]
  Unwritable { path: PathBuf, why: io::Error },
  /// What is there is of the wrong kind.
  #[error("{0}")]
  Conflict(String),
  /// A directory's place was asked for by a trailing slash, and there is none.
  #[error("there is no directory {0}, and a file cannot become one")]
  NoDirectory(String),
  /// It became shorter, or something other than a file, after its header had been written.
  #[error("{} changed while it was being read", path.display())]
  Changed { path: PathBuf },
  #[error("bad pattern `{pattern}`: {why}")]
  BadPattern { pattern: String, why: String },
  /// An entry that would lead out of where it belongs.
  #[error("the archive's entry `{entry}` was refused: {why}")]
  Refused { entry: String, why: &'static str },
  #[error("the archive's entry `{entry}` is {kind}, which is not copied; leave it out by `ignore`")]
  Unsupported { entry: String, kind: &'static str },
  #[error("the archive is not a tar that can be read: {0}")]
  Malformed(&'static str),
  /// For memory; on disk it would have its place.
  #[error("{0} is larger than {most} MiB, too large to be kept in memory: copyFrom() puts it on disk", most = LARGEST_FILE >> 20)]
  TooLarge(String),
  #[error("the archive ended before its end")]
  Truncated,
  /// Whoever fed the archive stopped without a word.
  #[error("the copy was interrupted")]
  Interrupted,
}

pub type Result<T, E = ArchiveError> = std::result::Result<T, E>;

impl From<Interrupted> for ArchiveError {
  fn from(_: Interrupted) -> Self {
    Self::Interrupted
  }
}

pub fn unreadable(path: &Path, why: io::Error) -> ArchiveError {
  let path = path.to_owned();
  match why.kind() {
    io::ErrorKind::NotFound => ArchiveError::Missing { path },
    _ => ArchiveError::Unreadable { path, why },
  }
}

/// Bytes of a name, for people.
pub fn shown(name: &[u8]) -> String {
  String::from_utf8_lossy(name).chars().take(300).collect()
}

pub fn refused(entry: &[u8], why: &'static str) -> ArchiveError {
  ArchiveError::Refused { entry: shown(entry), why }
}
