//! A file without a name, for what is too large to keep in memory and has to be known whole.

use std::fs::{self, File, OpenOptions};
use std::hash::{BuildHasher, RandomState};
use std::io;

/// Nobody else can open it, and it is gone once it is dropped, or with the process.
pub fn unnamed_file() -> io::Result<File> {
  let path = std::env::temp_dir().join(format!("dokeres-{}", random()));
  let mut options = OpenOptions::new();
  options.read(true).write(true).create_new(true);
  #[cfg(unix)]
  std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
  let file = options.open(&path)?;
  fs::remove_file(&path)?;
  Ok(file)
}

/// Each `RandomState` is keyed anew from the system's own randomness.
pub fn random() -> String {
  format!("{:016x}", RandomState::new().hash_one(0))
}
