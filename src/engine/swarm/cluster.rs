//! The swarm itself: begun, joined, left, its settings and the keys to it.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::member::change as changing;
use super::{Availability, Fields, WHOLE, lay, nanos, texts};
use crate::engine::Engine;
use crate::engine::call::Call;
use crate::engine::error::{Code, EngineError, Result};
use crate::engine::fault::Subject;
use crate::engine::options::{self, Map as Texts};
use crate::engine::scope;
use crate::engine::size::Span;

const LISTEN: &str = "0.0.0.0:2377";

/// What the whole swarm goes by; what is absent is the engine's default, or stays.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ChangeOptions {
  pub labels: Option<Texts>,
  pub autolock: Option<bool>,
  pub task_history_limit: Option<u32>,
  pub snapshot_interval: Option<u64>,
  pub snapshots_kept: Option<u64>,
  pub dispatcher_heartbeat: Option<Span>,
  pub cert_expiry: Option<Span>,
  pub log_driver: Option<String>,
  pub log_options: Option<Texts>,
  /// Raw fields of the swarm's `Spec`, merged deeply over the rest.
  pub extra: Map<String, Value>,
  pub version: Option<u64>,
}

impl ChangeOptions {
  fn fields(&self) -> Value {
    let number = |number: Option<u64>| number.map(|number| json!(number));
    let mut orchestration = Fields::default();
    let limit = self.task_history_limit.map(|limit| json!(limit));
    orchestration.set("TaskHistoryRetentionLimit", limit);
    let mut raft = Fields::default();
    raft.set("SnapshotInterval", number(self.snapshot_interval));
    raft.set("KeepOldSnapshots", number(self.snapshots_kept));
    let mut dispatcher = Fields::default();
    dispatcher.set("HeartbeatPeriod", self.dispatcher_heartbeat.map(nanos));
    let mut authority = Fields::default();
    authority.set("NodeCertExpiry", self.cert_expiry.map(nanos));
    let mut encryption = Fields::default();
    encryption.set("AutoLockManagers", self.autolock.map(|lock| json!(lock)));
    let mut logs = Fields::default();
    logs.set("Name", self.log_driver.as_ref().map(|driver| json!(driver)));
    logs.set("Options", self.log_options.as_ref().map(texts));
    let mut defaults = Fields::default();
    defaults.object("LogDriver", logs);
    let mut spec = Fields::default();
    spec.set("Labels", self.labels.as_ref().map(texts));
    spec.object("Orchestration", orchestration).object("Raft", raft);
    spec.object("Dispatcher", dispatcher).object("CAConfig", authority);
    spec.object("EncryptionConfig", encryption).object("TaskDefaults", defaults);
    spec.value()
  }
}

/// `swarm.init({ … })`: where this node listens, and what the swarm goes by.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct InitOptions {
  pub listen_addr: Option<String>,
  pub advertise_addr: Option<String>,
  pub data_path_addr: Option<String>,
  pub data_path_port: Option<u16>,
  pub default_addr_pool: Vec<String>,
  pub subnet_size: Option<u8>,
  pub force_new_cluster: bool,
  pub availability: Option<Availability>,
  #[serde(skip)]
  pub spec: ChangeOptions,
}

impl InitOptions {
  const KEYS: &'static [&'static str] = &[
    "listenAddr",
    "advertiseAddr",
    "dataPathAddr",
    "dataPathPort",
    "defaultAddrPool",
    "subnetSize",
    "forceNewCluster",
    "availability",
  ];

  /// Of one bag: serde's own flattening would take fields that there are not.
  pub fn read(mut bag: Value) -> Result<Self> {
    let mut own: Self = options::read(options::take(&mut bag, Self::KEYS))?;
    own.spec = options::read(bag)?;
    if own.spec.version.is_some() {
      return Err(EngineError::invalid("version", "there is none before there is a swarm"));
    }
    Ok(own)
  }

  fn body(&self) -> Value {
    let mut spec = self.spec.fields();
    lay(&mut spec, &Value::Object(self.spec.extra.clone()), &[]);
    let text = |text: &Option<String>| text.as_ref().map(|text| json!(text));
    let mut body = Fields::default();
    body.set("ListenAddr", Some(json!(self.listen_addr.as_deref().unwrap_or(LISTEN))));
    body.set("AdvertiseAddr", text(&self.advertise_addr));
    body.set("DataPathAddr", text(&self.data_path_addr));
    body.set("DataPathPort", self.data_path_port.map(|port| json!(port)));
    let pools = &self.default_addr_pool;
    body.set("DefaultAddrPool", (!pools.is_empty()).then(|| json!(pools)));
    body.set("SubnetSize", self.subnet_size.map(|size| json!(size)));
    body.set("ForceNewCluster", Some(json!(self.force_new_cluster)));
    body.set("Availability", self.availability.map(|given| json!(given.as_str())));
    body.set("Spec", Some(spec));
    body.value()
  }
}

