use std::collections::BTreeMap;
use std::io::Read;

use super::super::fsutil::{Packet, PacketType, Stat};
use super::super::{Asked, Content, Entry, Files, Kind, OfferedFiles};
use super::*;

const DIFF_COPY: &str = "/moby.filesync.v1.FileSync/DiffCopy";

/// Lists what it is told to, and notes what it was asked.
#[derive(Default)]
struct Given {
  entries: Vec<Entry>,
  asked: Arc<std::sync::Mutex<Option<Asked>>>,
  failure: Option<&'static str>,
}

impl Files for Given {
  fn list(&self, asked: &Asked, show: &mut dyn FnMut(Entry) -> bool) -> Result<(), String> {
    let Asked { directory, paths, excluded } = asked;
    let asked =
      Asked { directory: directory.clone(), paths: paths.clone(), excluded: excluded.clone() };
    *self.asked.lock().unwrap() = Some(asked);
    self.entries.iter().all(|entry| show(entry.clone()));
    self.failure.map_or(Ok(()), |why| Err(why.to_owned()))
  }

  fn open(&self, content: &Content, size: u64) -> Result<Box<dyn Read + Send>, String> {
    match content {
      Content::Bytes(bytes) => Ok(Box::new(std::io::Cursor::new(bytes.clone()).take(size))),
      Content::File(path) => Err(format!("cannot read {}", path.display())),
    }
  }
}

fn entry(name: &[u8], kind: Kind) -> Entry {
  Entry { name: name.to_vec(), kind, mode: 0o644, modified: 7, capability: None }
}

fn file(name: &str, content: Content, size: u64) -> Entry {
  entry(name.as_bytes(), Kind::File { size, content })
}

fn offering(given: Given) -> Offer {
  let files = OfferedFiles { source: Arc::new(given), key: "the key".to_owned() };
  Offer { files: Some(files), ..nothing() }
}

/// The engine's half of a call.
struct Copying {
  body: RecvStream,
  requests: SendStream<Bytes>,
  pending: BytesMut,
}

impl Copying {
  async fn of(engine: &Engine, metadata: &[(&'static str, &'static str)]) -> Self {
    let mut headers = HeaderMap::new();
    for (name, value) in metadata {
      headers.append(*name, value.parse().unwrap());
    }
    let (reply, requests) = engine.start(DIFF_COPY, headers).await;
    Self { body: reply.body().await, requests, pending: BytesMut::new() }
  }

  fn ask(&mut self, kind: PacketType, id: u32) {
    let packet = Packet { id, ..Packet::of(kind) };
    self.requests.send_data(framed(&packet.encode_to_vec()), false).unwrap();
  }

  /// `None` at the end.
  async fn next(&mut self) -> Option<Packet> {
    loop {
      if self.pending.len() >= 5 {
        let length = u32::from_be_bytes(self.pending[1..5].try_into().unwrap()) as usize;
        if self.pending.len() >= 5 + length {
          let frame = self.pending.split_to(5 + length);
          return Some(Packet::decode(&frame[5..]).unwrap());
        }
      }
      let chunk = soon(self.body.data()).await?.unwrap();
      self.body.flow_control().release_capacity(chunk.len()).unwrap();
      self.pending.extend_from_slice(&chunk);
    }
  }

  async fn stats(&mut self) -> Vec<Stat> {
    let mut stats = Vec::new();
    while let Some(stat) = self.next().await.unwrap().stat {
      stats.push(stat);
    }
    stats
  }

  async fn content(&mut self, id: u32) -> Vec<u8> {
    self.ask(PacketType::Request, id);
    let mut content = Vec::new();
    loop {
      let packet = self.next().await.unwrap();
      assert_eq!((packet.kind, packet.id), (PacketType::Data.into(), id));
      if packet.data.is_empty() {
        return content;
      }
      content.extend_from_slice(&packet.data);
    }
  }

  async fn status(&mut self) -> (u16, String) {
    while self.next().await.is_some() {}
    let trailers = soon(self.body.trailers()).await.unwrap().unwrap();
    let text = |name| trailers.get(name).map_or("", |value| value.to_str().unwrap()).to_owned();
    (text("grpc-status").parse().unwrap(), text("grpc-message"))
  }
}

