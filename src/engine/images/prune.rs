//! Pruning as the engine does it, and a look at what that would take.

use serde::Deserialize;
use serde_json::{Value, json};

use super::list::{self, Filters, ListOptions};
use super::plan::in_use;
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
  // A list knows other filters than a prune: it would tell of more, or less, than would go.
  let mut names = options.filters.0.keys();
  if let Some(name) = names.find(|name| !["dangling", "label"].contains(&name.as_str())) {
    let text = format!("a dry run cannot foresee the filter `{name}`");
    return Err(
      EngineError::not_supported(text).with(|facts| facts.path = Some(format!("filters.{name}"))),
    );
  }
  let all = options.filters.texts("dangling").iter().any(|text| text == "false" || text == "0");
  let Filters(mut filters) = options.filters.clone();
  filters.shift_remove("dangling");
  if !all {
    filters.insert("dangling".into(), json!([true]));
  }
  let wanted = ListOptions { filters: Filters(filters), ..ListOptions::default() };
  let images = list::listed(engine, &wanted).await?;
  let used = in_use(engine).await?;
  let (mut deleted, mut size) = (Vec::new(), 0);
  for image in images.iter().filter(|image| !used.contains(&image.id)) {
    deleted.extend(image.tags().map(|tag| json!({ "Untagged": tag })));
    deleted.push(json!({ "Deleted": image.id }));
    size += image.size;
  }
  Ok(json!({ "ImagesDeleted": deleted, "SpaceReclaimed": size }))
}
