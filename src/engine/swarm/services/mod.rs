//! Services: what a swarm keeps running, or runs until it is done.

mod options;
mod policy;
mod ports;
mod spec;
mod wait;

#[cfg(test)]
mod tests;

use serde::Deserialize;
use serde_json::{Value, json};

pub use options::{ServiceOptions, UpdateOptions};
pub use wait::{WaitOptions, wait};

use self::options::{GivenAuth, Mode, Reference, ReferenceBag};
use self::spec::Resolved;
use super::member::{self, Versioned};
use super::{Kind, WHOLE, data, lay, one_name};
use crate::engine::Engine;
use crate::engine::call::Call;
use crate::engine::create::merge;
use crate::engine::error::{Code, EngineError, Result};
use crate::engine::image::Image;
use crate::engine::images::list::Filters;

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ListOptions {
  pub filters: Filters,
  /// How many tasks of each run, and should.
  pub status: bool,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct InspectOptions {
  /// With the defaults that it goes by, where nothing is said.
  pub defaults: bool,
}

pub async fn list(engine: &Engine, options: &ListOptions) -> Result<String> {
  let common = super::ListOptions { filters: options.filters.clone() };
  let call = member::listing(Kind::Service, &common);
  call.query_if("status", options.status.then_some(true)).text(engine).await
}

pub async fn inspect(engine: &Engine, name: &str, options: InspectOptions) -> Result<String> {
  let call = member::inspecting(Kind::Service, name)?;
  call.query_if("insertDefaults", options.defaults.then_some(true)).text(engine).await
}

impl ServiceOptions {
  /// Of a new one: the name, given before the options or among them, and what it cannot do without.
  pub fn named(mut self, name: Option<String>) -> Result<Self> {
    self.name = one_name(name, self.name)?;
    if let Some(name) = &self.name {
      member::check(Kind::Service, name)?;
    }
    if self.image.is_none() && !self.extra.contains_key("TaskTemplate") {
      return Err(EngineError::invalid("image", "the image's name is expected"));
    }
    spec::fields(&self, &Resolved::default(), None).map(|_| self)
  }
}

impl UpdateOptions {
  pub fn check(&self) -> Result<()> {
    if self.service.name.is_some() {
      return Err(EngineError::invalid("name", "a service cannot be renamed"));
    }
    if self.service.resolve_image && self.service.image.is_none() {
      return Err(EngineError::invalid("resolveImage", "that needs an `image`"));
    }
    // What needs the mode that it has is checked with it.
    let free = ServiceOptions { replicas: None, max_concurrent: None, ..self.service.clone() };
    spec::fields(&free, &Resolved::default(), None).map(drop)
  }
}

/// The engine's `{ ID, Warnings }`.
pub async fn create(engine: &Engine, options: &ServiceOptions) -> Result<Value> {
  let resolved = resolve(engine, options).await?;
  let mut spec = spec::fields(options, &resolved, None)?;
  merge(&mut spec, &Value::Object(options.extra.clone()));
  spec::complete(&mut spec);
  let name = options.name.as_deref().unwrap_or("without a name");
  let call = Kind::Service.creating(name).json(&spec)?;
  let call = authorized(engine, call, options, image_in(&spec)).await?;
  let request = tokio::spawn({
    let engine = engine.clone();
    async move { call.read::<Value>(&engine).await }
  });
  data::removed_unless_awaited(engine, Kind::Service, request).await
}

/// The engine's `{ Warnings }`.
pub async fn update(engine: &Engine, name: &str, options: &UpdateOptions) -> Result<String> {
  let given = &options.service;
  let resolved = resolve(engine, given).await?;
  let mut header = None;
  if given.auth.is_some() {
    let present: Versioned = member::inspecting(Kind::Service, name)?.read(engine).await?;
    let image = resolved.image.as_deref().or_else(|| image_in(&present.spec));
    header = registry_auth(engine, given, image).await?;
  }
  let read = || member::inspecting(Kind::Service, name);
  member::change(engine, options.version, read, |id, spec| {
    let fields = spec::fields(given, &resolved, Some(spec))?;
    lay(spec, &fields, WHOLE);
    lay(spec, &Value::Object(given.extra.clone()), &[]);
    spec::complete(spec);
    if options.force {
      let path = "/TaskTemplate/ForceUpdate";
      let count = spec.pointer(path).and_then(Value::as_u64).unwrap_or_default();
      lay(spec, &json!({ "TaskTemplate": { "ForceUpdate": count + 1 } }), &[]);
    }
    let call = updating(name, id);
    match &header {
      Some(header) => call.header("x-registry-auth", header),
      None => Ok(call),
    }
  })
  .await
}

fn updating(name: &str, id: &str) -> Call {
  let path = format!("/services/{id}/update");
  Call::post("cannot update", Kind::Service.subject(name), path)
}

/// Back to what it was before its last update.
pub async fn rollback(engine: &Engine, name: &str) -> Result<String> {
  let read = || member::inspecting(Kind::Service, name);
  member::change(engine, None, read, |id, _| {
    let path = format!("/services/{id}/update");
    let call = Call::post("cannot roll back", Kind::Service.subject(name), path);
    Ok(call.query("rollback", "previous"))
  })
  .await
}

/// As the docker CLI has it: of a job, so many more runs, all at once.
pub async fn scale(engine: &Engine, name: &str, replicas: u64) -> Result<String> {
  let read = || member::inspecting(Kind::Service, name);
  member::change(engine, None, read, |id, spec| {
    let mode = match policy::mode_of(spec) {
      Some(Mode::Global | Mode::GlobalJob) => {
        let text = format!("cannot scale service {name}: it is global, with a task on each node");
        return Err(EngineError::new(Code::BadRequest, text));
      }
      Some(Mode::ReplicatedJob) => {
        json!({ "ReplicatedJob": { "TotalCompletions": replicas, "MaxConcurrent": replicas } })
      }
      _ => json!({ "Replicated": { "Replicas": replicas } }),
    };
    lay(spec, &json!({ "Mode": mode }), WHOLE);
    Ok(updating(name, id))
  })
  .await
}

/// What is to be asked first.
async fn resolve(engine: &Engine, options: &ServiceOptions) -> Result<Resolved> {
  Ok(Resolved {
    image: image(engine, options).await?,
    secrets: references(engine, Kind::Secret, options.secrets.as_ref()).await?,
    configs: references(engine, Kind::Config, options.configs.as_ref()).await?,
  })
}

/// By its digest, so that all nodes have the same, where that was asked for.
async fn image(engine: &Engine, options: &ServiceOptions) -> Result<Option<String>> {
  let Some(name) = &options.image else { return Ok(None) };
  if !options.resolve_image || name.contains('@') || name.starts_with("sha256:") {
    return Ok(Some(name.clone()));
  }
  let auth = match &options.auth {
    Some(GivenAuth::Given(auth)) => Some(auth),
    _ => None,
  };
  let found = Image::named(engine, name)?.distribution(auth).await?;
  let found: Value = serde_json::from_str(&found).unwrap_or_default();
  match found.pointer("/Descriptor/digest").and_then(Value::as_str) {
    Some(digest) => Ok(Some(format!("{name}@{digest}"))),
    None => Err(crate::engine::call::not_understood("the registry tells no digest")),
  }
}

fn image_in(spec: &Value) -> Option<&str> {
  spec.pointer("/TaskTemplate/ContainerSpec/Image").and_then(Value::as_str)
}

/// What the nodes pull the image with.
async fn registry_auth(
  engine: &Engine,
  options: &ServiceOptions,
  image: Option<&str>,
) -> Result<Option<String>> {
  let own = match &options.auth {
    None | Some(GivenAuth::Found(false)) => return Ok(None),
    Some(GivenAuth::Found(true)) => None,
    Some(GivenAuth::Given(auth)) => Some(auth),
  };
  // One by its id comes from no registry.
  let Some(image) = image.filter(|image| !image.starts_with("sha256:")) else { return Ok(None) };
  Image::named(engine, image)?.registry_auth(own).await
}

async fn authorized(
  engine: &Engine,
  call: Call,
  options: &ServiceOptions,
  image: Option<&str>,
) -> Result<Call> {
  match registry_auth(engine, options, image).await? {
    Some(header) => call.header("x-registry-auth", &header),
    None => Ok(call),
  }
}

/// The engine wants both the id and the name of each.
async fn references(
  engine: &Engine,
  kind: Kind,
  given: Option<&Vec<Reference>>,
) -> Result<Option<Value>> {
  let Some(given) = given else { return Ok(None) };
  let mut all = Vec::with_capacity(given.len());
  for (index, reference) in given.iter().enumerate() {
    let at = |error: EngineError| {
      error.with(|facts| facts.path = Some(format!("{}s[{index}]", kind.name())))
    };
    let bag = match reference {
      Reference::Full(bag) => bag.clone(),
      Reference::Named(source) => {
        let source = source.clone();
        ReferenceBag { source, target: None, uid: None, gid: None, mode: None }
      }
    };
    let call = member::inspecting(kind, &bag.source).map_err(at)?;
    let found: Versioned = call.read(engine).await.map_err(at)?;
    let name = found.spec.get("Name").and_then(Value::as_str).unwrap_or(&bag.source);
    let root = if kind == Kind::Config { "/" } else { "" };
    let file = json!({
      "Name": bag.target.unwrap_or_else(|| format!("{root}{name}")),
      "UID": bag.uid.map_or_else(|| "0".to_owned(), |id| id.0),
      "GID": bag.gid.map_or_else(|| "0".to_owned(), |id| id.0),
      "Mode": bag.mode.unwrap_or(0o444),
    });
    all.push(match kind {
      Kind::Config => json!({ "File": file, "ConfigID": found.id, "ConfigName": name }),
      _ => json!({ "File": file, "SecretID": found.id, "SecretName": name }),
    });
  }
  Ok(Some(Value::Array(all)))
}
