//! A unix socket that is read in gulps while the other side writes in drops.
//!
//! The engine writes a log line by line, and each write to a socket that somebody waits for wakes them:
//! both sides spend their time on that. So a reader of many small pieces in quick succession lets the
//! socket fill for a moment before the next, and does not have itself woken meanwhile. The first pieces of
//! a stream, and those of a quiet one, are read as they come.

use std::io::{self, IoSlice, Read};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream as StdStream;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use rustix::time::{
  Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
  timerfd_settime,
};
use tokio::io::unix::AsyncFd;
use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};
use tokio::net::UnixStream;
use tokio::time::{Duration, Instant};

/// Pieces that follow each other as closely as this are of a busy stream.
const CLOSE: Duration = Duration::from_millis(1);

/// So many of them, and nothing written in between: it is no conversation.
const MANY: u32 = 16;

/// How much is read at once after a pause; who reads more without one needs none.
const GULP: usize = 64 << 10;

/// Where a pause brings this much, the pieces are large, and it would only hold up: small ones take up
/// far more of the socket's room than they are long.
const MUCH: usize = 2 * GULP;

/// How long it may fill: of short lines it holds some 280, for which an engine needs twice as long.
const PAUSE: Duration = Duration::from_micros(300);

pub(super) struct Socket {
  stream: Stream,
  alarm: Option<AsyncFd<OwnedFd>>,
  last: Instant,
  /// How many small pieces have come close after each other.
  close: u32,
  /// How much has come since the last pause, and whether there may be more of it.
  gulped: usize,
  more: bool,
  /// Whether a writer waits to be woken, which takes a stream that is awake.
  writing: bool,
}

enum Stream {
  /// Its reader is woken by what comes.
  Awake(UnixStream),
  /// Nobody is woken by it; `true` while the alarm is set.
  Asleep(StdStream, bool),
  /// For the time of a change only.
  Gone,
}

impl Socket {
  pub fn new(stream: UnixStream) -> Self {
    let stream = Stream::Awake(stream);
    let last = Instant::now();
    Self { stream, alarm: None, last, close: 0, gulped: 0, more: false, writing: false }
  }

  /// The stream as tokio knows it.
  fn awake(&mut self) -> io::Result<Pin<&mut UnixStream>> {
    if let Stream::Asleep(..) = self.stream
      && let Stream::Asleep(stream, _) = std::mem::replace(&mut self.stream, Stream::Gone)
    {
      self.stream = Stream::Awake(UnixStream::from_std(stream)?);
    }
    match &mut self.stream {
      Stream::Awake(stream) => Ok(Pin::new(stream)),
      _ => Err(io::ErrorKind::NotConnected.into()),
    }
  }

  /// Who writes wants an answer, and as soon as it comes.
  fn poll_conversing<T>(
    &mut self,
    poll: impl FnOnce(Pin<&mut UnixStream>) -> Poll<io::Result<T>>,
  ) -> Poll<io::Result<T>> {
    self.close = 0;
    let polled = poll(self.awake()?);
    self.writing = polled.is_pending();
    polled
  }

  fn fall_asleep(&mut self) -> io::Result<()> {
    if let Stream::Awake(_) = self.stream
      && let Stream::Awake(stream) = std::mem::replace(&mut self.stream, Stream::Gone)
    {
      self.stream = Stream::Asleep(stream.into_std()?, false);
    }
    Ok(())
  }

  /// tokio's own timers know whole milliseconds only.
  fn set_alarm(&mut self) -> io::Result<()> {
    let alarm = if let Some(alarm) = &self.alarm {
      alarm
    } else {
      let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
      let alarm = timerfd_create(TimerfdClockId::Monotonic, flags)?;
      // SAFETY: who owns a descriptor keeps it open and gives always the same.
      let alarm = unsafe { AsyncFd::register_with_interest(alarm, Interest::READABLE) }?;
      self.alarm.insert(alarm)
    };
    let it_value = Timespec { tv_sec: 0, tv_nsec: PAUSE.subsec_nanos().into() };
    let it_interval = Timespec { tv_sec: 0, tv_nsec: 0 };
    timerfd_settime(alarm, TimerfdTimerFlags::empty(), &Itimerspec { it_interval, it_value })?;
    Ok(())
  }

