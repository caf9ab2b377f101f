//! Containers by what they were made of: a group (a repository, whatever the tag), or one image.
//!
//! What counts is the name that a container was made with. The engine's list shows it only while it
//! still means the same image; after that it shows an id, and the name has to be asked for.

use futures_util::{StreamExt, TryStreamExt, stream};
use serde::Deserialize;
use serde_json::Value;

use super::list::{self, ListOptions, Listed};
use crate::engine::container::inspect;
use crate::engine::error::{Code, Result};
use crate::engine::fault::Subject;
use crate::engine::images::list as images;
use crate::engine::reference::{self, Reference};
use crate::engine::{Engine, batch};

/// What containers were made of.
#[derive(Debug, Clone)]
pub enum Source {
  /// The registry and the repository are what counts.
  Group(Reference),
  Image(Reference),
  /// An image's id, or the beginning of one.
  Id(String),
}

impl Source {
  pub fn group(text: &str) -> Result<Self> {
    Reference::parse(text).map(Self::Group)
  }

  pub fn image(text: &str) -> Result<Self> {
    if reference::may_be_id(text) {
      let hex = text.strip_prefix("sha256:").unwrap_or(text);
      return Ok(Self::Id(hex.to_owned()));
    }
    Reference::parse(text).map(Self::Image)
  }

  fn fits(&self, name: &str) -> bool {
    let Ok(name) = Reference::parse(name) else { return false };
    match self {
      Self::Group(wanted) => name.name() == wanted.name(),
      Self::Image(wanted) if wanted.digest.is_some() => {
        name.name() == wanted.name() && name.digest == wanted.digest
      }
      Self::Image(wanted) => name.name() == wanted.name() && name.tag == wanted.tag,
      Self::Id(_) => false,
    }
  }
}

/// The containers made of it, as the engine lists them.
pub async fn of(engine: &Engine, source: &Source, options: &ListOptions) -> Result<Vec<Value>> {
  let fitting = |value: Value| async move {
    let Ok(listed) = Listed::deserialize(&value) else { return Ok(None) };
    Ok(is_of(engine, &listed, source).await?.then_some(value))
  };
  // The limit is for those that fit.
  let all = ListOptions { limit: None, ..options.clone() };
  let values = list::values(engine, &all).await?;
  let limit = options.limit.map_or(usize::MAX, |limit| limit as usize);
  let found = stream::iter(values).map(fitting).buffered(batch::limit(None)?);
  found.try_filter_map(|value| async { Ok(value) }).take(limit).try_collect().await
}

/// Their ids.
pub async fn ids(engine: &Engine, source: &Source, options: &ListOptions) -> Result<Vec<String>> {
  let values = of(engine, source, options).await?;
  let id = |value: &Value| value.get("Id").and_then(Value::as_str).map(str::to_owned);
  Ok(values.iter().filter_map(id).collect())
}

async fn is_of(engine: &Engine, listed: &Listed, source: &Source) -> Result<bool> {
  if let Source::Id(id) = source {
    return Ok(hex(&listed.image_id).starts_with(id.as_str()));
  }
  if !is_id_of(&listed.image, &listed.image_id) {
    return Ok(source.fits(&listed.image));
  }
  let given = match inspect::read(engine, &Subject::container(&listed.id), &listed.id).await {
    Ok(inspected) => inspected.config.image,
    Err(gone) if gone.is(Code::ContainerNotFound) => return Ok(false),
    Err(error) => return Err(error),
  };
  if !is_id_of(&given, &listed.image_id) {
    return Ok(source.fits(&given));
  }
  // Made by id: what the image is called now is all that there is to go by.
  let names = images::names(engine, &listed.image_id).await?;
  Ok(names.iter().any(|name| source.fits(name)))
}

fn hex(id: &str) -> &str {
  id.strip_prefix("sha256:").unwrap_or(id)
}

fn is_id_of(text: &str, id: &str) -> bool {
  text.is_empty() || hex(id).starts_with(hex(text))
}

#[cfg(test)]
mod tests {
  use super::Source;

  #[test]
  fn knows_its_own() {
    let group = Source::group("localhost:5000/team/app").unwrap();
    assert!(group.fits("localhost:5000/team/app:2"));
    assert!(!group.fits("team/app:2") && !group.fits("localhost:5000/team/app2"));
    let image = Source::image("alpine").unwrap();
    assert!(image.fits("docker.io/library/alpine:latest") && !image.fits("alpine:3"));
    assert!(matches!(Source::image("0123456789ab").unwrap(), Source::Id(_)));
    assert!(matches!(Source::image("cafe").unwrap(), Source::Image(_)));
  }
}
