//! What services and tasks write, from all nodes in one stream.

use serde::Deserialize;
use serde_json::Value;

use super::{Kind, member};
use crate::engine::Engine;
use crate::engine::call::Call;
use crate::engine::container::logs::{tail_of, timestamp};
use crate::engine::error::{EngineError, Result};
use crate::engine::options::Scalar;
use crate::engine::stream::{Batches, Output, Source, Wire};

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[expect(clippy::struct_excessive_bools, reason = "the engine's flags")]
pub struct LogsOptions {
  pub follow: bool,
  pub tail: Option<Scalar>,
  pub since: Option<Scalar>,
  pub timestamps: bool,
  /// Which node, service and task each line is of, before it.
  pub details: bool,
  pub stdout: bool,
  pub stderr: bool,
}

impl Default for LogsOptions {
  fn default() -> Self {
    Self {
      follow: false,
      tail: None,
      since: None,
      timestamps: false,
      details: false,
      stdout: true,
      stderr: true,
    }
  }
}

impl LogsOptions {
  pub fn check(&self) -> Result<()> {
    if !self.stdout && !self.stderr {
      return Err(EngineError::invalid("stdout", "logs need stdout, stderr or both"));
    }
    self.moment().map(drop)?;
    self.lines().map(drop)
  }

  fn moment(&self) -> Result<Option<String>> {
    self.since.as_ref().map(|since| timestamp("since", &since.0)).transpose()
  }

  fn lines(&self) -> Result<Option<String>> {
    self.tail.as_ref().map(|tail| tail_of(&tail.0)).transpose()
  }
}

/// Of a service or of a task.
pub async fn open(
  engine: &Engine,
  kind: Kind,
  name: &str,
  options: &LogsOptions,
) -> Result<Batches> {
  options.check()?;
  let object: Value = member::inspecting(kind, name)?.read(engine).await?;
  let spec = if kind == Kind::Task { "/Spec" } else { "/Spec/TaskTemplate" };
  let tty = object.pointer(&format!("{spec}/ContainerSpec/TTY")) == Some(&Value::Bool(true));
  let response =
    Call::get("cannot read the logs of", kind.subject(name), format!("{}/logs", kind.path(name)?))
      .query("stdout", u8::from(options.stdout))
      .query("stderr", u8::from(options.stderr))
      .query("follow", u8::from(options.follow))
      .query("timestamps", u8::from(options.timestamps))
      .query("details", u8::from(options.details))
      .query_if("tail", options.lines()?)
      .query_if("since", options.moment()?)
      .send(engine)
      .await?;
  let output = Output::new(Wire::Body(response.into_body()), tty);
  Ok(Batches::new(Source::Output(output)))
}
