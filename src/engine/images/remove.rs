//! Removing: one image, or all of a group.

use futures_util::{StreamExt, stream};
use http::Method;
use serde::Deserialize;
use serde_json::Value;

use super::list::{self, Listed};
use crate::engine::call::Call;
use crate::engine::error::{Code, Result};
use crate::engine::fault::Subject;
use crate::engine::reference::Reference;
use crate::engine::{Engine, batch};

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct RemoveOptions {
  /// Also where it has several names, or stopped containers are made of it.
  pub force: bool,
  /// Leaves its untagged parents.
  pub no_prune: bool,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct RemoveGroupOptions {
  pub force: bool,
  pub concurrency: Option<usize>,
}

/// Removes an image by name or id; the engine's list of what that untagged and deleted.
pub async fn remove(engine: &Engine, name: &str, options: &RemoveOptions) -> Result<Vec<Value>> {
  let path = format!("/images/{name}");
  let call = Call::new(Method::DELETE, "cannot remove", Subject::image(name), path);
  let call = call.query("force", options.force).query_if("noprune", options.no_prune.then_some(1));
  call.read(engine).await
}

/// Removes all images of a group: its names, and then what nothing else names.
pub async fn remove_group(
  engine: &Engine,
  group: &str,
  options: &RemoveGroupOptions,
) -> Result<Vec<String>> {
  let limit = batch::limit(options.concurrency)?;
  let group = Reference::parse(group)?;
  let name = group.name();
  let of_group = |own: &&String| list::repository(own) == name;
  let names = |image: Listed| {
    let names = image.tags().chain(image.lone_digests()).filter(of_group);
    names.cloned().collect::<Vec<_>>()
  };
  let families = list::families_of_group(engine, &group).await?;
  let families = families.into_iter().map(|family| family.into_iter().flat_map(names).collect());
  let families: Vec<Vec<String>> = families.collect();
  let remove = RemoveOptions { force: options.force, no_prune: false };
  // The last name takes its image along, and that its parents without a name: within a family one
  // goes after another, or the engine would trip over itself.
  let outcomes: Vec<Vec<batch::Outcome<_>>> = stream::iter(families)
    .map(|names| {
      let remove = &remove;
      async move {
        let mut outcomes = Vec::new();
        for name in names {
          let outcome = self::remove(engine, &name, remove).await;
          outcomes.push((name, outcome));
        }
        outcomes
      }
    })
    .buffered(limit)
    .collect()
    .await;
  let outcomes = outcomes.into_iter().flatten().collect();
  let what = format!("images of {name}");
  batch::all_or_partial(&what, "removed", Code::ImageNotFound, outcomes).map(batch::targets)
}
