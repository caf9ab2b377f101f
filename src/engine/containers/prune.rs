//! Pruning as the engine does it, and a look at what that would take.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::list::{self, Listed};
use crate::engine::Engine;
use crate::engine::call::Call;
use crate::engine::container::logs::timestamp;
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

/// The engine's `{ ContainersDeleted, SpaceReclaimed }`; of a dry run the same, as it would be.
pub async fn prune(engine: &Engine, options: &PruneOptions) -> Result<Value> {
  if options.dry_run {
    return would_prune(engine, options).await;
  }
  let call = Call::post("cannot prune the containers of", Subject::Engine, "/containers/prune");
  call.query_if("filters", options.filters.json()).read(engine).await
}

async fn would_prune(engine: &Engine, options: &PruneOptions) -> Result<Value> {
  let Filters(mut filters) = options.filters.clone();
  // A list knows neither of these; the rest it refuses as the prune itself would.
  let before = filters.shift_remove("until").map(|until| moment(&until)).transpose()?;
  let without = filters.shift_remove("label!").map(|labels| texts(&labels)).unwrap_or_default();
  if let Some(name) = filters.keys().find(|name| *name != "label") {
    let why = "a prune of containers knows until, label and label!";
    return Err(EngineError::invalid(format!("filters.{name}"), why));
  }
  let goes = |listed: &Listed| {
    listed.is_stopped()
      && before.is_none_or(|before| listed.created < before)
      && !without.iter().any(|label| has_label(&listed.labels, label))
  };
  let all = list::all(engine, Filters(filters), true).await?;
  let (mut ids, mut size) = (Vec::new(), 0);
  for listed in all.into_iter().filter(goes) {
    size += listed.size_rw;
    ids.push(listed.id);
  }
  Ok(json!({ "ContainersDeleted": ids, "SpaceReclaimed": size }))
}

/// `name`, or `name=value`.
pub fn has_label(labels: &BTreeMap<String, String>, label: &str) -> bool {
  match label.split_once('=') {
    Some((name, value)) => labels.get(name).is_some_and(|own| own == value),
    None => labels.contains_key(label),
  }
}

fn texts(value: &Value) -> Vec<String> {
  let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
  match value {
    Value::Array(values) => values.iter().map(text).collect(),
    Value::Object(values) => values.keys().cloned().collect(),
    value => vec![text(value)],
  }
}

/// `until`: seconds since 1970, an RFC 3339 time, or an age.
pub fn moment(until: &Value) -> Result<i64> {
  let texts = texts(until);
  let [text] = texts.as_slice() else {
    return Err(EngineError::invalid("filters.until", "one time is expected"));
  };
  let moment = timestamp("filters.until", text)?;
  Ok(moment.split('.').next().and_then(|seconds| seconds.parse().ok()).unwrap_or_default())
}
