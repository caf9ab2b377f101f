//! A plugin of one's own to a registry.

use serde::Deserialize;
use serde_json::Value;

use super::{check, path, subject};
use crate::credentials;
use crate::engine::Engine;
use crate::engine::call::Call;
use crate::engine::error::{Code, EngineError, Result};
use crate::engine::image::message::Message;
use crate::engine::image::progress::{Meter, Shown};
use crate::engine::image::push::{PushResult, result_of};
use crate::engine::image::{Auth, Image, pull_failure};
use crate::engine::reference::Reference;
use crate::engine::stream::{JsonLines, Wire};

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct PushOptions {
  pub auth: Option<Auth>,
}

pub async fn push(
  engine: &Engine,
  name: &str,
  options: &PushOptions,
  shown: Shown,
) -> Result<PushResult> {
  check(name)?;
  // By its name only: that says where it goes.
  let reference = Reference::parse(name)?;
  let credential =
    Image::named(engine, name)?.credential(options.auth.as_ref(), &reference).await?;
  let call = Call::post("cannot push", subject(name), path(name, "push"))
    .header("x-registry-auth", &credentials::header(&credential.unwrap_or_default()))?;
  let response = call.send(engine).await.map_err(|error| match error.facts().status_code {
    Some(status) if !error.is(Code::NotFound) => {
      failed(&reference, error.engines_words(), Some(status))
    }
    _ => error,
  })?;
  let mut lines = JsonLines::new(Wire::Body(response.into_body()));
  let mut meter = Meter::new("push", shown);
  let mut pushed = None;
  let cut_short = |error| failed(&reference, "the engine's reply broke off", None).caused_by(error);
  while let Some(text) = lines.next_line().await.map_err(cut_short)? {
    let raw: Value = serde_json::from_slice(&text).unwrap_or_default();
    let message = Message::read(&raw);
    if let Some((failure, _)) = message.failure() {
      return Err(failed(&reference, &failure, None));
    }
    pushed = message.aux.as_ref().and_then(result_of).or(pushed);
    match (&message.id, &message.status, message.progress()) {
      (Some(id), Some(status), counted) => {
        meter.layer(id, status, counted.unwrap_or_default(), &raw);
      }
      _ => meter.note(&raw),
    }
  }
  // An engine that goes away may end its body as if it had finished.
  pushed.ok_or_else(|| failed(&reference, "the engine ended it without saying how it went", None))
}

fn failed(reference: &Reference, message: &str, status: Option<u16>) -> EngineError {
  let reason = pull_failure::reason(&message.replace(&reference.name(), "the plugin"));
  let advice = pull_failure::advice(reason);
  let text = format!("cannot push plugin {reference}: {}{advice}", message.trim());
  EngineError::new(Code::PushFailed, text).with(|facts| {
    facts.reason = Some(reason.into());
    facts.status_code = status;
  })
}
