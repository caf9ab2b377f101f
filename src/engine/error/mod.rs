//! The one error of every layer above the transport: a stable code, one sentence, and the facts.

mod code;

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use serde::Serialize;

pub use code::Code;

pub type Result<T, E = EngineError> = std::result::Result<T, E>;

/// What is known of the container an error is about.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ContainerFacts {
  #[serde(skip_serializing_if = "Option::is_none")]
  pub id: Option<String>,
  #[serde(skip_serializing_if = "Option::is_none")]
  pub name: Option<String>,
  #[serde(skip_serializing_if = "Option::is_none")]
  pub state: Option<String>,
  #[serde(skip_serializing_if = "Option::is_none")]
  pub exit_code: Option<i64>,
  #[serde(skip_serializing_if = "Option::is_none")]
  pub oom_killed: Option<bool>,
}

/// The facts, as they cross to JavaScript: each becomes a property of the `DokeresError`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Facts {
  pub code: Code,
  pub message: String,
  #[serde(skip_serializing_if = "Option::is_none")]
  pub status_code: Option<u16>,
  #[serde(skip_serializing_if = "Option::is_none")]
  pub reason: Option<String>,
  #[serde(skip_serializing_if = "Option::is_none")]
  pub endpoint: Option<serde_json::Value>,
  #[serde(skip_serializing_if = "Option::is_none")]
  pub image: Option<String>,
  #[serde(skip_serializing_if = "Option::is_none")]
  pub container: Option<ContainerFacts>,
  #[serde(skip_serializing_if = "Option::is_none")]
  pub logs: Option<Vec<String>>,
  #[serde(skip_serializing_if = "Option::is_none")]
  pub path: Option<String>,
  #[serde(skip_serializing_if = "Option::is_none")]
  pub step: Option<String>,
  #[serde(skip_serializing_if = "Option::is_none")]
  pub instruction: Option<String>,
  #[serde(skip_serializing_if = "Option::is_none")]
  pub exit_code: Option<i64>,
  #[serde(skip_serializing_if = "Option::is_none")]
  pub log: Option<Vec<String>>,
  /// Of several: how each went.
  #[serde(skip_serializing_if = "Option::is_none")]
  pub results: Option<serde_json::Value>,
  #[serde(skip_serializing_if = "Option::is_none")]
  pub cause: Option<EngineError>,
}

/// A failure. Boxed, so that a `Result` stays as small as its good half.
pub struct EngineError(Box<Inner>);

struct Inner {
  facts: Facts,
  kind: Kind,
}

enum Kind {
  Plain,
  /// The caller's signal: JavaScript sees `signal.reason`.
  Aborted,
  /// Somebody else's error that goes through unchanged: what a callback threw, say.
  Foreign(Arc<dyn Any + Send + Sync>),
  /// A result that comes with the error: an `EXIT_CODE` carries all of its task.
  WithResult(Box<dyn Any + Send + Sync>),
}

impl EngineError {
  #[must_use]
  pub fn new(code: Code, message: impl Into<String>) -> Self {
    Self::of(code, message.into(), Kind::Plain)
  }

  fn of(code: Code, message: String, kind: Kind) -> Self {
    let facts = Facts {
      code,
      message,
      status_code: None,
      reason: None,
      endpoint: None,
      image: None,
      container: None,
      logs: None,
      path: None,
      step: None,
      instruction: None,
      exit_code: None,
      log: None,
      results: None,
      cause: None,
    };
    Self(Box::new(Inner { facts, kind }))
  }

  /// The caller asked for it to stop.
  #[must_use]
  pub fn aborted() -> Self {
    Self::of(Code::Internal, "aborted".into(), Kind::Aborted)
  }

  /// An error of the caller's own making, to be handed back as it is.
  #[must_use]
  pub fn foreign(error: Arc<dyn Any + Send + Sync>) -> Self {
    Self::of(Code::Internal, "a callback failed".into(), Kind::Foreign(error))
  }

