//! Files in the making: there whole, or not at all.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::engine::scope;

/// How many pieces may wait to be written: some MB, for a piece is what one read brought.
const WAITING: usize = 32;

/// A file that is removed unless it has been renamed by then.
pub struct Partial(pub PathBuf);

impl Partial {
  pub fn beside(path: &Path) -> Self {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{}.partial", &crate::engine::unique()[..8]));
    Self(name.into())
  }
}

impl Drop for Partial {
  fn drop(&mut self) {
    let path = self.0.clone();
    scope::clean_up(async move {
      // Renamed, it is not there any more.
      let _ = tokio::fs::remove_file(path).await;
    });
  }
}

/// Writes on a thread of its own. What comes is read meanwhile, and no thread is woken for each piece, as
/// `tokio::fs::File` does it.
pub struct Writer {
  pieces: mpsc::Sender<Bytes>,
  writing: JoinHandle<io::Result<()>>,
}

impl Writer {
  pub async fn create(partial: &Partial) -> io::Result<Self> {
    let mut file: File = tokio::fs::File::create(&partial.0).await?.into_std().await;
    let (pieces, mut given) = mpsc::channel::<Bytes>(WAITING);
    let writing = tokio::task::spawn_blocking(move || {
      while let Some(piece) = given.blocking_recv() {
        file.write_all(&piece)?;
      }
      Ok(())
    });
    Ok(Self { pieces, writing })
  }

  pub async fn write(&mut self, piece: Bytes) -> io::Result<()> {
    if self.pieces.send(piece).await.is_ok() {
      return Ok(());
    }
    // Only a failure ends it before its time.
    ended((&mut self.writing).await)
  }

  pub async fn finish(self) -> io::Result<()> {
    drop(self.pieces);
    ended(self.writing.await)
  }
}

fn ended(joined: Result<io::Result<()>, tokio::task::JoinError>) -> io::Result<()> {
  joined.unwrap_or_else(|error| Err(io::Error::other(error)))
}

/// What a renaming may replace: a file, the one behind a link; never a directory or a device.
pub async fn target(path: &Path) -> io::Result<PathBuf> {
  let Ok(found) = tokio::fs::canonicalize(path).await else { return Ok(path.to_owned()) };
  if tokio::fs::metadata(&found).await?.is_file() {
    return Ok(found);
  }
  Err(io::Error::other("not a file"))
}
