//! Lists of images, and those of one group among them.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::plan;
use crate::engine::Engine;
use crate::engine::call::Call;
use crate::engine::container::inspect::null_as_default;
use crate::engine::error::{Code, Result};
use crate::engine::fault::Subject;
use crate::engine::reference::Reference;

/// What Rust reads of an entry of `/images/json`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Listed {
  pub id: String,
  #[serde(default)]
  pub created: i64,
  #[serde(default)]
  pub size: i64,
  #[serde(default)]
  pub parent_id: String,
  #[serde(default, deserialize_with = "null_as_default")]
  pub repo_tags: Vec<String>,
  #[serde(default, deserialize_with = "null_as_default")]
  pub repo_digests: Vec<String>,
}

/// `images.list({ … })`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ListOptions {
  /// Intermediate layers as well.
  pub all: bool,
  /// Engines tell them whether they are asked or not; asked, Podman tells nothing at all.
  pub digests: bool,
  pub shared_size: bool,
  pub filters: Filters,
}

/// `{ label: ['a=b'], dangling: true }`, as docker's `--filter` has it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(transparent)]
pub struct Filters(pub serde_json::Map<String, Value>);

impl Filters {
  /// The engine wants a list of texts for each.
  #[must_use]
  pub fn json(&self) -> Option<String> {
    let filters: BTreeMap<_, _> =
      self.0.keys().map(|name| (name, self.texts(name))).filter(|(_, of)| !of.is_empty()).collect();
    if filters.is_empty() { None } else { Some(serde_json::json!(filters).to_string()) }
  }

  /// What is wanted of one; nothing where it is not given.
  #[must_use]
  pub fn texts(&self, name: &str) -> Vec<String> {
    let text = |value: &Value| match value {
      Value::String(text) => text.clone(),
      other => other.to_string(),
    };
    match self.0.get(name) {
      None | Some(Value::Null) => Vec::new(),
      Some(Value::Array(values)) => values.iter().map(text).collect(),
      // The older form, `{ label: { 'a=b': true } }`, which the engine itself still takes.
      Some(Value::Object(values)) => values
        .iter()
        .filter(|(_, on)| **on != Value::Bool(false))
        .map(|(key, _)| key.clone())
        .collect(),
      Some(other) => vec![text(other)],
    }
  }

  /// Whether they let everything through: an empty list is no filter either.
  #[must_use]
  pub fn is_empty(&self) -> bool {
    self.json().is_none()
  }
}

/// The engine's own list.
pub async fn list(engine: &Engine, options: &ListOptions) -> Result<String> {
  call(options).text(engine).await
}

pub async fn listed(engine: &Engine, options: &ListOptions) -> Result<Vec<Listed>> {
  call(options).read(engine).await
}

fn call(options: &ListOptions) -> Call {
  Call::get("cannot list the images of", Subject::Engine, "/images/json")
    .query_if("all", options.all.then_some(1))
    .query_if("shared-size", options.shared_size.then_some(1))
    .query_if("filters", options.filters.json())
}

impl Listed {
  /// Its names with a tag; engines show `<none>:<none>` for none.
  pub fn tags(&self) -> impl Iterator<Item = &String> {
    self.repo_tags.iter().filter(|tag| !tag.starts_with("<none>"))
  }

  /// Its names with a digest that go of themselves with no tag: none of that repository is left.
  pub fn lone_digests(&self) -> impl Iterator<Item = &String> {
    let tagged = |name: &str| self.tags().any(|tag| repository(tag) == name);
    let named = self.repo_digests.iter().filter(|digest| !digest.starts_with("<none>"));
    named.filter(move |digest| !tagged(repository(digest)))
  }
}

/// A name without its tag, or its digest. A port is no tag.
#[must_use]
pub fn repository(name: &str) -> &str {
  let tagged = || name.rsplit_once(':').filter(|(_, tag)| !tag.contains('/'));
  name.split_once('@').or_else(tagged).map_or(name, |(repository, _)| repository)
}

/// Whether one of the image's names is of the group: the same registry and repository.
fn is_of(image: &Listed, group: &Reference) -> bool {
  let name = group.name();
  image.repo_tags.iter().chain(&image.repo_digests).any(|own| repository(own) == name)
}

/// The images of a group. An image by digest alone, whose tag has gone on to another, is one too.
pub async fn of_group(engine: &Engine, group: &Reference) -> Result<Vec<Listed>> {
  let all = listed(engine, &ListOptions { digests: true, ..ListOptions::default() }).await?;
  Ok(all.into_iter().filter(|image| is_of(image, group)).collect())
}

/// The same, those together that are built on one another.
pub async fn families_of_group(engine: &Engine, group: &Reference) -> Result<Vec<Vec<Listed>>> {
  let options = ListOptions { all: true, digests: true, ..ListOptions::default() };
  let all = listed(engine, &options).await?;
  let own = all.iter().filter(|image| is_of(image, group)).cloned().collect();
  Ok(plan::families(own, &all))
}

/// The same, as the engine's JSON with every field.
pub async fn group_json(engine: &Engine, group: &Reference) -> Result<Value> {
  let options = ListOptions { digests: true, ..ListOptions::default() };
  let all: Vec<Value> = call(&options).read(engine).await?;
  let of_group =
    |image: &Value| Listed::deserialize(image).is_ok_and(|listed| is_of(&listed, group));
  Ok(Value::Array(all.into_iter().filter(of_group).collect()))
}

/// What an image is called now; nothing where it has no name, or is gone.
pub async fn names(engine: &Engine, id: &str) -> Result<Vec<String>> {
  let call = Call::get("cannot inspect", Subject::image(id), format!("/images/{id}/json"));
  match call.read::<Named>(engine).await {
    Ok(image) => Ok(image.repo_tags.into_iter().chain(image.repo_digests).collect()),
    Err(gone) if gone.is(Code::ImageNotFound) => Ok(Vec::new()),
    Err(error) => Err(error),
  }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Named {
  #[serde(default, deserialize_with = "null_as_default")]
  repo_tags: Vec<String>,
  #[serde(default, deserialize_with = "null_as_default")]
  repo_digests: Vec<String>,
}
