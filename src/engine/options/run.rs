//! The options of `run`, `task` and `container`.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;

use super::Command;
use super::mounts::{Mount, Volumes};
use super::values::{Entries, Map, Scalar};
use crate::engine::container::wait::condition::Conditions;
use crate::engine::size::{Bytes, Span};

/// How a container is made and run. Every field is optional; what is absent is the image's or the
/// engine's default.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct RunOptions {
  pub cwd: Option<String>,
  pub env: Map,
  pub exposed: Vec<Scalar>,
  pub mapped: BTreeMap<String, Value>,
  pub readonly: BTreeMap<String, String>,
  pub writable: BTreeMap<String, String>,
  pub create_paths: bool,
  pub remove: bool,
  pub user: Option<Scalar>,
  pub tty: bool,
  pub stdin: bool,
  pub labels: Map,
  pub network: Option<String>,
  pub memory: Option<Bytes>,
  pub cpus: Option<f64>,
  pub gpus: Option<Gpus>,
  pub init: Option<bool>,
  pub privileged: bool,
  pub cap_add: Vec<String>,
  pub cap_drop: Vec<String>,
  pub ulimits: BTreeMap<String, Ulimit>,
  pub tmpfs: Option<Tmpfs>,
  pub shm_size: Option<Bytes>,
  pub healthcheck: Option<Healthcheck>,
  pub restart: Option<String>,
  pub hostname: Option<String>,
  pub extra_hosts: Entries,
  pub if_exists: IfExists,
  pub start_retries: u32,
  pub platform: Option<String>,
  /// Not of the bag: patterns in it are more than values.
  #[serde(skip)]
  pub wait_for: Option<Arc<Conditions>>,
  pub memory_swap: Option<Bytes>,
  pub memory_reservation: Option<Bytes>,
  pub memory_swappiness: Option<i64>,
  pub cpu_shares: Option<i64>,
  pub cpu_period: Option<i64>,
  pub cpu_quota: Option<i64>,
  pub cpuset_cpus: Option<String>,
  pub cpuset_mems: Option<String>,
  pub kernel_memory: Option<Bytes>,
  pub blkio_weight: Option<u16>,
  pub blkio_weight_device: BTreeMap<String, u16>,
  pub device_read_bps: BTreeMap<String, Bytes>,
  pub device_write_bps: BTreeMap<String, Bytes>,
  pub device_read_iops: BTreeMap<String, u32>,
  pub device_write_iops: BTreeMap<String, u32>,
  pub pids_limit: Option<i64>,
  pub oom_kill_disable: Option<bool>,
  pub oom_score_adj: Option<i64>,
  pub devices: Vec<String>,
  pub device_cgroup_rules: Vec<String>,
  pub group_add: Vec<Scalar>,
  pub security_opt: Vec<String>,
  pub readonly_rootfs: bool,
  pub sysctls: Map,
  pub dns: Vec<String>,
  pub dns_search: Vec<String>,
  pub dns_options: Vec<String>,
  pub domainname: Option<String>,
  pub network_aliases: Vec<String>,
  pub links: Vec<String>,
  pub mac_address: Option<String>,
  pub ipv4: Option<String>,
  pub ipv6: Option<String>,
  pub publish_all: bool,
  pub ipc: Option<String>,
  pub pid: Option<String>,
  pub uts: Option<String>,
  pub userns: Option<String>,
  pub cgroupns: Option<String>,
  pub cgroup_parent: Option<String>,
  pub runtime: Option<String>,
  pub log_driver: Option<String>,
  pub log_options: Map,
  pub storage_options: Map,
  pub stop_signal: Option<Scalar>,
  /// Seconds, as that of `stop`.
  pub stop_timeout: Option<u32>,
  pub volumes: Volumes,
  pub volumes_from: Vec<String>,
  pub volume_driver: Option<String>,
  pub mounts: Vec<Mount>,
  pub extra: serde_json::Map<String, Value>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum IfExists {
  #[default]
  Error,
  Reuse,
  Replace,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged, expecting = "expected 'all', a number of GPUs or a list of device ids")]
pub enum Gpus {
  Count(i64),
  Named(String),
  Devices(Vec<String>),
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(untagged, expecting = "expected a number or { soft, hard }")]
pub enum Ulimit {
  Both(i64),
  #[serde(rename_all = "camelCase")]
  Each {
    soft: i64,
    hard: i64,
  },
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged, expecting = "expected a path, a list of paths or { path: options }")]
pub enum Tmpfs {
  Path(String),
  Paths(Vec<String>),
  Options(BTreeMap<String, String>),
}

/// As a Dockerfile's `HEALTHCHECK`; a test given as one text runs in the container's shell.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Healthcheck {
  pub test: Option<Test>,
  pub interval: Option<Span>,
  pub timeout: Option<Span>,
  pub start_period: Option<Span>,
  pub retries: Option<i64>,
  pub disable: bool,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged, expecting = "expected a text or a list of texts")]
pub enum Test {
  Shell(String),
  Words(Vec<String>),
}

/// What comes beside the options: the positional arguments of `run` and `container`.
#[derive(Debug, Clone, Default)]
pub struct Making {
  pub name: Option<String>,
  pub command: Option<Command>,
  pub entrypoint: Option<Command>,
}
