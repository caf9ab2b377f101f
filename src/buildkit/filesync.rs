//! `FileSync.DiffCopy`: lists a directory to the engine, which then asks for the content of the files
//! that it does not have from an earlier build.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::Read;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use percent_encoding::percent_decode;
use tokio::sync::mpsc;

use super::call::Served;
use super::files::{Asked, Content, Entry, Files, Kind};
use super::fsutil::{Packet, PacketType, Stat};
use super::grpc::{self, Replies, Requests};
use super::session::Reason;
use super::status::{Code, Status};

/// How much of a file goes into a message; as much of small messages is sent at once.
const CHUNK: usize = 64 * 1024;
/// Chunks under way between a thread that reads and the connection.
const AHEAD: usize = 8;

/// Files that were listed and not yet asked for, by their place in the list.
type Listed = Arc<Mutex<HashMap<u32, (Content, u64)>>>;

pub async fn diff_copy(
  served: &Arc<Served>,
  metadata: &HeaderMap,
  requests: &mut Requests,
  replies: &mut Replies,
) -> Result<(), Status> {
  let Some(files) = served.offer.files.clone() else {
    return Err(Status::new(Code::NotFound, "there are no files to send"));
  };
  let asked = asked(metadata)?;
  let listed = Listed::default();
  let (frames, ready) = mpsc::channel(AHEAD);
  // No more of them wait than there are files: each is asked for once.
  let (wanted, ids) = mpsc::unbounded_channel();
  let out = Out { frames: frames.clone(), frame: BytesMut::new() };
  let finished = frames;
  let listing = list(Arc::clone(&files.source), asked, out.another(), Arc::clone(&listed));
  let reading = read(Arc::clone(&files.source), ids, out);
  let failed = |why| served.failed(Code::FailedPrecondition, Reason::Context(why));
  let mut sending = std::pin::pin!(send(ready, replies));
  let working = async {
    let (listing, reading, receiving) =
      (listing, reading, receive(requests, &listed, wanted, finished));
    tokio::try_join!(
      async { listing.await.map_err(failed) },
      async { reading.await.map_err(failed) },
      receiving,
    )
  };
  let mut working = std::pin::pin!(working);
  tokio::select! {
    sent = &mut sending => sent,
    worked = &mut working => match worked {
      Ok(_) => sending.await,
      Err(status) => Err(status),
    },
  }
}

/// The directory that a call is about, as its metadata says it.
fn asked(metadata: &HeaderMap) -> Result<Asked, Status> {
  let values = |name: &str| -> Vec<Vec<u8>> {
    let encoded = metadata.get(format!("{name}-encoded")).is_some_and(|value| value == "1");
    let decode = |value: &[u8]| {
      if !encoded {
        return value.to_vec();
      }
      // As a form's field is: a blank is a plus.
      let blanks: Vec<u8> = value.iter().map(|b| if *b == b'+' { b' ' } else { *b }).collect();
      Cow::from(percent_decode(&blanks)).into_owned()
    };
    metadata.get_all(name).iter().map(|value| decode(value.as_bytes())).collect()
  };
  let directory = values("dir-name").into_iter().next().unwrap_or_default();
  let directory = String::from_utf8(directory)
    .map_err(|_| Status::new(Code::InvalidArgument, "the directory's name is no text"))?;
  let paths = [values("followpaths"), values("include-patterns")].concat();
  Ok(Asked { directory, paths, excluded: values("exclude-patterns") })
}

async fn send(mut ready: mpsc::Receiver<Bytes>, replies: &mut Replies) -> Result<(), Status> {
  while let Some(frame) = ready.recv().await {
    replies.send_frame(frame).await?;
  }
  Ok(())
}

