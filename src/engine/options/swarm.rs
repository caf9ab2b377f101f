//! `task`'s `swarm`: the same call, as a job of a swarm's.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::engine::error::{EngineError, Result};

/// How often the task runs, and on which nodes.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct SwarmOptions {
  pub replicas: u32,
  /// Absent: all at once.
  pub max_concurrent: Option<u32>,
  /// As docker's `--constraint`: `node.role==worker`.
  pub constraints: Vec<String>,
  pub placement: Placement,
  /// Raw fields of the service's specification, merged deeply over the rest.
  pub extra: Map<String, Value>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Placement {
  /// What they are spread over, as docker's `--placement-pref`: `spread=node.labels.zone`.
  pub preferences: Vec<String>,
  pub max_replicas_per_node: Option<u32>,
}

impl Default for SwarmOptions {
  fn default() -> Self {
    Self {
      replicas: 1,
      max_concurrent: None,
      constraints: Vec::new(),
      placement: Placement::default(),
      extra: Map::new(),
    }
  }
}

impl SwarmOptions {
  /// What the swarm would refuse, or take for something else.
  pub fn check(&self) -> Result<()> {
    if self.replicas == 0 {
      return Err(EngineError::invalid("swarm.replicas", "at least one is to run"));
    }
    if self.max_concurrent == Some(0) {
      return Err(EngineError::invalid("swarm.maxConcurrent", "at least one is to run at a time"));
    }
    for (index, text) in self.constraints.iter().enumerate() {
      if !text.contains("==") && !text.contains("!=") {
        let why = format!("`{text}` is no constraint; like 'node.role==worker'");
        return Err(EngineError::invalid(format!("swarm.constraints[{index}]"), why));
      }
    }
    for (index, text) in self.placement.preferences.iter().enumerate() {
      if !spread_over(text).starts_with("node.labels.")
        && !spread_over(text).starts_with("engine.labels.")
      {
        let why = format!("`{text}` is no preference; like 'spread=node.labels.zone'");
        return Err(EngineError::invalid(format!("swarm.placement.preferences[{index}]"), why));
      }
    }
    if self.placement.max_replicas_per_node == Some(0) {
      let path = "swarm.placement.maxReplicasPerNode";
      return Err(EngineError::invalid(path, "at least one is to run on a node"));
    }
    Ok(())
  }
}

/// The label that a preference names, with or without docker's `spread=`.
#[must_use]
pub fn spread_over(preference: &str) -> &str {
  preference.strip_prefix("spread=").unwrap_or(preference)
}
