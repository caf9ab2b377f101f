//! What the entries say besides their names.
#![cfg(unix)]

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt};

use tar::EntryType;

use super::super::pack;
use super::{NONE, Tree, context, drain, names};

struct Entry {
  name: Vec<u8>,
  kind: EntryType,
  link: Option<Vec<u8>>,
  header: tar::Header,
}

async fn entries(tree: &Tree) -> Vec<Entry> {
  let tar = drain(pack(context(tree, "Dockerfile")).await.unwrap()).await.unwrap();
  assert!(tar.len().is_multiple_of(512) && tar.ends_with(&[0; 1024]));
  let mut archive = tar::Archive::new(tar.as_slice());
  let entry = |entry: tar::Entry<&[u8]>| Entry {
    name: entry.path_bytes().into_owned(),
    kind: entry.header().entry_type(),
    link: entry.link_name_bytes().map(std::borrow::Cow::into_owned),
    header: entry.header().clone(),
  };
  archive.entries().unwrap().map(|found| entry(found.unwrap())).collect()
}

#[tokio::test]
async fn modes_times_and_owners() {
  let tree = Tree::new("Dockerfile, d/, s -> d", NONE);
  fs::set_permissions(tree.root.join("Dockerfile"), fs::Permissions::from_mode(0o4751)).unwrap();
  fs::set_permissions(tree.root.join("d"), fs::Permissions::from_mode(0o1777)).unwrap();
  let entries = entries(&tree).await;
  let modes: Vec<u32> = entries.iter().map(|entry| entry.header.mode().unwrap()).collect();
  assert_eq!(modes[..2], [0o4751, 0o1777]);
  for entry in &entries {
    let path = tree.root.join(OsStr::from_bytes(&entry.name));
    let metadata = fs::symlink_metadata(path).unwrap();
    assert_eq!(entry.header.mtime().unwrap(), u64::try_from(metadata.mtime()).unwrap());
    assert_eq!((entry.header.uid().unwrap(), entry.header.gid().unwrap()), (0, 0));
  }
}

#[tokio::test]
async fn links_and_kinds() {
  let tree = Tree::new("Dockerfile, f, g => f, l -> ../nowhere", NONE);
  let _socket = std::os::unix::net::UnixListener::bind(tree.root.join("socket")).unwrap();
  let made = std::process::Command::new("mkfifo").arg(tree.root.join("pipe")).status().unwrap();
  assert!(made.success());
  let entries = entries(&tree).await;
  let shown: Vec<_> =
    entries.iter().map(|e| (e.name.as_slice(), e.kind, e.link.as_deref())).collect();
  let expected = [
    (b"Dockerfile".as_slice(), EntryType::Regular, None),
    (b"f".as_slice(), EntryType::Regular, None),
    (b"g".as_slice(), EntryType::Link, Some(&b"f"[..])),
    (b"l".as_slice(), EntryType::Symlink, Some(&b"../nowhere"[..])),
    (b"pipe".as_slice(), EntryType::Fifo, None),
  ];
  assert_eq!(shown, expected);
}

#[tokio::test]
async fn names_of_any_length_and_target() {
  let (exact, long) = ("e".repeat(100), "l".repeat(255));
  let files = format!("Dockerfile, {exact}, {long}, {long}.d/{long}, m -> {}", "t/".repeat(80));
  let files = files.replace(&format!("{long}.d"), &"d".repeat(200));
  let tree = Tree::new(&files, NONE);
  let entries = entries(&tree).await;
  let mut lengths: Vec<usize> = entries.iter().map(|entry| entry.name.len()).collect();
  lengths.sort_unstable();
  assert_eq!(lengths, [1, 10, 100, 201, 255, 456]);
  assert_eq!(entries.last().unwrap().link.as_ref().unwrap().len(), 160);
}

/// Linux alone lets them be made.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn names_that_are_not_text() {
  let tree = Tree::new("Dockerfile, zz, zzz", NONE);
  for name in [&b"caf\xe9"[..], b"z\xe9", b"z\xe2\x82", b"n\nl"] {
    fs::write(tree.root.join(OsStr::from_bytes(name)), "").unwrap();
  }
  let found: Vec<Vec<u8>> = entries(&tree).await.into_iter().map(|entry| entry.name).collect();
  assert_eq!(
    found,
    [&b"Dockerfile"[..], b"caf\xe9", b"n\nl", b"zz", b"zzz", b"z\xe2\x82", b"z\xe9"]
  );
  // By bytes where the pattern is plain; each bad byte is a character where it is not.
  fs::write(tree.root.join(".dockerignore"), b"caf\xe9\nz??\nn?l").unwrap();
  let (_, found) = names(context(&tree, "Dockerfile")).await.unwrap();
  assert_eq!(found, [".dockerignore", "Dockerfile", "zz", "z\u{fffd}"]);
}
