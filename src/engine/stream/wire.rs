//! Bytes as they come, from a reply's body or from a connection taken over.

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use tokio::io::{AsyncReadExt, ReadHalf};

use crate::engine::error::{Code, EngineError, Result};
use crate::transport::{self, TransportError, UpgradedIo};

/// How much is read at once from a connection taken over.
const GULP: usize = 64 << 10;

/// One direction of bytes. Dropping it closes the connection.
pub enum Wire {
  Body(Incoming),
  Io {
    io: ReadHalf<UpgradedIo>,
    buffer: BytesMut,
  },
  /// What is there already, read by read.
  #[cfg(any(test, fuzzing, feature = "loops"))]
  Pieces(std::vec::IntoIter<Bytes>),
}

impl Wire {
  #[must_use]
  pub fn io(io: ReadHalf<UpgradedIo>) -> Self {
    Self::Io { io, buffer: BytesMut::new() }
  }

  /// The next bytes; `None` at the end. A body that ends before its own end is an error.
  pub async fn next(&mut self) -> Result<Option<Bytes>> {
    match self {
      Self::Body(body) => loop {
        match body.frame().await {
          None => return Ok(None),
          Some(Ok(frame)) => {
            if let Ok(data) = frame.into_data()
              && !data.is_empty()
            {
              return Ok(Some(data));
            }
          }
          Some(Err(error)) => return Err(broken(&error)),
        }
      },
      #[cfg(any(test, fuzzing, feature = "loops"))]
      Self::Pieces(pieces) => Ok(pieces.next()),
      Self::Io { io, buffer } => {
        buffer.reserve(GULP);
        match io.read_buf(buffer).await {
          Ok(0) => Ok(None),
          Ok(_) => Ok(Some(buffer.split().freeze())),
          Err(error) => Err(truncated(&error)),
        }
      }
    }
  }
}

/// A reply that came to no end of its own.
fn broken(error: &hyper::Error) -> EngineError {
  match transport::body_fault(error) {
    TransportError::Protocol(text) => EngineError::new(Code::ProtocolError, text),
    error => truncated(&error),
  }
}

pub fn truncated(why: &dyn std::fmt::Display) -> EngineError {
  EngineError::new(
    Code::StreamTruncated,
    format!("the engine cut the stream short: {why}; was it stopped or restarted?"),
  )
}
