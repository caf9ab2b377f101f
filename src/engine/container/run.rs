//! Running: ensure the image, create, start; again where that was asked for; nothing left if not.

use super::guard::ContainerGuard;
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
  /// Ensures the image, creates and starts, and waits for what is to be waited for.
  pub async fn run(&self, sink: Option<OutputSink>) -> Result<()> {
    if let Some(image) = self.image() {
      image.ensure_quietly().await?;
    }
    create_and_start_into(self, sink).await
  }

  /// Waits for the conditions that it was made with.
  pub(super) async fn ready(&self) -> Result<()> {
    match &self.options().wait_for {
      Some(conditions) => self.wait_for(conditions, None).await.map(drop),
      None => Ok(()),
    }
  }
}

/// Creates and starts, as often as `startRetries` allows; a container that did not start is removed.
pub async fn create_and_start(container: &Container) -> Result<()> {
  create_and_start_into(container, None).await
}

async fn create_and_start_into(container: &Container, mut sink: Option<OutputSink>) -> Result<()> {
  let mut left = container.options().start_retries;
  loop {
    let origin = container.make(None).await?;
    let mut guard = Some(container.guard()?);
    if origin == Origin::Reused {
      guard.take().into_iter().for_each(ContainerGuard::keep);
    }
    let mut has_started = false;
    let outcome = async {
      let attached = start(container, sink.is_some()).await?;
      has_started = true;
      // Output is delivered from now on, not from when it is ready: its pipe must not fill.
      if let (Some(attached), Some(sink)) = (attached, sink.take()) {
        tokio::spawn(deliver(attached, sink));
      }
      container.ready().await
    }
    .await;
    match (outcome, guard) {
      (Ok(()), guard) => {
        guard.into_iter().for_each(ContainerGuard::keep);
        return Ok(());
      }
      // It was there before.
      (Err(error), None) => return Err(error),
      (Err(error), Some(guard)) => {
        guard.remove().await;
        container.forget();
        if left == 0 || has_started || error.is_aborted() {
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
