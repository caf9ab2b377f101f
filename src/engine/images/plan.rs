//! What of several images goes: by which names, in which order, and what stays because others need
//! it. A dry run and the cleaning itself go by the same plan.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::iter;

use serde_json::Value;

use super::clean::Failed;
use super::list::{Listed, repository};
use crate::engine::Engine;
use crate::engine::call::Call;
use crate::engine::error::{Code, EngineError, Result};
use crate::engine::fault::Subject;

/// An image that goes, or some of its names.
#[derive(Debug, Clone)]
pub struct Going {
  pub id: String,
  pub tags: Vec<String>,
  pub size: i64,
  /// What to remove it by, one after another.
  pub names: Vec<String>,
  /// Whether the image itself goes: no other name is left to it.
  pub whole: bool,
}

/// In the order of their removal: what is built on another goes before it.
pub struct Plan {
  pub going: Vec<Going>,
  pub needed: Vec<Failed>,
}

/// The ids of images that containers are made of, running or not.
pub async fn in_use(engine: &Engine) -> Result<BTreeSet<String>> {
  let call = Call::get("cannot list the containers of", Subject::Engine, "/containers/json");
  let containers: Vec<Value> = call.query("all", 1).read(engine).await?;
  let id = |container: &Value| container.get("ImageID")?.as_str().map(str::to_owned);
  Ok(containers.iter().filter_map(id).collect())
}

impl Plan {
  /// `all` has every image, those in the middle and those without a name too.
  pub fn new(images: Vec<Listed>, all: &[Listed], in_use: &BTreeSet<String>) -> Self {
    let mut store = Store::of(all);
    let mut waiting: Vec<Going> =
      images.into_iter().map(|image| going(&image, store.images.get(image.id.as_str()))).collect();
    let mut plan = Self { going: Vec::new(), needed: Vec::new() };
    loop {
      let count = waiting.len();
      for going in std::mem::take(&mut waiting) {
        if going.whole && store.children(&going.id) > 0 {
          waiting.push(going);
        } else {
          if going.whole {
            store.remove(&going.id, in_use);
          }
          plan.going.push(going);
        }
      }
      if waiting.len() == count {
        break;
      }
    }
    plan.needed = waiting
      .into_iter()
      .map(|Going { id, tags, .. }| {
        let error = needed(&id, &format!("{} images are built on it", store.children(&id)));
        Failed { id, tags, error }
      })
      .collect();
    plan
  }
}

/// Puts those together that are built on one another, or on the same; children before their parents.
pub fn families(images: Vec<Listed>, all: &[Listed]) -> Vec<Vec<Listed>> {
  let parents: BTreeMap<&str, &str> =
    all.iter().map(|image| (image.id.as_str(), image.parent_id.as_str())).collect();
  let mut families: BTreeMap<&str, Vec<(usize, Listed)>> = BTreeMap::new();
  for image in images {
    let Some((id, _)) = parents.get_key_value(image.id.as_str()) else { continue };
    let parent = |id: &&str| parents.get(id).copied().filter(|parent| parents.contains_key(parent));
    let line = iter::successors(Some(*id), parent).take(parents.len());
    let (depth, root) = line.enumerate().last().unwrap_or((0, id));
    families.entry(root).or_default().push((depth, image));
  }
  let children_first = |mut family: Vec<(usize, Listed)>| {
    family.sort_by_key(|(depth, _)| Reverse(*depth));
    family.into_iter().map(|(_, image)| image).collect()
  };
  families.into_values().map(children_first).collect()
}

pub fn needed(id: &str, why: &str) -> EngineError {
  let text = format!("cannot remove image {id}: {why}");
  EngineError::new(Code::ImageInUse, text).with(|facts| facts.image = Some(id.to_owned()))
}

/// An engine that filters by reference shows only the names that fit: the others stay.
fn going(image: &Listed, whole: Option<&&Listed>) -> Going {
  let tags: Vec<String> = image.tags().cloned().collect();
  let mut names: Vec<String> = tags.iter().chain(image.lone_digests()).cloned().collect();
  let goes = |name: &String| {
    names.contains(name) || tags.iter().any(|tag| repository(tag) == repository(name))
  };
  let stays = whole.is_some_and(|whole| {
    whole.tags().any(|tag| !tags.contains(tag)) || !whole.lone_digests().all(goes)
  });
  if names.is_empty() {
    names.push(image.id.clone());
  }
  Going { id: image.id.clone(), tags, size: image.size, names, whole: !stays }
}

/// The images of an engine, and what is built on what.
struct Store<'a> {
  images: BTreeMap<&'a str, &'a Listed>,
  children: BTreeMap<&'a str, usize>,
}

impl<'a> Store<'a> {
  fn of(all: &'a [Listed]) -> Self {
    let mut children = BTreeMap::new();
    for image in all {
      *children.entry(image.parent_id.as_str()).or_default() += 1;
    }
    Self { images: all.iter().map(|image| (image.id.as_str(), image)).collect(), children }
  }

  fn children(&self, id: &str) -> usize {
    self.children.get(id).copied().unwrap_or(0)
  }

  /// Takes one out, and what was only there for it, as the engine does.
  fn remove(&mut self, id: &str, in_use: &BTreeSet<String>) {
    let mut next = self.images.remove(id);
    while let Some(image) = next {
      let parent = image.parent_id.as_str();
      if let Some(count) = self.children.get_mut(parent) {
        *count = count.saturating_sub(1);
      }
      let nameless =
        |parent: &&Listed| parent.tags().next().is_none() && parent.lone_digests().next().is_none();
      let alone = self.children(parent) == 0 && !in_use.contains(parent);
      next = self.images.get(parent).copied().filter(|parent| alone && nameless(parent));
      if next.is_some() {
        self.images.remove(parent);
      }
    }
  }
}
