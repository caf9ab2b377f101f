//! Any bytes, taken apart: the first ones decide how the rest is used.

/// Takes small decisions from the front.
pub struct Taken<'a>(pub &'a [u8]);

impl<'a> Taken<'a> {
  pub fn byte(&mut self) -> u8 {
    let (first, rest) = self.0.split_first().unwrap_or((&0, &[]));
    self.0 = rest;
    *first
  }

  pub fn number(&mut self) -> usize {
    usize::from(self.byte()) << 8 | usize::from(self.byte())
  }

  /// Up to so many bytes.
  pub fn some(&mut self, most: usize) -> &'a [u8] {
    let (some, rest) = self.0.split_at(most.min(self.0.len()));
    self.0 = rest;
    some
  }
}

/// Cuts data as reads might: by a few lengths that repeat, from `seed`.
pub fn cut(data: &[u8], seed: u8) -> Vec<&[u8]> {
  let steps = [usize::from(seed & 15) + 1, usize::from(seed >> 4) * 7 + 1, 3];
  let (mut rest, mut pieces) = (data, Vec::new());
  for step in steps.iter().cycle() {
    if rest.is_empty() {
      break;
    }
    let (piece, more) = rest.split_at((*step).min(rest.len()));
    pieces.push(piece);
    rest = more;
  }
  pieces
}

/// A path where nothing is yet; in memory where the system has a place for that.
#[cfg(unix)]
pub fn unique(what: &str) -> std::path::PathBuf {
  use std::sync::atomic::{AtomicUsize, Ordering};
  static COUNT: AtomicUsize = AtomicUsize::new(0);
  let shared = std::path::PathBuf::from("/dev/shm");
  let parent = if shared.is_dir() { shared } else { std::env::temp_dir() };
  let number = COUNT.fetch_add(1, Ordering::Relaxed);
  parent.join(format!("dokeres-probe-{}-{number}.{what}", std::process::id()))
}
