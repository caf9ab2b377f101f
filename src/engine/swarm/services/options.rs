//! What callers may say of a service, in the words of `run` where it has them.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map as Json, Value};

use crate::engine::error::Result;
use crate::engine::image::Auth;
use crate::engine::options::{self, Command, Entries, Healthcheck, Map, Mount, Scalar, Ulimit};
use crate::engine::size::{Bytes, Span};

/// `services.create(name, { … })` and `services.update(name, { … })`: what is absent is the engine's
/// default, or stays.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ServiceOptions {
  pub name: Option<String>,
  pub image: Option<String>,
  pub command: Option<Command>,
  pub entrypoint: Option<Command>,
  pub env: Option<Map>,
  pub labels: Option<Map>,
  pub container_labels: Option<Map>,
  pub cwd: Option<String>,
  pub user: Option<Scalar>,
  pub group_add: Option<Vec<Scalar>>,
  pub hostname: Option<String>,
  pub init: Option<bool>,
  pub tty: Option<bool>,
  pub stdin: Option<bool>,
  pub readonly_rootfs: Option<bool>,
  pub stop_signal: Option<Scalar>,
  /// Seconds, as that of `run`.
  pub stop_timeout: Option<u32>,
  pub healthcheck: Option<Healthcheck>,
  pub extra_hosts: Option<Entries>,
  pub dns: Option<Vec<String>>,
  pub dns_search: Option<Vec<String>>,
  pub dns_options: Option<Vec<String>>,
  pub sysctls: Option<Map>,
  pub cap_add: Option<Vec<String>>,
  pub cap_drop: Option<Vec<String>>,
  pub ulimits: Option<BTreeMap<String, Ulimit>>,
  pub mounts: Option<Vec<Mount>>,
  pub readonly: Option<BTreeMap<String, String>>,
  pub writable: Option<BTreeMap<String, String>>,
  pub mode: Option<Mode>,
  pub replicas: Option<u64>,
  pub max_concurrent: Option<u64>,
  pub constraints: Option<Vec<String>>,
  pub preferences: Option<Vec<String>>,
  pub max_replicas_per_node: Option<u64>,
  pub platforms: Option<Vec<String>>,
  pub networks: Option<Vec<Network>>,
  pub mapped: Option<BTreeMap<String, Value>>,
  pub endpoint_mode: Option<EndpointMode>,
  pub secrets: Option<Vec<Reference>>,
  pub configs: Option<Vec<Reference>>,
  pub restart: Option<Restart>,
  pub update_config: Option<Rolling>,
  pub rollback_config: Option<Rolling>,
  pub memory: Option<Bytes>,
  pub cpus: Option<f64>,
  pub pids_limit: Option<i64>,
  pub reserve: Option<Reserve>,
  pub log_driver: Option<String>,
  pub log_options: Option<Map>,
  pub auth: Option<GivenAuth>,
  pub resolve_image: bool,
  /// Raw fields of the service's spec, merged deeply over the rest.
  pub extra: Json<String, Value>,
}

/// What `update` has on top.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct UpdateOptions {
  pub force: bool,
  pub version: Option<u64>,
  #[serde(skip)]
  pub service: ServiceOptions,
}

impl UpdateOptions {
  /// Of one bag: serde's own flattening would take fields that there are not.
  pub fn read(mut bag: Value) -> Result<Self> {
    let mut own: Self = options::read(options::take(&mut bag, &["force", "version"]))?;
    own.service = options::read(bag)?;
    Ok(own)
  }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
  Replicated,
  Global,
  ReplicatedJob,
  GlobalJob,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EndpointMode {
  Vip,
  Dnsrr,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged, expecting = "expected a network's name, or { name, aliases, driverOpts }")]
pub enum Network {
  Named(String),
  Full(NetworkBag),
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NetworkBag {
  pub name: String,
  #[serde(default)]
  pub aliases: Vec<String>,
  #[serde(default)]
  pub driver_opts: Map,
}

/// A secret or a config, and the file that it is in the containers.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged, expecting = "expected a name, or { source, target, uid, gid, mode }")]
pub enum Reference {
  Named(String),
  Full(ReferenceBag),
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReferenceBag {
  pub source: String,
  pub target: Option<String>,
  pub uid: Option<Scalar>,
  pub gid: Option<Scalar>,
  pub mode: Option<u32>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(
  untagged,
  expecting = "expected 'on-failure:3', or { condition, delay, maxAttempts, window }"
)]
pub enum Restart {
  Policy(String),
  Full(RestartBag),
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct RestartBag {
  pub condition: Option<Condition>,
  pub delay: Option<Span>,
  pub max_attempts: Option<u64>,
  pub window: Option<Span>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Condition {
  None,
  OnFailure,
  Any,
}

/// How tasks are replaced, or taken back.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Rolling {
  pub parallelism: Option<u64>,
  pub delay: Option<Span>,
  pub failure_action: Option<FailureAction>,
  pub monitor: Option<Span>,
  pub max_failure_ratio: Option<f64>,
  pub order: Option<Order>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FailureAction {
  Pause,
  Continue,
  Rollback,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
  StopFirst,
  StartFirst,
}

/// What a node must have left for a task.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Reserve {
  pub memory: Option<Bytes>,
  pub cpus: Option<f64>,
  /// `{ gpu: 2 }`, or by name: `{ gpu: ['uuid1'] }`.
  pub generic: BTreeMap<String, Generic>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged, expecting = "expected a number, or a list of names")]
pub enum Generic {
  Count(i64),
  Named(Vec<String>),
}

/// Credentials, or those that `docker login` has put away.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged, expecting = "expected credentials, or true for those of docker's configuration")]
pub enum GivenAuth {
  Found(bool),
  Given(Auth),
}
