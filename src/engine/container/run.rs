//! Running: ensure the image, create, start; again where that was asked for; nothing left if not.

use super::making::Origin;
use super::{Attached, Container};
use crate::engine::error::Result;
use crate::engine::options::AttachOptions;
use crate::engine::stream::Consumer;

/// Where a run's output goes: a consumer of pieces, told of the end.
pub struct OutputSink {
  pub consumer: Consumer,
  pub end: Box<dyn FnOnce() + Send>,
}

impl Container {
  /// Ensures the image, creates and starts.
  pub async fn run(&self, sink: Option<OutputSink>) -> Result<()> {
    if let Some(image) = self.image() {
      image.ensure_quietly().await?;
    }
    let attached = create_and_start_attached(self, sink.is_some()).await?;
    if let (Some(attached), Some(sink)) = (attached, sink) {
      tokio::spawn(deliver(attached, sink));
    }
    Ok(())
  }
}

/// Creates and starts, as often as `startRetries` allows; a container that did not start is removed.
pub async fn create_and_start(container: &Container) -> Result<()> {
  create_and_start_attached(container, false).await.map(drop)
}

async fn create_and_start_attached(
  container: &Container,
  attach: bool,
) -> Result<Option<Attached>> {
  let mut left = container.options().start_retries;
  loop {
    let origin = container.make(None).await?;
    let guard = container.guard()?;
    let outcome = start(container, attach).await;
    match outcome {
      Ok(attached) => {
        guard.keep();
        return Ok(attached);
      }
      Err(error) if origin == Origin::Reused => {
        guard.keep();
        return Err(error);
      }
      Err(error) => {
        guard.remove().await;
        container.forget();
        if left == 0 || error.is_aborted() {
          return Err(error);
        }
        left -= 1;
      }
    }
  }
}

async fn start(container: &Container, attach: bool) -> Result<Option<Attached>> {
  let attached = if attach {
    let options = AttachOptions { stdout: true, stderr: true, ..AttachOptions::default() };
    Some(container.attach(&options).await?)
  } else {
    None
  };
  container.start_created().await?;
  Ok(attached)
}

async fn deliver(mut attached: Attached, mut sink: OutputSink) {
  // The run has resolved by now; a stream that breaks, or its reader, ends the delivery.
  while let Ok(Some(batch)) = attached.output.next().await {
    if (sink.consumer)(batch.data.into()).await.is_err() {
      return;
    }
  }
  (sink.end)();
}

impl Container {
  /// It is gone: this object may create another.
  pub(super) fn forget(&self) {
    let mut state = self.state();
    state.id = None;
    state.exit = None;
  }
}
