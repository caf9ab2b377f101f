//! Small chunks made into large ones, beneath hyper: the engine sends each line of a log as a chunk of
//! its own, and hyper would hand on each by itself, from one task to another. What a read brings becomes
//! one chunk here, in the buffer it was read into.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, ReadBuf};

/// Kept free before what is read: room for a large chunk's size line, and for the end of the body.
const ROOM: usize = 16;

/// A size line: eight digits are enough for what a read can bring.
const SIZE_LINE: usize = 10;

/// A head longer than this is hyper's to refuse.
const HEAD_MAX: usize = 512 << 10;

/// Where in a response the next byte is.
#[derive(Debug, Default)]
enum At {
  /// Nothing to change from here on.
  #[default]
  Rest,
  Head(Vec<u8>),
  /// In a chunk's size line; `digits` are over once something else has come.
  Size {
    value: u64,
    digits: u32,
    over: bool,
  },
  Data(u64),
  /// The line end after a chunk's data.
  DataEnd,
  /// No chunk: what came before it is handed on first.
  Bad(u8),
}

const SIZE: At = At::Size { value: 0, digits: 0, over: false };

/// Rewrites the chunks of one response at a time.
#[derive(Debug, Default)]
pub struct Chunks(At);

impl Chunks {
  /// A request is about to be sent; `body` where a body may follow its response's head.
  pub fn expect(&mut self, body: bool) {
    self.0 = if body { At::Head(Vec::new()) } else { At::Rest };
  }

  pub fn poll_read(
    &mut self,
    mut io: Pin<&mut impl AsyncRead>,
    cx: &mut Context<'_>,
    buffer: &mut ReadBuf<'_>,
  ) -> Poll<io::Result<()>> {
    // hyper always offers some kilobytes.
    if matches!(self.0, At::Rest) || buffer.remaining() <= 2 * ROOM {
      return io.poll_read(cx, buffer);
    }
    let start = buffer.filled().len();
    loop {
      if let At::Bad(byte) = self.0 {
        return Poll::Ready(Err(bad(byte)));
      }
      buffer.put_slice(&[0; ROOM]);
      let read = io.as_mut().poll_read(cx, buffer);
      let raw = buffer.filled().len() - start - ROOM;
      if !matches!(read, Poll::Ready(Ok(()))) || raw == 0 {
        buffer.set_filled(start);
        return read;
      }
      let length = self.rewrite(&mut buffer.filled_mut()[start..]);
      buffer.set_filled(start + length);
      // A size line alone is nothing to hand on, and to hand on nothing would be the end.
      if length > 0 {
        return Poll::Ready(Ok(()));
      }
    }
  }

  /// What was read begins `ROOM` bytes into `bytes`; what becomes of it begins at the start. Gives its
  /// length.
  fn rewrite(&mut self, bytes: &mut [u8]) -> usize {
    let At::Head(head) = &mut self.0 else { return self.join(bytes, 0, ROOM) };
    let raw = &bytes[ROOM..];
    let known = head.len();
    head.extend_from_slice(raw);
    let Some(end) = end_of_head(head, known.saturating_sub(3)) else {
      if head.len() > HEAD_MAX {
        self.0 = At::Rest;
      }
      bytes.copy_within(ROOM.., 0);
      return bytes.len() - ROOM;
    };
    let here = end - known;
    let next = match follows(&head[..end]) {
      Follows::Chunks => SIZE,
      Follows::Head => At::Head(Vec::new()),
      Follows::Other => At::Rest,
    };
    self.0 = next;
    bytes.copy_within(ROOM..ROOM + here, 0);
    if bytes.len() == ROOM + here {
      return here;
    }
    match self.0 {
      At::Rest => {
        bytes.copy_within(ROOM + here.., here);
        bytes.len() - ROOM
      }
      // What comes next is `ROOM` bytes behind where it goes, as at the beginning.
      At::Head(_) => here + self.rewrite(&mut bytes[here..]),
      _ => self.join(bytes, here, ROOM + here),
    }
  }

