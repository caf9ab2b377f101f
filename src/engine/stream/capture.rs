//! Output kept whole, both streams in the order in which the engine recorded them.

use super::{Batch, Channel};
use crate::engine::error::{Code, EngineError, Result};

/// What one stream may hold unless the caller says otherwise.
pub const DEFAULT_LIMIT: u64 = 128 << 20;

#[derive(Debug, Default, Clone)]
pub struct Capture {
  all: Batch,
  stdout: u64,
  stderr: u64,
  limit: u64,
  /// What others hold that share the limit.
  others: (u64, u64),
}

impl Capture {
  #[must_use]
  pub fn new(limit: Option<u64>) -> Self {
    Self { limit: limit.unwrap_or(DEFAULT_LIMIT), ..Self::default() }
  }

  /// One of several that share a limit, which hold so much already.
  #[must_use]
  pub fn within(limit: Option<u64>, others: (u64, u64)) -> Self {
    Self { others, ..Self::new(limit) }
  }

  /// What it holds of each stream, together with those that share its limit.
  #[must_use]
  pub fn held(&self) -> (u64, u64) {
    (self.others.0 + self.stdout, self.others.1 + self.stderr)
  }

  pub fn add(&mut self, batch: &Batch) -> Result<()> {
    for (channel, piece) in batch.pieces() {
      let (held, others, name) = match channel {
        Channel::Stderr => (&mut self.stderr, self.others.1, "stderr"),
        _ => (&mut self.stdout, self.others.0, "stdout"),
      };
      *held += piece.len() as u64;
      if *held + others > self.limit {
        let text = format!(
          "{name} is over maxBuffer ({} bytes); raise it, or take the output by onStdout and onStderr",
          self.limit
        );
        return Err(EngineError::new(Code::MaxBuffer, text));
      }
    }
    self.all.append(batch);
    Ok(())
  }

  #[must_use]
  pub fn output(&self) -> &[u8] {
    &self.all.data
  }

  #[must_use]
  pub fn stdout(&self) -> Vec<u8> {
    self.side(|channel| channel != Channel::Stderr, self.stdout)
  }

  #[must_use]
  pub fn stderr(&self) -> Vec<u8> {
    self.side(|channel| channel == Channel::Stderr, self.stderr)
  }

  fn side(&self, belongs: impl Fn(Channel) -> bool, size: u64) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or_default());
    for (channel, piece) in self.all.pieces() {
      if belongs(channel) {
        bytes.extend_from_slice(piece);
      }
    }
    bytes
  }

  /// The last lines, for an error.
  #[must_use]
  pub fn last_lines(&self) -> Vec<String> {
    let mut tail = super::Tail::new(super::TAIL_LINES);
    tail.feed(self.output());
    tail.into_lines()
  }
}
