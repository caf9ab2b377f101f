//! Removing: one image, or all of a group.

use http::Method;
use serde::Deserialize;
use serde_json::Value;

use super::list;
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
  let mut targets = Vec::new();
  for image in list::of_group(engine, &group).await? {
    let before = targets.len();
    let own = |tag: &&String| tag.rsplit_once(':').is_some_and(|(own, _)| own == name);
    targets.extend(image.repo_tags.iter().filter(own).cloned());
    if targets.len() == before {
      targets.push(image.id);
    }
  }
  let remove = &RemoveOptions { force: options.force, no_prune: false };
  let outcomes =
    batch::each(
      targets,
      limit,
      |target| async move { self::remove(engine, &target, remove).await },
    );
  let what = format!("images of {name}");
  let removed = batch::all_or_partial(&what, "removed", Code::ImageNotFound, outcomes.await)?;
  Ok(batch::targets(removed))
}
