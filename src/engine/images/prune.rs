//! Pruning as the engine does it, and a look at what that would take.

use serde::Deserialize;
use serde_json::{Value, json};

use super::clean::in_use;
use super::list::{self, Filters, ListOptions};
use crate::engine::Engine;
use crate::engine::call::Call;
use crate::engine::error::{EngineError, Result};
use crate::engine::fault::Subject;

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct PruneOptions {
  /// `dangling: false` takes all unused ones; by default only those without a name go.
  pub filters: Filters,
  pub dry_run: bool,
}

/// The engine's `{ ImagesDeleted, SpaceReclaimed }`; of a dry run the same, as it would be.
pub async fn prune(engine: &Engine, options: &PruneOptions) -> Result<Value> {
  if options.dry_run {
    return would_prune(engine, options).await;
  }
  let call = Call::post("cannot prune the images of", Subject::Engine, "/images/prune");
  call.query_if("filters", options.filters.json()).read(engine).await
}

async fn would_prune(engine: &Engine, options: &PruneOptions) -> Result<Value> {
  let Filters(mut filters) = options.filters.clone();
  let all = filters.shift_remove("dangling").is_some_and(|given| {
    let text = given.as_array().and_then(|list| list.first()).unwrap_or(&given).to_string();
    matches!(text.trim_matches('"'), "false" | "0")
  });
  // A list knows no such filters; it would ignore them, and tell of more than would go.
  if let Some(name) = ["until", "label!"].into_iter().find(|name| filters.contains_key(*name)) {
    let text = format!("a dry run cannot foresee the filter `{name}`");
    return Err(
      EngineError::not_supported(text).with(|facts| facts.path = Some(format!("filters.{name}"))),
    );
  }
  if !all {
    filters.insert("dangling".into(), json!([true]));
  }
  let wanted = ListOptions { filters: Filters(filters), ..ListOptions::default() };
  let images = list::listed(engine, &wanted).await?;
  let used = in_use(engine).await?;
  let (mut deleted, mut size) = (Vec::new(), 0);
  for image in images.iter().filter(|image| !used.contains(&image.id)) {
    let tags = image.repo_tags.iter().filter(|tag| *tag != "<none>:<none>");
    deleted.extend(tags.map(|tag| json!({ "Untagged": tag })));
    deleted.push(json!({ "Deleted": image.id }));
    size += image.size;
  }
  Ok(json!({ "ImagesDeleted": deleted, "SpaceReclaimed": size }))
}
