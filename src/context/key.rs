//! What a builder knows a context by from one build to the next: it takes files for the same that have the same
//! name, size and time in contexts of the same key.

use std::collections::BTreeMap;
use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::path::Path;
use std::sync::LazyLock;

use sha2::{Digest, Sha256};

use super::MapFile;

/// Tells this machine from others that build with the same engine.
static MACHINE: LazyLock<String> = LazyLock::new(|| {
  let read = |path| fs::read_to_string(path).unwrap_or_default();
  let told = read("/etc/machine-id") + &read("/proc/sys/kernel/hostname");
  // Where there is nothing of the kind, it is at least never mistaken.
  if told.is_empty() { format!("{:x}", RandomState::new().hash_one(0)) } else { told }
});

pub fn of_directory(root: &Path) -> String {
  let mut digest = Sha256::new();
  digest.update(MACHINE.as_bytes());
  digest.update(root.as_os_str().as_encoded_bytes());
  // A directory that was made anew is another: copies of old files come with their old times.
  #[cfg(unix)]
  if let Ok(metadata) = fs::metadata(root) {
    use std::os::unix::fs::MetadataExt;
    digest.update(metadata.dev().to_le_bytes());
    digest.update(metadata.ino().to_le_bytes());
  }
  format!("dokeres:{:x}", digest.finalize())
}

pub fn of_files(files: &BTreeMap<String, MapFile>) -> String {
  let mut digest = Sha256::new();
  for (name, file) in files {
    digest.update(Sha256::digest(name));
    digest.update(Sha256::digest(&file.content));
    digest.update(file.mode.unwrap_or_default().to_le_bytes());
  }
  format!("dokeres:files:{:x}", digest.finalize())
}
