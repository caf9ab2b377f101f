//! What can go wrong with a build context.

use std::io;
use std::path::{Path, PathBuf};

use crate::archive::Interrupted;

/// Why a build context could not be packed. Each names the file that is to blame.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ContextError {
  #[error("there is no Dockerfile at {}", path.display())]
  DockerfileMissing { path: PathBuf },
  #[error("the build context is not a directory: {}", path.display())]
  NotADirectory { path: PathBuf },
  #[error("cannot read {}: {why}", path.display())]
  Unreadable { path: PathBuf, why: io::Error },
  #[error("{} lies outside the build context", path.display())]
  OutsideContext { path: PathBuf },
  #[error("{}, line {line}: bad pattern `{pattern}`: {why}", file.display())]
  BadIgnorePattern { file: PathBuf, line: usize, pattern: String, why: String },
  /// It became shorter, or something other than a file, after its header had been written.
  #[error("{} changed while it was being packed", path.display())]
  Changed { path: PathBuf },
  #[error("`{name}` is no path within a build context: {why}")]
  BadName { name: String, why: &'static str },
  #[error("{what} is not a tar archive, as it is or compressed by gzip, bzip2, xz or zstd")]
  NotAnArchive { what: String },
  /// Of a tar that is a stream: what its producer said.
  #[error("the build context's stream failed: {0}")]
  Source(io::Error),
  /// The thread that packs ended without a word: never a whole context, so never a normal end.
  #[error("packing the build context was interrupted")]
  Interrupted,
}

impl ContextError {
  /// What ended a context's stream.
  pub(super) fn from_stream(error: io::Error) -> Self {
    error.downcast::<Self>().unwrap_or_else(Self::Source)
  }

  fn kind(&self) -> io::ErrorKind {
    match self {
      Self::DockerfileMissing { .. } => io::ErrorKind::NotFound,
      Self::Unreadable { why, .. } | Self::Source(why) => why.kind(),
      Self::NotADirectory { .. }
      | Self::OutsideContext { .. }
      | Self::BadName { .. }
      | Self::NotAnArchive { .. }
      | Self::BadIgnorePattern { .. } => io::ErrorKind::InvalidInput,
      Self::Changed { .. } => io::ErrorKind::UnexpectedEof,
      Self::Interrupted => io::ErrorKind::BrokenPipe,
    }
  }
}

impl From<Interrupted> for ContextError {
  fn from(_: Interrupted) -> Self {
    Self::Interrupted
  }
}

/// A body's error has to be an `io::Error`; `get_ref().downcast_ref::<ContextError>()` has it back.
impl From<ContextError> for io::Error {
  fn from(error: ContextError) -> Self {
    Self::new(error.kind(), error)
  }
}

pub fn unreadable(path: &Path, why: io::Error) -> ContextError {
  ContextError::Unreadable { path: path.to_owned(), why }
}
