//! Files in the making: there whole, or not at all.

use std::io;
use std::path::{Path, PathBuf};

use crate::engine::scope;

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

/// What a renaming may replace: a file, the one behind a link; never a directory or a device.
pub async fn target(path: &Path) -> io::Result<PathBuf> {
  let Ok(found) = tokio::fs::canonicalize(path).await else { return Ok(path.to_owned()) };
  if tokio::fs::metadata(&found).await?.is_file() {
    return Ok(found);
  }
  Err(io::Error::other("not a file"))
}
