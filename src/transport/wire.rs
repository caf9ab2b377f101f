//! The bytes beneath HTTP: whatever was dialled, with an eye on how much of it was taken.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::chunks::Chunks;

/// Anything that can be dialled.
pub(super) trait Io: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Io for T {}

/// One stream that hyper reads and writes and that we may write too, once hyper no longer does.
#[derive(Clone)]
pub(super) struct Wire {
  io: Arc<Mutex<Under>>,
  gauge: Arc<Gauge>,
}

struct Under {
  io: Box<dyn Io>,
  chunks: Chunks,
}

/// Knows a wire without keeping it open.
pub(super) struct WeakWire {
  io: Weak<Mutex<Under>>,
  gauge: Arc<Gauge>,
}

#[derive(Default)]
struct Gauge {
  written: AtomicU64,
  broken: AtomicBool,
  taken_over: AtomicBool,
}

impl WeakWire {
  /// How many bytes the other side's system has taken; equal before and after: nothing was sent.
  pub fn written(&self) -> u64 {
    self.gauge.written.load(Ordering::Acquire)
  }

  /// A request is about to be sent; `body` where a body may follow its response's head.
  pub fn expect(&self, body: bool) {
    if let Some(wire) = self.upgrade() {
      wire.under().chunks.expect(body);
    }
  }

  /// From here on a failed write is the writer's to see.
  pub fn take_over(&self) {
    self.gauge.taken_over.store(true, Ordering::Release);
  }

  pub fn upgrade(&self) -> Option<Wire> {
    Some(Wire { io: self.io.upgrade()?, gauge: Arc::clone(&self.gauge) })
  }
}

impl Wire {
  pub fn new(io: Box<dyn Io>) -> Self {
    let under = Under { io, chunks: Chunks::default() };
    Self { io: Arc::new(Mutex::new(under)), gauge: Arc::default() }
  }

  pub fn downgrade(&self) -> WeakWire {
    WeakWire { io: Arc::downgrade(&self.io), gauge: Arc::clone(&self.gauge) }
  }

  fn under(&self) -> MutexGuard<'_, Under> {
    self.io.lock().unwrap_or_else(PoisonError::into_inner)
  }

  /// An engine that refuses a build's context answers and closes while we are still writing. The
  /// answer waits to be read, but hyper would give up at the failed write. So that write is left
  /// pending: the next read brings the answer, or the end of the connection.
  fn wrote(&self, result: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
    match &result {
      Poll::Ready(Ok(count)) => {
        self.gauge.written.fetch_add(*count as u64, Ordering::AcqRel);
      }
      Poll::Ready(Err(error))
        if is_hang_up(error) && !self.gauge.taken_over.load(Ordering::Acquire) =>
      {
        self.gauge.broken.store(true, Ordering::Release);
        return Poll::Pending;
      }
      _ => {}
    }
    result
  }

  fn is_broken(&self) -> bool {
    self.gauge.broken.load(Ordering::Acquire) && !self.gauge.taken_over.load(Ordering::Acquire)
  }
}

pub(super) fn is_hang_up(error: &io::Error) -> bool {
  use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset};
  matches!(error.kind(), BrokenPipe | ConnectionAborted | ConnectionReset)
}

impl AsyncRead for Wire {
  fn poll_read(
    self: Pin<&mut Self>,
    cx: &mut Context<'_>,
    buffer: &mut ReadBuf<'_>,
  ) -> Poll<io::Result<()>> {
    let Under { io, chunks } = &mut *self.under();
    chunks.poll_read(Pin::new(io), cx, buffer)
  }
}

impl AsyncWrite for Wire {
  fn poll_write(
    self: Pin<&mut Self>,
    cx: &mut Context<'_>,
    bytes: &[u8],
  ) -> Poll<io::Result<usize>> {
    if self.is_broken() {
      return Poll::Pending;
    }
    let result = Pin::new(&mut self.under().io).poll_write(cx, bytes);
    self.wrote(result)
  }

  fn poll_write_vectored(
    self: Pin<&mut Self>,
    cx: &mut Context<'_>,
    slices: &[IoSlice<'_>],
  ) -> Poll<io::Result<usize>> {
    if self.is_broken() {
      return Poll::Pending;
    }
    let result = Pin::new(&mut self.under().io).poll_write_vectored(cx, slices);
    self.wrote(result)
  }

  fn is_write_vectored(&self) -> bool {
    self.under().io.is_write_vectored()
  }

  fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
    if self.is_broken() {
      return Poll::Ready(Ok(()));
    }
    match Pin::new(&mut self.under().io).poll_flush(cx) {
      // Buffered by TLS, so it is here that the write fails.
      Poll::Ready(Err(error)) => match self.wrote(Poll::Ready(Err(error))) {
        Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
        _ => Poll::Ready(Ok(())),
      },
      other => other,
    }
  }

  fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
    if self.is_broken() {
      return Poll::Ready(Ok(()));
    }
    Pin::new(&mut self.under().io).poll_shutdown(cx)
  }
}
