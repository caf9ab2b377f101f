//! When an image was last used, as far as that can be known: the engine remembers its last tagging
//! and its last 256 events; a memory of our own, in this process or in a file, remembers longer.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::list::{Listed, repository};
use super::partial::Partial;
use crate::engine::Engine;
use crate::engine::call::Call;
use crate::engine::error::{EngineError, Result};
use crate::engine::fault::Subject;
use crate::engine::reference::Reference;
use crate::engine::stream::{JsonLines, Wire};

/// Seconds since 1970.
pub type Moment = i64;

/// What has been learnt of uses, by image id.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Usage {
  last_used: BTreeMap<String, Moment>,
  first_seen: BTreeMap<String, Moment>,
  /// From when on no event was missed.
  complete_since: Option<Moment>,
  learnt_at: Option<Moment>,
}

impl Usage {
  /// A memory that outlives the process; none there yet is an empty one.
  pub async fn read(path: &Path) -> Result<Self> {
    match tokio::fs::read(path).await {
      // As `mktemp` makes one.
      Ok(bytes) if bytes.is_empty() => Ok(Self::default()),
      Ok(bytes) => serde_json::from_slice(&bytes)
        .map_err(|error| EngineError::invalid("memory", format!("{}: {error}", path.display()))),
      Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
      Err(error) => Err(EngineError::invalid("memory", format!("{}: {error}", path.display()))),
    }
  }

  pub async fn write(&self, path: &Path) -> Result<()> {
    let cannot = |error: std::io::Error| {
      EngineError::invalid("memory", format!("{}: {error}", path.display()))
    };
    let partial = Partial::beside(path);
    tokio::fs::write(&partial.0, json!(self).to_string()).await.map_err(cannot)?;
    tokio::fs::rename(&partial.0, path).await.map_err(cannot)
  }

  /// Learns from the engine's events, and from what is in use right now.
  pub async fn learn(
    &mut self,
    engine: &Engine,
    images: &[Listed],
    in_use: &BTreeSet<String>,
    now: OffsetDateTime,
  ) -> Result<()> {
    let names = Names::of(images);
    let call = Call::get("cannot ask for the events of", Subject::Engine, "/events");
    // To the nanosecond: what happened within this second counts, and none is waited for.
    let until = format!("{}.{:09}", now.unix_timestamp(), now.nanosecond());
    let response = call.query("since", 1).query("until", until).send(engine).await?;
    let mut events = JsonLines::new(Wire::Body(response.into_body()));
    let now = now.unix_timestamp();
    let mut oldest = None;
    while let Some(event) = events.next::<Value>().await? {
      let time = event.get("time").and_then(Value::as_i64).unwrap_or(0);
      oldest = Some(oldest.unwrap_or(time).min(time));
      if let Some(name) = used_by(&event) {
        for id in names.ids(&name, is_pull(&event)) {
          self.used(id, time);
        }
      }
    }
    // Events that reach back to the last time leave no gap. No events at all may be those of an
    // engine that was restarted a moment ago, and tell nothing.
    let gapless =
      oldest.is_some_and(|oldest| self.learnt_at.is_some_and(|learnt_at| oldest <= learnt_at));
    if !gapless || self.complete_since.is_none() {
      // Of its second others may be forgotten already.
      self.complete_since = oldest.map(|oldest| oldest + 1);
    }
    self.learnt_at = Some(now);
    for id in in_use {
      self.used(id, now);
    }
    let known: BTreeSet<&String> = images.iter().map(|image| &image.id).collect();
    self.last_used.retain(|id, _| known.contains(id));
    self.first_seen.retain(|id, _| known.contains(id));
    for image in images {
      self.first_seen.entry(image.id.clone()).or_insert(now);
    }
    Ok(())
  }

  fn used(&mut self, id: &str, time: Moment) {
    let last = self.last_used.entry(id.to_owned()).or_insert(time);
    *last = (*last).max(time);
  }

  /// When it was last used. Where nothing is known of an image, it may have been until it was first
  /// seen, unless the events reach back further than the time in question.
  pub fn last(&self, image: &Listed, tagged: Option<Moment>, cutoff: Moment) -> Moment {
    let known = self.last_used.get(&image.id).copied().into_iter().chain(tagged).max();
    let complete = self.complete_since.is_some_and(|since| since <= cutoff);
    match known {
      Some(known) => known,
      None if complete => image.created,
      None => self.first_seen.get(&image.id).copied().unwrap_or(image.created),
    }
  }
}

/// The image that an event is a use of. A container uses its image until it is gone.
fn used_by(event: &Value) -> Option<String> {
  let text = |path: &str| event.pointer(path).and_then(Value::as_str).map(str::to_owned);
  let (kind, action) = (text("/Type")?, text("/Action")?);
  match (kind.as_str(), action.as_str()) {
    ("image", "pull" | "tag" | "import" | "load" | "build" | "create" | "save" | "push") => {
      text("/Actor/ID").or_else(|| text("/id"))
    }
    ("container", "create" | "start" | "die" | "destroy" | "remove") => {
      text("/Actor/Attributes/image").or_else(|| text("/from"))
    }
    _ => None,
  }
}

fn is_pull(event: &Value) -> bool {
  event.get("Action").and_then(Value::as_str) == Some("pull")
}

/// Which images the names in events are of: as people write them, or ids and their beginnings.
struct Names<'a>(BTreeMap<&'a str, &'a str>);

impl<'a> Names<'a> {
  fn of(images: &'a [Listed]) -> Self {
    let named = images.iter().flat_map(|image| {
      let names = image.repo_tags.iter().chain(&image.repo_digests).map(String::as_str);
      names.chain([image.id.as_str()]).map(|name| (name, image.id.as_str()))
    });
    Self(named.collect())
  }

  /// A pull of a mere repository is one of all its tags; anywhere else that is `latest`.
  fn ids(&self, name: &str, pulled: bool) -> Vec<&'a str> {
    if let Some(id) = self.0.get(name) {
      return vec![id];
    }
    if pulled && repository(name) == name {
      let own = |(other, id): (&&str, &&'a str)| (repository(other) == name).then_some(*id);
      return self.0.iter().filter_map(own).collect();
    }
    let known = Reference::parse(name).ok().and_then(|reference| {
      let by_digest = || Some(format!("{}@{}", reference.name(), reference.digest.as_ref()?));
      let known = self.0.get(reference.to_string().as_str());
      known.or_else(|| by_digest().and_then(|name| self.0.get(name.as_str())))
    });
    known.copied().or_else(|| self.beginning(name)).into_iter().collect()
  }

  /// The only image whose id begins so.
  fn beginning(&self, hex: &str) -> Option<&'a str> {
    let id = format!("sha256:{}", hex.trim_start_matches("sha256:"));
    let found = self.0.range(id.as_str()..).take_while(|(name, _)| name.starts_with(&id));
    let mut found = found.map(|(_, id)| *id);
    found.next().filter(|_| found.next().is_none())
  }
}
