//! Other limits for a container, while it runs.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Container, inspect};
use crate::engine::call::Call;
use crate::engine::create::{self, Resources};
use crate::engine::error::{EngineError, Result};
use crate::engine::size::Bytes;

/// `update({ … })`: what the engine can change of a container that is there. What is given is sent,
/// a zero as well.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct UpdateOptions {
  pub cpus: Option<f64>,
  pub memory: Option<Bytes>,
  pub memory_swap: Option<Bytes>,
  pub memory_reservation: Option<Bytes>,
  pub kernel_memory: Option<Bytes>,
  pub cpu_shares: Option<i64>,
  pub cpu_period: Option<i64>,
  pub cpu_quota: Option<i64>,
  pub cpu_realtime_period: Option<i64>,
  pub cpu_realtime_runtime: Option<i64>,
  pub cpuset_cpus: Option<String>,
  pub cpuset_mems: Option<String>,
  pub blkio_weight: Option<u16>,
  pub pids_limit: Option<i64>,
  pub restart: Option<String>,
  /// Fields of the engine's own update call, over the rest.
  pub extra: Map<String, Value>,
}

impl UpdateOptions {
  /// The request's body.
  pub fn body(&self) -> Result<Value> {
    let resources = Resources {
      cpus: self.cpus,
      memory: self.memory,
      memory_swap: self.memory_swap,
      memory_reservation: self.memory_reservation,
      kernel_memory: self.kernel_memory,
      cpu_shares: self.cpu_shares,
      cpu_period: self.cpu_period,
      cpu_quota: self.cpu_quota,
      cpu_realtime_period: self.cpu_realtime_period,
      cpu_realtime_runtime: self.cpu_realtime_runtime,
      cpuset_cpus: self.cpuset_cpus.clone(),
      cpuset_mems: self.cpuset_mems.clone(),
      blkio_weight: self.blkio_weight,
      pids_limit: self.pids_limit,
    };
    let mut body = resources.fields()?;
    if let Some(policy) = &self.restart {
      body.insert("RestartPolicy".into(), create::restart(policy)?);
    }
    for (key, value) in &self.extra {
      body.insert(key.clone(), value.clone());
    }
    if body.is_empty() {
      return Err(EngineError::invalid("", "there is nothing to update"));
    }
    Ok(Value::Object(body))
  }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Updated {
  #[serde(default, deserialize_with = "inspect::null_as_default")]
  warnings: Vec<String>,
}

impl Container {
  /// What the engine warns of is among the container's warnings.
  pub async fn update(&self, options: &UpdateOptions) -> Result<()> {
    let id = self.id()?;
    let call = Call::post("cannot update", self.subject(), format!("/containers/{id}/update"));
    let updated: Updated = call.json(&options.body()?)?.read(self.engine()).await?;
    self.state().warnings.extend(updated.warnings);
    Ok(())
  }
}
