//! One ensure at a time over all processes of a machine: a file lock per endpoint and image, which the
//! system lets go of when its holder dies.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::Image;
use crate::engine::error::{EngineError, Result};

/// Doubles from the first to the last: a build's end is seen soon, a long one is not asked after often.
const FIRST_LOOK: Duration = Duration::from_millis(10);
const LAST_LOOK: Duration = Duration::from_millis(200);

/// The lock, until it is dropped.
pub struct Lock {
  path: PathBuf,
  file: Option<File>,
}

impl Drop for Lock {
  fn drop(&mut self) {
    // The file goes before the lock does, so that it is never another's that is removed.
    let _ = fs::remove_file(&self.path);
    self.file = None;
  }
}

impl Image {
  pub(super) async fn lock(&self) -> Result<Lock> {
    let endpoint = self.engine().connection().await?.endpoint.address.to_string();
    let options = self.options();
    let name = match &options.name {
      Some(_) => self.handle()?,
      None => options.build_identity(),
    };
    let key = Sha256::digest(format!("{endpoint}\n{name}\n{:?}", options.platform));
    let path = tokio::task::spawn_blocking(folder)
      .await
      .map_err(|error| EngineError::internal(error.to_string()))?
      .map_err(|error| failed(&error))?
      .join(format!("{key:x}.lock"));
    let mut pause = FIRST_LOOK;
    loop {
      let at = path.clone();
      let taken = tokio::task::spawn_blocking(move || attempt(&at)).await;
      let taken = taken.map_err(|error| EngineError::internal(error.to_string()))?;
      if let Some(lock) = taken.map_err(|error| failed(&error))? {
        return Ok(lock);
      }
      tokio::time::sleep(pause).await;
      pause = (pause * 2).min(LAST_LOOK);
    }
  }
}

fn failed(error: &io::Error) -> EngineError {
  EngineError::internal(format!("no lock for `shared`: {error}"))
}

/// The lock, or `None` where somebody else has it.
fn attempt(path: &Path) -> io::Result<Option<Lock>> {
  let file = File::options().create(true).write(true).truncate(false).open(path)?;
  match file.try_lock() {
    Ok(()) => {}
    Err(TryLockError::WouldBlock) => return Ok(None),
    Err(TryLockError::Error(error)) => return Err(error),
  }
  // Its last holder may have removed the file between our opening and our locking it.
  if !is_still_there(&file, path)? {
    return Ok(None);
  }
  Ok(Some(Lock { path: path.to_owned(), file: Some(file) }))
}

#[cfg(unix)]
fn is_still_there(file: &File, path: &Path) -> io::Result<bool> {
  use std::os::unix::fs::MetadataExt;
  let own = file.metadata()?;
  Ok(fs::metadata(path).is_ok_and(|found| (found.dev(), found.ino()) == (own.dev(), own.ino())))
}

/// Elsewhere a file that is open is not removed.
#[cfg(not(unix))]
fn is_still_there(_: &File, _: &Path) -> io::Result<bool> {
  Ok(true)
}

/// A folder that is this user's own: others could hold a lock in it for ever.
fn folder() -> io::Result<PathBuf> {
  #[cfg(unix)]
  {
    use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
    let uid = crate::endpoint::Environment::current().uid.unwrap_or_default();
    let folder = std::env::temp_dir().join(format!("dokeres-locks-{uid}"));
    match fs::DirBuilder::new().mode(0o700).create(&folder) {
      Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
      _ => {}
    }
    let found = fs::symlink_metadata(&folder)?;
    if !found.is_dir() || found.uid() != uid || found.permissions().mode() & 0o022 != 0 {
      return Err(io::Error::other(format!("{} is not this user's own", folder.display())));
    }
    Ok(folder)
  }
  #[cfg(not(unix))]
  {
    let folder = std::env::temp_dir().join("dokeres-locks");
    fs::create_dir_all(&folder)?;
    Ok(folder)
  }
}
