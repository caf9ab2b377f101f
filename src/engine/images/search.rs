//! Looking images up: in the engine's registry, and by taking a name apart.

use serde::{Deserialize, Serialize};

use super::list::Filters;
use crate::engine::Engine;
use crate::engine::call::Call;
use crate::engine::error::Result;
use crate::engine::fault::Subject;
use crate::engine::reference::Reference;

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct SearchOptions {
  pub limit: Option<u32>,
  pub filters: Filters,
}

/// What Docker Hub, or the engine's own index, has under a term.
pub async fn search(engine: &Engine, term: &str, options: &SearchOptions) -> Result<String> {
  Call::get("cannot search the registry of", Subject::Engine, "/images/search")
    .query("term", term)
    .query_if("limit", options.limit)
    .query_if("filters", options.filters.json())
    .text(engine)
    .await
}

/// `images.parseReference(…)`.
#[derive(Debug, Clone, Serialize)]
pub struct Parsed {
  pub registry: String,
  pub repository: String,
  /// The name without tag and digest, as the engine's lists show it.
  pub group: String,
  pub tag: Option<String>,
  pub digest: Option<String>,
  /// The whole name, normalised.
  pub name: String,
}

pub fn parse(text: &str) -> Result<Parsed> {
  let reference = Reference::parse(text)?;
  let (group, name) = (reference.name(), reference.to_string());
  let Reference { registry, repository, tag, digest } = reference;
  Ok(Parsed { registry, repository, group, tag, digest, name })
}
