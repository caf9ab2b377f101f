//! The options of a build: of `image({ … })`, and, for one build, of `build({ … })`.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use serde::Deserialize;
use serde_json::Value;

use super::source::ContextSource;
use crate::engine::error::{EngineError, Result};
use crate::engine::options::{self, Entries, Map};
use crate::engine::size::Bytes;

/// How to build: the options of `image` that `build` may override.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct BuildOptions {
  /// Not of serde's: bytes and streams come by another way.
  #[serde(skip)]
  pub context: Option<ContextSource>,
  pub build_args: Map,
  pub labels: Map,
  pub target: Option<String>,
  pub secrets: BTreeMap<String, Secret>,
  pub ssh: Ssh,
  pub no_cache: Option<bool>,
  /// Pull the base images anew.
  pub pull: Option<bool>,
  pub cache_from: Vec<String>,
  pub network: Option<String>,
  pub extra_hosts: Entries,
  pub tags: Vec<String>,
  pub builder: Builder,
  #[serde(skip)]
  pub limits: Limits,
}

/// What a `RUN` may take: of the classic builder.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Limits {
  pub memory: Option<Bytes>,
  pub memory_swap: Option<Bytes>,
  pub shm_size: Option<Bytes>,
  pub cpu_shares: Option<u32>,
  pub cpu_period: Option<u32>,
  pub cpu_quota: Option<i32>,
  pub cpuset_cpus: Option<String>,
}

impl Limits {
  const KEYS: &'static [&'static str] =
    &["memory", "memorySwap", "shmSize", "cpuShares", "cpuPeriod", "cpuQuota", "cpusetCpus"];

  fn over(self, under: &Self) -> Self {
    Self {
      memory: self.memory.or(under.memory),
      memory_swap: self.memory_swap.or(under.memory_swap),
      shm_size: self.shm_size.or(under.shm_size),
      cpu_shares: self.cpu_shares.or(under.cpu_shares),
      cpu_period: self.cpu_period.or(under.cpu_period),
      cpu_quota: self.cpu_quota.or(under.cpu_quota),
      cpuset_cpus: self.cpuset_cpus.or_else(|| under.cpuset_cpus.clone()),
    }
  }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Builder {
  #[default]
  Auto,
  Classic,
  Buildkit,
}

/// A build secret: where it comes from.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase", expecting = "expected { file }, { env } or { value }")]
pub enum Secret {
  File(PathBuf),
  Env(String),
  Value(String),
}

/// A value is never printed, nor what tells two of them apart kept in the clear.
impl fmt::Debug for Secret {
  fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match self {
      Self::File(path) => write!(f, "File({})", path.display()),
      Self::Env(name) => write!(f, "Env({name})"),
      Self::Value(value) => write!(f, "Value({})", super::source::fingerprint(value.as_bytes())),
    }
  }
}

/// Agents to forward: `true`, a socket, or sockets by their id.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged, expecting = "expected true, a socket's path, or { id: path }")]
pub enum Ssh {
  Own(bool),
  Socket(PathBuf),
  ById(BTreeMap<String, Agent>),
}

/// An agent: the environment's own (`true`), or one at a socket.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged, expecting = "expected true or a socket's path")]
pub enum Agent {
  Own(bool),
  Socket(PathBuf),
}

impl Default for Ssh {
  fn default() -> Self {
    Self::Own(false)
  }
}

impl Ssh {
  #[must_use]
  pub fn is_empty(&self) -> bool {
    match self {
      Self::Own(own) => !own,
      Self::Socket(_) => false,
      Self::ById(agents) => agents.is_empty(),
    }
  }

  /// Agents by id; `default` is what a `RUN --mount=type=ssh` without an id asks for.
  #[must_use]
  pub fn agents(&self) -> BTreeMap<String, Agent> {
    let default = |agent| BTreeMap::from([("default".to_owned(), agent)]);
    match self {
      Self::Own(false) => BTreeMap::new(),
      Self::Own(true) => default(Agent::Own(true)),
      Self::Socket(path) => default(Agent::Socket(path.clone())),
      Self::ById(agents) => agents.clone(),
    }
  }
}

