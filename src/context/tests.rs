//! Whole contexts, packed from trees in a temporary directory.

mod changing;
mod chosen;
mod entries;
mod ignoring;
mod sharing;
mod trees;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::StreamExt;

use super::{Context, ContextError, Dockerfile, Packed, pack};

const AB: &str = "Dockerfile, a/b/c.txt, a/b/d.md, a/e.txt, a/z/, f.txt, g.md";
/// In place of an ignore file: there is none.
const NONE: &str = "NONE";
/// In place of entries: the pattern is refused.
const REFUSED: &str = "REFUSED";

/// A directory that vanishes with its value. The context is `root`, within it, so that something can lie outside.
struct Tree {
  root: PathBuf,
}

impl Tree {
  /// `file`, `directory/`, `symlink -> target`, `hard link => target`, with commas between them.
  fn new(files: &str, ignore: &str) -> Self {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let base = std::env::temp_dir().join(format!("dokeres-context-{}-{count}", std::process::id()));
    let tree = Self { root: base.join("context") };
    fs::create_dir_all(&tree.root).unwrap();
    let (links, files): (Vec<_>, Vec<_>) =
      files.split(", ").partition(|file| file.contains(" => "));
    for file in files.into_iter().chain(links) {
      if let Some((name, target)) = file.split_once(" -> ") {
        symlink(target, &tree.made(name));
      } else if let Some((name, target)) = file.split_once(" => ") {
        fs::hard_link(tree.root.join(target), tree.made(name)).unwrap();
      } else if file.ends_with('/') {
        fs::create_dir_all(tree.root.join(file)).unwrap();
      } else {
        fs::write(tree.made(file), file).unwrap();
      }
    }
    if ignore != NONE {
      fs::write(tree.root.join(".dockerignore"), ignore).unwrap();
    }
    tree
  }

  /// The path, in a directory that is there.
  fn made(&self, name: &str) -> PathBuf {
    let path = self.root.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    path
  }
}

impl Drop for Tree {
  fn drop(&mut self) {
    let _ = fs::remove_dir_all(self.root.parent().unwrap());
  }
}

fn symlink(target: &str, path: &Path) {
  #[cfg(unix)]
  std::os::unix::fs::symlink(target, path).unwrap();
  #[cfg(windows)]
  std::os::windows::fs::symlink_file(target, path).unwrap();
}

fn context(tree: &Tree, dockerfile: &str) -> Context {
  Context::Directory {
    root: tree.root.clone(),
    dockerfile: Dockerfile::Path(tree.root.join(dockerfile)),
  }
}

/// The rest of the tar, or what ended it.
async fn drain(mut packed: Packed) -> Result<Vec<u8>, ContextError> {
  let mut tar = Vec::new();
  while let Some(chunk) = packed.stream.next().await {
    match chunk {
      Ok(bytes) => tar.extend_from_slice(&bytes),
      Err(error) => return Err(*error.into_inner().unwrap().downcast::<ContextError>().unwrap()),
    }
  }
  Ok(tar)
}

/// The Dockerfile's name, and the names of the entries in their order.
async fn names(context: Context) -> Result<(String, Vec<String>), ContextError> {
  let packed = pack(context).await?;
  let dockerfile = packed.dockerfile.clone();
  let tar = drain(packed).await?;
  let mut archive = tar::Archive::new(tar.as_slice());
  let name = |entry: tar::Entry<&[u8]>| String::from_utf8_lossy(&entry.path_bytes()).into_owned();
  let names = archive.entries().unwrap().map(|entry| name(entry.unwrap())).collect();
  Ok((dockerfile, names))
}
