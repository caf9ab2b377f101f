//! One image: there, to be pulled, or to be built.

mod build;
mod credential;
mod ensure;
pub(super) mod message;
mod options;
pub mod progress;
mod pull;
pub(super) mod pull_failure;
pub(super) mod push;
mod shared;
pub mod swarm;

use std::sync::{Arc, Mutex, PoisonError};

use serde::Deserialize;

pub use crate::context::MapFile;
pub use build::{BuildOptions, BuildResult, ContextSource};
pub use options::{Auth, ImageOptions, PullOptions, PullPolicy, PushOptions};
pub use progress::{Progress, Watcher};
pub use pull::PullResult;
pub use push::PushResult;

use super::call::Call;
use super::error::{Code, EngineError, Result};
use super::fault::Subject;
use super::images::remove::RemoveOptions;
use super::reference::{self, Reference};
use super::{Engine, images};

/// An image of an engine. Cheap to clone; clones are the same image.
#[derive(Clone)]
pub struct Image(Arc<Inner>);

struct Inner {
  engine: Engine,
  options: ImageOptions,
  /// What the last build made: the only handle on an image without a name.
  built: Mutex<Option<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Inspected {
  id: String,
  #[serde(default)]
  os: String,
  #[serde(default)]
  architecture: String,
  #[serde(default)]
  variant: String,
  #[serde(default, deserialize_with = "super::container::inspect::null_as_default")]
  repo_digests: Vec<String>,
}

impl Image {
  /// Checks what can be checked without asking anyone.
  pub fn new(engine: &Engine, options: ImageOptions) -> Result<Self> {
    if options.name.is_none() && !options.can_build() {
      let text = "an image needs a name, a Dockerfile, or both";
      return Err(EngineError::new(Code::NoNameNorDockerfile, text));
    }
    if let Some(name) = &options.name
      && !reference::is_id(name)
    {
      Reference::parse(name)?;
    }
    for (index, tag) in options.build.tags.iter().enumerate() {
      Reference::parse(tag)
        .map_err(|error| EngineError::invalid(format!("tags[{index}]"), error))?;
    }
    options.check()?;
    Ok(Self(Arc::new(Inner { engine: engine.clone(), options, built: Mutex::new(None) })))
  }

  /// One that a container of the engine is made of already.
  #[must_use]
  pub fn existing(engine: &Engine, name: &str) -> Self {
    let options = ImageOptions { name: Some(name.to_owned()), ..ImageOptions::default() };
    Self(Arc::new(Inner { engine: engine.clone(), options, built: Mutex::new(None) }))
  }

  /// One by its name alone, with credentials perhaps: what a collection's methods work on.
  pub fn named(engine: &Engine, name: &str) -> Result<Self> {
    Self::new(engine, ImageOptions { name: Some(name.to_owned()), ..ImageOptions::default() })
  }

  #[must_use]
  pub fn engine(&self) -> &Engine {
    &self.0.engine
  }

  #[must_use]
  pub fn options(&self) -> &ImageOptions {
    &self.0.options
  }

  /// What a container is made of: the name, or the id of what was built.
  #[must_use]
  pub fn runnable(&self) -> Option<String> {
    self.options().name.clone().or_else(|| self.built())
  }

  fn built(&self) -> Option<String> {
    self.0.built.lock().unwrap_or_else(PoisonError::into_inner).clone()
  }

  fn remember_built(&self, id: &str) {
    *self.0.built.lock().unwrap_or_else(PoisonError::into_inner) = Some(id.to_owned());
  }

  fn subject(&self) -> Subject {
    Subject::Image(self.runnable().unwrap_or_else(|| self.options().unnamed()))
  }

  /// The name to ask the engine for.
  pub fn handle(&self) -> Result<String> {
    let unnamed =
      || EngineError::new(Code::ImageNotFound, "the image has no name and has not been built yet");
    let name = self.runnable().ok_or_else(unnamed)?;
    // What may be the beginning of an id the engine looks up as it is: as a name first.
    if reference::may_be_id(&name) {
      return Ok(name);
    }
    Ok(Reference::parse(&name)?.to_string())
  }

  fn reference(&self) -> Result<Reference> {
    let name =
      self.options().name.as_deref().ok_or_else(|| {
        EngineError::new(Code::NoName, "an image without a name can only be built")
      })?;
    Reference::parse(name)
  }

  /// The engine's JSON, every field.
  pub async fn inspect(&self) -> Result<String> {
    self.inspection("cannot inspect")?.text(self.engine()).await
  }

  fn inspection(&self, doing: &'static str) -> Result<Call> {
    Ok(Call::get(doing, self.subject(), format!("/images/{}/json", self.handle()?)))
  }

  /// Rejects `IMAGE_NOT_FOUND` where it is not there, or is there for another platform.
  pub async fn check(&self) -> Result<()> {
    self.present().await.map(drop)
  }

  /// False only for “not there”; an engine that cannot tell rejects.
  pub async fn exists(&self) -> Result<bool> {
    match self.check().await {
      Ok(()) => Ok(true),
      Err(error) if error.is(Code::ImageNotFound) => Ok(false),
      Err(error) => Err(error),
    }
  }

  async fn present(&self) -> Result<Inspected> {
    self.present_for(self.options().platform.as_ref()).await
  }

  async fn present_for(&self, platform: Option<&String>) -> Result<Inspected> {
    let found: Inspected = self.inspection("cannot find")?.read(self.engine()).await?;
    if let Some(platform) = platform
      && !found.matches(platform)
    {
      let text = format!(
        "image {} is there for {}/{}, not for {platform}",
        self.handle()?,
        found.os,
        found.architecture
      );
      return Err(self.subject().annotate(EngineError::new(Code::ImageNotFound, text)));
    }
    Ok(found)
  }

  /// Gives it another name.
  pub async fn tag(&self, text: &str) -> Result<()> {
    let target = Reference::parse(text)?;
    Call::post("cannot tag", self.subject(), format!("/images/{}/tag", self.handle()?))
      .query("repo", target.name())
      .query("tag", target.tag.as_deref().unwrap_or(reference::DEFAULT_TAG))
      .done(self.engine())
      .await
  }

  /// The engine's JSON of its layers, the newest first.
  pub async fn history(&self) -> Result<String> {
    let path = format!("/images/{}/history", self.handle()?);
    Call::get("cannot read the history of", self.subject(), path).text(self.engine()).await
  }

  /// Removes it; one that is gone already is removed.
  pub async fn remove(&self, options: &RemoveOptions) -> Result<()> {
    match images::remove::remove(self.engine(), &self.handle()?, options).await {
      Err(error) if error.is(Code::ImageNotFound) => Ok(()),
      outcome => outcome.map(drop).map_err(|error| self.subject().annotate(error)),
    }
  }
}

impl Inspected {
  /// `linux/arm64`, `linux/arm/v7`, `arm64`: whether this is it.
  fn matches(&self, platform: &str) -> bool {
    let parts: Vec<_> = platform.split('/').collect();
    let architecture = |wanted: &str| {
      let usual = match wanted {
        "x86_64" | "x86-64" => "amd64",
        "aarch64" => "arm64",
        other => other,
      };
      usual == self.architecture
    };
    match parts.as_slice() {
      [one] => *one == self.os || architecture(one),
      [os, arch] => *os == self.os && architecture(arch),
      [os, arch, variant, ..] => {
        *os == self.os
          && architecture(arch)
          && (self.variant.is_empty() || self.variant == *variant)
      }
      [] => true,
    }
  }
}
