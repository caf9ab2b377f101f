//! What a stream of several containers tells, as JSON.

use bytes::Bytes;
use serde::Serialize;
use serde_json::{Value, json};

use super::target::Target;
use crate::engine::container::follow::Line;
use crate::engine::error::EngineError;
use crate::engine::stream::Channel;

#[derive(Serialize)]
struct LogLine<'a> {
  #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
  kind: Option<&'static str>,
  container: Container<'a>,
  stream: &'static str,
  line: &'a str,
  time: &'a str,
  #[serde(skip_serializing_if = "Option::is_none")]
  prefix: Option<String>,
}

#[derive(Serialize)]
struct Container<'a> {
  id: &'a str,
  name: &'a str,
}

/// A line; with its type where other things are told besides, and a prefix where it is shown.
pub fn line(target: &Target, line: &Line, is_typed: bool, prefix: Option<String>) -> Bytes {
  let name = target.name();
  let record = LogLine {
    kind: is_typed.then_some("log"),
    container: Container { id: &target.id, name: &name },
    stream: match line.channel {
      Channel::Stderr => "stderr",
      Channel::Console => "console",
      _ => "stdout",
    },
    line: &line.text,
    time: &line.time,
    prefix,
  };
  // All of it is plain, and fails to be written in no case.
  serde_json::to_vec(&record).unwrap_or_default().into()
}

pub fn stats(target: &Target, sample: &Bytes) -> Bytes {
  with_json("stats", target, sample)
}

pub fn event(target: &Target, event: &Bytes) -> Bytes {
  with_json("event", target, event)
}

/// The JSON goes in as it is: it may be the engine's own.
fn with_json(kind: &str, target: &Target, json: &Bytes) -> Bytes {
  let container = container(target);
  let json = String::from_utf8_lossy(json);
  Bytes::from(format!("{{\"type\":\"{kind}\",\"container\":{container},\"{kind}\":{json}}}"))
}

pub fn error(target: &Target, source: &str, error: &EngineError) -> Bytes {
  let (code, message) = (error.code(), error.to_string());
  let error = json!({ "code": code, "message": message });
  let record =
    json!({ "type": "error", "container": container(target), "source": source, "error": error });
  Bytes::from(record.to_string())
}

fn container(target: &Target) -> Value {
  json!({ "id": target.id, "name": target.name() })
}
