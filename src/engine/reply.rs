//! What replies say that nobody waits for the sense of.

use http_body_util::BodyExt;
use hyper::body::Incoming;

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
