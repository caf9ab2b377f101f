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

/// A list of a hundred thousand containers is smaller: engines, and what is between, are not believed.
const LARGEST: usize = 256 << 20;

/// What a refusal says is for people.
const LARGEST_REFUSAL: usize = 64 << 10;

/// Reads the body to its end.
pub async fn read_whole(response: Response<Incoming>) -> Result<Bytes, TransportError> {
  if response.body().size_hint().lower() > LARGEST as u64 {
    return Err(TransportError::TooLarge(LARGEST));
  }
  match read(response, LARGEST).await? {
    (bytes, true) => Ok(bytes),
    (_, false) => Err(TransportError::TooLarge(LARGEST)),
  }
}

/// As much of it as a message may have.
pub async fn read_refusal(response: Response<Incoming>) -> Result<Bytes, TransportError> {
  read(response, LARGEST_REFUSAL).await.map(|(bytes, _)| bytes)
}

/// Its first bytes, and whether they are all.
async fn read(response: Response<Incoming>, most: usize) -> Result<(Bytes, bool), TransportError> {
  let patience = response.extensions().get::<Patience>().copied();
  let mut body = response.into_body();
  // Most come at once, and are not copied.
  let Some(mut first) = next(&mut body, patience).await? else { return Ok((Bytes::new(), true)) };
  if first.len() > most {
    first.truncate(most);
    return Ok((first, false));
  }
  if body.is_end_stream() {
    return Ok((first, true));
  }
  let mut whole = BytesMut::from(first);
  while let Some(data) = next(&mut body, patience).await? {
    let room = most - whole.len();
    whole.extend_from_slice(data.get(..room).unwrap_or(&data));
    if data.len() > room {
      return Ok((whole.freeze(), false));
    }
  }
  Ok((whole.freeze(), true))
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
