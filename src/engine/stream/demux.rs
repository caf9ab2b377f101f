//! The engine's multiplexed output: frames of an 8-byte header and that much payload.
//!
//! Frames and reads have nothing to do with each other, so this keeps no frame: it hands on each
//! piece as it comes, marked with its stream. That bounds memory whatever length a header claims.

use std::collections::VecDeque;

use bytes::Bytes;

use crate::engine::error::{Code, EngineError, Result};

/// Which stream a piece belongs to; a terminal has only one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
  Stdin = 0,
  Stdout = 1,
  Stderr = 2,
  Console = 3,
  /// No output of a program's: a tar, say.
  Bytes = 4,
  /// The engine's own words about output that it cannot give, where they are asked for.
  Engine = 5,
}

/// A piece of output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk {
  pub channel: Channel,
  pub data: Bytes,
  /// Whether its frame ends with it.
  pub is_whole: bool,
}

/// A demultiplexer, or, for a terminal, a pass-through: which, the engine has told.
pub struct Demux {
  tty: bool,
  /// Whether the engine's own words are told from the program's.
  tells: bool,
  header: [u8; 8],
  header_filled: usize,
  channel: Channel,
  remaining: usize,
  ready: VecDeque<Chunk>,
}

impl Demux {
  #[must_use]
  pub fn new(tty: bool) -> Self {
    Self {
      tty,
      tells: false,
      header: [0; 8],
      header_filled: 0,
      channel: Channel::Stdout,
      remaining: 0,
      ready: VecDeque::new(),
    }
  }

  /// One that tells the engine's own words from the program's.
  #[must_use]
  pub fn telling(tty: bool) -> Self {
    Self { tells: true, ..Self::new(tty) }
  }

  /// Takes what was read, and keeps its pieces until they are taken.
  pub fn feed(&mut self, data: &Bytes) -> Result<()> {
    let mut ready = std::mem::take(&mut self.ready);
    let cut = self.cut(data, |channel, piece, is_whole| {
      ready.push_back(Chunk { channel, data: data.slice_ref(piece), is_whole });
    });
    self.ready = ready;
    cut
  }

  /// Takes what was read; `take` is given each piece, and whether its frame ends with it.
  pub fn cut(&mut self, mut data: &[u8], mut take: impl FnMut(Channel, &[u8], bool)) -> Result<()> {
    if self.tty {
      take(Channel::Console, data, true);
      return Ok(());
    }
    while !data.is_empty() {
      if self.remaining > 0 {
        let (piece, rest) = data.split_at(self.remaining.min(data.len()));
        self.remaining -= piece.len();
        take(self.channel, piece, self.remaining == 0);
        data = rest;
        continue;
      }
      let count = (8 - self.header_filled).min(data.len());
      let (start, rest) = data.split_at(count);
      self.header[self.header_filled..][..count].copy_from_slice(start);
      self.header_filled += count;
      data = rest;
      if self.header_filled == 8 {
        self.begin_frame()?;
      }
    }
    Ok(())
  }

  fn begin_frame(&mut self) -> Result<()> {
    let [kind, 0, 0, 0, length @ ..] = self.header else { return Err(self.not_a_frame()) };
    self.channel = match kind {
      0 => Channel::Stdin,
      1 => Channel::Stdout,
      3 if self.tells => Channel::Engine,
      // 3 is the engine's own word, for an error after the reply's head is out.
      2 | 3 => Channel::Stderr,
      _ => return Err(self.not_a_frame()),
    };
    self.remaining = u32::from_be_bytes(length) as usize;
    self.header_filled = 0;
    Ok(())
  }

  fn not_a_frame(&self) -> EngineError {
    EngineError::new(
      Code::ProtocolError,
      format!("the engine's output has no frame where one must begin: {:?}", self.header),
    )
  }

  pub fn take(&mut self) -> Option<Chunk> {
    self.ready.pop_front()
  }

  /// Whether an end here is an end, and not the middle of a frame.
  #[must_use]
  pub fn at_boundary(&self) -> bool {
    self.remaining == 0 && self.header_filled == 0
  }
}

#[cfg(test)]
mod tests {
  use super::*;

  fn frame(kind: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![kind, 0, 0, 0];
    frame.extend(u32::try_from(payload.len()).unwrap().to_be_bytes());
    frame.extend(payload);
    frame
  }

  #[test]
  fn any_split_gives_the_same_bytes() {
    let wire = [frame(1, b"hello "), frame(2, b"oops"), frame(1, b""), frame(1, b"world")].concat();
    for step in 1..=wire.len() {
      let mut demux = Demux::new(false);
      let (mut out, mut err) = (Vec::new(), Vec::new());
      for piece in wire.chunks(step) {
        demux.feed(&Bytes::copy_from_slice(piece)).unwrap();
        while let Some(chunk) = demux.take() {
          let side = if chunk.channel == Channel::Stderr { &mut err } else { &mut out };
          side.extend_from_slice(&chunk.data);
        }
      }
      assert!(demux.at_boundary());
      assert_eq!((out.as_slice(), err.as_slice()), (&b"hello world"[..], &b"oops"[..]), "{step}");
    }
  }

  #[test]
  fn a_terminal_is_never_read_as_frames() {
    let mut demux = Demux::new(true);
    demux.feed(&Bytes::from_static(b"\x01\x00\x02$ ")).unwrap();
    let chunk = demux.take().unwrap();
    assert_eq!((chunk.channel, &chunk.data[..]), (Channel::Console, &b"\x01\x00\x02$ "[..]));
  }

  #[test]
  fn the_middle_of_a_frame_is_no_end() {
    let mut demux = Demux::new(false);
    demux.feed(&Bytes::from(frame(1, b"abc")[..9].to_vec())).unwrap();
    assert!(!demux.at_boundary());
    assert!(Demux::new(false).feed(&Bytes::from_static(b"plain text")).is_err());
  }
}