  /// Makes one chunk, at `to`, of those from `from` on, which is `ROOM` bytes further at least.
  fn join(&mut self, bytes: &mut [u8], to: usize, from: usize) -> usize {
    let data = to + SIZE_LINE;
    let (mut end, mut at) = (data, from);
    let mut is_last = false;
    while at < bytes.len() && !is_last {
      if let At::Data(left) = &mut self.0 {
        let count = usize::try_from(*left).unwrap_or(usize::MAX).min(bytes.len() - at);
        bytes.copy_within(at..at + count, end);
        *left -= count as u64;
        if *left == 0 {
          self.0 = At::DataEnd;
        }
        at += count;
        end += count;
        continue;
      }
      let byte = bytes[at];
      at += 1;
      match &mut self.0 {
        At::DataEnd if byte == b'\r' => {}
        At::DataEnd if byte == b'\n' => self.0 = SIZE,
        At::Size { value: 0, digits: 1.., .. } if byte == b'\n' => is_last = true,
        At::Size { value, digits: 1.., .. } if byte == b'\n' => self.0 = At::Data(*value),
        // An extension is for nobody, and blanks were once used to fill up.
        At::Size { digits: 1.., over, .. } if matches!(byte, b';' | b'\r' | b' ' | b'\t') => {
          *over = true;
        }
        At::Size { over: true, .. } => {}
        At::Size { value, digits, .. } => match larger(*value, byte) {
          Some(size) => (*value, *digits) = (size, digits.saturating_add(1)),
          None => self.0 = At::Bad(byte),
        },
        _ => self.0 = At::Bad(byte),
      }
      if let At::Bad(_) = self.0 {
        break;
      }
    }
    let mut length = to;
    if end > data {
      let size = size_line(end - data);
      bytes[to..data].copy_from_slice(&size);
      bytes[end..end + 2].copy_from_slice(b"\r\n");
      length = end + 2;
    }
    if is_last {
      // Trailers, or none: hyper reads them.
      self.0 = At::Rest;
      bytes[length..length + 3].copy_from_slice(b"0\r\n");
      length += 3;
      bytes.copy_within(at.., length);
      length += bytes.len() - at;
    }
    length
  }
}

fn larger(size: u64, digit: u8) -> Option<u64> {
  let digit = char::from(digit).to_digit(16)?;
  size.checked_mul(16)?.checked_add(digit.into())
}

fn size_line(size: usize) -> [u8; SIZE_LINE] {
  let mut line = *b"00000000\r\n";
  for (place, digit) in line[..8].iter_mut().rev().enumerate() {
    *digit = b"0123456789abcdef"[size >> (4 * place) & 15];
  }
  line
}

fn bad(byte: u8) -> io::Error {
  let text = format!("a chunk of the response cannot be told from the next ({byte:#04x})");
  io::Error::new(io::ErrorKind::InvalidData, text)
}

fn end_of_head(head: &[u8], from: usize) -> Option<usize> {
  let found = head[from..].windows(4).position(|end| end == b"\r\n\r\n")?;
  Some(from + found + 4)
}

enum Follows {
  Chunks,
  /// What has been said was `100 Continue` or the like.
  Head,
  Other,
}

fn follows(head: &[u8]) -> Follows {
  let mut lines = head.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
  let status = lines.next().and_then(|line| line.split(|byte| *byte == b' ').nth(1));
  match status {
    Some(b"101" | b"204" | b"304") => return Follows::Other,
    Some([b'1', ..]) => return Follows::Head,
    _ => {}
  }
  let is_chunked = lines.any(|line| {
    let mut parts = line.splitn(2, |byte| *byte == b':');
    let (name, value) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    name.eq_ignore_ascii_case(b"transfer-encoding")
      && value.trim_ascii().eq_ignore_ascii_case(b"chunked")
  });
  if is_chunked { Follows::Chunks } else { Follows::Other }
}
