//! A reply that is read whole: until its end, its failure, or a silence that is too long.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::Response;
use http_body::Body as _;
use http_body_util::BodyExt;
use hyper::body::Incoming;

use super::error::TransportError;
use super::fault;

/// How long a reply that has begun may be silent: in its extensions, where its call has a limit.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience(pub Duration);

/// Reads the body to its end.
pub async fn read_whole(response: Response<Incoming>) -> Result<Bytes, TransportError> {
  let patience = response.extensions().get::<Patience>().copied();
  let mut body = response.into_body();
  let Some(first) = next(&mut body, patience).await? else { return Ok(Bytes::new()) };
  if body.is_end_stream() {
    return Ok(first);
  }
  let mut whole = BytesMut::from(first);
  while let Some(data) = next(&mut body, patience).await? {
    whole.extend_from_slice(&data);
  }
  Ok(whole.freeze())
}

async fn next(
  body: &mut Incoming,
  patience: Option<Patience>,
) -> Result<Option<Bytes>, TransportError> {
  loop {
    let frame = match patience {
      None => body.frame().await,
      Some(Patience(limit)) => tokio::time::timeout(limit, body.frame())
        .await
        .map_err(|_| TransportError::Silence(limit))?,
    };
    match frame.transpose().map_err(|error| fault::body(&error))? {
      None => return Ok(None),
      Some(frame) => {
        if let Ok(data) = frame.into_data() {
          return Ok(Some(data));
        }
      }
    }
  }
}