  fn poll_alarm(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
    if let Some(alarm) = &self.alarm {
      // To set it anew is all that it takes to have it ring again.
      ready!(alarm.poll_read_ready(cx))?.clear_ready();
    }
    Poll::Ready(Ok(()))
  }

  /// Lets the socket fill, unless its reader has been away for as long anyway.
  fn poll_pause(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
    self.fall_asleep()?;
    let Stream::Asleep(_, pausing) = self.stream else { return Poll::Ready(Ok(())) };
    if !pausing {
      if self.more {
        return Poll::Ready(Ok(()));
      }
      self.gulped = 0;
      if self.last.elapsed() >= PAUSE {
        return Poll::Ready(Ok(()));
      }
      self.set_alarm()?;
      self.pausing(true);
    }
    ready!(self.poll_alarm(cx))?;
    self.pausing(false);
    Poll::Ready(Ok(()))
  }

  fn pausing(&mut self, is: bool) {
    if let Stream::Asleep(_, pausing) = &mut self.stream {
      *pausing = is;
    }
  }

  fn poll_gulp(&mut self, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
    ready!(self.poll_pause(cx))?;
    let Stream::Asleep(stream, _) = &mut self.stream else { return self.poll_sip(cx, buffer) };
    let most = buffer.remaining().min(GULP);
    match stream.read(buffer.initialize_unfilled_to(most)) {
      Ok(count) => {
        buffer.advance(count);
        self.last = Instant::now();
        self.gulped += count;
        self.more = count == most;
        if self.gulped >= MUCH {
          self.close = 0;
        }
        Poll::Ready(Ok(()))
      }
      Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
        // After a gulp that left nothing, it has its pause.
        let quiet = !std::mem::take(&mut self.more);
        if quiet {
          self.close = 0;
          return self.poll_sip(cx, buffer);
        }
        self.poll_gulp(cx, buffer)
      }
      Err(error) => Poll::Ready(Err(error)),
    }
  }

  /// Reads what comes, as it comes, and notes how it does.
  fn poll_sip(&mut self, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
    let before = buffer.filled().len();
    ready!(self.awake()?.poll_read(cx, buffer))?;
    let now = Instant::now();
    let is_drop = buffer.filled().len() - before < GULP && now - self.last < CLOSE;
    self.last = now;
    self.close = if is_drop { self.close.saturating_add(1) } else { 0 };
    self.more = false;
    Poll::Ready(Ok(()))
  }
}

impl AsyncRead for Socket {
  fn poll_read(
    mut self: Pin<&mut Self>,
    cx: &mut Context<'_>,
    buffer: &mut ReadBuf<'_>,
  ) -> Poll<io::Result<()>> {
    if self.close >= MANY && !self.writing {
      self.poll_gulp(cx, buffer)
    } else {
      self.poll_sip(cx, buffer)
    }
  }
}

impl AsyncWrite for Socket {
  fn poll_write(
    mut self: Pin<&mut Self>,
    cx: &mut Context<'_>,
    bytes: &[u8],
  ) -> Poll<io::Result<usize>> {
    self.poll_conversing(|stream| stream.poll_write(cx, bytes))
  }

  fn poll_write_vectored(
    mut self: Pin<&mut Self>,
    cx: &mut Context<'_>,
    slices: &[IoSlice<'_>],
  ) -> Poll<io::Result<usize>> {
    self.poll_conversing(|stream| stream.poll_write_vectored(cx, slices))
  }

  fn is_write_vectored(&self) -> bool {
    true
  }

  fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
    // A socket holds nothing back.
    Poll::Ready(Ok(()))
  }

  fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
    self.poll_conversing(|stream| stream.poll_shutdown(cx))
  }
}
