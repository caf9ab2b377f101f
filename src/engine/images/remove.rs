//! Removing: one image, or all of a group.

use futures_util::{StreamExt, stream};
use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::list::{self, Listed};
use crate::engine::Engine;
use crate::engine::call::Call;
use crate::engine::error::{Code, EngineError, Result};
use crate::engine::fault::Subject;
use crate::engine::reference::Reference;

/// How many calls of a batch run at once.
pub const CONCURRENCY: usize = 8;

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

/// A name or id, and how its removal went.
type Outcome = (String, Result<Vec<Value>>);

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
  let concurrency = options.concurrency.unwrap_or(CONCURRENCY);
  if concurrency == 0 {
    return Err(EngineError::invalid("concurrency", "at least 1"));
  }
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
  let outcomes: Vec<Vec<Outcome>> = stream::iter(families)
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
    .buffered(concurrency)
    .collect()
    .await;
  let outcomes = outcomes.into_iter().flatten().collect();
  all_or_partial(&format!("images of {name}"), outcomes)
}

/// What was done; `PARTIAL_FAILURE` with each outcome where some of it was not.
pub fn all_or_partial(what: &str, outcomes: Vec<Outcome>) -> Result<Vec<String>> {
  let gone = |outcome: &Result<Vec<Value>>| match outcome {
    Ok(_) => true,
    Err(error) => error.is(Code::ImageNotFound),
  };
  if outcomes.iter().all(|(_, outcome)| gone(outcome)) {
    return Ok(outcomes.into_iter().map(|(target, _)| target).collect());
  }
  let failed = outcomes.iter().filter(|(_, outcome)| !gone(outcome)).count();
  let count = outcomes.len();
  let first =
    outcomes.iter().find_map(|(_, outcome)| outcome.as_ref().err().map(EngineError::share));
  let results: Vec<Value> = outcomes
    .iter()
    .map(|(target, outcome)| match outcome {
      Err(error) if !error.is(Code::ImageNotFound) => {
        json!({ "target": target, "ok": false, "error": error })
      }
      _ => json!({ "target": target, "ok": true }),
    })
    .collect();
  let text = format!("{failed} of {count} {what} could not be removed; `results` says which");
  let error = EngineError::new(Code::PartialFailure, text)
    .with(|facts| facts.results = Some(Value::Array(results)));
  Err(match first {
    Some(first) => error.caused_by(first),
    None => error,
  })
}
