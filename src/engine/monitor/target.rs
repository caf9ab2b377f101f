//! Which containers there are that fit.

use std::sync::{Mutex, PoisonError};

use serde::Deserialize;

use crate::engine::Engine;
use crate::engine::call::Call;
use crate::engine::container::inspect;
use crate::engine::container::inspect::null_as_default;
use crate::engine::error::Result;
use crate::engine::fault::Subject;
use crate::engine::images::list::Filters;

/// A container among several; its name may change meanwhile.
pub struct Target {
  pub id: String,
  name: Mutex<String>,
}

impl Target {
  pub fn new(id: String, name: &str) -> Self {
    Self { id, name: Mutex::new(name.trim_start_matches('/').to_owned()) }
  }

  pub fn name(&self) -> String {
    self.name.lock().unwrap_or_else(PoisonError::into_inner).clone()
  }

  pub fn rename(&self, name: &str) {
    name.clone_into(&mut self.name.lock().unwrap_or_else(PoisonError::into_inner));
  }

  pub fn subject(&self) -> Subject {
    Subject::Container { id: Some(self.id.clone()), name: Some(self.name()) }
  }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
  id: String,
  #[serde(default, deserialize_with = "null_as_default")]
  names: Vec<String>,
}

/// The containers that fit; those that run, or all.
pub async fn list(engine: &Engine, filters: &Filters, all: bool) -> Result<Vec<Target>> {
  let listed: Vec<Listed> =
    Call::get("cannot list the containers of", Subject::Engine, "/containers/json")
      .query_if("all", all.then_some(1))
      .query_if("filters", filters.json())
      .read(engine)
      .await?;
  let target = |listed: Listed| {
    // Links add names with more slashes; its own has one.
    let name = listed.names.iter().min_by_key(|name| name.matches('/').count());
    Target::new(listed.id.clone(), name.map_or("", String::as_str))
  };
  Ok(listed.into_iter().map(target).collect())
}

/// Whether the container fits, and under which name.
pub async fn find(engine: &Engine, filters: &Filters, id: &str) -> Result<Option<Target>> {
  let mut filters = filters.clone();
  // Values of one filter are alternatives: a caller's own `id` must stay what it was.
  if !filters.0.contains_key("id") {
    filters.0.insert("id".into(), id.into());
  }
  Ok(list(engine, &filters, true).await?.into_iter().find(|target| target.id == id))
}

pub async fn named(engine: &Engine, name: &str) -> Result<Target> {
  let found = inspect::read(engine, &Subject::container(name), name).await?;
  Ok(Target::new(found.id.clone(), found.name()))
}
