//! Batches: many small pieces cross to JavaScript at once, because each crossing costs more than a
//! piece does. The first bytes of a quiet stream go at once; under load a batch fills.

use std::pin::pin;

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use tokio::time::{Duration, Instant};

use super::{Channel, Chunk, JsonLines, Output, Wire, truncated};
use crate::engine::error::{Code, EngineError, Result};
use crate::engine::{Engine, request};

/// A batch is handed over when it is this large.
const FULL: usize = 256 << 10;

/// Data that comes so soon after the last batch is of a busy stream.
const BUSY: Duration = Duration::from_millis(5);

/// How long a busy stream's batch may gather: its bytes come in by far more pieces than there are
/// crossings worth making.
const GATHERING: Duration = Duration::from_millis(2);

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
  /// Pieces of output that are put together on this side.
  Chunks(BoxStream<'static, Result<Chunk>>),
  /// Records that are made on this side, each without a line end.
  Items(BoxStream<'static, Result<Bytes>>),
}

/// Gathers batches from a source.
pub struct Batches {
  source: Source,
  /// What went wrong behind the last batch; it comes after that batch, and once.
  failed: Option<EngineError>,
  /// A source that has ended is not asked again: some must not be.
  ended: bool,
  /// Who has to be there still for an end to be one.
  witness: Option<Engine>,
  delivered: Option<Instant>,
}

impl Batches {
  #[must_use]
  pub fn new(source: Source) -> Self {
    Self { source, failed: None, ended: false, witness: None, delivered: None }
  }

  /// Of a connection taken over: it ends as quietly by an engine that is killed as by a program that
  /// has come to its end. So the engine is asked whether it is there.
  #[must_use]
  pub fn witnessed(self, engine: &Engine) -> Self {
    Self { witness: Some(engine.clone()), ..self }
  }

  /// The next batch: waits for something, then takes what is there already.
  pub async fn next(&mut self) -> Result<Option<Batch>> {
    if let Some(error) = self.failed.take() {
      return Err(error);
    }
    let mut batch = Batch::default();
    // A read may end within a header, and bring nothing else.
    while batch.data.is_empty() {
      if !self.gather(&mut batch).await && batch.data.is_empty() {
        return match self.failed.take() {
          Some(error) => Err(error),
          None => Ok(None),
        };
      }
    }
    let busy = self.delivered.is_some_and(|last| last.elapsed() < BUSY);
    let mut end = pin!(tokio::time::sleep(if busy { GATHERING } else { Duration::ZERO }));
    while batch.data.len() < FULL {
      let goes_on = tokio::select! {
        biased;
        goes_on = self.gather(&mut batch) => goes_on,
        () = &mut end, if busy => break,
        () = std::future::ready(()), if !busy => break,
      };
      if !goes_on {
        break;
      }
    }
    self.delivered = Some(Instant::now());
    Ok(Some(batch))
  }

  /// Waits for more and adds it; false once there is none to come, or something has gone wrong.
  async fn gather(&mut self, batch: &mut Batch) -> bool {
    if self.failed.is_some() {
      return false;
    }
    if !self.ended {
      match self.source.add(batch).await {
        Ok(true) => return true,
        Ok(false) => self.ended = true,
        Err(error) => {
          self.failed = Some(error);
          return false;
        }
      }
    }
    if let Some(engine) = &self.witness {
      // This may be left in the middle, and is begun anew then.
      match Box::pin(request::greeting(engine)).await {
        Err(error) if error.is(Code::EngineUnreachable) => {
          self.failed = Some(truncated(&"it is gone").caused_by(error));
        }
        _ => {}
      }
      self.witness = None;
    }
    false
  }
}

impl Source {
  async fn add(&mut self, batch: &mut Batch) -> Result<bool> {
    match self {
      Self::Output(output) => {
        return output.next(|channel, piece| batch.push(channel, piece)).await;
      }
      Self::Records(lines) => {
        let Some(line) = lines.next_line().await? else { return Ok(false) };
        batch.data.extend_from_slice(&line);
        batch.data.push(b'\n');
      }
      Self::Bytes(wire) => {
        let Some(data) = wire.next().await? else { return Ok(false) };
        batch.push(Channel::Bytes, &data);
      }
      Self::Chunks(chunks) => {
        let Some(chunk) = chunks.next().await.transpose()? else { return Ok(false) };
        batch.push(chunk.channel, &chunk.data);
      }
      Self::Items(items) => {
        let Some(item) = items.next().await.transpose()? else { return Ok(false) };
        batch.data.extend_from_slice(&item);
        batch.data.push(b'\n');
      }
    }
    Ok(true)
  }
}