/// Takes what the engine asks for until it has all it wants. Never waits for what is sent: an engine
/// that cannot send its requests does not read either.
async fn receive(
  requests: &mut Requests,
  listed: &Listed,
  wanted: mpsc::UnboundedSender<(u32, Content, u64)>,
  finished: mpsc::Sender<Bytes>,
) -> Result<(), Status> {
  while let Some(packet) = requests.next::<Packet>().await? {
    match PacketType::try_from(packet.kind) {
      Ok(PacketType::Request) => {
        let file = listed.lock().unwrap_or_else(PoisonError::into_inner).remove(&packet.id);
        let unknown = || Status::new(Code::InvalidArgument, "this file was not listed");
        let (content, size) = file.ok_or_else(unknown)?;
        // Where it fails, a failure to read is what ends the call.
        let _ = wanted.send((packet.id, content, size));
      }
      Ok(PacketType::Finish) => {
        let frame = grpc::frame(&Packet::of(PacketType::Finish))?;
        let _ = finished.send(frame).await;
        return Ok(());
      }
      Ok(PacketType::Error) => {
        let why = String::from_utf8_lossy(&packet.data);
        return Err(Status::new(Code::Unknown, format!("the engine gave up: {why}")));
      }
      _ => return Err(Status::new(Code::InvalidArgument, "this packet was not expected")),
    }
  }
  Ok(())
}

async fn list(
  source: Arc<dyn Files>,
  asked: Asked,
  mut out: Out,
  listed: Listed,
) -> Result<(), String> {
  on_thread(move || {
    let mut id = 0;
    let mut show = |entry: Entry| {
      if let Kind::File { size, content } = &entry.kind {
        let file = (content.clone(), *size);
        listed.lock().unwrap_or_else(PoisonError::into_inner).insert(id, file);
      }
      id += 1;
      out.put(&Packet::stat(Some(Stat::from(&entry)))).is_ok()
    };
    source.list(&asked, &mut show)?;
    let _ = out.put(&Packet::stat(None)).and_then(|()| out.flush());
    Ok(())
  })
  .await
}

/// Reads one file after another, on a thread that is held only while there are some.
async fn read(
  source: Arc<dyn Files>,
  mut ids: mpsc::UnboundedReceiver<(u32, Content, u64)>,
  mut out: Out,
) -> Result<(), String> {
  while let Some(first) = ids.recv().await {
    let source = Arc::clone(&source);
    (ids, out) = on_thread(move || {
      let mut next = Some(first);
      while let Some((id, content, size)) = next {
        if !copy(&*source, id, &content, size, &mut out)? {
          break;
        }
        next = ids.try_recv().ok();
      }
      let _ = out.flush();
      Ok((ids, out))
    })
    .await?;
  }
  Ok(())
}

/// Whether somebody still listens.
fn copy(
  source: &dyn Files,
  id: u32,
  content: &Content,
  size: u64,
  out: &mut Out,
) -> Result<bool, String> {
  let mut file = source.open(content, size)?;
  let mut buffer = vec![0; CHUNK.min(usize::try_from(size).unwrap_or(CHUNK)).max(1)];
  loop {
    let count = match file.read(&mut buffer) {
      Err(why) if why.kind() == std::io::ErrorKind::Interrupted => continue,
      count => count.map_err(|why| why.to_string())?,
    };
    // An empty one is the file's end.
    let data = Bytes::copy_from_slice(&buffer[..count]);
    if out.put(&Packet::data(id, data)).is_err() {
      return Ok(false);
    }
    if count == 0 {
      return Ok(true);
    }
  }
}

async fn on_thread<T: Send + 'static>(
  work: impl FnOnce() -> Result<T, String> + Send + 'static,
) -> Result<T, String> {
  let done = tokio::task::spawn_blocking(work).await;
  done.unwrap_or_else(|_| Err("reading the files was interrupted".to_owned()))
}

/// Where threads put what is to be sent: small messages go together.
struct Out {
  frames: mpsc::Sender<Bytes>,
  frame: BytesMut,
}

/// Nobody listens any more.
struct Gone;

impl Out {
  fn another(&self) -> Self {
    Self { frames: self.frames.clone(), frame: BytesMut::new() }
  }

  fn put(&mut self, packet: &Packet) -> Result<(), Gone> {
    grpc::put(packet, &mut self.frame).map_err(|_| Gone)?;
    if self.frame.len() >= CHUNK { self.flush() } else { Ok(()) }
  }

  fn flush(&mut self) -> Result<(), Gone> {
    if self.frame.is_empty() {
      return Ok(());
    }
    self.frames.blocking_send(self.frame.split().freeze()).map_err(|_| Gone)
  }
}
