//! Pushing: finished when the registry has it, failed on the engine's first word of error.

use serde::Serialize;
use serde_json::Value;

use super::message::Message;
use super::progress::{self, Meter, OnBoard, Shown};
use super::{Image, PushOptions, pull_failure};
use crate::credentials;
use crate::engine::call::Call;
use crate::engine::error::{Code, EngineError, Result};
use crate::engine::reference::{DEFAULT_TAG, Reference};
use crate::engine::stream::{JsonLines, Wire};

/// What a push came to.
#[derive(Debug, Clone, Serialize)]
pub struct PushResult {
  pub digest: String,
  pub tag: String,
  /// Of the manifest, in bytes.
  pub size: u64,
}

impl Image {
  /// Pushes it. Two pushes of one image do not share: their credentials decide what they may.
  pub async fn push(&self, options: PushOptions, on_board: OnBoard<'_>) -> Result<PushResult> {
    progress::alone(on_board, |shown| self.push_now(options, shown)).await
  }

  async fn push_now(&self, options: PushOptions, shown: Shown) -> Result<PushResult> {
    let reference = self.reference()?;
    if reference.digest.is_some() {
      let text = "an image is pushed by its tag; its digest comes of that";
      return Err(self.subject().annotate(EngineError::new(Code::InvalidReference, text)));
    }
    let tag = reference.tag.clone().unwrap_or_else(|| DEFAULT_TAG.to_owned());
    // The engine wants the header, with nothing in it where there are no credentials.
    let credential = self.credential(options.auth.as_ref(), &reference).await?;
    let header = credentials::header(&credential.unwrap_or_default());
    let path = format!("/images/{}/push", reference.name());
    let call = Call::post("cannot push", self.subject(), path).query("tag", &tag);
    let response = match call.header("x-registry-auth", &header)?.send(self.engine()).await {
      Ok(response) => response,
      Err(error) if error.facts().status_code.is_some() && !error.is(Code::ImageNotFound) => {
        return Err(push_failed(&reference, error.engines_words(), error.facts().status_code));
      }
      Err(error) => return Err(error),
    };
    let mut lines = JsonLines::new(Wire::Body(response.into_body()));
    let mut meter = Meter::new("push", shown);
    let mut pushed = None;
    let cut_short =
      |error| push_failed(&reference, "the engine's reply broke off", None).caused_by(error);
    while let Some(text) = lines.next_line().await.map_err(cut_short)? {
      let raw: Value = serde_json::from_slice(&text).unwrap_or_default();
      let message = Message::read(&raw);
      if let Some((failure, _)) = message.failure() {
        return Err(self.refused(&reference, &failure));
      }
      pushed = message.aux.as_ref().and_then(result_of).or(pushed);
      let status = message.status.as_deref().unwrap_or_default();
      match (&message.id, message.progress()) {
        (Some(id), counted) if !status.is_empty() => {
          meter.layer(id, status, counted.unwrap_or_default(), &raw);
        }
        _ => {
          pushed = pushed.or_else(|| told(status));
          meter.note(&raw);
        }
      }
    }
    // An engine that goes away may end its body as if it had finished.
    pushed.ok_or_else(|| {
      let text = "the engine ended it without saying how it went";
      push_failed(&reference, text, None)
    })
  }

  fn refused(&self, reference: &Reference, failure: &str) -> EngineError {
    // With a repository that is there under other tags, or not at all.
    let absent = ["does not exist locally", "tag does not exist", "No such image"];
    if absent.iter().any(|words| failure.contains(words)) {
      let text = format!("cannot push {reference}: the engine does not have it");
      return self.subject().annotate(EngineError::new(Code::ImageNotFound, text));
    }
    push_failed(reference, failure, None)
  }
}

pub(in crate::engine) fn result_of(aux: &Value) -> Option<PushResult> {
  Some(PushResult {
    digest: aux.get("Digest")?.as_str()?.to_owned(),
    tag: aux.get("Tag")?.as_str()?.to_owned(),
    size: aux.get("Size")?.as_u64()?,
  })
}

/// `latest: digest: sha256:… size: 528`
fn told(status: &str) -> Option<PushResult> {
  let (tag, rest) = status.split_once(": digest: ")?;
  let (digest, size) = rest.split_once(" size: ")?;
  Some(PushResult {
    digest: digest.to_owned(),
    tag: tag.to_owned(),
    size: size.trim().parse().ok()?,
  })
}

fn push_failed(reference: &Reference, message: &str, status: Option<u16>) -> EngineError {
  let reason = pull_failure::reason(&message.replace(&reference.name(), "the image"));
  let text = format!("cannot push {reference}: {}{}", message.trim(), pull_failure::advice(reason));
  EngineError::new(Code::PushFailed, text).with(|facts| {
    facts.reason = Some(reason.into());
    facts.image = Some(reference.to_string());
    facts.status_code = status;
  })
}
