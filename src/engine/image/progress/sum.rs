//! The engine's many small messages, added up.

use std::collections::HashMap;
use std::time::Instant;

use serde_json::Value;

use super::{Layer, Progress};

/// More layers than an image may have are not counted one by one.
const MOST_LAYERS: usize = 512;

/// What has been added up by now; a picture is made of it only when somebody looks.
pub struct Sum {
  phase: &'static str,
  started: Instant,
  layers: Vec<Layer>,
  index: HashMap<String, usize>,
  /// Told as a whole, where there are no layers to add up.
  whole: Option<(u64, u64)>,
  raw: Value,
}

impl Sum {
  #[must_use]
  pub fn new(phase: &'static str) -> Self {
    Self {
      phase,
      started: Instant::now(),
      layers: Vec::new(),
      index: HashMap::new(),
      whole: None,
      raw: Value::Null,
    }
  }

  pub fn layer(&mut self, id: &str, status: &str, (current, total): (Option<u64>, Option<u64>)) {
    // Extracting counts the same bytes again: what is downloaded stays downloaded.
    let moves = ["Downloading", "Pushing", "Loading layer"];
    let counts = moves.iter().any(|at| status.starts_with(at));
    let Some(layer) = self.slot(id) else { return };
    status.clone_into(&mut layer.status);
    if counts {
      layer.current = current.unwrap_or(layer.current);
      layer.total = total.unwrap_or(layer.total).max(layer.current);
    } else if is_end(status) {
      layer.current = layer.total;
    }
  }

  pub fn step(&mut self, id: &str, status: &str, done: bool) {
    let Some(layer) = self.slot(id) else { return };
    status.clone_into(&mut layer.status);
    (layer.current, layer.total) = (u64::from(done), 1);
  }

  pub fn finish_steps(&mut self) {
    for layer in &mut self.layers {
      layer.current = layer.total;
    }
  }

  pub fn finish_whole(&mut self) {
    self.whole = self.whole.map(|(_, total)| (total, total));
  }

  pub fn whole(&mut self, current: u64, total: u64) {
    self.whole = Some((current, total));
  }

  pub fn raw(&mut self, raw: &Value) {
    self.raw.clone_from(raw);
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
  #[must_use]
  pub fn picture(&self) -> Progress {
    let sum = |of: fn(&Layer) -> u64| self.layers.iter().map(of).sum::<u64>();
    let (current, total) =
      self.whole.unwrap_or_else(|| (sum(|layer| layer.current), sum(|layer| layer.total)));
    let seconds = self.started.elapsed().as_secs_f64();
    let speed = (self.phase != "build" && seconds > 0.2).then(|| current as f64 / seconds);
    let left = total.saturating_sub(current) as f64;
    Progress {
      phase: self.phase,
      layers: self.layers.clone(),
      current,
      total,
      percent: (total > 0).then(|| (current as f64 / total as f64 * 1000.0).round() / 10.0),
      bytes_per_second: speed,
      eta_seconds: speed.filter(|speed| *speed > 0.0 && total > 0).map(|speed| left / speed),
      raw: self.raw.clone(),
    }
  }
}

fn is_end(status: &str) -> bool {
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
