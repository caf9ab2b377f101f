//! Who takes output as it comes, and where input comes from: the two ends that callers bring along.

use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;

use super::{Batch, Channel};
use crate::engine::error::Result;

/// Takes one piece and is waited for: that is the back-pressure.
pub type Consumer = Box<dyn FnMut(Bytes) -> BoxFuture<'static, Result<()>> + Send>;

/// Bytes for a process's standard input; its end closes that input.
pub type Input = BoxStream<'static, Result<Bytes>>;

/// Listeners for the two streams; a terminal's one stream counts as stdout.
#[derive(Default)]
pub struct Consumers {
  pub stdout: Option<Consumer>,
  pub stderr: Option<Consumer>,
}

impl Consumers {
  #[must_use]
  pub fn is_empty(&self) -> bool {
    self.stdout.is_none() && self.stderr.is_none()
  }

  pub async fn take(&mut self, batch: &Batch) -> Result<()> {
    if self.is_empty() {
      return Ok(());
    }
    for (channel, piece) in batch.pieces() {
      let side = if channel == Channel::Stderr { &mut self.stderr } else { &mut self.stdout };
      if let Some(consumer) = side {
        consumer(Bytes::copy_from_slice(piece)).await?;
      }
    }
    Ok(())
  }
}
