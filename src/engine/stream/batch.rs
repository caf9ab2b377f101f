//! Batches: many small pieces cross to JavaScript at once, because each crossing costs more than a
//! piece does. The first bytes of a quiet stream go at once; under load a batch fills.

use futures_util::FutureExt;

use super::{Channel, JsonLines, Output, Wire};
use crate::engine::error::{EngineError, Result};

/// A batch is handed over when it is this large.
const FULL: usize = 256 << 10;

/// One piece within a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
  pub channel: Channel,
  pub length: usize,
}

/// Bytes, and where their pieces begin.
#[derive(Debug, Default, Clone)]
pub struct Batch {
  pub data: Vec<u8>,
  pub marks: Vec<Mark>,
}

impl Batch {
  fn push(&mut self, channel: Channel, data: &[u8]) {
    self.data.extend_from_slice(data);
    match self.marks.last_mut() {
      // Neighbours of one stream are one piece: pieces carry no meaning of their own.
      Some(last) if last.channel == channel => last.length += data.len(),
      _ => self.marks.push(Mark { channel, length: data.len() }),
    }
  }

  pub fn append(&mut self, other: &Batch) {
    for (channel, piece) in other.pieces() {
      self.push(channel, piece);
    }
  }

  /// Its pieces in order.
  pub fn pieces(&self) -> impl Iterator<Item = (Channel, &[u8])> {
    let mut rest = self.data.as_slice();
    self.marks.iter().map(move |mark| {
      let (piece, tail) = rest.split_at(mark.length.min(rest.len()));
      rest = tail;
      (mark.channel, piece)
    })
  }
}

/// What a batch can be gathered from.
pub enum Source {
  Output(Output),
  /// A record a line, kept as text; a batch holds whole lines.
  Records(JsonLines),
  Bytes(Wire),
}

/// Gathers batches from a source.
pub struct Batches {
  source: Source,
  /// What went wrong behind the last batch; it comes after that batch, and once.
  failed: Option<EngineError>,
}

impl Batches {
  #[must_use]
  pub fn new(source: Source) -> Self {
    Self { source, failed: None }
  }

  /// The next batch: waits for something, then takes what is there already.
  pub async fn next(&mut self) -> Result<Option<Batch>> {
    if let Some(error) = self.failed.take() {
      return Err(error);
    }
    let mut batch = Batch::default();
    if !self.source.add(&mut batch).await? {
      return Ok(None);
    }
    while batch.data.len() < FULL {
      match self.source.add(&mut batch).now_or_never() {
        Some(Ok(true)) => {}
        Some(Err(error)) => {
          self.failed = Some(error);
          break;
        }
        // A source that has ended says so again.
        Some(Ok(false)) | None => break,
      }
    }
    Ok(Some(batch))
  }
}

impl Source {
  async fn add(&mut self, batch: &mut Batch) -> Result<bool> {
    match self {
      Self::Output(output) => {
        let Some(chunk) = output.next().await? else { return Ok(false) };
        batch.push(chunk.channel, &chunk.data);
      }
      Self::Records(lines) => {
        let Some(line) = lines.next_line().await? else { return Ok(false) };
        batch.data.extend_from_slice(&line);
        batch.data.push(b'\n');
      }
      Self::Bytes(wire) => {
        let Some(data) = wire.next().await? else { return Ok(false) };
        batch.push(Channel::Console, &data);
      }
    }
    Ok(true)
  }
}
