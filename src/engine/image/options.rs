//! The options of `image`, `pull` and `push`.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::build::{BuildOptions, ContextSource, is_text};
use crate::credentials::Credential;
use crate::engine::error::{EngineError, Result};
use crate::engine::options;

/// What an image is, where it comes from and how it is made.
#[derive(Debug, Clone, Default)]
pub struct ImageOptions {
  pub name: Option<String>,
  /// A path, or the text itself.
  pub dockerfile: Option<String>,
  pub extra_files: Option<Vec<String>>,
  pub platform: Option<String>,
  pub pull_policy: PullPolicy,
  pub auth: Option<Auth>,
  pub force_rebuild: bool,
  /// Built where it differs from what is there.
  pub rebuild_changed: bool,
  /// One build for all processes of this machine.
  pub shared: bool,
  pub build: BuildOptions,
}

/// The bag of `dokeres.image({ … })`, less what it shares with `build`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct ImageBag {
  name: Option<String>,
  dockerfile: Option<String>,
  extra_files: Option<Vec<String>>,
  platform: Option<String>,
  pull_policy: PullPolicy,
  auth: Option<Auth>,
  force_rebuild: bool,
  rebuild: Option<Rebuild>,
  shared: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Rebuild {
  Changed,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PullPolicy {
  #[default]
  Missing,
  Always,
  Never,
  Newer,
  Build,
}

/// Credentials for a registry, as `docker login` has them. Never printed.
#[derive(Clone, Default, Deserialize)]
#[serde(try_from = "Map<String, Value>")]
pub struct Auth {
  pub username: Option<String>,
  pub password: Option<String>,
  pub identity_token: Option<String>,
  pub registry_token: Option<String>,
  pub server_address: Option<String>,
}

/// The same as people write it; serde by itself would take a list for it, too.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct AuthBag {
  username: Option<String>,
  password: Option<String>,
  #[serde(alias = "identitytoken")]
  identity_token: Option<String>,
  #[serde(alias = "registrytoken")]
  registry_token: Option<String>,
  #[serde(alias = "serveraddress")]
  server_address: Option<String>,
}

impl TryFrom<Map<String, Value>> for Auth {
  type Error = serde_json::Error;

  fn try_from(map: Map<String, Value>) -> Result<Self, Self::Error> {
    let bag: AuthBag = serde_json::from_value(Value::Object(map))?;
    let AuthBag { username, password, identity_token, registry_token, server_address } = bag;
    Ok(Self { username, password, identity_token, registry_token, server_address })
  }
}

impl std::fmt::Debug for Auth {
  fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
    f.write_str("Auth { … }")
  }
}

impl Auth {
  #[must_use]
  pub fn credential(&self, registry: &str) -> Credential {
    Credential {
      username: self.username.clone(),
      password: self.password.clone(),
      identity_token: self.identity_token.clone(),
      registry_token: self.registry_token.clone(),
      server_address: self.server_address.clone().or_else(|| Some(registry.to_owned())),
    }
  }
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct PullOptions {
  pub auth: Option<Auth>,
  pub platform: Option<String>,
  pub all_tags: bool,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct PushOptions {
  pub auth: Option<Auth>,
}

impl ImageOptions {
  /// Reads the bag of `dokeres.image({ … })`, less its context.
  pub fn read(mut bag: Value, context: Option<ContextSource>) -> Result<Self> {
    let build = BuildOptions::take(&mut bag, context)?;
    let bag: ImageBag = options::read(bag)?;
    Ok(Self {
      name: bag.name,
      dockerfile: bag.dockerfile,
      extra_files: bag.extra_files,
      platform: bag.platform,
      pull_policy: bag.pull_policy,
      auth: bag.auth,
      force_rebuild: bag.force_rebuild,
      rebuild_changed: bag.rebuild.is_some(),
      shared: bag.shared,
      build,
    })
  }

  #[must_use]
  pub fn can_build(&self) -> bool {
    self.dockerfile.is_some() || self.build.context.is_some()
  }

  /// Says no before anything is sent to what cannot be done.
  pub fn check(&self) -> Result<()> {
    if self.rebuild_changed && !self.can_build() {
      let why = "there is neither a Dockerfile nor a context to look at for changes";
      return Err(EngineError::invalid("rebuild", why));
    }
    if self.rebuild_changed && self.name.is_none() {
      let why = "only an image with a name can be found again and compared";
      return Err(EngineError::invalid("rebuild", why));
    }
    if self.rebuild_changed && matches!(self.pull_policy, PullPolicy::Always | PullPolicy::Newer) {
      let why = "with rebuild: 'changed' the image is built here, never pulled";
      return Err(EngineError::invalid("pullPolicy", why));
    }
    if self.force_rebuild && !self.can_build() {
      let why = "there is neither a Dockerfile nor a context to build from";
      return Err(EngineError::invalid("forceRebuild", why));
    }
    if self.build.context.as_ref().is_some_and(ContextSource::is_remote)
      && self.dockerfile.as_deref().is_some_and(is_text)
    {
      let why = "a Dockerfile's text does not go with a remote context";
      return Err(EngineError::invalid("dockerfile", why));
    }
    self.build.check()
  }

  /// What the image is called where it has no name.
  #[must_use]
  pub fn unnamed(&self) -> String {
    match &self.dockerfile {
      Some(text) if is_text(text) => "(of a Dockerfile's text)".into(),
      Some(path) => path.clone(),
      None => "(of a context)".into(),
    }
  }

  /// Tells builds apart: what would make another image has another identity.
  #[must_use]
  pub fn build_identity(&self) -> String {
    let Self { dockerfile, extra_files, rebuild_changed, build, .. } = self;
    format!("{dockerfile:?} {extra_files:?} {rebuild_changed} {build:?}")
  }
}
