//! Secrets and configs: files that a swarm keeps for its services.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Fields, Kind, RemoveOptions, WHOLE, lay, member, one_name, texts};
use crate::engine::Engine;
use crate::engine::error::{EngineError, Result};
use crate::engine::options::Map as Texts;
use crate::engine::scope;

/// `secrets.create(name, data, { … })`, `configs.create(…)`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct CreateOptions {
  pub name: Option<String>,
  pub labels: Texts,
  /// The driver that makes its values out of a template, `golang`.
  pub templating: Option<String>,
  /// Of a secret: the plugin that keeps it. It has no data then.
  pub driver: Option<String>,
  pub driver_options: Texts,
  /// Raw fields, merged deeply over the rest.
  pub extra: Map<String, Value>,
}

impl CreateOptions {
  /// The name, given before the options or among them, and what goes with it.
  pub fn named(mut self, kind: Kind, name: Option<String>, data: bool) -> Result<Self> {
    self.name = one_name(name, self.name)?;
    let missing =
      || EngineError::invalid("name", format!("the {}'s name is expected", kind.name()));
    member::check(kind, self.name.as_deref().ok_or_else(missing)?)?;
    let has_driver = self.driver.is_some() || self.extra.contains_key("Driver");
    if kind == Kind::Config && self.driver.is_some() {
      return Err(EngineError::invalid("driver", "only secrets have one"));
    }
    if !self.driver_options.is_empty() && self.driver.is_none() {
      return Err(EngineError::invalid("driverOptions", "that needs a `driver`"));
    }
    if !data && !has_driver && !self.extra.contains_key("Data") {
      return Err(EngineError::invalid("data", "a text or a Buffer is expected"));
    }
    Ok(self)
  }

  fn body(&self, data: Option<&[u8]>) -> Value {
    let driver = |name: &Option<String>, options: &Texts| {
      let given = name.as_ref()?;
      Some(json!({ "Name": given, "Options": texts(options) }))
    };
    let mut spec = Fields::default();
    spec.set("Name", self.name.as_ref().map(|name| json!(name)));
    spec.set("Labels", Some(texts(&self.labels)));
    spec.set("Data", data.map(|data| json!(STANDARD.encode(data))));
    spec.set("Driver", driver(&self.driver, &self.driver_options));
    spec.set("Templating", driver(&self.templating, &Texts::new()));
    let mut spec = spec.value();
    lay(&mut spec, &Value::Object(self.extra.clone()), &[]);
    spec
  }
}

/// The engine's `{ ID }`.
pub async fn create(
  engine: &Engine,
  kind: Kind,
  options: &CreateOptions,
  data: Option<&[u8]>,
) -> Result<Value> {
  let name = options.name.as_deref().unwrap_or_default();
  let call = kind.creating(name).json(&options.body(data))?;
  let request = tokio::spawn({
    let engine = engine.clone();
    async move { call.read::<Value>(&engine).await }
  });
  removed_unless_awaited(engine, kind, request).await
}

/// Once sent, the engine carries it out: who has stopped waiting by then leaves nothing behind.
pub async fn removed_unless_awaited(
  engine: &Engine,
  kind: Kind,
  request: tokio::task::JoinHandle<Result<Value>>,
) -> Result<Value> {
  let engine = engine.clone();
  scope::unless_abandoned(request, move |outcome| async move {
    if let Some(id) = outcome.ok().as_ref().and_then(|made| made.get("ID")?.as_str()) {
      let _ = member::remove(&engine, kind, id, RemoveOptions::default()).await;
    }
  })
  .await
}

/// Their labels: all else of them is as it was made.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct UpdateOptions {
  pub labels: Option<Texts>,
  pub version: Option<u64>,
}

pub async fn update(
  engine: &Engine,
  kind: Kind,
  name: &str,
  options: &UpdateOptions,
) -> Result<()> {
  let written = member::update(engine, kind, name, options.version, |spec| {
    let mut fields = Fields::default();
    fields.set("Labels", options.labels.as_ref().map(texts));
    lay(spec, &fields.value(), WHOLE);
    Ok(())
  });
  written.await.map(drop)
}
