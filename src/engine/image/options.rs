//! The options of `image`, `pull` and `build`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;
use serde_json::Value;

use crate::engine::error::{EngineError, Result};
use crate::engine::options::{Entries, Map};

/// What an image is, where it comes from and how it is made.
#[derive(Debug, Clone, Default)]
pub struct ImageOptions {
  pub name: Option<String>,
  pub dockerfile: Option<String>,
  pub extra_files: Option<Vec<String>>,
  pub platform: Option<String>,
  pub pull_policy: PullPolicy,
  pub auth: Option<Auth>,
  pub force_rebuild: bool,
  pub build: BuildOptions,
}

/// The bag of `dokeres.image({ … })`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct ImageBag {
  name: Option<String>,
  dockerfile: Option<String>,
  context: Option<Value>,
  extra_files: Option<Vec<String>>,
  platform: Option<String>,
  build_args: Map,
  labels: Map,
  target: Option<String>,
  secrets: Option<Value>,
  ssh: Option<Value>,
  no_cache: bool,
  pull_policy: PullPolicy,
  auth: Option<Auth>,
  force_rebuild: bool,
  cache_from: Vec<String>,
  network: Option<String>,
  extra_hosts: Entries,
  tags: Vec<String>,
  builder: Builder,
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

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Builder {
  #[default]
  Auto,
  Classic,
  Buildkit,
}

/// Credentials for a registry, as `docker login` has them. Never printed.
#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Auth {
  pub username: Option<String>,
  pub password: Option<String>,
  #[serde(alias = "identitytoken")]
  pub identity_token: Option<String>,
  #[serde(alias = "registrytoken")]
  pub registry_token: Option<String>,
  #[serde(alias = "serveraddress")]
  pub server_address: Option<String>,
}

impl std::fmt::Debug for Auth {
  fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
    f.write_str("Auth { … }")
  }
}

/// How to build: the options of `image` that `build` may override.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct BuildOptions {
  pub context: Option<Value>,
  pub build_args: Map,
  pub labels: Map,
  pub target: Option<String>,
  pub secrets: Option<Value>,
  pub ssh: Option<Value>,
  pub no_cache: bool,
  /// Pull the base images anew.
  pub pull: bool,
  pub cache_from: Vec<String>,
  pub network: Option<String>,
  pub extra_hosts: Entries,
  pub tags: Vec<String>,
  pub builder: Builder,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct PullOptions {
  pub auth: Option<Auth>,
  pub platform: Option<String>,
}

impl ImageOptions {
  /// Reads the bag of `dokeres.image({ … })`.
  pub fn read(bag: Value) -> Result<Self> {
    let bag: ImageBag = crate::engine::options::read(bag)?;
    Ok(Self {
      name: bag.name,
      dockerfile: bag.dockerfile,
      extra_files: bag.extra_files,
      platform: bag.platform,
      pull_policy: bag.pull_policy,
      auth: bag.auth,
      force_rebuild: bag.force_rebuild,
      build: BuildOptions {
        context: bag.context,
        build_args: bag.build_args,
        labels: bag.labels,
        target: bag.target,
        secrets: bag.secrets,
        ssh: bag.ssh,
        no_cache: bag.no_cache,
        pull: false,
        cache_from: bag.cache_from,
        network: bag.network,
        extra_hosts: bag.extra_hosts,
        tags: bag.tags,
        builder: bag.builder,
      },
    })
  }

  #[must_use]
  pub fn can_build(&self) -> bool {
    self.dockerfile.is_some() || self.build.context.is_some()
  }

  /// Says no before anything is sent to what this version cannot do.
  pub fn check_supported(&self) -> Result<()> {
    self.build.check_supported()
  }

  /// The Dockerfile's path: given, or the one in the context.
  #[must_use]
  pub fn dockerfile_path(&self) -> Option<PathBuf> {
    let root = self.build.root();
    match (&self.dockerfile, root) {
      (Some(file), _) => Some(PathBuf::from(file)),
      (None, Some(root)) => Some(root.join("Dockerfile")),
      (None, None) => None,
    }
  }

  /// Tells builds apart: what would make another image has another identity.
  #[must_use]
  pub fn build_identity(&self) -> String {
    format!("{:?} {:?} {:?}", self.dockerfile, self.extra_files, self.build)
  }
}

impl BuildOptions {
  pub fn check_supported(&self) -> Result<()> {
    let unsupported = |path: &str, what: &str| {
      Err(
        EngineError::not_supported(format!("{what} is not there yet"))
          .with(|facts| facts.path = Some(path.to_owned())),
      )
    };
    match &self.context {
      None => {}
      Some(Value::String(text)) if !is_remote(text) => {}
      Some(_) => return unsupported("context", "a build context that is no directory"),
    }
    if self.secrets.is_some() {
      return unsupported("secrets", "a build with secrets");
    }
    if self.ssh.is_some() {
      return unsupported("ssh", "a build with ssh forwarding");
    }
    if self.builder == Builder::Buildkit {
      return unsupported("builder", "building with BuildKit");
    }
    Ok(())
  }

  #[must_use]
  pub fn root(&self) -> Option<PathBuf> {
    self.context.as_ref()?.as_str().map(PathBuf::from)
  }

  /// These options over those of the image.
  #[must_use]
  pub fn over(self, image: &Self) -> Self {
    let joined = |mut under: BTreeMap<_, _>, over| {
      under.extend(over);
      under
    };
    Self {
      context: self.context.or_else(|| image.context.clone()),
      build_args: joined(image.build_args.clone(), self.build_args),
      labels: joined(image.labels.clone(), self.labels),
      target: self.target.or_else(|| image.target.clone()),
      secrets: self.secrets.or_else(|| image.secrets.clone()),
      ssh: self.ssh.or_else(|| image.ssh.clone()),
      no_cache: self.no_cache || image.no_cache,
      pull: self.pull || image.pull,
      cache_from: either(self.cache_from, &image.cache_from),
      network: self.network.or_else(|| image.network.clone()),
      extra_hosts: if self.extra_hosts.joined(':').is_empty() {
        image.extra_hosts.clone()
      } else {
        self.extra_hosts
      },
      tags: either(self.tags, &image.tags),
      builder: if self.builder == Builder::Auto { image.builder } else { self.builder },
    }
  }
}

fn either(own: Vec<String>, other: &[String]) -> Vec<String> {
  if own.is_empty() { other.to_vec() } else { own }
}

fn is_remote(text: &str) -> bool {
  ["http://", "https://", "git://", "git@", "github.com/"]
    .iter()
    .any(|prefix| text.starts_with(prefix))
}
