//! Adds messages up and shows the sum.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::{Layer, Progress, Shown};

/// Adds messages up and shows the sum, the last one always.
pub struct Meter {
  phase: &'static str,
  started: Instant,
  layers: Vec<Layer>,
  index: HashMap<String, usize>,
  /// Of a whole without layers: what has been moved, and of how much.
  moved: Option<(u64, u64)>,
  shown: Shown,
  last: Option<Instant>,
  unseen: Option<Value>,
}

/// More layers than an image may have are not counted one by one.
const MOST_LAYERS: usize = 512;

/// Nobody is told more often than ten times a second; a picture costs more than a message.
const AT_MOST_EVERY: Duration = Duration::from_millis(50);

impl Meter {
  #[must_use]
  pub fn new(phase: &'static str, shown: Shown) -> Self {
    Self {
      phase,
      started: Instant::now(),
      layers: Vec::new(),
      index: HashMap::new(),
      moved: None,
      shown,
      last: None,
      unseen: None,
    }
  }

  /// A layer's message: `{ status, id, progressDetail: { current, total } }`.
  pub fn layer(
    &mut self,
    id: &str,
    status: &str,
    (current, total): (Option<u64>, Option<u64>),
    raw: &Value,
  ) {
    // Extracting counts the same bytes again: what is downloaded stays downloaded.
    let counts =
      ["Downloading", "Pushing", "Loading layer"].iter().any(|at| status.starts_with(at));
    let Some(layer) = self.slot(id) else { return };
    status.clone_into(&mut layer.status);
    if counts {
      layer.current = current.unwrap_or(layer.current);
      layer.total = total.unwrap_or(layer.total).max(layer.current);
    } else if finished(status) {
      layer.current = layer.total;
    }
    self.note(raw);
  }

  /// A build's step: begun, or with `done` behind it.
  pub fn step(&mut self, id: &str, status: &str, done: bool, raw: &Value) {
    let Some(layer) = self.slot(id) else { return };
    status.clone_into(&mut layer.status);
    (layer.current, layer.total) = (u64::from(done), 1);
    self.note(raw);
  }

  /// Ends the step that is under way, of a builder that only says what it begins.
  pub fn finish_steps(&mut self) {
    for layer in &mut self.layers {
      layer.current = layer.total;
    }
  }

  /// How many steps there are in all, where that is known before they begin.
  pub fn steps(&mut self, at: u64, of: u64) {
    self.moved = Some((at, of));
  }

  /// What has been moved in all, where there are no layers to add up.
  pub fn moved(&mut self, current: u64, total: u64) {
    self.moved = Some((current, total));
    self.note(&Value::Null);
  }

  /// A message about the whole.
  pub fn note(&mut self, raw: &Value) {
    if self.last.is_some_and(|last| last.elapsed() < AT_MOST_EVERY) {
      self.unseen = Some(raw.clone());
    } else {
      self.show(raw.clone());
    }
  }

  fn slot(&mut self, id: &str) -> Option<&mut Layer> {
    let slot = match self.index.get(id) {
      Some(slot) => *slot,
      None if self.layers.len() >= MOST_LAYERS => return None,
      None => {
        self.index.insert(id.to_owned(), self.layers.len());
        let layer = Layer { id: id.to_owned(), status: String::new(), current: 0, total: 0 };
        self.layers.push(layer);
        self.layers.len() - 1
      }
    };
    self.layers.get_mut(slot)
  }

  #[expect(clippy::cast_precision_loss, reason = "a percentage of bytes")]
  fn show(&mut self, raw: Value) {
    (self.last, self.unseen) = (Some(Instant::now()), None);
    let sum = |of: fn(&Layer) -> u64| self.layers.iter().map(of).sum::<u64>();
    let (current, total) =
      self.moved.unwrap_or_else(|| (sum(|layer| layer.current), sum(|layer| layer.total)));
    let seconds = self.started.elapsed().as_secs_f64();
    let speed = (self.phase != "build" && seconds > 0.2).then(|| current as f64 / seconds);
    let left = total.saturating_sub(current) as f64;
    self.shown.show(Progress {
      phase: self.phase,
      layers: self.layers.clone(),
      current,
      total,
      percent: (total > 0).then(|| (current as f64 / total as f64 * 1000.0).round() / 10.0),
      bytes_per_second: speed,
      eta_seconds: speed.filter(|speed| *speed > 0.0 && total > 0).map(|speed| left / speed),
      raw,
    });
  }
}

impl Drop for Meter {
  fn drop(&mut self) {
    if let Some(raw) = self.unseen.take() {
      self.show(raw);
    }
  }
}

fn finished(status: &str) -> bool {
  [
    "Download complete",
    "Pull complete",
    "Already exists",
    "Pushed",
    "Layer already exists",
    "Mounted",
  ]
  .iter()
  .any(|end| status.starts_with(end))
}
