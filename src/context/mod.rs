//! Build contexts: a tar of what a build may read, made while it is sent.
//!
//! `prepare` finds out what is to be sent, `walk` visits it, `packer` turns it into tar entries, `sink` carries
//! those to the request's body in chunks. A context that does not come from a directory (a tar, a map in memory, a
//! text, a remote) is a further variant of [`Context`] with its own way to fill a [`ContextStream`].

mod dockerignore;
mod error;
mod header;
mod packer;
mod prepare;
mod sink;
mod walk;

#[cfg(test)]
mod tests;

use std::path::PathBuf;

pub use error::ContextError;
pub use sink::ContextStream;

/// Where a build context comes from.
///
/// A relative `dockerfile` is looked for from the working directory, as the docker CLI does, then from `root`.
#[derive(Debug, Clone)]
pub enum Context {
  /// A directory, less what `<Dockerfile>.dockerignore` or else `.dockerignore` leaves out.
  Directory { root: PathBuf, dockerfile: PathBuf },
  /// Just the Dockerfile and these files or directories (relative to `root`); nothing is ignored.
  Files { root: PathBuf, dockerfile: PathBuf, extra: Vec<PathBuf> },
}

/// A context on its way.
#[derive(Debug)]
pub struct Packed {
  /// The Dockerfile's name within the context: the engine's `dockerfile` parameter.
  pub dockerfile: String,
  /// The tar. Dropping it stops the thread that packs.
  pub stream: ContextStream,
}

/// Starts to pack a context on a blocking thread.
///
/// # Errors
/// What can be known before the first byte is sent: a Dockerfile or chosen file that is not there or lies outside, a
/// root that is no directory, a bad pattern. What turns up later (a file that cannot be read) ends the stream with an
/// `io::Error` that has the [`ContextError`] within.
pub async fn pack(context: Context) -> Result<Packed, ContextError> {
  let plan = tokio::task::spawn_blocking(move || prepare::prepare(context))
    .await
    .map_err(|_| ContextError::Interrupted)??;
  let dockerfile = plan.dockerfile.clone();
  let (sink, stream) = sink::channel();
  tokio::task::spawn_blocking(move || packer::run(&plan, sink));
  Ok(Packed { dockerfile, stream })
}
