//! Pruning as the engine does it, and a look at what that would take.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::engine::Engine;
use crate::engine::call::Call;
use crate::engine::container::inspect::null_as_default;
use crate::engine::containers::prune::has_label;
use crate::engine::error::{EngineError, Result};
use crate::engine::fault::Subject;
use crate::engine::images::list::Filters;
use crate::engine::request::greeting;

/// From this version of the API on the engine leaves volumes with a name alone, unless `all` is said.
const SPARES_NAMED: (u32, u32) = (1, 42);

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct PruneOptions {
  /// `{ all: true, label: 'a=b', 'label!': 'keep' }`
  pub filters: Filters,
  pub dry_run: bool,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Usage {
  #[serde(deserialize_with = "null_as_default")]
  volumes: Vec<Listed>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Listed {
  name: String,
  driver: String,
  #[serde(deserialize_with = "null_as_default")]
  labels: BTreeMap<String, String>,
  #[serde(deserialize_with = "null_as_default")]
  usage_data: UsageData,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct UsageData {
  size: i64,
  ref_count: i64,
}

/// The engine's `{ VolumesDeleted, SpaceReclaimed }`; of a dry run the same, as it would be.
pub async fn prune(engine: &Engine, options: &PruneOptions) -> Result<Value> {
  let spares_named = api_version(engine).await? >= SPARES_NAMED;
  let all = all(&options.filters, spares_named)?;
  let Filters(mut filters) = options.filters.clone();
  if !spares_named {
    filters.shift_remove("all");
  }
  if options.dry_run {
    return would_prune(engine, &Filters(filters), all).await;
  }
  let call = Call::post("cannot prune the volumes of", Subject::Engine, "/volumes/prune");
  call.query_if("filters", Filters(filters).json()).read(engine).await
}

/// Whether those with a name go as well.
fn all(filters: &Filters, spares_named: bool) -> Result<bool> {
  let said = filters.texts("all");
  let all = said.iter().any(|text| text == "true" || text == "1");
  if !spares_named && !said.is_empty() && !all {
    let text = "engines before API 1.42 prune volumes with a name as well; spare them by a label";
    return Err(
      EngineError::not_supported(text).with(|facts| facts.path = Some("filters.all".into())),
    );
  }
  Ok(all || !spares_named)
}

async fn api_version(engine: &Engine) -> Result<(u32, u32)> {
  let headers = greeting(engine).await?;
  let version = headers.get("api-version").and_then(|value| value.to_str().ok());
  let (major, minor) = version.and_then(|text| text.split_once('.')).unwrap_or(("1", "0"));
  Ok((major.parse().unwrap_or(1), minor.parse().unwrap_or(0)))
}

async fn would_prune(engine: &Engine, filters: &Filters, all: bool) -> Result<Value> {
  let known = |name: &&String| !["all", "label", "label!"].contains(&name.as_str());
  if let Some(name) = filters.0.keys().find(known) {
    let why = "a prune of volumes knows all, label and label!";
    return Err(EngineError::invalid(format!("filters.{name}"), why));
  }
  let (with, without) = (filters.texts("label"), filters.texts("label!"));
  let goes = |volume: &Listed| {
    // The engine prunes none of other drivers: what they hold may not be its own.
    volume.driver == "local"
      && volume.usage_data.ref_count == 0
      && (all || volume.labels.contains_key("com.docker.volume.anonymous"))
      && with.iter().all(|label| has_label(&volume.labels, label))
      && (without.is_empty() || !without.iter().all(|label| has_label(&volume.labels, label)))
  };
  let call = Call::get("cannot measure the volumes of", Subject::Engine, "/system/df");
  let usage: Usage = call.query("type", "volume").read(engine).await?;
  let (mut names, mut size) = (Vec::new(), 0);
  for volume in usage.volumes.into_iter().filter(goes) {
    size += volume.usage_data.size.max(0);
    names.push(volume.name);
  }
  Ok(json!({ "VolumesDeleted": names, "SpaceReclaimed": size }))
}
