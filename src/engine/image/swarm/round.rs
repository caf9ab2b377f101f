//! A round: one service that runs some of a job's replicas. There is one, unless nodes are lost or
//! replicas fail: swarms run no job's task anew whose node is gone, and replace one that failed.

use serde_json::{Value, json};

use super::service::Service;
use crate::engine::Engine;
use crate::engine::error::Result;

/// By which a program knows which replica it is.
const INDEX: &str = "DOKERES_REPLICA";

/// Swarm's own way to say so, which its template expands; it knows nothing of rounds, and for the
/// first of a job's tasks gives the node's id.
const SLOT: &str = "{{.Task.Slot}}";

/// What is the same for all rounds.
pub struct Plan {
  pub engine: Engine,
  pub spec: Value,
  pub name: String,
  pub auth: Option<String>,
  /// How many may run at once.
  pub width: usize,
}

pub struct Round {
  pub service: Service,
  /// Which replicas it runs, by its slots.
  pub replicas: Vec<usize>,
  /// Those that another round has taken over.
  pub given_up: Vec<usize>,
  pub width: usize,
  /// How many of its places are taken for good: by tasks that failed, and that are lost.
  pub stuck: usize,
}

impl Plan {
  /// The service that runs these replicas; `number` tells rounds apart, from 1.
  pub async fn start(&self, number: usize, replicas: Vec<usize>) -> Result<Round> {
    let name = if number == 1 { self.name.clone() } else { format!("{}-{number}", self.name) };
    let width = self.width.min(replicas.len());
    let mut spec = self.spec.clone();
    spec["Name"] = json!(name);
    spec["Mode"] =
      json!({ "ReplicatedJob": { "TotalCompletions": replicas.len(), "MaxConcurrent": width } });
    number_tasks(&mut spec["TaskTemplate"]["ContainerSpec"], &replicas);
    let service = Service::create(&self.engine, &name, &spec, self.auth.as_deref()).await?;
    Ok(Round { service, replicas, given_up: Vec::new(), width, stuck: 0 })
  }
}

impl Round {
  /// The replica that a slot is of. Slots begin with 0, and would fit as well if they began with 1.
  pub fn replica(&self, slot: u64) -> Option<usize> {
    let count = self.replicas.len() as u64;
    let index = usize::try_from(slot.checked_rem(count)?).ok()?;
    self.replicas.get(index).copied().filter(|replica| !self.given_up.contains(replica))
  }
}

/// Each task gets to know which replica it is.
fn number_tasks(container: &mut Value, replicas: &[usize]) {
  let index = index_of_task(replicas);
  if let Some(container) = container.as_object_mut() {
    let env = container.entry("Env").or_insert_with(|| json!([]));
    if let Value::Array(env) = env
      && !env.iter().any(|pair| pair.as_str().is_some_and(|pair| pair.starts_with(INDEX)))
    {
      env.push(json!(format!("{INDEX}={SLOT}")));
    }
    for field in ["Env", "Hostname", "Mounts"] {
      if let Some(value) = container.get_mut(field) {
        replace(value, &index);
      }
    }
  }
}

fn index_of_task(replicas: &[usize]) -> String {
  let first = replicas.first().copied().unwrap_or_default();
  if replicas.iter().copied().eq(0..replicas.len()) {
    let count = replicas.len();
    // A node's id has 25 characters.
    return format!(
      "{{{{if or (eq (len .Task.Slot) 25) (eq .Task.Slot \"{count}\")}}}}0{{{{else}}}}{SLOT}{{{{end}}}}"
    );
  }
  let others: Vec<_> = replicas
    .iter()
    .enumerate()
    .skip(1)
    .map(|(slot, replica)| format!("if eq .Task.Slot \"{slot}\"}}}}{replica}{{{{else"))
    .collect();
  if others.is_empty() {
    return first.to_string();
  }
  format!("{{{{{}}}}}{first}{{{{end}}}}", others.join(" "))
}

fn replace(value: &mut Value, index: &str) {
  match value {
    Value::String(text) if text.contains(SLOT) => *text = text.replace(SLOT, index),
    Value::Array(list) => list.iter_mut().for_each(|item| replace(item, index)),
    Value::Object(map) => map.values_mut().for_each(|item| replace(item, index)),
    _ => {}
  }
}

#[cfg(test)]
mod tests {
  use super::index_of_task;

  #[test]
  fn a_template_tells_the_replica() {
    assert_eq!(index_of_task(&[4]), "4");
    assert_eq!(index_of_task(&[3, 5]), "{{if eq .Task.Slot \"1\"}}5{{else}}3{{end}}");
    assert_eq!(
      index_of_task(&[3, 5, 9]),
      "{{if eq .Task.Slot \"1\"}}5{{else if eq .Task.Slot \"2\"}}9{{else}}3{{end}}"
    );
  }
}
