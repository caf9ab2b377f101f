//! Tars: those we make, which others have to be able to read, and those that engines send, which are not believed.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;

use bytes::Bytes;
use futures_util::TryStreamExt;

use super::block_on;
use super::bytes::{Taken, cut};
use super::trees::{Temporary, tree};
use crate::archive::{BLOCK, Kind, Owner, Reader, TarSource, feed};
use crate::context::{self, Context, MapFile};
use crate::copy::{self, Extraction, Ignore, Packing, Placement};

/// More than any of the inputs has.
const MOST_READ: usize = 1 << 20;

/// By its name: the content, or nothing where it is no file.
type Files = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

/// Files with any names, from memory and from disk: what was packed is in the tar, under its own name.
pub fn pack(data: &[u8]) {
  let mut taken = Taken(data);
  let mut files = BTreeMap::new();
  for _ in 0..taken.byte() % 6 {
    let (length, mode, size) = (taken.number() % 400, taken.number(), taken.number() % 1500);
    let name = taken.some(length).to_vec();
    files.insert(name, (u32::try_from(mode & 0o7777).unwrap(), taken.some(size).to_vec()));
  }
  from_memory(&files);
  from_disk(&files);
}

fn from_memory(files: &BTreeMap<Vec<u8>, (u32, Vec<u8>)>) {
  let named = files.iter().map(|(name, (mode, content))| {
    let content = Bytes::copy_from_slice(content);
    (String::from_utf8_lossy(name).into_owned(), MapFile { content, mode: Some(*mode) })
  });
  let mut files: BTreeMap<String, MapFile> = named.collect();
  files.insert("Dockerfile".to_owned(), MapFile::from("FROM x"));
  let expected: Files =
    files.iter().map(|(name, file)| (name.clone().into(), Some(file.content.to_vec()))).collect();
  let context = Context::Map { files, dockerfile: "Dockerfile".to_owned() };
  let tar = block_on(async {
    let Ok(packed) = context::pack(context).await else { return None };
    Some(packed.stream.try_collect::<Vec<Bytes>>().await.unwrap().concat())
  });
  if let Some(tar) = tar {
    // Whoever extracts it must not be led astray by what was let through.
    for name in expected.keys() {
      assert!(
        !name.starts_with(b"/") && !name.split(|&byte| byte == b'/').any(|part| part == b"..")
      );
    }
    same(&tar, &expected);
  }
}

fn from_disk(files: &BTreeMap<Vec<u8>, (u32, Vec<u8>)>) {
  let folder = Temporary::new();
  let mut expected = Files::from([(b"top/".to_vec(), None)]);
  for (name, (mode, content)) in files {
    let path = folder.0.join(OsStr::from_bytes(name));
    let plain = !name.is_empty() && !name.contains(&b'/') && name != b"." && name != b"..";
    if !plain {
      continue;
    }
    let entry = [b"top/", name.as_slice()].concat();
    if mode & 1 == 0 || content.contains(&b'\n') {
      let Ok(()) = fs::write(&path, content) else { continue };
      expected.insert(entry, Some(content.clone()));
    } else {
      let Ok(()) = std::os::unix::fs::symlink(OsStr::from_bytes(content), &path) else { continue };
      expected.insert(entry, None);
    }
  }
  let tar = block_on(async {
    let path = folder.0.as_os_str().as_bytes().to_vec();
    let packing =
      Packing { path, name: b"top".to_vec(), ignore: Ignore::default(), owner: Owner::default() };
    copy::pack(packing).try_collect::<Vec<Bytes>>().await.unwrap().concat()
  });
  same(&tar, &expected);
}

fn same(tar: &[u8], expected: &Files) {
  assert_eq!(&by_us(tar), expected);
  // The others split records at line ends, though these begin with their length.
  if !expected.keys().any(|name| name.contains(&b'\n')) {
    assert_eq!(&by_others(tar), expected);
  }
}

fn by_us(tar: &[u8]) -> Files {
  let mut reader = Reader::new(source(tar, 255));
  let mut found = Files::new();
  while let Some(entry) = reader.next_entry().unwrap() {
    let mut content = Vec::new();
    loop {
      let some = reader.content().unwrap();
      if some.is_empty() {
        break;
      }
      content.extend_from_slice(&some);
    }
    found.insert(entry.name, (entry.kind == Kind::File).then_some(content));
  }
  found
}

