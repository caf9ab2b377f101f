//! A container's output as a stream of pieces: logs, attach, exec.

use super::{Channel, Demux, Wire, wire};
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

  /// The next pieces, as many as were read at once, given to `take` one by one; false at the end. An
  /// end in the middle of a frame is `STREAM_TRUNCATED`.
  pub async fn next(&mut self, mut take: impl FnMut(Channel, &[u8])) -> Result<bool> {
    match self.wire.next().await? {
      Some(data) => self.demux.cut(&data, |channel, piece, _| take(channel, piece)).map(|()| true),
      None if self.demux.at_boundary() => Ok(false),
      None => Err(wire::truncated(&"it ended in the middle of a frame")),
    }
  }
}
