//! What is written can be read, by us and by others.

use super::*;

fn entries() -> Vec<Entry> {
  let entry = |name: &str| Entry::new(Kind::File, name.into(), 0o4755);
  let attribute = (b"SCHILY.xattr.security.capability".to_vec(), b"\x01\n=\0\xff".to_vec());
  vec![
    Entry::new(Kind::Directory, b"d/".to_vec(), 0o1777),
    Entry { size: 5, uid: 1000, gid: 1000, ..entry("d/f") },
    Entry { size: 5, uid: 3_000_000_000, gid: 1 << 21, ..entry(&"n".repeat(300)) },
    Entry { modified: Moment { seconds: -2, nanos: 250_000_000 }, ..entry("old") },
    Entry { modified: Moment { seconds: 1 << 34, nanos: 0 }, ..entry("late") },
    Entry { attributes: vec![attribute], ..entry("capable") },
    Entry { name: b"caf\xe9".to_vec(), ..entry("") },
    Entry { kind: Kind::Symlink, link: b"../".repeat(70), ..entry("l") },
    Entry { kind: Kind::Link, link: b"d/f".to_vec(), ..entry("h") },
    Entry { kind: Kind::Char, device: (5, 1), ..entry("c") },
    Entry::new(Kind::Fifo, b"p".to_vec(), 0o600),
  ]
}

async fn written() -> Vec<u8> {
  use futures_util::TryStreamExt;
  let (mut sink, stream) = sink::<ArchiveError>();
  let thread = tokio::task::spawn_blocking(move || {
    let mut all = || -> Result<(), Stop> {
      for entry in entries() {
        write(&mut sink, &entry)?;
        sink.write(&b"12345"[..usize::try_from(entry.size).unwrap()])?;
        sink.pad(entry.size)?;
      }
      Ok(())
    };
    let outcome = all();
    sink.finish(outcome);
  });
  let chunks: Vec<bytes::Bytes> = stream.try_collect().await.unwrap();
  thread.await.unwrap();
  chunks.concat()
}

#[tokio::test]
async fn our_own_reader_reads_all_of_it() {
  let tar = written().await;
  let (feed, source) = feed();
  let reading = tokio::task::spawn_blocking(move || {
    let mut reader = Reader::new(source);
    let mut found = Vec::new();
    while let Some(entry) = reader.next_entry().unwrap() {
      found.push(format!("{entry:?}"));
    }
    found
  });
  // However it is cut.
  for chunk in tar.chunks(700) {
    assert!(feed.send(bytes::Bytes::copy_from_slice(chunk)).await);
  }
  feed.end().await;
  let expected: Vec<String> = entries().iter().map(|entry| format!("{entry:?}")).collect();
  assert_eq!(reading.await.unwrap(), expected);
}

#[tokio::test]
async fn others_read_the_same_names_and_owners() {
  let tar = written().await;
  let mut archive = tar::Archive::new(tar.as_slice());
  let found: Vec<(Vec<u8>, u64)> = archive
    .entries()
    .unwrap()
    .map(|entry| entry.unwrap())
    .map(|entry| (entry.path_bytes().into_owned(), entry.header().uid().unwrap()))
    .collect();
  let expected: Vec<(Vec<u8>, u64)> =
    entries().into_iter().map(|entry| (entry.name, entry.uid)).collect();
  assert_eq!(found, expected);
}