  #[must_use]
  pub fn invalid(path: impl Into<String>, message: impl fmt::Display) -> Self {
    let path = path.into();
    let message = if path.is_empty() {
      format!("invalid options: {message}")
    } else {
      format!("invalid option `{path}`: {message}")
    };
    Self::new(Code::InvalidOption, message).with(|facts| facts.path = Some(path))
  }

  #[must_use]
  pub fn not_supported(message: impl Into<String>) -> Self {
    Self::new(Code::NotSupported, message)
  }

  #[must_use]
  pub fn internal(message: impl Into<String>) -> Self {
    Self::new(Code::Internal, message)
  }

  /// Adds facts: `EngineError::new(…).with(|facts| facts.image = Some(name))`.
  #[must_use]
  pub fn with(mut self, add: impl FnOnce(&mut Facts)) -> Self {
    add(&mut self.0.facts);
    self
  }

  #[must_use]
  pub fn caused_by(self, cause: EngineError) -> Self {
    self.with(|facts| facts.cause = Some(cause))
  }

  #[must_use]
  pub fn with_result(mut self, result: Box<dyn Any + Send + Sync>) -> Self {
    self.0.kind = Kind::WithResult(result);
    self
  }

  #[must_use]
  pub fn facts(&self) -> &Facts {
    &self.0.facts
  }

  /// The engine's own words, where this error wraps them: the part behind what was being done.
  #[must_use]
  pub fn engines_words(&self) -> &str {
    let message = &self.facts().message;
    message.split_once(": ").map_or(message, |(_, words)| words)
  }

  #[must_use]
  pub fn code(&self) -> Code {
    self.0.facts.code
  }

  #[must_use]
  pub fn is(&self, code: Code) -> bool {
    matches!(self.0.kind, Kind::Plain | Kind::WithResult(_)) && self.code() == code
  }

  #[must_use]
  pub fn is_aborted(&self) -> bool {
    matches!(self.0.kind, Kind::Aborted)
  }

  #[must_use]
  pub fn foreign_error(&self) -> Option<&(dyn Any + Send + Sync)> {
    if let Kind::Foreign(error) = &self.0.kind { Some(&**error) } else { None }
  }

  #[must_use]
  pub fn result(&self) -> Option<&(dyn Any + Send + Sync)> {
    if let Kind::WithResult(result) = &self.0.kind { Some(&**result) } else { None }
  }

  /// A copy for another caller who shared the same work. Attached results stay with the first.
  #[must_use]
  pub fn share(&self) -> Self {
    let own = self.facts();
    let kind = match &self.0.kind {
      Kind::Aborted => Kind::Aborted,
      Kind::Foreign(error) => Kind::Foreign(Arc::clone(error)),
      Kind::Plain | Kind::WithResult(_) => Kind::Plain,
    };
    Self::of(own.code, own.message.clone(), kind).with(|facts| {
      facts.status_code = own.status_code;
      facts.reason.clone_from(&own.reason);
      facts.endpoint.clone_from(&own.endpoint);
      facts.image.clone_from(&own.image);
      facts.container.clone_from(&own.container);
      facts.logs.clone_from(&own.logs);
      facts.path.clone_from(&own.path);
      facts.step.clone_from(&own.step);
      facts.instruction.clone_from(&own.instruction);
      facts.exit_code = own.exit_code;
      facts.log.clone_from(&own.log);
      facts.results.clone_from(&own.results);
      facts.cause = own.cause.as_ref().map(EngineError::share);
    })
  }
}

impl Serialize for EngineError {
  fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
    self.facts().serialize(serializer)
  }
}

impl fmt::Debug for EngineError {
  fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    self.facts().fmt(f)
  }
}

impl fmt::Display for EngineError {
  fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str(&self.facts().message)
  }
}

impl std::error::Error for EngineError {}
