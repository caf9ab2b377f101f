//! What is on disk, told so that any change shows.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::bytes::unique;

/// Names below a directory, each with what it is.
pub type Tree = BTreeMap<Vec<u8>, String>;

/// A directory that is gone when it is dropped.
pub struct Temporary(pub PathBuf);

impl Temporary {
  pub fn new() -> Self {
    let path = unique("d");
    fs::create_dir(&path).unwrap();
    Self(path)
  }
}

impl Drop for Temporary {
  fn drop(&mut self) {
    // Whoever is not root has to be let in first.
    opened(&self.0);
    let _ = fs::remove_dir_all(&self.0);
  }
}

fn opened(path: &Path) {
  let _ = fs::set_permissions(path, fs::Permissions::from_mode(0o700));
  for entry in fs::read_dir(path).into_iter().flatten().flatten() {
    if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
      opened(&entry.path());
    }
  }
}

/// All that is below, without times.
pub fn tree(root: &Path) -> Tree {
  let mut found = Tree::new();
  let mut left = vec![root.to_owned()];
  while let Some(path) = left.pop() {
    let metadata = fs::symlink_metadata(&path).unwrap();
    let mode = metadata.permissions().mode();
    let said = if metadata.is_dir() {
      left.extend(fs::read_dir(&path).into_iter().flatten().map(|entry| entry.unwrap().path()));
      format!("{mode:o}")
    } else if metadata.is_symlink() {
      format!("-> {}", fs::read_link(&path).unwrap().display())
    } else {
      format!("{mode:o} {:?}", fs::read(&path).unwrap_or_default())
    };
    found.insert(path.strip_prefix(root).unwrap().as_os_str().as_bytes().to_vec(), said);
  }
  found
}
