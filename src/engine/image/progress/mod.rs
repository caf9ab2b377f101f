//! Progress: the engine's many small messages, added up to one picture of the whole.

mod board;
mod meter;
mod plain;
mod sum;
mod tty;

use serde::Serialize;
use serde_json::Value;

pub use board::{Board, Lines, OnBoard, Shown, Watcher, alone};
pub use meter::Meter;
pub use plain::Plain;
pub use tty::Bars;

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