/// The id of this node, as JSON.
pub async fn init(engine: &Engine, options: &InitOptions) -> Result<String> {
  let call = Call::post("cannot begin", Subject::Swarm, "/swarm/init").json(&options.body())?;
  let request = tokio::spawn({
    let engine = engine.clone();
    async move { call.text(&engine).await }
  });
  // What is recovered by force was there before.
  let (engine, is_new) = (engine.clone(), !options.force_new_cluster);
  scope::unless_abandoned(request, move |outcome| async move {
    if outcome.is_ok() && is_new {
      let _ = leave(&engine, LeaveOptions { force: true }).await;
    }
  })
  .await
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged, expecting = "expected an address, or a list of them")]
enum Addresses {
  One(String),
  Several(Vec<String>),
}

/// `swarm.join({ … })`.
#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct JoinOptions {
  remote_addrs: Option<Addresses>,
  token: Option<String>,
  listen_addr: Option<String>,
  advertise_addr: Option<String>,
  data_path_addr: Option<String>,
  availability: Option<Availability>,
}

impl JoinOptions {
  pub fn check(&self) -> Result<()> {
    if self.addresses().is_empty() {
      let why = "the address of a manager is expected, like '10.0.0.1:2377'";
      return Err(EngineError::invalid("remoteAddrs", why));
    }
    if self.token.is_none() {
      let why = "a join token is expected; on a manager `swarm.joinTokens()` tells them";
      return Err(EngineError::invalid("token", why));
    }
    Ok(())
  }

  fn addresses(&self) -> &[String] {
    match &self.remote_addrs {
      None => &[],
      Some(Addresses::One(address)) => std::slice::from_ref(address),
      Some(Addresses::Several(addresses)) => addresses,
    }
  }

  fn body(&self) -> Value {
    let text = |text: &Option<String>| text.as_ref().map(|text| json!(text));
    let mut body = Fields::default();
    body.set("ListenAddr", Some(json!(self.listen_addr.as_deref().unwrap_or(LISTEN))));
    body.set("AdvertiseAddr", text(&self.advertise_addr));
    body.set("DataPathAddr", text(&self.data_path_addr));
    body.set("RemoteAddrs", Some(json!(self.addresses())));
    body.set("JoinToken", text(&self.token));
    body.set("Availability", self.availability.map(|given| json!(given.as_str())));
    body.value()
  }
}

pub async fn join(engine: &Engine, options: &JoinOptions) -> Result<()> {
  let call = Call::post("cannot join", Subject::Swarm, "/swarm/join").json(&options.body())?;
  let request = tokio::spawn({
    let engine = engine.clone();
    async move { call.done(&engine).await }
  });
  let engine = engine.clone();
  scope::unless_abandoned(request, move |outcome| async move {
    // One that takes its time goes on with it.
    if outcome.as_ref().err().is_none_or(|error| error.is(Code::Timeout)) {
      let _ = leave(&engine, LeaveOptions { force: true }).await;
    }
  })
  .await
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct LeaveOptions {
  /// Also as a manager, and as the last one.
  pub force: bool,
}

pub async fn leave(engine: &Engine, options: LeaveOptions) -> Result<()> {
  let call = Call::post("cannot leave", Subject::Swarm, "/swarm/leave");
  call.query_if("force", options.force.then_some(true)).done(engine).await
}

pub fn inspecting() -> Call {
  Call::get("cannot inspect", Subject::Swarm, "/swarm")
}

pub async fn inspect(engine: &Engine) -> Result<String> {
  inspecting().text(engine).await
}

pub async fn change(engine: &Engine, options: &ChangeOptions) -> Result<()> {
  let done = changing(
    engine,
    options.version,
    || Ok(inspecting()),
    |_, spec| {
      lay(spec, &options.fields(), WHOLE);
      lay(spec, &Value::Object(options.extra.clone()), &[]);
      Ok(Call::post("cannot update", Subject::Swarm, "/swarm/update"))
    },
  );
  done.await.map(drop)
}
