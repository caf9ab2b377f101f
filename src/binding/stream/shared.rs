//! The open end of a stream, shared by its handle and by whoever waits for it.

use std::sync::{Mutex, OnceLock, PoisonError};

use futures_util::future::BoxFuture;
use tokio::sync::{Mutex as AsyncMutex, OnceCell};
use tokio_util::sync::CancellationToken;

use crate::binding::Answer;
use crate::engine::container::{Attached, Stdin};
use crate::engine::error::{Code, EngineError};
use crate::engine::panics;
use crate::engine::stream::{Batch, Batches};

/// What opening gives: output, and input where it was asked for.
pub struct Opened {
  pub output: Batches,
  pub input: Option<Stdin>,
}

impl From<Batches> for Opened {
  fn from(output: Batches) -> Self {
    Self { output, input: None }
  }
}

impl From<Attached> for Opened {
  fn from(attached: Attached) -> Self {
    Self { output: attached.output, input: Some(attached.input) }
  }
}

pub type Opener = BoxFuture<'static, Answer<Opened>>;

/// A stream that is opened once, read by one at a time, and written to.
pub struct Shared {
  opener: Mutex<Option<Opener>>,
  opened: OnceCell<()>,
  /// Why it cannot be opened: whoever asks is told the same, even after it has been closed.
  failed: OnceLock<EngineError>,
  output: AsyncMutex<Option<Batches>>,
  input: AsyncMutex<Option<Stdin>>,
  cancel: CancellationToken,
}

impl Shared {
  pub fn new(opener: Opener) -> Self {
    Self {
      opener: Mutex::new(Some(opener)),
      opened: OnceCell::new(),
      failed: OnceLock::new(),
      output: AsyncMutex::new(None),
      input: AsyncMutex::new(None),
      cancel: CancellationToken::new(),
    }
  }

  /// Opens it, once; a failure is told to everyone who asks.
  pub async fn open(&self) -> Answer<()> {
    let begin = || async {
      if let Some(error) = self.failed.get() {
        return Err(error.share());
      }
      let begun = self.opener.lock().unwrap_or_else(PoisonError::into_inner).take();
      let begun = begun.ok_or_else(closed)?;
      let opened = tokio::select! {
        biased;
        () = self.cancel.cancelled() => return Err(closed()),
        opened = panics::guarded(begun) => opened,
      };
      let opened = match opened {
        Ok(opened) => opened,
        Err(error) => {
          let _ = self.failed.set(error.share());
          return Err(error);
        }
      };
      *self.output.lock().await = Some(opened.output);
      *self.input.lock().await = opened.input;
      Ok(())
    };
    self.opened.get_or_try_init(begin).await.map(drop)
  }

  /// The next batch; `None` at the end, or once it is closed.
  pub async fn next(&self) -> Answer<Option<Batch>> {
    if self.cancel.is_cancelled() {
      return Ok(None);
    }
    match self.open().await {
      Err(_) if self.cancel.is_cancelled() => return Ok(None),
      outcome => outcome?,
    }
    let mut output = self.output.lock().await;
    let Some(batches) = output.as_mut() else { return Ok(None) };
    let next = tokio::select! {
      biased;
      () = self.cancel.cancelled() => Ok(None),
      next = batches.next() => next,
    };
    if !matches!(next, Ok(Some(_))) {
      *output = None;
      *self.input.lock().await = None;
    }
    next
  }

  /// Has whoever waits come to the end; what is open is let go of soon after.
  pub fn cancel(&self) {
    self.cancel.cancel();
  }

  pub async fn write(&self, data: &[u8]) -> Answer<()> {
    self.open().await?;
    self.input.lock().await.as_mut().ok_or_else(closed)?.write(data).await
  }

  /// Ends what is written; what is read goes on.
  pub async fn end(&self) -> Answer<()> {
    self.open().await?;
    self.input.lock().await.as_mut().ok_or_else(closed)?.end().await
  }

  pub async fn close(&self) {
    self.cancel.cancel();
    self.opener.lock().unwrap_or_else(PoisonError::into_inner).take();
    *self.output.lock().await = None;
    *self.input.lock().await = None;
  }
}

pub fn closed() -> EngineError {
  EngineError::new(Code::StreamTruncated, "the stream has been closed")
}