#[tokio::test]
async fn lists_and_sends_what_is_asked_for() {
  let large = Bytes::from(vec![7; 1 << 20]);
  let tool = Entry {
    mode: 0o4755,
    capability: Some(vec![1, 2]),
    ..file("tool", Content::Bytes(Bytes::new()), 0)
  };
  let given = Given {
    entries: vec![
      entry(b"d", Kind::Directory),
      file("d/large", Content::Bytes(large.clone()), 1 << 20),
      entry(b"h", Kind::HardLink { size: 3, target: b"d/large".to_vec() }),
      entry(b"l\xff", Kind::Symlink { target: b"\xfe".to_vec() }),
      entry(b"null", Kind::CharDevice(1, 3)),
      tool,
    ],
    ..Given::default()
  };
  let engine = Engine::of(offering(given)).await;
  let mut copying = Copying::of(&engine, &[("dir-name", "context")]).await;
  let plain =
    |path: &[u8], mode| Stat { path: path.to_vec(), mode, modified: 7, ..Stat::default() };
  let expected = [
    plain(b"d", 0x8000_0000 | 0o644),
    Stat { size: 1 << 20, ..plain(b"d/large", 0o644) },
    Stat { size: 3, link: b"d/large".to_vec(), ..plain(b"h", 0o644) },
    Stat { link: b"\xfe".to_vec(), ..plain(b"l\xff", 0x0800_0000 | 0o644) },
    Stat { major: 1, minor: 3, ..plain(b"null", 0x0420_0000 | 0o644) },
    Stat {
      xattrs: BTreeMap::from([("security.capability".to_owned(), vec![1, 2])]),
      ..plain(b"tool", 0x0080_0000 | 0o755)
    },
  ];
  assert_eq!(copying.stats().await, expected);
  assert_eq!(copying.content(1).await, large);
  assert!(copying.content(5).await.is_empty());
  copying.ask(PacketType::Finish, 0);
  assert_eq!(copying.next().await, Some(Packet::of(PacketType::Finish)));
  assert_eq!(copying.status().await, (0, String::new()));
}

#[tokio::test]
async fn hears_what_is_wanted_of_which_directory() {
  let given = Given::default();
  let asked = Arc::clone(&given.asked);
  let engine = Engine::of(offering(given)).await;
  let metadata = [
    ("dir-name", "context"),
    ("followpaths", "a"),
    ("followpaths", "b c"),
    ("include-patterns", "d"),
    ("exclude-patterns", "%C3%A9+x%2B"),
    ("exclude-patterns", "y"),
    ("exclude-patterns-encoded", "1"),
  ];
  Copying::of(&engine, &metadata).await.stats().await;
  let bytes = |texts: &[&str]| texts.iter().map(|text| text.as_bytes().to_vec()).collect();
  let expected = Asked {
    directory: "context".to_owned(),
    paths: bytes(&["a", "b c", "d"]),
    excluded: bytes(&["é x+", "y"]),
  };
  assert_eq!(asked.lock().unwrap().take(), Some(expected));
}

#[tokio::test]
async fn a_file_that_cannot_be_read_is_a_failure_to_tell() {
  let entries = vec![file("a", Content::File("/a".into()), 3)];
  let engine = Engine::of(offering(Given { entries, ..Given::default() })).await;
  let mut copying = Copying::of(&engine, &[]).await;
  copying.stats().await;
  copying.ask(PacketType::Request, 0);
  assert_eq!(copying.status().await, (9, "cannot read /a".to_owned()));
  assert_eq!(engine.failure.last(), Some(Reason::Context("cannot read /a".to_owned())));

  let failure = Some("cannot list");
  let engine = Engine::of(offering(Given { failure, ..Given::default() })).await;
  assert_eq!(Copying::of(&engine, &[]).await.status().await, (9, "cannot list".to_owned()));
}

#[tokio::test]
async fn refuses_what_was_not_listed_or_was_sent_already() {
  let entries = vec![file("a", Content::Bytes(Bytes::from_static(b"a")), 1)];
  let engine = Engine::of(offering(Given { entries, ..Given::default() })).await;
  for ids in [&[3][..], &[0, 0]] {
    let mut copying = Copying::of(&engine, &[]).await;
    copying.stats().await;
    for id in ids {
      copying.ask(PacketType::Request, *id);
    }
    assert_eq!(copying.status().await, (3, "this file was not listed".to_owned()));
  }
  assert_eq!(engine.failure.last(), None);
  let none = Engine::of(nothing()).await;
  let mut copying = Copying::of(&none, &[]).await;
  assert_eq!(copying.status().await, (5, "there are no files to send".to_owned()));
}

#[tokio::test]
async fn sends_no_more_than_is_taken() {
  struct Endless(Arc<AtomicUsize>);
  impl Files for Endless {
    fn list(&self, _: &Asked, show: &mut dyn FnMut(Entry) -> bool) -> Result<(), String> {
      while show(entry(b"d", Kind::Directory)) {
        self.0.fetch_add(1, Ordering::Relaxed);
      }
      Ok(())
    }
    fn open(&self, _: &Content, _: u64) -> Result<Box<dyn Read + Send>, String> {
      Err("nobody asks".to_owned())
    }
  }
  let shown = Arc::new(AtomicUsize::new(0));
  let source = Arc::new(Endless(Arc::clone(&shown)));
  let files = OfferedFiles { source, key: String::new() };
  let engine = Engine::of(Offer { files: Some(files), ..nothing() }).await;
  let mut copying = Copying::of(&engine, &[]).await;
  copying.next().await.unwrap();
  // On a busy machine it takes a while until no more fits.
  let mut stands_still = false;
  for _ in 0..30 {
    let before = shown.load(Ordering::Relaxed);
    tokio::time::sleep(Duration::from_millis(300)).await;
    stands_still = shown.load(Ordering::Relaxed) == before;
    if stands_still {
      break;
    }
  }
  assert!(stands_still);
  // The thread ends with the call, or the runtime would wait for it.
  copying.requests.send_reset(h2::Reason::CANCEL);
}
