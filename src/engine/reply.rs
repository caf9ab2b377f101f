//! Replies that are kept whole, and how much of one that may be: engines, and what is between, are not believed.

use bytes::{Bytes, BytesMut};
use http_body::Body as _;
use http_body_util::BodyExt;
use hyper::body::Incoming;

use super::error::{Code, EngineError};

/// A list of a hundred thousand containers is smaller.
const LARGEST: usize = 256 << 20;

/// What a refusal says is for people.
const LARGEST_REFUSAL: usize = 64 << 10;

/// Why a reply could not be kept.
pub enum Unkept {
  Broken(hyper::Error),
  TooLarge,
}

/// All of it.
pub async fn whole(body: Incoming) -> Result<Bytes, Unkept> {
  if body.size_hint().lower() > LARGEST as u64 {
    return Err(Unkept::TooLarge);
  }
  let (kept, is_whole) = first(body, LARGEST).await.map_err(Unkept::Broken)?;
  if is_whole { Ok(kept) } else { Err(Unkept::TooLarge) }
}

/// As much of it as a message may have.
pub async fn refusal(body: Incoming) -> Result<Bytes, hyper::Error> {
  first(body, LARGEST_REFUSAL).await.map(|(kept, _)| kept)
}

/// The engine wraps its reasons as `{"message": …}`; proxies before it send what they like.
pub fn message_of(body: &[u8]) -> String {
  serde_json::from_slice::<serde_json::Value>(body)
    .ok()
    .and_then(|json| {
      let text = json.get("message").or_else(|| json.get("cause")).or_else(|| json.get("error"));
      text.and_then(|text| text.as_str().map(str::to_owned))
    })
    .unwrap_or_else(|| String::from_utf8_lossy(body).chars().take(2000).collect())
}

/// Waits for its end, and keeps nothing.
pub async fn passed(mut body: Incoming) -> Result<(), hyper::Error> {
  while let Some(frame) = body.frame().await {
    frame?;
  }
  Ok(())
}

/// What comes first, and whether that is all.
async fn first(mut body: Incoming, most: usize) -> Result<(Bytes, bool), hyper::Error> {
  // Most come at once, and are not copied.
  let (mut first, mut kept) = (Bytes::new(), BytesMut::new());
  let mut is_whole = true;
  while let Some(frame) = body.frame().await {
    let Ok(mut data) = frame?.into_data() else { continue };
    if first.len() + kept.len() + data.len() > most {
      data.truncate(most - first.len() - kept.len());
      is_whole = false;
    }
    if first.is_empty() && kept.is_empty() {
      first = data;
    } else {
      kept.extend_from_slice(&std::mem::take(&mut first));
      kept.extend_from_slice(&data);
    }
    if !is_whole {
      break;
    }
  }
  Ok((if kept.is_empty() { first } else { kept.freeze() }, is_whole))
}

/// What is told of one that is.
pub fn too_large(doing: &str) -> EngineError {
  let most = LARGEST >> 20;
  let text = format!("{doing}: the engine's reply is larger than {most} MiB, which no reply is");
  EngineError::new(Code::MaxBuffer, text)
}