fn by_others(tar: &[u8]) -> Files {
  let mut archive = tar::Archive::new(tar);
  let mut found = Files::new();
  for entry in archive.entries().unwrap() {
    let mut entry = entry.unwrap();
    let name = entry.path_bytes().into_owned();
    let is_file = entry.header().entry_type().is_file();
    let mut content = Vec::new();
    std::io::Read::read_to_end(&mut entry, &mut content).unwrap();
    found.insert(name, is_file.then_some(content));
  }
  found
}

/// A tar whose headers' checksums are made right, extracted beside things that it must not reach. What fails leaves no
/// name behind that was not there before.
pub fn extract(data: &[u8]) {
  let mut taken = Taken(data);
  let (flags, seed) = (taken.byte(), taken.byte());
  let mut tar = taken.0.to_vec();
  if flags & 1 == 0 {
    mend(&mut tar);
  }
  if flags & 2 == 0 {
    tar.extend([0; 2 * BLOCK]);
  }
  let folder = Temporary::new();
  let (inside, outside) = (folder.0.join("in"), folder.0.join("out"));
  for directory in [&inside, &outside, &inside.join("d")] {
    fs::create_dir(directory).unwrap();
  }
  fs::write(outside.join("f"), "kept").unwrap();
  fs::write(inside.join("f"), "old").unwrap();
  for (link, target) in [("up", "../out"), ("to", "../out/f"), ("d/up", "../../out")] {
    std::os::unix::fs::symlink(target, inside.join(link)).unwrap();
  }
  let (before, around) = (tree(&inside), tree(&outside));
  let placement = Placement {
    directory: inside.as_os_str().as_bytes().to_vec(),
    name: if flags & 4 == 0 { b".".to_vec() } else { b"new".to_vec() },
  };
  let patterns = if flags & 8 == 0 { vec![] } else { vec!["*/a".to_owned(), "!d/*".to_owned()] };
  let from = if flags & 16 == 0 { b".".to_vec() } else { b"d".to_vec() };
  let extraction = Extraction { from, placement, ignore: Ignore::new(&patterns).unwrap() };
  let outcome = copy::extract(source(&tar, seed), &extraction);
  assert_eq!(tree(&outside), around);
  let names: Vec<_> =
    fs::read_dir(&folder.0).unwrap().map(|entry| entry.unwrap().file_name()).collect();
  assert_eq!(names.len(), 2, "{names:?}");
  let after = tree(&inside);
  if outcome.is_err() {
    assert!(after.keys().all(|name| before.contains_key(name)), "{outcome:?}: {:?}", after.keys());
  }
  // As ours are named; a tar's own entry may be called `.partial`.
  let ours = |name: &[u8]| {
    let last = name.rsplit(|&byte| byte == b'/').next().unwrap_or_default();
    last.starts_with(b".dokeres-") && last.ends_with(b".partial")
  };
  assert!(!after.keys().any(|name| ours(name)), "{outcome:?}");
  // A file in memory is read the same way.
  let read = crate::archive::read_file(source(&tar, seed));
  assert!(read.is_err() || read.is_ok_and(|content| content.len() < MOST_READ));
}

/// Writes the right checksum into each header, and what a header of ustar's has.
fn mend(tar: &mut [u8]) {
  let mut at = 0;
  while let Some(header) = tar.get_mut(at..at + BLOCK) {
    if header.iter().all(|&byte| byte == 0) {
      return;
    }
    header[148..156].fill(b' ');
    let sum: u32 = header.iter().map(|&byte| u32::from(byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    let size = std::str::from_utf8(&header[124..136]).unwrap_or_default();
    let size = usize::from_str_radix(size.trim_matches(['\0', ' ']), 8).unwrap_or(0);
    at = at.saturating_add(BLOCK).saturating_add(size.saturating_add(BLOCK - 1) / BLOCK * BLOCK);
  }
}

/// All of it before anybody reads: it fits in, if it is of few pieces.
fn source(tar: &[u8], seed: u8) -> TarSource {
  let (feed, source) = feed();
  let (start, rest) = tar.split_at(tar.len().min(2000));
  block_on(async {
    let mut pieces = cut(start, seed).into_iter().peekable();
    for _ in 0..3 {
      if let Some(piece) = pieces.next() {
        feed.send(Bytes::copy_from_slice(piece)).await;
      }
    }
    feed.send(Bytes::from([pieces.collect::<Vec<_>>().concat(), rest.to_vec()].concat())).await;
    feed.end().await;
  });
  source
}
