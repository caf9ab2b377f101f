//! Lists of containers.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::engine::Engine;
use crate::engine::call::Call;
use crate::engine::container::inspect::null_as_default;
use crate::engine::error::{EngineError, Result};
use crate::engine::fault::Subject;
use crate::engine::images::list::Filters;

/// States that `docker ps` shows by itself, and those that only `--all` does.
const RUNNING: &[&str] = &["running", "paused", "restarting"];
const STOPPED: &[&str] = &["created", "exited", "dead"];

/// What Rust reads of an entry of `/containers/json`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Listed {
  pub id: String,
  #[serde(default, deserialize_with = "null_as_default")]
  pub names: Vec<String>,
  /// As given when it was made; the image's id where that name is another's by now.
  #[serde(default)]
  pub image: String,
  #[serde(default, rename = "ImageID")]
  pub image_id: String,
  #[serde(default)]
  pub created: i64,
  #[serde(default)]
  pub state: String,
  #[serde(default)]
  pub size_rw: i64,
  #[serde(default, deserialize_with = "null_as_default")]
  pub labels: BTreeMap<String, String>,
}

impl Listed {
  /// Its first name, without the engine's slash.
  #[must_use]
  pub fn name(&self) -> &str {
    self.names.first().map_or("", |name| name.trim_start_matches('/'))
  }

  #[must_use]
  pub fn is_stopped(&self) -> bool {
    STOPPED.contains(&self.state.as_str())
  }
}

/// `containers.list({ … })`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ListOptions {
  /// Those that do not run as well.
  pub all: bool,
  /// Only so many, the newest.
  pub limit: Option<u32>,
  /// Counts the bytes that each has written.
  pub size: bool,
  pub filters: Filters,
}

/// The same for lists whose name says which states they are about.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct NarrowOptions {
  pub limit: Option<u32>,
  pub size: bool,
  pub filters: Filters,
}

/// Which states a list is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum States {
  All,
  Running,
  Stopped,
}

impl NarrowOptions {
  pub fn of(self, states: States) -> Result<ListOptions> {
    let Self { limit, size, mut filters } = self;
    let wanted = match states {
      States::All => return Ok(ListOptions { all: true, limit, size, filters }),
      States::Running => RUNNING,
      States::Stopped => STOPPED,
    };
    if filters.0.contains_key("status") {
      let why = "this list is of certain states already; use list({ all: true, filters })";
      return Err(EngineError::invalid("filters.status", why));
    }
    filters.0.insert("status".into(), json!(wanted));
    Ok(ListOptions { all: true, limit, size, filters })
  }
}

/// The engine's own list.
pub async fn list(engine: &Engine, options: &ListOptions) -> Result<String> {
  asked(options, |call| call.text(engine)).await
}

/// All of them that fit the filters, running or not.
pub async fn all(engine: &Engine, filters: Filters, size: bool) -> Result<Vec<Listed>> {
  call(&ListOptions { all: true, size, filters, ..ListOptions::default() }).read(engine).await
}

/// As [`list`], for Rust to look at; every field is there.
pub async fn values(engine: &Engine, options: &ListOptions) -> Result<Vec<Value>> {
  asked(options, |call| call.read(engine)).await
}

async fn asked<T, F>(options: &ListOptions, ask: impl Fn(Call) -> F) -> Result<T>
where
  F: Future<Output = Result<T>>,
{
  match ask(call(options)).await {
    Err(error) => match without_unknown_states(options, &error) {
      Some(options) => ask(call(&options)).await,
      None => Err(error),
    },
    told => told,
  }
}

/// The same without the states that Podman does not know, and no container of it is ever in.
fn without_unknown_states(options: &ListOptions, error: &EngineError) -> Option<ListOptions> {
  if !error.engines_words().contains("unknown container state") {
    return None;
  }
  let wanted = options.filters.0.get("status")?.as_array()?;
  let known = |state: &&Value| *state != "restarting" && *state != "dead";
  let rest: Vec<Value> = wanted.iter().filter(known).cloned().collect();
  if rest.is_empty() || rest.len() == wanted.len() {
    return None;
  }
  let mut options = options.clone();
  options.filters.0.insert("status".into(), Value::Array(rest));
  Some(options)
}

fn call(options: &ListOptions) -> Call {
  Call::get("cannot list the containers of", Subject::Engine, "/containers/json")
    .query_if("all", options.all.then_some(1))
    .query_if("limit", options.limit)
    .query_if("size", options.size.then_some(1))
    .query_if("filters", options.filters.json())
}
