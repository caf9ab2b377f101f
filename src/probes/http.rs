//! Replies: chunks beneath hyper, and whole exchanges with an engine that says anything at all.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use tokio::io::{AsyncRead, ReadBuf};

use super::bytes::{Taken, cut};
use crate::transport::Chunks;

/// However a reply is cut, hyper is handed the same body, and the one that was sent.
pub fn chunks(data: &[u8]) {
  let mut taken = Taken(data);
  let (seed, room) = (taken.byte(), taken.byte());
  let wire = taken.0;
  let (whole, fault) = through(vec![wire], 8192 + wire.len());
  let (pieces, fault_of_pieces) = through(cut(wire, seed), 64 + usize::from(room) * 16);
  assert_eq!(fault, fault_of_pieces);
  assert_eq!(dechunked(&whole), dechunked(&pieces));
  if !fault {
    assert_eq!(dechunked(&whole), dechunked(wire));
  }
}

/// What hyper would be given, and whether an error came after it.
fn through(pieces: Vec<&[u8]>, room: usize) -> (Vec<u8>, bool) {
  let mut chunks = Chunks::default();
  chunks.expect(true);
  let mut io = Pieces(pieces.into());
  let mut cx = Context::from_waker(Waker::noop());
  let mut all = Vec::new();
  loop {
    let mut room = vec![0; room];
    let mut buffer = ReadBuf::new(&mut room);
    match chunks.poll_read(Pin::new(&mut io), &mut cx, &mut buffer) {
      Poll::Ready(Ok(())) if buffer.filled().is_empty() => return (all, false),
      Poll::Ready(Ok(())) => all.extend_from_slice(buffer.filled()),
      Poll::Ready(Err(_)) => return (all, true),
      Poll::Pending => panic!("nothing waits here"),
    }
  }
}

struct Pieces<'a>(VecDeque<&'a [u8]>);

impl AsyncRead for Pieces<'_> {
  fn poll_read(
    mut self: Pin<&mut Self>,
    _: &mut Context<'_>,
    buffer: &mut ReadBuf<'_>,
  ) -> Poll<io::Result<()>> {
    if let Some(piece) = self.0.front_mut() {
      let (now, later) = piece.split_at(buffer.remaining().min(piece.len()));
      buffer.put_slice(now);
      *piece = later;
      if later.is_empty() {
        self.0.pop_front();
      }
    }
    Poll::Ready(Ok(()))
  }
}

/// A reply's head, the data of its chunks so far, and what follows the last one; the same for all ways to cut them.
/// Nothing where what there is has no chunks.
fn dechunked(wire: &[u8]) -> (Vec<u8>, Vec<u8>, Option<Vec<u8>>) {
  let mut start = 0;
  let end = loop {
    let Some(end) = find(&wire[start..], b"\r\n\r\n") else { return plain(wire) };
    let head = &wire[start..start + end + 4];
    start += end + 4;
    let status = head.split(|&byte| byte == b'\n').next().unwrap_or_default();
    let status = status.trim_ascii().split(|&byte| byte == b' ').nth(1).unwrap_or_default();
    match status {
      b"101" | b"204" | b"304" => return plain(wire),
      [b'1', ..] => {}
      _ if is_chunked(head) => break start,
      _ => return plain(wire),
    }
  };
  let (mut data, mut rest) = (Vec::new(), &wire[end..]);
  while let Some(line) = find(rest, b"\n") {
    let digits = rest[..line].iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    let size = std::str::from_utf8(&rest[..digits]).unwrap();
    let Ok(size) = u64::from_str_radix(size, 16) else { break };
    rest = &rest[line + 1..];
    if size == 0 {
      return (wire[..end].to_vec(), data, Some(rest.to_vec()));
    }
    let size = usize::try_from(size).unwrap();
    let count = size.min(rest.len());
    data.extend_from_slice(&rest[..count]);
    rest = &rest[count..];
    if count < size {
      break;
    }
    let Some(line) = find(rest, b"\n") else { break };
    rest = &rest[line + 1..];
  }
  (wire[..end].to_vec(), data, None)
}

fn plain(wire: &[u8]) -> (Vec<u8>, Vec<u8>, Option<Vec<u8>>) {
  (wire.to_vec(), Vec::new(), None)
}

fn is_chunked(head: &[u8]) -> bool {
  let head = String::from_utf8_lossy(head).to_ascii_lowercase();
  head.split('\n').skip(1).any(|line| {
    let (name, value) = line.trim_ascii().split_once(':').unwrap_or_default();
    name == "transfer-encoding" && value.trim_ascii() == "chunked"
  })
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
  text.windows(what.len()).position(|found| found == what)
}

/// An engine that answers two calls and an upgrade with these bytes: each call ends.
#[cfg(unix)]
pub fn http(data: &[u8]) {
  // A machine may stand still for a while; what hangs, hangs again.
  assert!(called(data) || called(data), "a call does not end");
}

#[cfg(not(unix))]
pub fn http(_: &[u8]) {}

/// Whether all calls end.
#[cfg(unix)]
fn called(data: &[u8]) -> bool {
  use std::time::Duration;

  use ::http::Request;
  use http_body_util::BodyExt;
  use tokio::io::{AsyncReadExt, AsyncWriteExt};
  use tokio::net::UnixListener;

  use crate::transport::{Address, Body, Client, ClientConfig, Upgraded};

  let mut taken = Taken(data);
  let (flags, seed) = (taken.byte(), taken.byte());
  let wire = taken.0.to_vec();
  let path = super::bytes::unique("sock");
  let ended = super::block_on(async {
    let listener = UnixListener::bind(&path).unwrap();
    let engine = tokio::spawn(async move {
      while let Ok((mut stream, _)) = listener.accept().await {
        let mut asked = [0; 4096];
        if stream.read(&mut asked).await.is_err() {
          continue;
        }
        for piece in cut(&wire, if flags & 1 == 0 { 255 } else { seed }) {
          if stream.write_all(piece).await.is_err() {
            break;
          }
        }
      }
    });
    let client = Client::new(ClientConfig::new(Address::Unix(path.clone())));
    let calls = async {
      for _ in 0..2 {
        let request = Request::get("/info").body(Body::empty()).unwrap();
        if let Ok(response) = client.send(request).await {
          let _ = response.into_body().collect().await;
        }
      }
      if flags & 2 != 0 {
        let request = Request::post("/exec/x/start").body(Body::empty()).unwrap();
        match client.upgrade(request).await {
          Ok(Upgraded::Stream { mut io, .. }) => {
            let _ = io.read_to_end(&mut Vec::new()).await;
          }
          Ok(Upgraded::Refused(response)) => drop(response.into_body().collect().await),
          Err(_) => {}
        }
      }
    };
    let ended = tokio::time::timeout(Duration::from_secs(10), calls).await.is_ok();
    engine.abort();
    let _ = engine.await;
    ended
  });
  let _ = std::fs::remove_file(path);
  ended
}
