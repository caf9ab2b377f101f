//! What callers may say, checked before anything is sent. One struct per bag of options; the field
//! names are the contract's.

#![expect(clippy::struct_excessive_bools, reason = "the contract's flags")]

mod command;
mod mounts;
mod ports;
mod run;
mod swarm;
mod values;

pub use command::Command;
pub use mounts::{Mount, MountKind, Volumes};
pub use ports::{Port, parse_port, publish};
pub use run::{Gpus, Healthcheck, IfExists, Making, RunOptions, Test, Tmpfs, Ulimit};
pub use swarm::{SwarmOptions, spread_over};
pub use values::{Entries, Map, Scalar};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::error::{EngineError, Result};
use super::size::Span;

/// Reads a bag of options; what does not fit is `INVALID_OPTION` with its path.
pub fn read<T: DeserializeOwned>(bag: Value) -> Result<T> {
  serde_path_to_error::deserialize(bag).map_err(|error| {
    let path = error.path().to_string();
    let message = error.inner().to_string();
    // serde names an unknown field within its message, and the path leads to its parent only.
    let unknown = message.strip_prefix("unknown field `").and_then(|rest| rest.split('`').next());
    let path = match (unknown, path.as_str()) {
      (Some(field), ".") => field.to_owned(),
      (Some(field), parent) if !parent.ends_with(field) => format!("{parent}.{field}"),
      (_, ".") => String::new(),
      (_, path) => path.to_owned(),
    };
    let message = if is_secret(&path) { without_values(&message) } else { message };
    EngineError::invalid(path, message)
  })
}

/// Serde quotes what it found: of credentials and secrets that must not be told.
fn is_secret(path: &str) -> bool {
  ["auth", "secrets", "token", "key", "data"]
    .contains(&path.split(['.', '[']).next().unwrap_or_default())
}

fn without_values(message: &str) -> String {
  match message.split_once("expected ") {
    Some((_, expected)) => format!("expected {expected}"),
    None => "not as it should be".to_owned(),
  }
}

/// `stop` and `restart`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct StopOptions {
  /// Seconds between the stop signal and SIGKILL, as docker's `--time`; default: the container's own, 10.
  pub timeout: Option<i64>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct KillOptions {
  pub signal: Option<Scalar>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct RemoveOptions {
  pub force: bool,
  pub volumes: bool,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct InspectOptions {
  pub size: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WaitCondition {
  #[default]
  NotRunning,
  NextExit,
  Removed,
}

impl WaitCondition {
  #[must_use]
  pub fn as_str(self) -> &'static str {
    match self {
      Self::NotRunning => "not-running",
      Self::NextExit => "next-exit",
      Self::Removed => "removed",
    }
  }
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct WaitOptions {
  pub condition: WaitCondition,
  pub timeout: Option<Span>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct LogsOptions {
  pub follow: bool,
  pub restarts: bool,
  pub tail: Option<Scalar>,
  pub since: Option<Scalar>,
  pub until: Option<Scalar>,
  pub timestamps: bool,
  pub stdout: bool,
  pub stderr: bool,
}

impl Default for LogsOptions {
  fn default() -> Self {
    Self {
      follow: false,
      restarts: false,
      tail: None,
      since: None,
      until: None,
      timestamps: false,
      stdout: true,
      stderr: true,
    }
  }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct AttachOptions {
  pub stdin: bool,
  pub stdout: bool,
  pub stderr: bool,
  pub logs: bool,
  pub tty: Option<bool>,
}

impl Default for AttachOptions {
  fn default() -> Self {
    Self { stdin: false, stdout: true, stderr: true, logs: false, tty: None }
  }
}

/// A terminal's size, in characters.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Size {
  pub cols: u32,
  pub rows: u32,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Encoding {
  #[default]
  Utf8,
  Buffer,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ExecOptions {
  pub env: Map,
  pub user: Option<String>,
  pub cwd: Option<String>,
  pub tty: bool,
  pub privileged: bool,
  pub timeout: Option<Span>,
  pub reject: bool,
  pub detach: bool,
  pub encoding: Encoding,
  pub max_buffer: Option<u64>,
}

/// `execStream`: the command's streams are the caller's own affair.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ExecStreamOptions {
  pub env: Map,
  pub user: Option<String>,
  pub cwd: Option<String>,
  pub tty: bool,
  pub privileged: bool,
  pub stdin: bool,
  pub size: Option<Size>,
}

impl Default for ExecStreamOptions {
  fn default() -> Self {
    let (env, user, cwd, size) = (Map::new(), None, None, None);
    Self { env, user, cwd, tty: false, privileged: false, stdin: true, size }
  }
}

impl ExecStreamOptions {
  #[must_use]
  pub fn exec(&self) -> ExecOptions {
    ExecOptions {
      env: self.env.clone(),
      user: self.user.clone(),
      cwd: self.cwd.clone(),
      tty: self.tty,
      privileged: self.privileged,
      ..ExecOptions::default()
    }
  }
}

/// A detached command's `wait`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ExecWaitOptions {
  pub timeout: Option<Span>,
}

/// `waitFor`, beside its conditions.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct WaitForOptions {
  pub timeout: Option<Span>,
}

/// What `task` has on top of [`RunOptions`].
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct TaskOptions {
  pub name: Option<String>,
  pub entrypoint: Option<Command>,
  pub timeout: Option<Span>,
  pub max_buffer: Option<u64>,
  pub keep: bool,
  pub encoding: Encoding,
  pub reject: bool,
  pub swarm: Option<SwarmOptions>,
}

impl TaskOptions {
  /// The keys that are `task`'s own; the rest of its bag is [`RunOptions`].
  pub const KEYS: &'static [&'static str] =
    &["name", "entrypoint", "timeout", "maxBuffer", "keep", "encoding", "reject", "swarm"];
}

impl Default for TaskOptions {
  fn default() -> Self {
    Self {
      name: None,
      entrypoint: None,
      timeout: None,
      max_buffer: None,
      keep: false,
      encoding: Encoding::Utf8,
      reject: true,
      swarm: None,
    }
  }
}

/// Takes the named keys out of a bag, into one of their own.
pub fn take(bag: &mut Value, keys: &[&str]) -> Value {
  let Some(map) = bag.as_object_mut() else { return Value::Object(serde_json::Map::new()) };
  let taken = keys.iter().filter_map(|key| Some(((*key).to_owned(), map.shift_remove(*key)?)));
  Value::Object(taken.collect())
}
