//! A connection taken over from HTTP, for both directions.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use http::{HeaderMap, Response, StatusCode};
use http_body::Body as _;
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::connection::{Connection, Driver};
use super::error::TransportError;
use super::pool::Pool;
use super::wire::Wire;

/// What came of asking for a connection of one's own.
pub enum Upgraded {
  Stream {
    headers: HeaderMap,
    io: UpgradedIo,
  },
  /// An ordinary response instead, as a rule with an error's status.
  Refused(Response<Incoming>),
}

/// Both directions of a connection. Shutting it down ends our side only; dropping it closes it.
pub struct UpgradedIo(Kind);

enum Kind {
  Switched(TokioIo<hyper::upgrade::Upgraded>),
  /// Answered 200, as engines and proxies that know nothing of `Upgrade` do: what we read is a
  /// body without an end as far as hyper knows, and what we write goes past it.
  Raw {
    body: Incoming,
    rest: Bytes,
    wire: Option<Wire>,
    _driver: Driver,
  },
}

pub(super) async fn take_over(
  mut response: Response<Incoming>,
  connection: Connection,
  pool: &Arc<Pool>,
) -> Result<Upgraded, TransportError> {
  let status = response.status();
  if status == StatusCode::SWITCHING_PROTOCOLS {
    let (driver, wire) = connection.into_parts();
    let switched = hyper::upgrade::on(&mut response).await.map_err(|error| {
      TransportError::Protocol(format!("the connection could not be taken over: {error}"))
    })?;
    wire.take_over();
    driver.release();
    let io = UpgradedIo(Kind::Switched(TokioIo::new(switched)));
    return Ok(Upgraded::Stream { headers: response.into_parts().0.headers, io });
  }
  let headers = response.headers();
  let endless = !headers.contains_key(CONTENT_LENGTH) && !headers.contains_key(TRANSFER_ENCODING);
  if status == StatusCode::OK && endless {
    let (driver, wire) = connection.into_parts();
    wire.take_over();
    let (parts, body) = response.into_parts();
    let kind = Kind::Raw { body, rest: Bytes::new(), wire: wire.upgrade(), _driver: driver };
    return Ok(Upgraded::Stream { headers: parts.headers, io: UpgradedIo(kind) });
  }
  pool.settle(connection);
  Ok(Upgraded::Refused(response))
}

impl AsyncRead for UpgradedIo {
  fn poll_read(
    self: Pin<&mut Self>,
    cx: &mut Context<'_>,
    buffer: &mut ReadBuf<'_>,
  ) -> Poll<io::Result<()>> {
    let (body, rest) = match &mut self.get_mut().0 {
      Kind::Switched(io) => return Pin::new(io).poll_read(cx, buffer),
      Kind::Raw { body, rest, .. } => (body, rest),
    };
    while rest.is_empty() {
      match ready!(Pin::new(&mut *body).poll_frame(cx)) {
        None => return Poll::Ready(Ok(())),
        Some(Ok(frame)) => *rest = frame.into_data().unwrap_or_default(),
        Some(Err(error)) => return Poll::Ready(Err(io::Error::other(error))),
      }
    }
    let count = rest.len().min(buffer.remaining());
    buffer.put_slice(&rest.split_to(count));
    Poll::Ready(Ok(()))
  }
}

impl AsyncWrite for UpgradedIo {
  fn poll_write(
    self: Pin<&mut Self>,
    cx: &mut Context<'_>,
    bytes: &[u8],
  ) -> Poll<io::Result<usize>> {
    match &mut self.get_mut().0 {
      Kind::Switched(io) => Pin::new(io).poll_write(cx, bytes),
      Kind::Raw { wire: Some(wire), .. } => Pin::new(wire).poll_write(cx, bytes),
      Kind::Raw { .. } => Poll::Ready(Err(io::ErrorKind::BrokenPipe.into())),
    }
  }

  fn poll_write_vectored(
    self: Pin<&mut Self>,
    cx: &mut Context<'_>,
    slices: &[io::IoSlice<'_>],
  ) -> Poll<io::Result<usize>> {
    match &mut self.get_mut().0 {
      Kind::Switched(io) => Pin::new(io).poll_write_vectored(cx, slices),
      Kind::Raw { wire: Some(wire), .. } => Pin::new(wire).poll_write_vectored(cx, slices),
      Kind::Raw { .. } => Poll::Ready(Err(io::ErrorKind::BrokenPipe.into())),
    }
  }

  fn is_write_vectored(&self) -> bool {
    match &self.0 {
      Kind::Switched(io) => io.is_write_vectored(),
      Kind::Raw { wire, .. } => wire.as_ref().is_some_and(AsyncWrite::is_write_vectored),
    }
  }

  fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
    match &mut self.get_mut().0 {
      Kind::Switched(io) => Pin::new(io).poll_flush(cx),
      Kind::Raw { wire: Some(wire), .. } => Pin::new(wire).poll_flush(cx),
      Kind::Raw { .. } => Poll::Ready(Ok(())),
    }
  }

  fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
    match &mut self.get_mut().0 {
      Kind::Switched(io) => Pin::new(io).poll_shutdown(cx),
      Kind::Raw { wire: Some(wire), .. } => Pin::new(wire).poll_shutdown(cx),
      Kind::Raw { .. } => Poll::Ready(Ok(())),
    }
  }
}