impl BuildOptions {
  /// The keys that `image` shares with `build`, besides `context` and those of [`Limits`].
  const KEYS: &'static [&'static str] = &[
    "buildArgs",
    "labels",
    "target",
    "secrets",
    "ssh",
    "noCache",
    "pull",
    "cacheFrom",
    "network",
    "extraHosts",
    "tags",
    "builder",
  ];

  /// Reads the bag of `build({ … })`, less its context.
  pub fn read(mut bag: Value, context: Option<ContextSource>) -> Result<Self> {
    let limits = options::read(options::take(&mut bag, Limits::KEYS))?;
    let own: Self = options::read(bag)?;
    Ok(Self { context, limits, ..own })
  }

  /// Takes its own part out of the bag of `image({ … })`.
  pub fn take(bag: &mut Value, context: Option<ContextSource>) -> Result<Self> {
    let mut own = options::take(bag, Self::KEYS);
    if let (Some(own), Value::Object(limits)) =
      (own.as_object_mut(), options::take(bag, Limits::KEYS))
    {
      own.extend(limits);
    }
    Self::read(own, context)
  }

  /// Whether only BuildKit can do it.
  #[must_use]
  pub fn needs_buildkit(&self) -> bool {
    !self.secrets.is_empty() || !self.ssh.is_empty()
  }

  /// The first option that only the classic builder honours.
  #[must_use]
  pub fn needs_classic(&self) -> Option<&'static str> {
    let limits = &self.limits;
    let given = [
      ("memory", limits.memory.is_some()),
      ("memorySwap", limits.memory_swap.is_some()),
      ("shmSize", limits.shm_size.is_some()),
      ("cpuShares", limits.cpu_shares.is_some()),
      ("cpuPeriod", limits.cpu_period.is_some()),
      ("cpuQuota", limits.cpu_quota.is_some()),
      ("cpusetCpus", limits.cpuset_cpus.is_some()),
    ];
    given.iter().find(|(_, given)| *given).map(|(name, _)| *name)
  }

  /// Says no, before anything is sent, to what no builder can do at once.
  pub fn check(&self) -> Result<()> {
    let refuse = |path: &str, text: &str| {
      Err(EngineError::not_supported(text).with(|facts| facts.path = Some(path.to_owned())))
    };
    if self.needs_buildkit() {
      let path = if self.secrets.is_empty() { "ssh" } else { "secrets" };
      if self.builder == Builder::Classic {
        return refuse(path, "secrets and ssh forwarding need BuildKit, not builder: 'classic'");
      }
      if let Some(limit) = self.needs_classic() {
        let text =
          format!("`{limit}` is honoured by the classic builder only, `{path}` by BuildKit only");
        return refuse(limit, &text);
      }
    }
    if self.builder == Builder::Buildkit
      && let Some(limit) = self.needs_classic()
    {
      return refuse(limit, "BuildKit has no such limit; it is of builder: 'classic'");
    }
    Ok(())
  }

  /// These options over those of the image.
  #[must_use]
  pub fn over(self, image: &Self) -> Self {
    Self {
      context: self.context.or_else(|| image.context.clone()),
      build_args: joined(&image.build_args, self.build_args),
      labels: joined(&image.labels, self.labels),
      target: self.target.or_else(|| image.target.clone()),
      secrets: joined(&image.secrets, self.secrets),
      ssh: if self.ssh.is_empty() { image.ssh.clone() } else { self.ssh },
      no_cache: self.no_cache.or(image.no_cache),
      pull: self.pull.or(image.pull),
      cache_from: either(self.cache_from, &image.cache_from),
      network: self.network.or_else(|| image.network.clone()),
      extra_hosts: if self.extra_hosts.joined(':').is_empty() {
        image.extra_hosts.clone()
      } else {
        self.extra_hosts
      },
      tags: either(self.tags, &image.tags),
      builder: if self.builder == Builder::Auto { image.builder } else { self.builder },
      limits: self.limits.over(&image.limits),
    }
  }
}

fn joined<T: Clone>(under: &BTreeMap<String, T>, over: BTreeMap<String, T>) -> BTreeMap<String, T> {
  let mut both = under.clone();
  both.extend(over);
  both
}

fn either(own: Vec<String>, other: &[String]) -> Vec<String> {
  if own.is_empty() { other.to_vec() } else { own }
}
