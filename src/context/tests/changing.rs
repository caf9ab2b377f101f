//! Files that change or cannot be read while they are packed, and a reader that goes away.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::time::{Duration, Instant};

use futures_util::StreamExt;

use super::super::{ContextError, pack};
use super::{NONE, Tree, context, drain, names};

/// More than is packed ahead of the reader.
const LARGE: u64 = 8 << 20;

fn large() -> Tree {
  let tree = Tree::new("Dockerfile, large", NONE);
  fs::File::create(tree.root.join("large")).unwrap().set_len(LARGE).unwrap();
  tree
}

#[tokio::test]
async fn a_file_that_grows_is_cut_at_its_first_size() {
  let tree = large();
  let mut packed = pack(context(&tree, "Dockerfile")).await.unwrap();
  let mut tar = packed.stream.next().await.unwrap().unwrap().to_vec();
  OpenOptions::new()
    .append(true)
    .open(tree.root.join("large"))
    .unwrap()
    .write_all(b"more")
    .unwrap();
  tar.extend(drain(packed).await.unwrap());
  let mut archive = tar::Archive::new(tar.as_slice());
  let sizes: Vec<u64> = archive.entries().unwrap().map(|entry| entry.unwrap().size()).collect();
  assert_eq!(sizes, [10, LARGE]);
}

#[tokio::test]
async fn a_file_that_shrinks_is_named() {
  let tree = large();
  let mut packed = pack(context(&tree, "Dockerfile")).await.unwrap();
  packed.stream.next().await.unwrap().unwrap();
  OpenOptions::new().write(true).open(tree.root.join("large")).unwrap().set_len(LARGE - 1).unwrap();
  let error = drain(packed).await.unwrap_err();
  assert!(matches!(error, ContextError::Changed { path } if path.ends_with("large")));
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_that_cannot_be_read_is_named_unless_it_is_ignored() {
  use std::os::unix::fs::PermissionsExt;
  let tree = Tree::new("Dockerfile, a/secret", NONE);
  let secret = tree.root.join("a/secret");
  fs::set_permissions(&secret, fs::Permissions::from_mode(0o000)).unwrap();
  if fs::File::open(&secret).is_ok() {
    return; // root may read everything
  }
  let error = names(context(&tree, "Dockerfile")).await.unwrap_err();
  assert!(matches!(error, ContextError::Unreadable { path, .. } if path.ends_with("a/secret")));
  fs::write(tree.root.join(".dockerignore"), "a").unwrap();
  assert!(names(context(&tree, "Dockerfile")).await.is_ok());
}

#[test]
fn dropping_the_stream_stops_the_thread() {
  let tree = large();
  OpenOptions::new().write(true).open(tree.root.join("large")).unwrap().set_len(1 << 40).unwrap();
  let runtime = tokio::runtime::Runtime::new().unwrap();
  runtime.block_on(async {
    let mut packed = pack(context(&tree, "Dockerfile")).await.unwrap();
    packed.stream.next().await.unwrap().unwrap();
  });
  let since = Instant::now();
  // Waits for its blocking threads.
  drop(runtime);
  assert!(since.elapsed() < Duration::from_secs(5));
}
