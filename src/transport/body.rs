//! What a request carries: nothing, bytes, or a stream whose failure is kept for the caller.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::{BodyExt, StreamBody};
use serde::Serialize;

type Streamed = Pin<Box<dyn HttpBody<Data = Bytes, Error = io::Error> + Send>>;

/// A request's body.
pub struct Body(Kind);

enum Kind {
  Empty,
  Full(Bytes),
  Stream { body: Streamed, fault: BodyFault },
}

/// Where a streamed body leaves the error that ended it: hyper keeps its own copy to itself.
///
/// A response that came before the body had been sent whole has one in its extensions.
#[derive(Clone, Default)]
pub struct BodyFault(Arc<Mutex<Option<io::Error>>>);

impl BodyFault {
  /// The error, once; `None` where the body has not failed.
  #[must_use]
  pub fn take(&self) -> Option<io::Error> {
    self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
  }

  fn keep(&self, error: io::Error) {
    *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
  }
}

impl Body {
  #[must_use]
  pub fn empty() -> Self {
    Self(Kind::Empty)
  }

  #[must_use]
  pub fn full(bytes: impl Into<Bytes>) -> Self {
    let bytes = bytes.into();
    if bytes.is_empty() { Self::empty() } else { Self(Kind::Full(bytes)) }
  }

  pub fn json(value: &impl Serialize) -> Result<Self, serde_json::Error> {
    serde_json::to_vec(value).map(Self::full)
  }

  /// Sent as it comes, in chunked encoding.
  #[must_use]
  pub fn stream(stream: impl Stream<Item = io::Result<Bytes>> + Send + 'static) -> Self {
    Self::streamed(Box::pin(StreamBody::new(stream.map(|item| item.map(Frame::data)))))
  }

  /// Any other library's body.
  #[must_use]
  pub fn boxed<B>(body: B) -> Self
  where
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
  {
    if body.is_end_stream() {
      return Self::empty();
    }
    Self::streamed(Box::pin(body.map_err(as_io)))
  }

  /// The same body once more, where that costs nothing.
  #[must_use]
  pub fn replay(&self) -> Option<Self> {
    match &self.0 {
      Kind::Empty => Some(Self::empty()),
      Kind::Full(bytes) => Some(Self(Kind::Full(bytes.clone()))),
      Kind::Stream { .. } => None,
    }
  }

  pub(super) fn fault(&self) -> Option<BodyFault> {
    match &self.0 {
      Kind::Stream { fault, .. } => Some(fault.clone()),
      Kind::Empty | Kind::Full(_) => None,
    }
  }

  fn streamed(body: Streamed) -> Self {
    Self(Kind::Stream { body, fault: BodyFault::default() })
  }
}

impl Default for Body {
  fn default() -> Self {
    Self::empty()
  }
}

/// An `io::Error` passes as it is, whatever it is boxed in: its reader wants the original.
fn as_io(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
  match error.into().downcast::<io::Error>() {
    Ok(error) => *error,
    Err(error) => io::Error::other(error),
  }
}

impl HttpBody for Body {
  type Data = Bytes;
  type Error = io::Error;

  fn poll_frame(
    self: Pin<&mut Self>,
    cx: &mut Context<'_>,
  ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
    let kind = &mut self.get_mut().0;
    match kind {
      Kind::Empty => Poll::Ready(None),
      Kind::Full(bytes) => {
        let bytes = std::mem::take(bytes);
        *kind = Kind::Empty;
        Poll::Ready(Some(Ok(Frame::data(bytes))))
      }
      Kind::Stream { body, fault } => body.as_mut().poll_frame(cx).map_err(|error| {
        let stand_in = io::Error::new(error.kind(), "the request's body failed");
        fault.keep(error);
        stand_in
      }),
    }
  }

  fn is_end_stream(&self) -> bool {
    match &self.0 {
      Kind::Empty => true,
      Kind::Full(_) => false,
      Kind::Stream { body, .. } => body.is_end_stream(),
    }
  }

  fn size_hint(&self) -> SizeHint {
    match &self.0 {
      Kind::Empty => SizeHint::with_exact(0),
      Kind::Full(bytes) => SizeHint::with_exact(bytes.len() as u64),
      Kind::Stream { body, .. } => body.size_hint(),
    }
  }
}
