//! Containers by their ids: one, or many at once.

use serde::Deserialize;

use super::group::{self, Source};
use super::list::{self, NarrowOptions, States};
use crate::engine::container::{Container, removal};
use crate::engine::error::{Code, Result};
use crate::engine::images::list::Filters;
use crate::engine::options::StopOptions;
use crate::engine::{Engine, batch};

/// `stopRemove(id)`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct StopRemoveOptions {
  /// Seconds between the stop signal and SIGKILL.
  pub timeout: Option<i64>,
  /// Their anonymous volumes as well.
  pub volumes: bool,
}

/// Of all that was made of an image or a group.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct StopMany {
  pub timeout: Option<i64>,
  pub concurrency: Option<usize>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct RemoveMany {
  /// Running ones too.
  pub force: bool,
  pub volumes: bool,
  pub concurrency: Option<usize>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct StopRemoveMany {
  pub timeout: Option<i64>,
  pub volumes: bool,
  pub concurrency: Option<usize>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct RemoveStopped {
  pub volumes: bool,
  pub filters: Filters,
  pub concurrency: Option<usize>,
}

/// Stops and removes; one that goes by itself meanwhile is gone as well.
pub async fn stop_remove(engine: &Engine, id: &str, options: &StopRemoveOptions) -> Result<()> {
  let stopped = Container::at(engine, id)?.stop(&StopOptions { timeout: options.timeout }).await;
  match stopped {
    Err(gone) if gone.is(Code::ContainerNotFound) => return Ok(()),
    outcome => outcome?,
  }
  removal::remove(engine, id, false, options.volumes).await
}

/// Stops those that run. Their ids.
pub async fn stop_all(engine: &Engine, of: &Source, options: &StopMany) -> Result<Vec<String>> {
  let limit = batch::limit(options.concurrency)?;
  let running = NarrowOptions::default().of(States::Running)?;
  let stop = &StopOptions { timeout: options.timeout };
  let outcomes = batch::each(group::ids(engine, of, &running).await?, limit, |id| async move {
    Container::at(engine, &id)?.stop(stop).await
  });
  told("stopped", outcomes.await)
}

/// Removes them. Their ids.
pub async fn remove_all(engine: &Engine, of: &Source, options: &RemoveMany) -> Result<Vec<String>> {
  let limit = batch::limit(options.concurrency)?;
  let all = NarrowOptions::default().of(States::All)?;
  let RemoveMany { force, volumes, .. } = *options;
  let outcomes = batch::each(group::ids(engine, of, &all).await?, limit, |id| async move {
    removal::remove(engine, &id, force, volumes).await
  });
  told("removed", outcomes.await)
}

/// Stops and removes them. Their ids.
pub async fn stop_remove_all(
  engine: &Engine,
  of: &Source,
  options: &StopRemoveMany,
) -> Result<Vec<String>> {
  let limit = batch::limit(options.concurrency)?;
  let all = NarrowOptions::default().of(States::All)?;
  let each = &StopRemoveOptions { timeout: options.timeout, volumes: options.volumes };
  let outcomes = batch::each(group::ids(engine, of, &all).await?, limit, |id| async move {
    stop_remove(engine, &id, each).await
  });
  told("removed", outcomes.await)
}

/// Removes those that do not run. Their ids; one that is started meanwhile stays, and is not told.
pub async fn remove_stopped(engine: &Engine, options: RemoveStopped) -> Result<Vec<String>> {
  let RemoveStopped { volumes, filters, concurrency } = options;
  let limit = batch::limit(concurrency)?;
  let stopped = list::all(engine, filters, false).await?;
  let ids = stopped.into_iter().filter(list::Listed::is_stopped).map(|listed| listed.id).collect();
  let outcomes = batch::each(ids, limit, |id| async move {
    match removal::remove(engine, &id, false, volumes).await {
      Err(error) if error.is(Code::Conflict) && error.to_string().contains("running") => Ok(false),
      outcome => outcome.map(|()| true),
    }
  });
  let removed = partial("removed", outcomes.await)?;
  let is_removed = |(_, outcome): &batch::Outcome<bool>| !matches!(outcome, Ok(false));
  Ok(batch::targets(removed.into_iter().filter(is_removed).collect()))
}

fn partial<T>(done: &str, outcomes: Vec<batch::Outcome<T>>) -> Result<Vec<batch::Outcome<T>>> {
  batch::all_or_partial("containers", done, Code::ContainerNotFound, outcomes)
}

fn told(done: &str, outcomes: Vec<batch::Outcome<()>>) -> Result<Vec<String>> {
  partial(done, outcomes).map(batch::targets)
}
