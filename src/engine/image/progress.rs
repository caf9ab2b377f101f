//! Progress: the engine's many small messages, added up to one picture of the whole.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Instant;

use serde::Serialize;
use serde_json::Value;
use tokio::sync::watch;

/// One layer, or one step of a build.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Layer {
  pub id: String,
  pub status: String,
  pub current: u64,
  pub total: u64,
}

/// The whole, as of now. Bytes, except where `phase` is `build`: there, steps.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Progress {
  pub phase: &'static str,
  pub layers: Vec<Layer>,
  pub current: u64,
  pub total: u64,
  pub percent: Option<f64>,
  pub bytes_per_second: Option<f64>,
  pub eta_seconds: Option<f64>,
  pub raw: Value,
}

/// Where progress is shown: the latest picture, to as many as look.
pub type Watcher = watch::Receiver<Option<Arc<Progress>>>;

/// Where progress comes from. When the last of these goes, there is no more to come.
pub type Shown = Arc<watch::Sender<Option<Arc<Progress>>>>;

/// Adds messages up and shows the sum.
pub struct Meter {
  phase: &'static str,
  started: Instant,
  layers: Vec<Layer>,
  index: BTreeMap<String, usize>,
  shown: Shown,
}

/// More layers than an image may have are not counted one by one.
const MOST_LAYERS: usize = 512;

impl Meter {
  #[must_use]
  pub fn new(phase: &'static str, shown: Shown) -> Self {
    Self { phase, started: Instant::now(), layers: Vec::new(), index: BTreeMap::new(), shown }
  }

  /// A layer's message: `{ status, id, progressDetail: { current, total } }`.
  pub fn layer(
    &mut self,
    id: &str,
    status: &str,
    current: Option<u64>,
    total: Option<u64>,
    raw: &Value,
  ) {
    let slot = match self.index.get(id) {
      Some(slot) => *slot,
      None if self.layers.len() >= MOST_LAYERS => return,
      None => {
        self.index.insert(id.to_owned(), self.layers.len());
        let layer = Layer { id: id.to_owned(), status: String::new(), current: 0, total: 0 };
        self.layers.push(layer);
        self.layers.len() - 1
      }
    };
    let layer = &mut self.layers[slot];
    status.clone_into(&mut layer.status);
    // Extracting counts the same bytes again: what is downloaded stays downloaded.
    if status.starts_with("Downloading") || status.starts_with("Pushing") || self.phase == "build" {
      layer.current = current.unwrap_or(layer.current);
      layer.total = total.unwrap_or(layer.total).max(layer.current);
    } else if finished(status) {
      layer.current = layer.total;
    }
    self.show(raw);
  }

  /// A message about the whole.
  pub fn note(&mut self, raw: &Value) {
    self.show(raw);
  }

  #[expect(clippy::cast_precision_loss, reason = "a percentage of bytes")]
  fn show(&self, raw: &Value) {
    if self.shown.is_closed() {
      return;
    }
    let current: u64 = self.layers.iter().map(|layer| layer.current).sum();
    let total: u64 = self.layers.iter().map(|layer| layer.total).sum();
    let seconds = self.started.elapsed().as_secs_f64();
    let speed = (self.phase != "build" && seconds > 0.2).then(|| current as f64 / seconds);
    let left = (total - current.min(total)) as f64;
    let progress = Progress {
      phase: self.phase,
      layers: self.layers.clone(),
      current,
      total,
      percent: (total > 0).then(|| (current as f64 / total as f64 * 1000.0).round() / 10.0),
      bytes_per_second: speed,
      eta_seconds: speed.filter(|speed| *speed > 0.0 && total > 0).map(|speed| left / speed),
      raw: raw.clone(),
    };
    self.shown.send_replace(Some(Arc::new(progress)));
  }
}

fn finished(status: &str) -> bool {
  ["Download complete", "Pull complete", "Already exists", "Pushed", "Layer already exists"]
    .iter()
    .any(|end| status.starts_with(end))
}

/// Progress as lines on standard error: what changed, a line each.
#[derive(Default)]
pub struct Plain {
  shown: BTreeMap<String, String>,
}

impl Plain {
  pub async fn show(&mut self, progress: &Progress) {
    use tokio::io::AsyncWriteExt;
    let mut text = String::new();
    for layer in &progress.layers {
      let status = if progress.phase == "build" {
        format!("step {}/{}: {}", layer.current, layer.total, layer.status)
      } else {
        layer.status.clone()
      };
      if self.shown.get(&layer.id) != Some(&status) {
        // Writing to a `String` cannot fail.
        let _ = writeln!(text, "{} {}: {status}", progress.phase, layer.id);
        self.shown.insert(layer.id.clone(), status);
      }
    }
    // Progress that cannot be written is no reason to fail.
    let _ = tokio::io::stderr().write_all(text.as_bytes()).await;
  }
}
