//! What flows from the engine: bytes off the wire, cut into records, gathered into batches.

mod batch;
mod capture;
mod consumer;
mod demux;
mod lines;
mod output;
mod pace;
mod seen;
mod wire;

pub use batch::{Batch, Batches, Mark, Source};
pub use capture::Capture;
pub use consumer::{Consumer, Consumers, Input};
pub use demux::{Channel, Chunk, Demux};
pub use lines::{JsonLines, Tail};
pub use output::Output;
pub use pace::Pace;
pub use seen::{Seen, engine_time, nanos_of};
pub use wire::{Wire, truncated};

/// How many of a container's last lines an error shows.
pub const TAIL_LINES: usize = 20;
