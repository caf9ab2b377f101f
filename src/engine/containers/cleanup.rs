//! Removing what sessions have left: this one, a named one, or all that are old.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::list::{self, Listed};
use crate::engine::call::Call;
use crate::engine::container::removal;
use crate::engine::error::{Code, EngineError, Result};
use crate::engine::fault::Subject;
use crate::engine::images::clean::{before, engines_now};
use crate::engine::images::list::Filters;
use crate::engine::session::{self, LABEL};
use crate::engine::size::Span;
use crate::engine::{Engine, batch};

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct CleanupOptions {
  pub session: Option<String>,
  pub older_than: Option<Span>,
  pub dry_run: bool,
  pub concurrency: Option<usize>,
}

/// What a clean-up came to.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CleanedUp {
  pub removed: Vec<Removed>,
  pub dry_run: bool,
}

#[derive(Debug, Clone, Serialize)]
pub struct Removed {
  pub id: String,
  pub name: String,
  pub image: String,
  pub session: String,
}

/// Whose containers: a session's, or everybody's that are old enough.
impl CleanupOptions {
  fn whose(&self, engine: &Engine) -> Result<Option<String>> {
    match (&self.session, engine.session()) {
      (Some(name), _) => session::check_name(name).map(|()| Some(name.clone())),
      (None, _) if self.older_than.is_some() => Ok(None),
      (None, Some(own)) => Ok(Some(own.id().to_owned())),
      (None, None) => {
        let why = "this Dokeres was told to have none; say which containers may go: session or \
                   olderThan";
        Err(EngineError::invalid("session", why))
      }
    }
  }
}

/// Removes them by force, and their anonymous volumes with them.
pub async fn cleanup(engine: &Engine, options: &CleanupOptions) -> Result<CleanedUp> {
  let limit = batch::limit(options.concurrency)?;
  let whose = options.whose(engine)?;
  let left = left(engine, whose.as_deref(), options.older_than).await?;
  if !options.dry_run {
    let ids = left.iter().map(|container| container.id.clone()).collect();
    let outcomes =
      batch::each(ids, limit, |id| async move { removal::remove(engine, &id, true, true).await });
    let outcomes = outcomes.await;
    batch::all_or_partial("containers", "removed", Code::ContainerNotFound, outcomes)?;
  }
  Ok(CleanedUp { removed: left, dry_run: options.dry_run })
}

async fn left(engine: &Engine, whose: Option<&str>, age: Option<Span>) -> Result<Vec<Removed>> {
  let label = whose.map_or_else(|| LABEL.to_owned(), |session| format!("{LABEL}={session}"));
  let filters = Filters(Map::from_iter([("label".to_owned(), json!([label]))]));
  // The engine's clock wrote when they were made.
  let cutoff = match age {
    Some(age) => Some(before(engines_now(engine).await?, age)),
    None => None,
  };
  let mut of_images = BTreeMap::new();
  let mut left = Vec::new();
  for listed in list::all(engine, filters, false).await? {
    // Looked at again here: what a filter means is the engine's affair, and this removes things.
    let Some(session) = listed.labels.get(LABEL).filter(|session| !session.is_empty()) else {
      continue;
    };
    if whose.is_some_and(|whose| whose != session)
      || cutoff.is_some_and(|cutoff| listed.created > cutoff)
      || inherited(engine, &listed, session, &mut of_images).await?
    {
      continue;
    }
    left.push(Removed {
      name: listed.name().to_owned(),
      session: session.clone(),
      image: listed.image,
      id: listed.id,
    });
  }
  Ok(left)
}

/// Whether the label came with the image: one that somebody made of a session's container has it,
/// and containers of that image are not the session's.
async fn inherited(
  engine: &Engine,
  listed: &Listed,
  session: &str,
  known: &mut BTreeMap<String, Option<String>>,
) -> Result<bool> {
  if !known.contains_key(&listed.image_id) {
    let path = format!("/images/{}/json", listed.image_id);
    let call = Call::get("cannot inspect", Subject::image(&listed.image_id), path);
    let image: Value = match call.read(engine).await {
      Ok(image) => image,
      Err(gone) if gone.is(Code::ImageNotFound) => Value::Null,
      Err(error) => return Err(error),
    };
    let label = image.pointer("/Config/Labels").and_then(|labels| labels.get(LABEL));
    known.insert(listed.image_id.clone(), label.and_then(Value::as_str).map(str::to_owned));
  }
  Ok(known.get(&listed.image_id).and_then(Option::as_deref) == Some(session))
}
