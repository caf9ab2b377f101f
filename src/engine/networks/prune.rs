//! Pruning as the engine does it, and a look at what that would take.

use std::collections::{BTreeMap, HashSet};

use serde::Deserialize;
use serde_json::{Value, json};

use super::listing;
use crate::engine::Engine;
use crate::engine::call::Call;
use crate::engine::container::inspect::null_as_default;
use crate::engine::container::logs::timestamp;
use crate::engine::containers::prune::{has_label, moment};
use crate::engine::error::{EngineError, Result};
use crate::engine::fault::Subject;
use crate::engine::images::list::Filters;

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct PruneOptions {
  /// `{ until: '24h', label: 'a=b', 'label!': 'keep' }`
  pub filters: Filters,
  pub dry_run: bool,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
  id: String,
  name: String,
  #[serde(default)]
  created: String,
  #[serde(default)]
  ingress: bool,
  #[serde(default, deserialize_with = "null_as_default")]
  labels: BTreeMap<String, String>,
}

/// The engine's `{ NetworksDeleted }`; of a dry run the same, as it would be.
pub async fn prune(engine: &Engine, options: &PruneOptions) -> Result<Value> {
  if options.dry_run {
    return would_prune(engine, options).await;
  }
  let call = Call::post("cannot prune the networks of", Subject::Engine, "/networks/prune");
  call.query_if("filters", options.filters.json()).read(engine).await
}

async fn would_prune(engine: &Engine, options: &PruneOptions) -> Result<Value> {
  let Filters(filters) = &options.filters;
  let known = |name: &&String| !["until", "label", "label!"].contains(&name.as_str());
  if let Some(name) = filters.keys().find(known) {
    let why = "a prune of networks knows until, label and label!";
    return Err(EngineError::invalid(format!("filters.{name}"), why));
  }
  let before = filters.get("until").map(moment).transpose()?;
  let (with, without) = (options.filters.texts("label"), options.filters.texts("label!"));
  let used = in_use(engine).await?;
  let goes = |listed: &Listed| {
    !listed.ingress
      && !used.contains(&listed.id)
      && before.is_none_or(|before| created(listed) < before)
      && with.iter().all(|label| has_label(&listed.labels, label))
      && (without.is_empty() || !without.iter().all(|label| has_label(&listed.labels, label)))
  };
  let mut unused = serde_json::Map::new();
  unused.insert("dangling".into(), json!([true]));
  let all: Vec<Listed> = listing(&Filters(unused)).read(engine).await?;
  let names: Vec<_> = all.into_iter().filter(goes).map(|listed| listed.name).collect();
  Ok(json!({ "NetworksDeleted": names }))
}

/// Those that a running container is in: engines before 28 list them as dangling all the same.
async fn in_use(engine: &Engine) -> Result<HashSet<String>> {
  let running: Vec<Value> =
    Call::get("cannot list the containers of", Subject::Engine, "/containers/json")
      .read(engine)
      .await?;
  let networks = running.iter().filter_map(|container| {
    container.pointer("/NetworkSettings/Networks").and_then(Value::as_object)
  });
  let ids = networks.flat_map(|networks| networks.values());
  Ok(ids.filter_map(|one| one.get("NetworkID")?.as_str()).map(str::to_owned).collect())
}

fn created(listed: &Listed) -> i64 {
  let moment = timestamp("Created", &listed.created).unwrap_or_default();
  moment.split('.').next().and_then(|seconds| seconds.parse().ok()).unwrap_or_default()
}
