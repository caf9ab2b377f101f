//! Progress as lines on standard error, for logs and CI.

use std::collections::HashMap;
use std::fmt::Write as _;

use tokio::io::AsyncWriteExt;

use super::Progress;
use super::tty::clean;

/// What changed, a line each.
#[derive(Default)]
pub struct Plain {
  shown: HashMap<String, String>,
  tenth: u64,
}

impl Plain {
  pub async fn show(&mut self, progress: &Progress) {
    let text = self.text(progress);
    // Progress that cannot be written is no reason to fail.
    let _ = tokio::io::stderr().write_all(text.as_bytes()).await;
  }

  fn text(&mut self, progress: &Progress) -> String {
    let mut text = String::new();
    let phase = progress.phase;
    for layer in &progress.layers {
      let status = clean(&layer.status);
      if self.shown.get(&layer.id) != Some(&status) {
        // Writing to a `String` cannot fail.
        let _ = writeln!(text, "{phase} {}: {status}", clean(&layer.id));
        self.shown.insert(layer.id.clone(), status);
      }
    }
    // What has no layers is told of by tenths of the whole.
    if progress.layers.is_empty() && progress.total > 0 {
      let tenth = progress.current.saturating_mul(10) / progress.total;
      if tenth != self.tenth {
        let _ = writeln!(text, "{phase}: {}%", tenth * 10);
        self.tenth = tenth;
      }
    }
    text
  }
}

#[cfg(test)]
mod tests {
  use super::super::Layer;
  use super::*;

  #[test]
  fn tells_what_changed() {
    let layer =
      |status: &str| Layer { id: "a".into(), status: status.into(), current: 0, total: 0 };
    let progress = |layers| Progress {
      phase: "pull",
      layers,
      current: 0,
      total: 0,
      percent: None,
      bytes_per_second: None,
      eta_seconds: None,
      raw: serde_json::Value::Null,
    };
    let mut plain = Plain::default();
    assert_eq!(plain.text(&progress(vec![layer("Waiting")])), "pull a: Waiting\n");
    assert_eq!(plain.text(&progress(vec![layer("Waiting")])), "");
    assert_eq!(plain.text(&progress(vec![layer("\x1b[2JDone")])), "pull a: Done\n");
    let moved = Progress { current: 35, total: 100, ..progress(vec![]) };
    assert_eq!(plain.text(&moved), "pull: 30%\n");
  }
}
