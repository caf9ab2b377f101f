//! The way from the thread that packs to the body of the request: a bounded channel of large chunks.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context as Task, Poll, ready};

use bytes::Bytes;
use futures_util::Stream;
use tokio::sync::mpsc;

use super::ContextError;

/// Small enough to stay in the processor's cache between being filled and being sent.
const CHUNK: usize = 256 * 1024;
/// Chunks under way: with what the connection holds about 2 MiB, enough for neither side to wait for the other.
const AHEAD: usize = 6;

/// A tar consists of blocks of this size.
pub const BLOCK: usize = 512;

#[derive(Debug)]
enum Message {
  Chunk(Bytes),
  Failed(ContextError),
  /// Without it, a thread that was cut short would look like the end of the tar.
  End,
}

/// Why packing stops early.
#[derive(Debug)]
pub enum Stop {
  Failed(ContextError),
  /// Nobody reads any more.
  Gone,
}

impl From<ContextError> for Stop {
  fn from(error: ContextError) -> Self {
    Self::Failed(error)
  }
}

pub fn channel() -> (Sink, ContextStream) {
  let (sender, receiver) = mpsc::channel(AHEAD);
  let pool = Arc::default();
  let chunk = take(&pool);
  (Sink { sender, pool, chunk, filled: 0 }, ContextStream { receiver, ended: false })
}

/// Buffers that have been sent and can be filled again: fresh memory costs more than what is copied into it.
type Pool = Arc<Mutex<Vec<Box<[u8]>>>>;

fn take(pool: &Pool) -> Box<[u8]> {
  let used = pool.lock().unwrap_or_else(PoisonError::into_inner).pop();
  used.unwrap_or_else(|| vec![0; CHUNK].into_boxed_slice())
}

/// A chunk that goes back to the pool once the last view of it is dropped.
struct Lent {
  chunk: Box<[u8]>,
  filled: usize,
  pool: Pool,
}

impl AsRef<[u8]> for Lent {
  fn as_ref(&self) -> &[u8] {
    &self.chunk[..self.filled]
  }
}

impl Drop for Lent {
  fn drop(&mut self) {
    let chunk = std::mem::take(&mut self.chunk);
    self.pool.lock().unwrap_or_else(PoisonError::into_inner).push(chunk);
  }
}

/// Collects small pieces into chunks and sends those; blocks while too many are under way.
pub struct Sink {
  sender: mpsc::Sender<Message>,
  pool: Pool,
  chunk: Box<[u8]>,
  filled: usize,
}

impl Sink {
  pub fn write(&mut self, mut bytes: &[u8]) -> Result<(), Stop> {
    while !bytes.is_empty() {
      let room = self.room()?;
      let length = bytes.len().min(room.len());
      let (now, later) = bytes.split_at(length);
      room[..length].copy_from_slice(now);
      self.filled += length;
      bytes = later;
    }
    Ok(())
  }

  /// Has `read` fill up to `size` bytes, straight into the chunks; returns how many there were.
  pub fn fill(
    &mut self,
    size: u64,
    mut read: impl FnMut(&mut [u8]) -> Result<usize, ContextError>,
  ) -> Result<u64, Stop> {
    let mut left = size;
    while left > 0 {
      let room = self.room()?;
      let length = usize::try_from(left).unwrap_or(usize::MAX).min(room.len());
      let count = read(&mut room[..length])?;
      if count == 0 {
        break;
      }
      self.filled += count;
      left -= count as u64;
    }
    Ok(size - left)
  }

  /// Zeroes up to the next whole block after `size` bytes.
  pub fn pad(&mut self, size: u64) -> Result<(), Stop> {
    let over = usize::try_from(size % BLOCK as u64).unwrap_or(0);
    self.write(&[0; BLOCK][..(BLOCK - over) % BLOCK])
  }

  /// The end of the archive, or its failure.
  pub fn finish(mut self, outcome: Result<(), Stop>) {
    let outcome = outcome.and_then(|()| self.write(&[0; 2 * BLOCK]));
    self.finish_as_is(outcome);
  }

  /// The end of an archive that has its own, or its failure.
  pub fn finish_as_is(mut self, outcome: Result<(), Stop>) {
    let outcome = outcome.and_then(|()| self.flush());
    let last = match outcome {
      Ok(()) => Message::End,
      Err(Stop::Failed(error)) => Message::Failed(error),
      Err(Stop::Gone) => return,
    };
    // An error means that nobody is left to care.
    let _ = self.sender.blocking_send(last);
  }

  /// For work that sends nothing for a while.
  pub fn check(&self) -> Result<(), Stop> {
    if self.sender.is_closed() { Err(Stop::Gone) } else { Ok(()) }
  }

  fn room(&mut self) -> Result<&mut [u8], Stop> {
    if self.filled == self.chunk.len() {
      self.flush()?;
    }
    Ok(&mut self.chunk[self.filled..])
  }

  fn flush(&mut self) -> Result<(), Stop> {
    let chunk = std::mem::replace(&mut self.chunk, take(&self.pool));
    let filled = std::mem::take(&mut self.filled);
    let bytes = Bytes::from_owner(Lent { chunk, filled, pool: Arc::clone(&self.pool) });
    self.sender.blocking_send(Message::Chunk(bytes)).map_err(|_| Stop::Gone)
  }
}

/// The tar, in chunks of up to 256 KiB.
#[derive(Debug)]
pub struct ContextStream {
  receiver: mpsc::Receiver<Message>,
  ended: bool,
}

impl Stream for ContextStream {
  type Item = io::Result<Bytes>;

  fn poll_next(mut self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<Option<Self::Item>> {
    if self.ended {
      return Poll::Ready(None);
    }
    let error = match ready!(self.receiver.poll_recv(task)) {
      Some(Message::Chunk(bytes)) => return Poll::Ready(Some(Ok(bytes))),
      Some(Message::End) => None,
      Some(Message::Failed(error)) => Some(error),
      None => Some(ContextError::Interrupted),
    };
    self.ended = true;
    Poll::Ready(error.map(|error| Err(error.into())))
  }
}
