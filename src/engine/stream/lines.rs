//! Lines: of JSON, as the engine sends progress and events, and the last ones of a log.

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};
use serde::de::DeserializeOwned;

use super::Wire;
use crate::engine::call::not_understood;
use crate::engine::error::{Code, EngineError, Result};

/// No record is longer: what goes on beyond is no line of a stream that engines send.
const LONGEST_RECORD: usize = 16 << 20;

/// A record a line, however the reads cut it: blank lines, CRLF and a last line without an end are
/// all taken. Each byte is looked at once.
pub struct JsonLines {
  wire: Wire,
  buffer: BytesMut,
  searched: usize,
  ended: bool,
}

impl JsonLines {
  #[must_use]
  pub fn new(wire: Wire) -> Self {
    Self { wire, buffer: BytesMut::new(), searched: 0, ended: false }
  }

  /// The next record's text; `None` at the end.
  pub async fn next_line(&mut self) -> Result<Option<Bytes>> {
    loop {
      while let Some(at) = self.buffer[self.searched..].iter().position(|byte| *byte == b'\n') {
        let line = self.buffer.split_to(self.searched + at + 1).freeze();
        self.searched = 0;
        if let Some(line) = trimmed(&line) {
          return Ok(Some(line));
        }
      }
      self.searched = self.buffer.len();
      if self.ended {
        let rest = self.buffer.split().freeze();
        self.searched = 0;
        return Ok(trimmed(&rest));
      }
      match self.wire.next().await? {
        Some(_) if self.buffer.len() > LONGEST_RECORD => return Err(too_long()),
        Some(data) => self.buffer.extend_from_slice(&data),
        None => self.ended = true,
      }
    }
  }

  pub async fn next<T: DeserializeOwned>(&mut self) -> Result<Option<T>> {
    let Some(line) = self.next_line().await? else { return Ok(None) };
    serde_json::from_slice(&line).map(Some).map_err(|error| not_understood(&error.to_string()))
  }
}

#[cold]
fn too_long() -> EngineError {
  let most = LONGEST_RECORD >> 20;
  let text = format!("the engine sends a line of more than {most} MiB, which none is");
  EngineError::new(Code::MaxBuffer, text)
}

fn trimmed(line: &Bytes) -> Option<Bytes> {
  let start = line.iter().position(|byte| !byte.is_ascii_whitespace())?;
  let end = line.iter().rposition(|byte| !byte.is_ascii_whitespace())? + 1;
  Some(line.slice(start..end))
}

/// The last lines of something long, for an error to show.
#[derive(Debug, Clone)]
pub struct Tail {
  lines: VecDeque<String>,
  partial: Vec<u8>,
  keep: usize,
}

/// A line longer than this is shown cut.
const LONGEST: usize = 4096;

impl Tail {
  #[must_use]
  pub fn new(keep: usize) -> Self {
    Self { lines: VecDeque::new(), partial: Vec::new(), keep }
  }

  pub fn feed(&mut self, data: &[u8]) {
    // What scrolls by anyway need not be looked at.
    let window = self.keep * LONGEST;
    let data = if data.len() > window { &data[data.len() - window..] } else { data };
    for piece in data.split_inclusive(|byte| *byte == b'\n') {
      let room = LONGEST.saturating_sub(self.partial.len());
      self.partial.extend_from_slice(&piece[..piece.len().min(room)]);
      if piece.ends_with(b"\n") {
        self.end_line();
      }
    }
  }

  fn end_line(&mut self) {
    let text = String::from_utf8_lossy(&self.partial);
    self.lines.push_back(text.trim_end_matches(['\n', '\r']).to_owned());
    self.partial.clear();
    if self.lines.len() > self.keep {
      self.lines.pop_front();
    }
  }

  #[must_use]
  pub fn into_lines(mut self) -> Vec<String> {
    if !self.partial.is_empty() {
      self.end_line();
    }
    self.lines.into()
  }
}
