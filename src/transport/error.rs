//! What can go wrong between us and the engine, before HTTP has a status to show for it.

use std::io;
use std::time::Duration;

/// A failure of the connection, not of the request.
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
  /// Nobody answers at the address, or the way there is closed. Becomes `ENGINE_UNREACHABLE`.
  #[error("{0}")]
  Unreachable(#[source] io::Error),
  /// The socket is there and may not be opened. Becomes `PERMISSION_DENIED`.
  #[error("{0}")]
  PermissionDenied(#[source] io::Error),
  /// Bad certificates, a handshake refused, a server that does not speak TLS. Becomes `TLS_ERROR`.
  #[error("{0}")]
  Tls(String),
  /// No connection within `connectTimeout`. Becomes `ENGINE_UNREACHABLE`.
  #[error("no connection within {} ms", .0.as_millis())]
  ConnectTimeout(Duration),
  /// Connected, yet no response headers within the time this kind of call has. Becomes `TIMEOUT`.
  #[error("no answer within {} ms", .0.as_millis())]
  ResponseTimeout(Duration),
  /// The reply has begun and does not go on. Becomes `TIMEOUT`.
  #[error("nothing more of the answer within {} ms", .0.as_millis())]
  Silence(Duration),
  /// The connection broke after the request went out. Becomes `ENGINE_UNREACHABLE`.
  #[error("the connection to the engine broke: {0}")]
  Broken(String),
  /// Not HTTP, or not what HTTP allows. Becomes `PROTOCOL_ERROR`.
  #[error("{0}")]
  Protocol(String),
  /// More of a reply than any has. Becomes `MAX_BUFFER`.
  #[error("the engine's reply is larger than {} MiB, which no reply is", .0 >> 20)]
  TooLarge(usize),
  /// This platform or build cannot do it (a named pipe on Linux). Becomes `NOT_SUPPORTED`.
  #[error("{0}")]
  NotSupported(String),
  /// The request's own body could not be produced (a file of the build context, say).
  #[error("{0}")]
  Body(#[source] io::Error),
}
