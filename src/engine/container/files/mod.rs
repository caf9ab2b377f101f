//! Files in and out of a container, running or not: single ones, trees, and the tars beneath.
//!
//! The engine knows two calls, a tar out of a path and a tar into a directory; `crate::copy` has the rest.

mod fault;
mod from;
mod options;
mod raw;
mod read;
mod stat;
mod to;
mod write;

pub use options::{
  CopyFromOptions, CopyToOptions, PutArchiveOptions, ReadFileOptions, WriteFileOptions,
};
pub use stat::{PathKind, PathStat};
pub use to::CopySource;
pub use write::Content;

use super::Container;
use crate::archive::{self, ArchiveError, TarSource};
use crate::copy;
use crate::engine::error::{EngineError, Result};
use crate::engine::stream::Wire;
use crate::engine::{panics, scope};
use fault::told;

/// Links in a row: more are a circle.
const MOST_LINKS: usize = 40;

/// A container's path, from its root.
fn absolute(path: &str) -> Result<Vec<u8>> {
  match path {
    "" => Err(EngineError::invalid("path", "a path in the container is expected")),
    path if path.contains('\0') => Err(EngineError::invalid("path", "a path has no NUL in it")),
    path => Ok(copy::absolute(path.as_bytes())),
  }
}

fn shown(path: &[u8]) -> String {
  String::from_utf8_lossy(path).into_owned()
}

/// Has a thread work on a tar while it comes in. When this is dropped, the thread ends, and what it made goes.
async fn worked_on<T: Send + 'static>(
  mut wire: Wire,
  option: &'static str,
  work: impl FnOnce(TarSource) -> Result<T, ArchiveError> + Send + 'static,
) -> Result<T> {
  let (feed, source) = archive::feed();
  let task =
    tokio::task::spawn_blocking(move || work(source).map_err(|error| told(&error, option)));
  let pump = async move {
    while let Some(data) = wire.next().await? {
      if !feed.send(data).await {
        return Ok(());
      }
    }
    feed.end().await;
    Ok(())
  };
  let (pumped, done) = tokio::join!(pump, scope::unless_abandoned(task, |_| async {}));
  // Why the tar was cut short says more than that it was.
  pumped.and(done)
}

/// Looks at this machine's files.
async fn on_disk<T: Send + 'static>(
  option: &'static str,
  work: impl FnOnce() -> Result<T, ArchiveError> + Send + 'static,
) -> Result<T> {
  let outcome = tokio::task::spawn_blocking(work).await;
  let outcome = outcome.map_err(|_| panics::told())?;
  outcome.map_err(|error| told(&error, option))
}

impl Container {
  /// What is at a path; links are not followed.
  pub async fn stat(&self, path: &str) -> Result<PathStat> {
    let path = absolute(path)?;
    match self.look(&path).await? {
      Some(stat) => Ok(stat),
      None => Ok(self.open_archive(&path).await?.0),
    }
  }
}
