//! All plugins of an engine: those that it manages itself, which come from registries or are made here.

mod create;
mod install;
mod push;

use http::Method;
use serde::Deserialize;

pub use create::{Source, create};
pub use install::{
  Consent, InstallOptions, PrivilegeOptions, UpgradeOptions, install, privileges, upgrade,
};
pub use push::{PushOptions, push};

use super::Engine;
use super::call::Call;
use super::error::{Code, EngineError, Result};
use super::fault::Subject;
use super::images::list::Filters;
use super::options::Entries;
use super::reference::Reference;

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ListOptions {
  /// `{ capability: 'volumedriver', enabled: true }`
  pub filters: Filters,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct EnableOptions {
  /// Seconds that the engine gives it for each of its answers.
  pub timeout: Option<u32>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ForceOptions {
  pub force: bool,
}

/// A name, or what docker shows of an id. It becomes part of a path, and would lead somewhere else.
pub fn check(name: &str) -> Result<()> {
  let is_id = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_hexdigit());
  if is_id || Reference::parse(name).is_ok() {
    return Ok(());
  }
  Err(EngineError::invalid("name", format!("`{name}` is not a plugin's name or id")))
}

fn subject(name: &str) -> Subject {
  Subject::Plugin(name.to_owned())
}

fn path(name: &str, verb: &str) -> String {
  format!("/plugins/{name}/{verb}")
}

pub async fn list(engine: &Engine, options: &ListOptions) -> Result<String> {
  Call::get("cannot list the plugins of", Subject::Engine, "/plugins")
    .query_if("filters", options.filters.json())
    .text(engine)
    .await
}

pub async fn inspect(engine: &Engine, name: &str) -> Result<String> {
  Call::get("cannot inspect", subject(name), path(name, "json")).text(engine).await
}

pub async fn remove(engine: &Engine, name: &str, options: &ForceOptions) -> Result<()> {
  Call::new(Method::DELETE, "cannot remove", subject(name), format!("/plugins/{name}"))
    .query_if("force", options.force.then_some(true))
    .done(engine)
    .await
    .map_err(|error| advised(error, "is enabled", "; disable it first, or say { force: true }"))
}

pub async fn enable(engine: &Engine, name: &str, options: &EnableOptions) -> Result<()> {
  // The engine wants the parameter; 0 is its own default.
  let call = Call::post("cannot enable", subject(name), path(name, "enable"));
  let outcome = call.query("timeout", options.timeout.unwrap_or(0)).done(engine).await;
  already(outcome, "already enabled")
}

pub async fn disable(engine: &Engine, name: &str, options: &ForceOptions) -> Result<()> {
  let call = Call::post("cannot disable", subject(name), path(name, "disable"));
  let outcome = call.query_if("force", options.force.then_some(true)).done(engine).await;
  already(outcome, "already disabled")
}

/// Changes what a plugin lets its users set; it has to be disabled for that.
pub async fn set(engine: &Engine, name: &str, settings: &Entries) -> Result<()> {
  let call = Call::post("cannot configure", subject(name), path(name, "set"));
  let outcome = call.json(&settings.joined('='))?.done(engine).await;
  outcome.map_err(|error| {
    let error = recoded(error, "active plugin", Code::Conflict);
    recoded(error, "not found in the plugin configuration", Code::BadRequest)
  })
}

/// Engines answer 500 where it is the caller's mistake.
fn recoded(error: EngineError, words: &str, code: Code) -> EngineError {
  if error.facts().message.contains(words) && error.facts().status_code.is_some() {
    return error.with(|facts| facts.code = code);
  }
  error
}

fn advised(error: EngineError, words: &str, advice: &str) -> EngineError {
  if error.facts().message.contains(words) {
    return error.with(|facts| facts.message.push_str(advice));
  }
  error
}

/// Takes a conflict that says “already so” for success.
fn already(outcome: Result<()>, words: &str) -> Result<()> {
  match outcome {
    Err(error) if error.facts().message.contains(words) => Ok(()),
    outcome => outcome,
  }
}
