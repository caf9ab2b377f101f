//! Making a network.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{check, subject, texts};
use crate::engine::Engine;
use crate::engine::call::Call;
use crate::engine::error::{EngineError, Result};
use crate::engine::options::Scalar;

/// `networks.create(name, { … })`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[expect(clippy::struct_excessive_bools, reason = "the engine's flags")]
pub struct CreateOptions {
  pub name: Option<String>,
  /// `bridge` where none is named.
  pub driver: Option<String>,
  pub options: BTreeMap<String, Scalar>,
  pub labels: BTreeMap<String, Scalar>,
  pub internal: bool,
  pub attachable: bool,
  pub ingress: bool,
  pub ipv4: Option<bool>,
  pub ipv6: Option<bool>,
  pub scope: Option<String>,
  pub config_only: bool,
  pub config_from: Option<String>,
  pub subnet: Option<Subnets>,
  pub ipam: Ipam,
  /// Raw fields of the engine's, laid over the rest.
  pub extra: Map<String, Value>,
}

/// One subnet by its address, or several, each by its address or in full.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged, expecting = "expected '10.1.0.0/16', { subnet, … }, or a list of these")]
pub enum Subnets {
  One(Given),
  Several(Vec<Given>),
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged, expecting = "expected '10.1.0.0/16' or { subnet, gateway, ipRange, aux }")]
pub enum Given {
  Plain(String),
  Full(Pool),
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Pool {
  pub subnet: Option<String>,
  pub gateway: Option<String>,
  /// What the engine gives out by itself.
  pub ip_range: Option<String>,
  /// Addresses that it leaves alone: `{ router: '10.1.0.9' }`.
  pub aux: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Ipam {
  pub driver: Option<String>,
  pub options: BTreeMap<String, Scalar>,
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
    match &self.name {
      Some(name) => check(name)?,
      None => return Err(EngineError::invalid("name", "the network's name is expected")),
    }
    Ok(self)
  }

  fn pools(&self) -> Vec<Value> {
    let given = match &self.subnet {
      None => &[][..],
      Some(Subnets::One(given)) => std::slice::from_ref(given),
      Some(Subnets::Several(given)) => given,
    };
    given.iter().map(Given::body).collect()
  }

  fn body(&self) -> Value {
    let mut body = Map::new();
    let mut set = |key: &str, value: Option<Value>| {
      value.map(|value| body.insert(key.into(), value));
    };
    set("Name", self.name.as_ref().map(|name| json!(name)));
    // Engines before 25 allow two of a name otherwise, and then know neither by it.
    set("CheckDuplicate", Some(json!(true)));
    set("Driver", self.driver.as_ref().map(|driver| json!(driver)));
    set("Options", (!self.options.is_empty()).then(|| json!(texts(&self.options))));
    set("Labels", (!self.labels.is_empty()).then(|| json!(texts(&self.labels))));
    set("Internal", self.internal.then(|| json!(true)));
    set("Attachable", self.attachable.then(|| json!(true)));
    set("Ingress", self.ingress.then(|| json!(true)));
    set("EnableIPv4", self.ipv4.map(|on| json!(on)));
    set("EnableIPv6", self.ipv6.map(|on| json!(on)));
    set("Scope", self.scope.as_ref().map(|scope| json!(scope)));
    set("ConfigOnly", self.config_only.then(|| json!(true)));
    set("ConfigFrom", self.config_from.as_ref().map(|from| json!({ "Network": from })));
    let pools = self.pools();
    let ipam = &self.ipam;
    if !pools.is_empty() || ipam.driver.is_some() || !ipam.options.is_empty() {
      let driver = ipam.driver.as_deref().unwrap_or("default");
      let ipam = json!({ "Driver": driver, "Options": texts(&ipam.options), "Config": pools });
      set("IPAM", Some(ipam));
    }
    body.extend(self.extra.clone());
    Value::Object(body)
  }
}

impl Given {
  fn body(&self) -> Value {
    let pool = match self {
      Self::Plain(subnet) => return json!({ "Subnet": subnet }),
      Self::Full(pool) => pool,
    };
    let mut body = Map::new();
    let mut set = |key: &str, value: Option<Value>| {
      value.map(|value| body.insert(key.into(), value));
    };
    set("Subnet", pool.subnet.as_ref().map(|subnet| json!(subnet)));
    set("Gateway", pool.gateway.as_ref().map(|gateway| json!(gateway)));
    set("IPRange", pool.ip_range.as_ref().map(|range| json!(range)));
    set("AuxiliaryAddresses", (!pool.aux.is_empty()).then(|| json!(pool.aux)));
    Value::Object(body)
  }
}

/// The engine's `{ Id, Warning }`.
pub async fn create(engine: &Engine, options: &CreateOptions) -> Result<Value> {
  let name = options.name.as_deref().unwrap_or_default();
  let call = Call::post("cannot create", subject(name), "/networks/create");
  let call = call.json(&options.body())?;
  let request = tokio::spawn({
    let engine = engine.clone();
    async move { call.read::<Value>(&engine).await }
  });
  let engine = engine.clone();
  // Once sent, the engine carries it out: who has stopped waiting by then leaves nothing behind.
  crate::engine::scope::unless_abandoned(request, move |outcome| async move {
    if let Some(id) = outcome.ok().as_ref().and_then(|made| made.get("Id")?.as_str()) {
      let _ = super::remove(&engine, id, &super::RemoveOptions::default()).await;
    }
  })
  .await
}
