//! Cleaning up: images that are old, or have not been used for long; never one that is in use.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::list::{self, Filters, ListOptions, Listed};
use super::remove::{self, RemoveOptions};
use super::usage::{Moment, Usage};
use crate::engine::Engine;
use crate::engine::call::Call;
use crate::engine::error::{Code, EngineError, Result};
use crate::engine::fault::Subject;
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
  let now = now();
  let wanted = ListOptions { filters: options.filters.clone(), ..ListOptions::default() };
  let images = list::listed(engine, &wanted).await?;
  let in_use = in_use(engine).await?;
  let usage = match options.unused_for {
    Some(_) => Some(usage(engine, options, &in_use, now).await?),
    None => None,
  };
  let mut cleaned = Cleaned { dry_run: options.dry_run, ..Cleaned::default() };
  for image in images {
    let fits = !in_use.contains(&image.id)
      && options.older_than.is_none_or(|age| image.created < before(now, age))
      && match (&usage, options.unused_for) {
        (Some(usage), Some(span)) => {
          let cutoff = before(now, span);
          usage.last(&image, last_tagged(engine, &image).await?, cutoff) < cutoff
        }
        _ => true,
      };
    if fits {
      take(engine, image, &mut cleaned).await?;
    }
  }
  Ok(cleaned)
}

async fn take(engine: &Engine, image: Listed, cleaned: &mut Cleaned) -> Result<()> {
  let Listed { id, size, repo_tags, .. } = image;
  let tags: Vec<String> = repo_tags.into_iter().filter(|tag| tag != "<none>:<none>").collect();
  if !cleaned.dry_run {
    // By its names, one after another: an image of several is removed by its id only by force, and
    // force would also take one that a container has been made of since.
    let targets = if tags.is_empty() { vec![id.clone()] } else { tags.clone() };
    for target in targets {
      match remove::remove(engine, &target, &RemoveOptions::default()).await {
        Ok(_) => {}
        Err(error) if error.is(Code::ImageNotFound) => {}
        Err(error) if error.facts().status_code.is_some() => {
          cleaned.failed.push(Failed { id, tags, error });
          return Ok(());
        }
        Err(error) => return Err(error),
      }
    }
  }
  cleaned.reclaimed += size;
  cleaned.removed.push(Candidate { id, tags, size });
  Ok(())
}

/// The ids of images that containers are made of, running or not.
pub async fn in_use(engine: &Engine) -> Result<BTreeSet<String>> {
  let call = Call::get("cannot list the containers of", Subject::Engine, "/containers/json");
  let containers: Vec<Value> = call.query("all", 1).read(engine).await?;
  let id = |container: &Value| container.get("ImageID")?.as_str().map(str::to_owned);
  Ok(containers.iter().filter_map(id).collect())
}

async fn usage(
  engine: &Engine,
  options: &CleanOptions,
  in_use: &BTreeSet<String>,
  now: Moment,
) -> Result<Usage> {
  // Of every image: another cleaning may have other filters.
  let images = &list::listed(engine, &ListOptions::default()).await?;
  let Some(path) = &options.memory else {
    // Two cleanings at once learn the same: the later one's knowledge stays.
    let mut usage = engine.usage();
    usage.learn(engine, images, in_use, now).await?;
    engine.remember_usage(usage.clone());
    return Ok(usage);
  };
  let mut usage = Usage::read(path).await?;
  usage.learn(engine, images, in_use, now).await?;
  usage.write(path).await?;
  Ok(usage)
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

pub fn now() -> Moment {
  let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
  i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

pub fn before(now: Moment, span: Span) -> Moment {
  now.saturating_sub(i64::try_from(span.0.as_secs()).unwrap_or(i64::MAX))
}
