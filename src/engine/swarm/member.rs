//! What all that a swarm has is asked and told in the same way.

use http::Method;
use serde::Deserialize;
use serde_json::Value;

use super::{ListOptions, RemoveOptions};
use crate::engine::Engine;
use crate::engine::call::{Call, not_understood};
use crate::engine::error::{Code, EngineError, Result};
use crate::engine::fault::Subject;

/// How often a change is tried again that somebody else was quicker with.
const ATTEMPTS: usize = 32;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
  Service,
  Task,
  Node,
  Secret,
  Config,
}

impl Kind {
  #[must_use]
  pub fn name(self) -> &'static str {
    match self {
      Self::Service => "service",
      Self::Task => "task",
      Self::Node => "node",
      Self::Secret => "secret",
      Self::Config => "config",
    }
  }

  fn root(self) -> &'static str {
    match self {
      Self::Service => "/services",
      Self::Task => "/tasks",
      Self::Node => "/nodes",
      Self::Secret => "/secrets",
      Self::Config => "/configs",
    }
  }

  fn list_doing(self) -> &'static str {
    match self {
      Self::Service => "cannot list the services of",
      Self::Task => "cannot list the tasks of",
      Self::Node => "cannot list the nodes of",
      Self::Secret => "cannot list the secrets of",
      Self::Config => "cannot list the configs of",
    }
  }

  #[must_use]
  pub fn subject(self, name: &str) -> Subject {
    Subject::Member(self.name(), name.to_owned())
  }

  /// A member's path: its name is one word of it, or it would lead somewhere else.
  pub fn path(self, name: &str) -> Result<String> {
    if name.is_empty() || name.contains(['/', '\\']) || name.starts_with('.') {
      let why = format!("`{name}` is not a {}'s name or id", self.name());
      let path = if self == Self::Task { "id" } else { "name" };
      return Err(EngineError::invalid(path, why));
    }
    Ok(format!("{}/{name}", self.root()))
  }

  pub fn creating(self, name: &str) -> Call {
    Call::post("cannot create", self.subject(name), format!("{}/create", self.root()))
  }
}

/// Checks a name without asking anyone.
pub fn check(kind: Kind, name: &str) -> Result<()> {
  kind.path(name).map(drop)
}

/// The engine's list.
pub async fn list(engine: &Engine, kind: Kind, options: &ListOptions) -> Result<String> {
  listing(kind, options).text(engine).await
}

pub fn listing(kind: Kind, options: &ListOptions) -> Call {
  Call::get(kind.list_doing(), Subject::Swarm, kind.root())
    .query_if("filters", options.filters.json())
}

/// The engine's JSON of one.
pub async fn inspect(engine: &Engine, kind: Kind, name: &str) -> Result<String> {
  inspecting(kind, name)?.text(engine).await
}

pub fn inspecting(kind: Kind, name: &str) -> Result<Call> {
  Ok(Call::get("cannot inspect", kind.subject(name), kind.path(name)?))
}

pub async fn remove(engine: &Engine, kind: Kind, name: &str, options: RemoveOptions) -> Result<()> {
  let call = Call::new(Method::DELETE, "cannot remove", kind.subject(name), kind.path(name)?);
  let call = call.query_if("force", (options.force && kind == Kind::Node).then_some(true));
  match call.done(engine).await {
    Err(error) if options.force && error.is(Code::NotFound) => Ok(()),
    outcome => outcome,
  }
}

/// What is there, with its version: what has been changed since is not overwritten.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Versioned {
  #[serde(rename = "ID", default)]
  pub id: String,
  version: Version,
  #[serde(default)]
  pub spec: Value,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Version {
  index: u64,
}

/// Reads, changes and writes, again where somebody else was quicker. With a version of the caller's
/// own: once, and only if that is what is there.
pub async fn change(
  engine: &Engine,
  wanted: Option<u64>,
  read: impl Fn() -> Result<Call>,
  write: impl Fn(&str, &mut Value) -> Result<Call>,
) -> Result<String> {
  let mut attempts = 0;
  loop {
    let mut present: Versioned = read()?.read(engine).await?;
    if !present.spec.is_object() {
      return Err(not_understood("what is to be changed has no `Spec`"));
    }
    let call = write(&present.id, &mut present.spec)?;
    let version = wanted.unwrap_or(present.version.index);
    let call = call.query("version", version).json(&present.spec)?;
    match call.text(engine).await {
      Err(error) if wanted.is_none() && is_outrun(&error) && attempts < ATTEMPTS => attempts += 1,
      outcome => return outcome,
    }
  }
}

fn is_outrun(error: &EngineError) -> bool {
  error.facts().reason.as_deref() == Some("out-of-sequence")
}

/// The change of one of a kind.
pub async fn update(
  engine: &Engine,
  kind: Kind,
  name: &str,
  version: Option<u64>,
  write: impl Fn(&mut Value) -> Result<()>,
) -> Result<String> {
  let read = || inspecting(kind, name);
  change(engine, version, read, |id, spec| {
    write(spec)?;
    Ok(Call::post("cannot update", kind.subject(name), format!("{}/{id}/update", kind.root())))
  })
  .await
}
