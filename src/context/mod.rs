//! Build contexts: a tar of what a build may read, made while it is sent.
//!
//! `prepare` finds out what is to be sent, `walk` visits it, `packer` turns it into tar entries, which `crate::archive`
//! carries to the request's body in chunks. `map` does the same with files in memory; `archive` sends a tar that is one
//! already.

mod archive;

mod dockerignore;
mod error;
mod header;
mod map;
mod packer;
mod prepare;
mod walk;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;

use bytes::Bytes;
use futures_util::stream::BoxStream;
use futures_util::{StreamExt, TryStreamExt};
use sha2::{Digest, Sha256};

use crate::archive as tars;

pub use self::archive::Archive;
pub use dockerignore::{Matched, Matcher};
pub use error::ContextError;

/// Where a build context comes from.
///
/// A relative path of a Dockerfile is looked for from the working directory, as the docker CLI does, then from
/// `root`.
pub enum Context {
  /// A directory, less what `<Dockerfile>.dockerignore` or else `.dockerignore` leaves out.
  Directory { root: PathBuf, dockerfile: Dockerfile },
  /// Just the Dockerfile and these files or directories (relative to `root`); nothing is ignored.
  Files { root: PathBuf, dockerfile: PathBuf, extra: Vec<PathBuf> },
  /// Files that are nowhere on disk, by their path in the context.
  Map { files: BTreeMap<String, MapFile>, dockerfile: String },
  /// A tar, sent as it is; `dockerfile` is a path within it.
  Tar { archive: Archive, dockerfile: String },
}

/// A Dockerfile, by its path or by its text.
#[derive(Debug, Clone)]
pub enum Dockerfile {
  Path(PathBuf),
  Text(String),
}

/// A file in memory.
#[derive(Clone)]
pub struct MapFile {
  pub content: Bytes,
  /// Permissions; `None` is 0644.
  pub mode: Option<u32>,
}

impl From<&str> for MapFile {
  fn from(text: &str) -> Self {
    Self { content: text.to_owned().into(), mode: None }
  }
}

/// A context on its way.
pub struct Packed {
  /// The Dockerfile's name within the context: the engine's `dockerfile` parameter.
  pub dockerfile: String,
  /// The tar. Dropping it stops the thread that packs.
  pub stream: BoxStream<'static, io::Result<Bytes>>,
}

/// Whether entries tell when their files were changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Times {
  Kept,
  /// For a digest: a file that was written again with the same content is the same file.
  Zero,
}

/// Starts to pack a context on a blocking thread.
///
/// # Errors
/// What can be known before the first byte is sent: a Dockerfile or chosen file that is not there or lies outside, a
/// root that is no directory, a bad pattern. What turns up later (a file that cannot be read) ends the stream with an
/// `io::Error` that has the [`ContextError`] within.
pub async fn pack(context: Context) -> Result<Packed, ContextError> {
  pack_with(context, Times::Kept).await
}

/// A digest of all that a build would read: names, modes, contents, though no times.
///
/// # Errors
/// As [`pack`], and what would end its stream.
pub async fn digest(context: Context) -> Result<String, ContextError> {
  let mut packed = pack_with(context, Times::Zero).await?;
  let mut digest = Sha256::new();
  digest.update(packed.dockerfile.as_bytes());
  while let Some(chunk) = packed.stream.try_next().await.map_err(ContextError::from_stream)? {
    digest.update(&chunk);
  }
  Ok(format!("{:x}", digest.finalize()))
}

async fn pack_with(context: Context, times: Times) -> Result<Packed, ContextError> {
  let (sink, stream) = tars::sink();
  let stream = stream.map_err(io::Error::from).boxed();
  let (root, dockerfile, extra) = match context {
    Context::Directory { root, dockerfile } => (root, dockerfile, None),
    Context::Files { root, dockerfile, extra } => (root, Dockerfile::Path(dockerfile), Some(extra)),
    Context::Map { files, dockerfile } => {
      map::check(&files, &dockerfile)?;
      tokio::task::spawn_blocking(move || map::run(&files, sink, times));
      return Ok(Packed { dockerfile, stream });
    }
    Context::Tar { archive, dockerfile } => {
      return Ok(Packed { dockerfile, stream: archive.open().await? });
    }
  };
  let plan = tokio::task::spawn_blocking(move || prepare::prepare(root, dockerfile, extra))
    .await
    .map_err(|_| ContextError::Interrupted)??;
  let dockerfile = plan.dockerfile.clone();
  tokio::task::spawn_blocking(move || packer::run(&plan, sink, times));
  Ok(Packed { dockerfile, stream })
}
