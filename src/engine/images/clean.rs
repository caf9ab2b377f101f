//! Cleaning up: images that are old, or have not been used for long; never one that is in use.

use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::list::{self, Filters, ListOptions, Listed};
use super::plan::{Going, Plan, in_use, needed};
use super::remove::{self, RemoveOptions};
use super::usage::{Moment, Usage};
use crate::engine::Engine;
use crate::engine::call::Call;
use crate::engine::error::{Code, EngineError, Result};
use crate::engine::fault::Subject;
use crate::engine::image::Image;
use crate::engine::scope;
use crate::engine::size::Span;

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct CleanOptions {
  /// Built longer ago than this.
  pub older_than: Option<Span>,
  /// Not pulled, built, or made a container of, for this long.
  pub unused_for: Option<Span>,
  pub filters: Filters,
  /// Tells what would go, and leaves it.
  pub dry_run: bool,
  /// A file that remembers uses from one process to the next.
  pub memory: Option<PathBuf>,
}

/// What a cleaning came to.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Cleaned {
  pub removed: Vec<Candidate>,
  pub failed: Vec<Failed>,
  /// At most these bytes: layers that other images have as well stay.
  pub reclaimed: i64,
  pub dry_run: bool,
}

#[derive(Debug, Clone, Serialize)]
pub struct Candidate {
  pub id: String,
  pub tags: Vec<String>,
  pub size: i64,
}

#[derive(Debug, Serialize)]
pub struct Failed {
  pub id: String,
  /// Those that it has still.
  pub tags: Vec<String>,
  pub error: EngineError,
}

impl CleanOptions {
  /// Something has to say what may go.
  pub fn check(&self) -> Result<()> {
    if self.older_than.is_some() || self.unused_for.is_some() || !self.filters.is_empty() {
      return Ok(());
    }
    let why = "say what may go: olderThan, unusedFor or filters; else it would be every image";
    Err(EngineError::invalid("olderThan", why))
  }
}

/// Removes what fits; what cannot be removed is told of, and stops nothing.
pub async fn clean(engine: &Engine, options: &CleanOptions) -> Result<Cleaned> {
  options.check()?;
  let mut wanted = ListOptions { digests: true, ..ListOptions::default() };
  wanted.filters = options.filters.clone();
  let mut images = list::listed(engine, &wanted).await?;
  let all = ListOptions { all: true, digests: true, ..ListOptions::default() };
  let all = list::listed(engine, &all).await?;
  let in_use = in_use(engine).await?;
  // The engine's clock: its events, taggings and builds go by that.
  let now = engines_now(engine).await?;
  images.retain(|image| {
    let old = |age: Span| age.0.is_zero() || image.created < before(now, age);
    !in_use.contains(&image.id) && options.older_than.is_none_or(old)
  });
  if let Some(span) = options.unused_for {
    let mut usage = remembered(engine, options).await?;
    usage.learn(engine, &all, &in_use, now).await?;
    let cutoff = before(now, span);
    let mut unused = Vec::new();
    for image in images {
      if usage.last(&image, last_tagged(engine, &image).await?, cutoff) < cutoff {
        unused.push(image);
      }
    }
    images = unused;
    match &options.memory {
      Some(path) => usage.write(path).await?,
      // Two cleanings at once learn the same: the later one's knowledge stays.
      None => engine.remember_usage(usage),
    }
  }
  let Plan { going, needed } = Plan::new(images, &all, &in_use);
  let mut cleaned = Cleaned { dry_run: options.dry_run, failed: needed, ..Cleaned::default() };
  for going in going {
    if !options.dry_run {
      let (engine, one) = (engine.clone(), going.clone());
      // An abort comes between two images: none is left with half of its names.
      let task = tokio::spawn(async move { take(&engine, &one).await });
      if let Some(failed) = scope::unless_abandoned(task, |_| async {}).await? {
        cleaned.failed.push(failed);
        continue;
      }
    }
    let Going { id, tags, size, whole, .. } = going;
    cleaned.reclaimed += if whole { size } else { 0 };
    cleaned.removed.push(Candidate { id, tags, size });
  }
  Ok(cleaned)
}

/// Removes one, name after name: by its id an image of several is removed only by force, and force
/// would also take one that a container has been made of since. What is refused has its names again.
async fn take(engine: &Engine, going: &Going) -> Result<Option<Failed>> {
  let mut gone = Vec::new();
  let mut refused = None;
  let mut deleted = false;
  for name in &going.names {
    match remove::remove(engine, name, &RemoveOptions::default()).await {
      Ok(records) => {
        gone.push(name);
        deleted |= records.iter().any(|record| record.get("Deleted").is_some());
      }
      // Somebody else was faster.
      Err(error) if error.is(Code::ImageNotFound) => deleted = true,
      Err(error) if error.facts().status_code.is_some() => {
        refused = Some(error);
        break;
      }
      Err(error) => return Err(error),
    }
  }
  let error = match refused {
    Some(error) => error,
    None if deleted || !going.whole => return Ok(None),
    None => needed(&going.id, "something else came to need it"),
  };
  let mut lost = Vec::new();
  for name in gone.into_iter().filter(|name| going.tags.contains(name)) {
    let image = Image::named(engine, &going.id)?;
    if image.tag(name).await.is_err() {
      lost.push(name);
    }
  }
  let tags = going.tags.iter().filter(|tag| !lost.contains(tag)).cloned().collect();
  Ok(Some(Failed { id: going.id.clone(), tags, error }))
}

async fn remembered(engine: &Engine, options: &CleanOptions) -> Result<Usage> {
  match &options.memory {
    Some(path) => Usage::read(path).await,
    None => Ok(engine.usage()),
  }
}

/// When it got a name here. Pulls do not count as that for engines; they are among the events.
async fn last_tagged(engine: &Engine, image: &Listed) -> Result<Option<Moment>> {
  let path = format!("/images/{}/json", image.id);
  let call = Call::get("cannot inspect", Subject::image(&image.id), path);
  let inspected: Value = match call.read(engine).await {
    Ok(inspected) => inspected,
    Err(error) if error.is(Code::ImageNotFound) => return Ok(None),
    Err(error) => return Err(error),
  };
  let text = inspected.pointer("/Metadata/LastTagTime").and_then(Value::as_str);
  let time = text.and_then(|text| OffsetDateTime::parse(text, &Rfc3339).ok());
  // The year 1 is the engine's way to say never.
  Ok(time.map(OffsetDateTime::unix_timestamp).filter(|time| *time > 0))
}

/// What time it is for the engine, which may be on another machine.
pub async fn engines_now(engine: &Engine) -> Result<OffsetDateTime> {
  let info: Value = Call::get("cannot ask", Subject::Engine, "/info").read(engine).await?;
  let text = info.get("SystemTime").and_then(Value::as_str);
  let time = text.and_then(|text| OffsetDateTime::parse(text, &Rfc3339).ok());
  Ok(time.unwrap_or_else(OffsetDateTime::now_utc))
}

/// Rounded so that nothing goes a moment too early: the engine's times are in whole seconds.
pub fn before(now: OffsetDateTime, span: Span) -> Moment {
  let seconds = span.0.saturating_add(Duration::from_nanos(999_999_999)).as_secs();
  now.unix_timestamp().saturating_sub(i64::try_from(seconds).unwrap_or(i64::MAX))
}
