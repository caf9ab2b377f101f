//! All volumes of an engine: made, removed, and their content as a tar.

pub mod backup;
mod helper;
pub mod prune;
mod root;

use std::collections::BTreeMap;

use http::Method;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::Engine;
use super::call::Call;
use super::error::{EngineError, Result};
use super::fault::Subject;
use super::images::list::Filters;
use super::options::Scalar;
use super::scope;

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ListOptions {
  pub filters: Filters,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct RemoveOptions {
  /// Quiet where there is none; also where its driver does not answer.
  pub force: bool,
}

/// `volumes.create(name, { … })`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct CreateOptions {
  /// Absent: an anonymous one.
  pub name: Option<String>,
  pub driver: Option<String>,
  /// The driver's: `{ type: 'tmpfs', device: 'tmpfs', o: 'size=10m' }`.
  pub options: BTreeMap<String, Scalar>,
  pub labels: BTreeMap<String, Scalar>,
  /// Raw fields of the engine's, laid over the rest.
  pub extra: Map<String, Value>,
}

/// Checks a name without asking anyone.
pub fn check(name: &str) -> Result<()> {
  let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
  let first = name.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric());
  if first && name.bytes().all(fits) {
    return Ok(());
  }
  let why = format!(
    "`{name}` is not a volume's name: letters, digits, `_`, `.` and `-`, a letter or digit first"
  );
  Err(EngineError::invalid("name", why))
}

fn subject(name: &str) -> Subject {
  Subject::Volume(name.to_owned())
}

/// The engine's `{ Volumes, Warnings }`.
pub async fn list(engine: &Engine, options: &ListOptions) -> Result<Value> {
  let call = Call::get("cannot list the volumes of", Subject::Engine, "/volumes");
  let mut list: Value = call.query_if("filters", options.filters.json()).read(engine).await?;
  // Go writes an empty list as `null`.
  if let Some(volumes) = list.get_mut("Volumes").filter(|volumes| volumes.is_null()) {
    *volumes = json!([]);
  }
  Ok(list)
}

pub async fn inspect(engine: &Engine, name: &str) -> Result<String> {
  check(name)?;
  Call::get("cannot inspect", subject(name), format!("/volumes/{name}")).text(engine).await
}

pub async fn remove(engine: &Engine, name: &str, options: &RemoveOptions) -> Result<()> {
  check(name)?;
  let path = format!("/volumes/{name}");
  let call = Call::new(Method::DELETE, "cannot remove", subject(name), path);
  call.query_if("force", options.force.then_some(true)).done(engine).await
}

impl CreateOptions {
  /// The name, given before the options or among them.
  pub fn named(mut self, name: Option<String>) -> Result<Self> {
    if let (Some(one), Some(other)) = (&name, &self.name)
      && one != other
    {
      return Err(EngineError::invalid("name", "it is given twice, and not the same"));
    }
    self.name = name.or(self.name);
    self.name.as_deref().map_or(Ok(()), check)?;
    Ok(self)
  }

  fn body(&self) -> Value {
    let texts = |map: &BTreeMap<String, Scalar>| -> Map<String, Value> {
      map.iter().map(|(name, value)| (name.clone(), json!(value.0))).collect()
    };
    let mut body = Map::new();
    let mut set = |key: &str, value: Option<Value>| {
      value.map(|value| body.insert(key.into(), value));
    };
    set("Name", self.name.as_ref().map(|name| json!(name)));
    set("Driver", self.driver.as_ref().map(|driver| json!(driver)));
    set("DriverOpts", (!self.options.is_empty()).then(|| texts(&self.options).into()));
    set("Labels", (!self.labels.is_empty()).then(|| texts(&self.labels).into()));
    body.extend(self.extra.clone());
    Value::Object(body)
  }
}

/// The engine's JSON of the volume; of the one that is there, where there is one of that name.
pub async fn create(engine: &Engine, options: &CreateOptions) -> Result<Value> {
  let name = options.name.as_deref().unwrap_or_default();
  let call = Call::post("cannot create", subject(name), "/volumes/create");
  let call = call.json(&options.body())?;
  let request = tokio::spawn({
    let engine = engine.clone();
    async move { call.read::<Value>(&engine).await }
  });
  let (engine, is_new) = (engine.clone(), options.name.is_none());
  scope::unless_abandoned(request, move |outcome| async move {
    // One with a name may have been there before: only what is surely ours is removed.
    let made = outcome.ok();
    let name = made.as_ref().and_then(|made| made.get("Name")?.as_str());
    if let Some(name) = name.filter(|_| is_new) {
      let _ = remove(&engine, name, &RemoveOptions { force: true }).await;
    }
  })
  .await
}
