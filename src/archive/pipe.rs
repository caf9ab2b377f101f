//! The ways between a thread that works on files and the connection: bounded channels of chunks.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use futures_util::Stream;
use tokio::sync::mpsc;

use super::error::{ArchiveError, Result};

/// Small enough to stay in the processor's cache between being filled and being sent.
const CHUNK: usize = 256 << 10;
/// Chunks under way: enough for neither side to wait for the other.
const AHEAD: usize = 6;

/// A tar consists of blocks of this size.
pub const BLOCK: usize = 512;

enum Message<E> {
  Chunk(Bytes),
  Failed(E),
  /// Without it, a side that was cut short would look like the end.
  End,
}

/// Why a thread stops early.
#[derive(Debug)]
pub enum Stop<E = ArchiveError> {
  Failed(E),
  /// Nobody reads any more.
  Gone,
}

impl<E> From<E> for Stop<E> {
  fn from(error: E) -> Self {
    Self::Failed(error)
  }
}

/// From the connection to a thread.
#[must_use]
pub fn feed() -> (Feed, Source) {
  let (sender, receiver) = mpsc::channel(AHEAD);
  (Feed(sender), Source { receiver, current: Bytes::new(), ended: false })
}

/// From a thread to the connection.
#[must_use]
pub fn sink<E>() -> (Sink<E>, TarStream<E>) {
  let (sender, receiver) = mpsc::channel(AHEAD);
  let pool = Arc::default();
  let chunk = take(&pool);
  (Sink { sender, pool, chunk, filled: 0 }, TarStream { receiver, ended: false })
}

/// The connection's end of a [`Source`]. Dropped without `end`, it has the source fail.
pub struct Feed(mpsc::Sender<Message<ArchiveError>>);

impl Feed {
  /// Whether anyone still reads.
  pub async fn send(&self, chunk: Bytes) -> bool {
    self.0.send(Message::Chunk(chunk)).await.is_ok()
  }

  pub async fn end(self) {
    // Nobody reads any more: nobody needs to know.
    let _ = self.0.send(Message::End).await;
  }
}

/// A tar as a thread reads it.
pub struct Source {
  receiver: mpsc::Receiver<Message<ArchiveError>>,
  current: Bytes,
  ended: bool,
}

impl Source {
  /// Some bytes, `most` at the most; none at the end.
  pub fn take(&mut self, most: u64) -> Result<Bytes> {
    while self.current.is_empty() && !self.ended {
      match self.receiver.blocking_recv() {
        Some(Message::Chunk(chunk)) => self.current = chunk,
        Some(Message::End) => self.ended = true,
        Some(Message::Failed(error)) => return Err(error),
        None => return Err(ArchiveError::Interrupted),
      }
    }
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    Ok(self.current.split_to(self.current.len().min(most)))
  }

  /// Fills the whole of it; false where the source ends before its first byte.
  pub fn fill(&mut self, room: &mut [u8]) -> Result<bool> {
    let mut filled = 0;
    while filled < room.len() {
      let mut some = self.take((room.len() - filled) as u64)?;
      let count = some.len();
      if count == 0 {
        return if filled == 0 { Ok(false) } else { Err(ArchiveError::Truncated) };
      }
      some.copy_to_slice(&mut room[filled..filled + count]);
      filled += count;
    }
    Ok(true)
  }

  pub fn skip(&mut self, mut count: u64) -> Result<()> {
    while count > 0 {
      let some = self.take(count)?.len() as u64;
      if some == 0 {
        return Err(ArchiveError::Truncated);
      }
      count -= some;
    }
    Ok(())
  }
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
pub struct Sink<E = ArchiveError> {
  sender: mpsc::Sender<Message<E>>,
  pool: Pool,
  chunk: Box<[u8]>,
  filled: usize,
}

impl<E> Sink<E> {
  pub fn write(&mut self, mut bytes: &[u8]) -> Result<(), Stop<E>> {
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

  /// Sends what is a chunk already.
  pub fn pass(&mut self, chunk: Bytes) -> Result<(), Stop<E>> {
    if chunk.len() < CHUNK / 16 {
      return self.write(&chunk);
    }
    self.flush()?;
    self.sender.blocking_send(Message::Chunk(chunk)).map_err(|_| Stop::Gone)
  }

  /// Has `read` fill up to `size` bytes, straight into the chunks; returns how many there were.
  pub fn fill(
    &mut self,
    size: u64,
    mut read: impl FnMut(&mut [u8]) -> Result<usize, E>,
  ) -> Result<u64, Stop<E>> {
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
  pub fn pad(&mut self, size: u64) -> Result<(), Stop<E>> {
    self.write(&[0; BLOCK][..padding(size)])
  }

  /// The end of the archive, or its failure.
  pub fn finish(mut self, outcome: Result<(), Stop<E>>) {
    let outcome = outcome.and_then(|()| self.write(&[0; 2 * BLOCK]));
    self.finish_as_is(outcome);
  }

  /// The end of an archive that has its own, or its failure.
  pub fn finish_as_is(mut self, outcome: Result<(), Stop<E>>) {
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
  pub fn check(&self) -> Result<(), Stop<E>> {
    if self.sender.is_closed() { Err(Stop::Gone) } else { Ok(()) }
  }

  fn room(&mut self) -> Result<&mut [u8], Stop<E>> {
    if self.filled == self.chunk.len() {
      self.flush()?;
    }
    Ok(&mut self.chunk[self.filled..])
  }

  fn flush(&mut self) -> Result<(), Stop<E>> {
    if self.filled == 0 {
      return Ok(());
    }
    let chunk = std::mem::replace(&mut self.chunk, take(&self.pool));
    let filled = std::mem::take(&mut self.filled);
    let bytes = Bytes::from_owner(Lent { chunk, filled, pool: Arc::clone(&self.pool) });
    self.sender.blocking_send(Message::Chunk(bytes)).map_err(|_| Stop::Gone)
  }
}

/// How many zeroes follow `size` bytes.
pub fn padding(size: u64) -> usize {
  let over = usize::try_from(size % BLOCK as u64).unwrap_or(0);
  (BLOCK - over) % BLOCK
}

/// A tar as the connection sends it. Dropping it stops the thread that makes it.
pub struct TarStream<E = ArchiveError> {
  receiver: mpsc::Receiver<Message<E>>,
  ended: bool,
}

/// The thread ended without a word.
pub struct Interrupted;

impl<E: From<Interrupted>> Stream for TarStream<E> {
  type Item = Result<Bytes, E>;

  fn poll_next(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Option<Self::Item>> {
    if self.ended {
      return Poll::Ready(None);
    }
    let error = match ready!(self.receiver.poll_recv(task)) {
      Some(Message::Chunk(bytes)) => return Poll::Ready(Some(Ok(bytes))),
      Some(Message::End) => None,
      Some(Message::Failed(error)) => Some(error),
      None => Some(Interrupted.into()),
    };
    self.ended = true;
    Poll::Ready(error.map(Err))
  }
}
