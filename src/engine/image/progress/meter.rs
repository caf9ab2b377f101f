//! What the work itself holds: a message comes in, the sum changes, whoever looks is told.

use serde_json::Value;

use super::Shown;
use super::sum::Sum;

/// One phase's messages on their way to the board.
pub struct Meter(Shown);

impl Meter {
  #[must_use]
  pub fn new(phase: &'static str, shown: Shown) -> Self {
    shown.begin(Sum::new(phase));
    Self(shown)
  }

  /// A layer's message: `{ status, id, progressDetail: { current, total } }`.
  pub fn layer(
    &mut self,
    id: &str,
    status: &str,
    counted: (Option<u64>, Option<u64>),
    raw: &Value,
  ) {
    self.0.change(|sum| {
      sum.layer(id, status, counted);
      sum.raw(raw);
    });
  }

  /// A build's step: begun, or with `done` behind it; and where in the whole that is.
  /// One message may have any number of them: it is noted by itself, once.
  pub fn step(&mut self, id: &str, status: &str, done: bool, (at, of): (u64, u64)) {
    self.0.change(|sum| {
      sum.step(id, status, done);
      sum.whole(at, of);
    });
  }

  /// Ends the step that is under way, of a builder that only says what it begins.
  pub fn finish_steps(&mut self) {
    self.0.change(Sum::finish_steps);
  }

  /// Ends them all.
  pub fn finish_all(&mut self) {
    self.0.change(|sum| {
      sum.finish_steps();
      sum.finish_whole();
    });
  }

  /// What has been moved in all, where there are no layers to add up.
  pub fn moved(&mut self, current: u64, total: u64) {
    self.0.change(|sum| sum.whole(current, total));
  }

  /// A message about the whole.
  pub fn note(&mut self, raw: &Value) {
    self.0.change(|sum| sum.raw(raw));
  }
}
