//! Many chunks made one, however they are read.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use tokio::io::{AsyncRead, ReadBuf};

use super::super::chunks::Chunks;

const HEAD: &str = "HTTP/1.1 200 OK\r\nContent-Type: x\r\nTransfer-Encoding: chunked\r\n\r\n";

/// Reads `wire` in pieces of `step` bytes; gives what hyper would be given.
fn through(wire: &str, step: usize) -> io::Result<String> {
  let mut chunks = Chunks::default();
  chunks.expect(true);
  let mut pieces = wire.as_bytes().chunks(step);
  let mut all = Vec::new();
  let mut cx = Context::from_waker(Waker::noop());
  loop {
    let mut room = [0; 4096];
    let mut buffer = ReadBuf::new(&mut room);
    let mut io = Pieces(&mut pieces);
    match chunks.poll_read(Pin::new(&mut io), &mut cx, &mut buffer) {
      Poll::Ready(Ok(())) if buffer.filled().is_empty() => break,
      Poll::Ready(Ok(())) => all.extend_from_slice(buffer.filled()),
      Poll::Ready(Err(error)) => return Err(error),
      Poll::Pending => panic!("nothing waits here"),
    }
  }
  Ok(String::from_utf8(all).unwrap())
}

struct Pieces<'a, 'b>(&'a mut std::slice::Chunks<'b, u8>);

impl AsyncRead for Pieces<'_, '_> {
  fn poll_read(
    mut self: Pin<&mut Self>,
    _: &mut Context<'_>,
    buffer: &mut ReadBuf<'_>,
  ) -> Poll<io::Result<()>> {
    buffer.put_slice(self.0.next().unwrap_or_default());
    Poll::Ready(Ok(()))
  }
}

/// Undoes chunks: the data, and what follows the last size line.
fn decode(mut text: &str) -> (String, usize, String) {
  let (mut data, mut count) = (String::new(), 0);
  loop {
    let (size, rest) = text.split_once("\r\n").unwrap();
    let size = usize::from_str_radix(size, 16).unwrap();
    if size == 0 {
      return (data, count, rest.to_owned());
    }
    count += 1;
    data.push_str(&rest[..size]);
    text = rest[size..].strip_prefix("\r\n").unwrap();
  }
}

#[test]
fn any_split_gives_the_same_body() {
  let wire = format!(
    "HTTP/1.1 100 Continue\r\n\r\n{HEAD}5\r\nhello\r\n1;x=\"y\"\r\n \r\n0000A  \r\nwide world\r\n0\r\nX: y\r\n\r\n"
  );
  for step in 1..=wire.len() {
    let all = through(&wire, step).unwrap();
    let body = all.split_once(HEAD).unwrap().1;
    let (data, count, rest) = decode(body);
    assert_eq!((data.as_str(), rest.as_str()), ("hello wide world", "X: y\r\n\r\n"), "{step}");
    if step == wire.len() {
      assert_eq!(count, 1);
    }
  }
}

#[test]
fn what_has_no_chunks_passes_as_it_is() {
  let plain = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n5\r\nhello\r\n";
  let upgraded = "HTTP/1.1 101 UPGRADED\r\nUpgrade: tcp\r\n\r\n5\r\nhello\r\n";
  let cut = format!("{HEAD}5\r\nhel");
  for step in 1..60 {
    assert_eq!(through(plain, step).unwrap(), plain);
    assert_eq!(through(upgraded, step).unwrap(), upgraded);
    // No last chunk is made up for one that was not sent.
    assert!(!through(&cut, step).unwrap().contains("\n0\r\n"));
  }
}

#[test]
fn what_is_no_chunk_is_an_error() {
  for body in ["xyz\r\n", "\r\n", "2\r\nabc\r\n", "11111111111111111\r\n"] {
    assert!(through(&format!("{HEAD}{body}"), 7).is_err(), "{body}");
  }
}
