//! A container's output as a stream of pieces: logs, attach, exec.

use super::{Chunk, Demux, Wire, wire};
use crate::engine::error::Result;

/// Output being read. Dropping it closes the connection.
pub struct Output {
  wire: Wire,
  demux: Demux,
}

impl Output {
  #[must_use]
  pub fn new(wire: Wire, tty: bool) -> Self {
    Self { wire, demux: Demux::new(tty) }
  }

  /// What the engine itself says in it comes as `Channel::Engine`.
  #[must_use]
  pub fn telling(wire: Wire, tty: bool) -> Self {
    Self { wire, demux: Demux::telling(tty) }
  }

  /// The next piece; `None` at the end. An end in the middle of a frame is `STREAM_TRUNCATED`.
  pub async fn next(&mut self) -> Result<Option<Chunk>> {
    loop {
      if let Some(chunk) = self.demux.take() {
        return Ok(Some(chunk));
      }
      match self.wire.next().await? {
        Some(data) => self.demux.feed(data)?,
        None if self.demux.at_boundary() => return Ok(None),
        None => return Err(wire::truncated(&"it ended in the middle of a frame")),
      }
    }
  }
}
