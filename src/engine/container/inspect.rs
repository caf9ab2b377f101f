//! What the engine tells of a container: the few fields that we read, and all of them as they came.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Container;
use crate::engine::Engine;
use crate::engine::call::Call;
use crate::engine::error::{ContainerFacts, Result};
use crate::engine::fault::Subject;

/// The fields that the core itself needs.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Inspected {
  pub id: String,
  name: String,
  pub config: Config,
  pub state: RunState,
  pub host_config: HostConfig,
  pub network_settings: NetworkSettings,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct HostConfig {
  pub auto_remove: bool,
  pub network_mode: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Config {
  pub image: String,
  pub tty: bool,
  pub cmd: Option<Vec<String>>,
  pub entrypoint: Option<Vec<String>>,
  pub exposed_ports: Option<BTreeMap<String, serde_json::Value>>,
  #[serde(deserialize_with = "crate::engine::container::inspect::null_as_default")]
  pub labels: std::collections::BTreeMap<String, String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct RunState {
  pub status: String,
  pub running: bool,
  pub restarting: bool,
  #[serde(rename = "OOMKilled")]
  pub oom_killed: bool,
  pub exit_code: i64,
  pub error: String,
  pub started_at: String,
  pub finished_at: String,
  pub health: Option<Health>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Health {
  pub status: String,
  pub log: Option<Vec<Probe>>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Probe {
  pub output: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct NetworkSettings {
  #[serde(rename = "IPAddress")]
  pub ip_address: String,
  #[serde(deserialize_with = "crate::engine::container::inspect::null_as_default")]
  pub networks: BTreeMap<String, Network>,
  #[serde(deserialize_with = "crate::engine::container::inspect::null_as_default")]
  pub ports: BTreeMap<String, Option<Vec<Binding>>>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Binding {
  pub host_ip: String,
  pub host_port: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Network {
  #[serde(rename = "IPAddress")]
  pub ip_address: String,
}

/// Go writes an absent map or list as `null`.
pub fn null_as_default<'de, D: serde::Deserializer<'de>, T: Default + Deserialize<'de>>(
  deserializer: D,
) -> Result<T, D::Error> {
  Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

impl Inspected {
  /// The engine writes a slash before it.
  #[must_use]
  pub fn name(&self) -> &str {
    self.name.trim_start_matches('/')
  }

  /// Its tcp port, where it is known of just one: published, else exposed.
  #[must_use]
  pub fn only_port(&self) -> Option<u16> {
    let number = |port: &String| port.strip_suffix("/tcp")?.parse().ok();
    let published = self.network_settings.ports.iter().filter(|(_, bindings)| bindings.is_some());
    let published: Vec<u16> = published.filter_map(|(port, _)| number(port)).collect();
    let exposed = self.config.exposed_ports.iter().flatten();
    let exposed: Vec<u16> = exposed.filter_map(|(port, _)| number(port)).collect();
    match (published.as_slice(), exposed.as_slice()) {
      ([port], _) | ([], [port]) => Some(*port),
      _ => None,
    }
  }

  /// What an error tells of it.
  #[must_use]
  pub fn facts(&self) -> ContainerFacts {
    ContainerFacts {
      id: Some(self.id.clone()),
      name: Some(self.name().to_owned()),
      state: Some(self.state.status.clone()),
      exit_code: (!self.state.running).then_some(self.state.exit_code),
      oom_killed: Some(self.state.oom_killed),
    }
  }
}

pub fn call(subject: &Subject, id: &str) -> Call {
  Call::get("cannot inspect", subject.clone(), format!("/containers/{id}/json"))
}

pub async fn read(engine: &Engine, subject: &Subject, id: &str) -> Result<Inspected> {
  call(subject, id).read(engine).await
}

impl Container {
  /// The engine's JSON, every field.
  pub async fn inspect(&self, size: bool) -> Result<String> {
    let id = self.id()?;
    call(&self.subject(), &id).query_if("size", size.then_some("1")).text(self.engine()).await
  }

  pub async fn inspected(&self) -> Result<Inspected> {
    let id = self.id()?;
    read(self.engine(), &self.subject(), &id).await
  }

  pub async fn is_running(&self) -> Result<bool> {
    Ok(self.inspected().await?.state.running)
  }

  /// Its address in the first network that gave it one; none while it does not run.
  pub async fn ip(&self) -> Result<Option<String>> {
    let settings = self.inspected().await?.network_settings;
    let own = Some(settings.ip_address).filter(|ip| !ip.is_empty());
    let of_network = || {
      let mut ips = settings.networks.into_values().map(|network| network.ip_address);
      ips.find(|ip| !ip.is_empty())
    };
    Ok(own.or_else(of_network))
  }
}
