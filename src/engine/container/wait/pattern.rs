//! What text is looked for. A text we find ourselves; what a `RegExp` matches only its own engine
//! says, so such a pattern comes from outside, and so does its match.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use regex::bytes::Regex;

use crate::engine::error::{EngineError, Result};
use crate::engine::stream::Channel;

/// A match: of whoever made the pattern.
pub type Found = Arc<dyn Any + Send + Sync>;

/// Looks at piece after piece; each stream apart. A match may span pieces.
pub type Search =
  Box<dyn FnMut(Channel, Bytes) -> BoxFuture<'static, Result<Option<Found>>> + Send>;

/// Begins a search, from nothing.
pub type Begin = Arc<dyn Fn() -> BoxFuture<'static, Result<Search>> + Send + Sync>;

#[derive(Clone)]
pub struct Pattern {
  shown: String,
  begin: Begin,
}

impl Pattern {
  #[must_use]
  pub fn new(shown: String, begin: Begin) -> Self {
    Self { shown, begin }
  }

  /// A text; its match is the text.
  pub fn text(text: &str) -> Result<Self> {
    let regex = Regex::new(&regex::escape(text))
      .map_err(|error| EngineError::invalid("log", format!("it is too long: {error}")))?;
    let (text, shown) = (Arc::new(text.to_owned()), format!("{text:?}"));
    let begin: Begin = Arc::new(move || {
      let (regex, text) = (regex.clone(), Arc::clone(&text));
      Box::pin(async move { Ok(search(regex, text)) })
    });
    Ok(Self { shown, begin })
  }

  pub async fn begin(&self) -> Result<Search> {
    (self.begin)().await
  }
}

impl fmt::Display for Pattern {
  fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str(&self.shown)
  }
}

fn search(regex: Regex, text: Arc<String>) -> Search {
  // What a match could begin with, of each stream.
  let mut rests: [Vec<u8>; 2] = [Vec::new(), Vec::new()];
  Box::new(move |channel, piece| {
    let rest = &mut rests[usize::from(channel == Channel::Stderr)];
    rest.extend_from_slice(&piece);
    let found = regex.is_match(rest).then(|| Arc::clone(&text) as Found);
    let keep = text.len().saturating_sub(1);
    rest.drain(..rest.len().saturating_sub(keep));
    Box::pin(std::future::ready(Ok(found)))
  })
}

#[cfg(test)]
mod tests {
  use super::*;

  #[tokio::test]
  async fn a_text_spans_pieces_of_one_stream() {
    let pattern = Pattern::text("is ready (1)").unwrap();
    let mut search = pattern.begin().await.unwrap();
    let mut feed = async |channel, text: &'static str| {
      search(channel, Bytes::from_static(text.as_bytes())).await.unwrap().is_some()
    };
    assert!(!feed(Channel::Stdout, "server is rea").await);
    assert!(!feed(Channel::Stderr, "dy (1)").await);
    assert!(feed(Channel::Stdout, "dy (1)\n").await);
    assert!(!feed(Channel::Stdout, "is ready").await);
  }
}
