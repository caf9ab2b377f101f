//! The `/build` request: options as its query, credentials as its header.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::bases;
use super::options::BuildOptions;
use super::source::Sent;
use crate::context::{Context, Dockerfile};
use crate::credentials::{self, Credential};
use crate::engine::call::Call;
use crate::engine::error::{EngineError, Result};
use crate::engine::image::Image;
use crate::engine::image::credential::helper_failed;
use crate::engine::options::Map;
use crate::engine::reference::{self, Reference};

impl Image {
  pub(super) fn tags(&self, options: &BuildOptions) -> Result<Vec<String>> {
    let names = self.options().name.iter().chain(&options.tags);
    let mut tags = Vec::new();
    for name in names {
      if reference::is_id(name) {
        return Err(EngineError::invalid("name", "an id is no name for what is built"));
      }
      let reference = Reference::parse(name)?;
      if reference.digest.is_some() {
        let text = format!("`{name}`: a digest cannot be chosen, it comes of the push");
        return Err(EngineError::invalid("name", text));
      }
      let tag = reference.to_string();
      if !tags.contains(&tag) {
        tags.push(tag);
      }
    }
    Ok(tags)
  }

  pub(super) fn build_call(&self, options: &BuildOptions, tags: &[String]) -> Call {
    let limits = &options.limits;
    let mut call = Call::post("cannot build", self.subject(), "/build")
      .query("rm", 1)
      .query("forcerm", 1)
      .query_if("target", options.target.as_ref())
      .query_if("networkmode", options.network.as_ref())
      .query_if("platform", self.options().platform.as_ref())
      .query_if("nocache", options.no_cache.filter(|on| *on).map(|_| 1))
      .query_if("pull", options.pull.filter(|on| *on).map(|_| 1))
      .query_if("memory", limits.memory.map(|bytes| bytes.0))
      .query_if("memswap", limits.memory_swap.map(|bytes| bytes.0))
      .query_if("shmsize", limits.shm_size.map(|bytes| bytes.0))
      .query_if("cpushares", limits.cpu_shares)
      .query_if("cpuperiod", limits.cpu_period)
      .query_if("cpuquota", limits.cpu_quota)
      .query_if("cpusetcpus", limits.cpuset_cpus.as_ref());
    for tag in tags {
      call = call.query("t", tag);
    }
    for host in options.extra_hosts.joined(':') {
      call = call.query("extrahosts", host);
    }
    if !options.build_args.is_empty() {
      call = call.query("buildargs", json!(texts(&options.build_args)));
    }
    if !options.labels.is_empty() {
      call = call.query("labels", json!(texts(&options.labels)));
    }
    if !options.cache_from.is_empty() {
      call = call.query("cachefrom", json!(options.cache_from));
    }
    call
  }

  /// The classic builder gets, in a header, the credentials of all registries that it may pull from.
  pub(super) async fn with_credentials(
    &self,
    call: Call,
    options: &BuildOptions,
    script: Script,
  ) -> Result<Call> {
    let environment = self.engine().environment();
    let mut registries = match script.read().await {
      Some(text) => bases::registries(&text, &texts(&options.build_args)),
      // What cannot be looked into may name any: those that are written down.
      None => credentials::registries(environment).await.map_err(|error| helper_failed(&error))?,
    };
    if let Ok(own) = self.reference()
      && self.options().auth.is_some()
    {
      registries.insert(own.registry);
    }
    let mut found: BTreeMap<String, Credential> = BTreeMap::new();
    for registry in registries {
      if let Some(credential) = self.credential_for(&registry).await? {
        found.insert(credentials::key(&registry).to_owned(), credential);
      }
    }
    if found.is_empty() {
      return Ok(call);
    }
    call.header("x-registry-config", &credentials::config_header(&found))
  }
}

/// Where the Dockerfile's text can be had before the build.
pub enum Script {
  Text(String),
  /// As the packer looks for it; one that is not there is the packer's to tell.
  At([PathBuf; 2]),
  Within,
}

impl Script {
  pub fn of(sent: &Sent) -> Self {
    let at = |root: &Path, path: &Path| Self::At([path.to_owned(), root.join(path)]);
    match sent {
      Sent::Remote { .. } | Sent::Shared { .. } | Sent::Packed(Context::Tar { .. }) => Self::Within,
      Sent::Packed(Context::Map { files, dockerfile }) => files
        .get(dockerfile)
        .map_or(Self::Within, |file| Self::Text(String::from_utf8_lossy(&file.content).into())),
      Sent::Packed(Context::Files { root, dockerfile, .. }) => at(root, dockerfile),
      Sent::Packed(Context::Directory { root, dockerfile }) => match dockerfile {
        Dockerfile::Path(path) => at(root, path),
        Dockerfile::Text(text) => Self::Text(text.clone()),
      },
    }
  }

  async fn read(self) -> Option<String> {
    match self {
      Self::Text(text) => Some(text),
      Self::At(places) => {
        for place in places {
          if let Ok(bytes) = tokio::fs::read(&place).await {
            return Some(String::from_utf8_lossy(&bytes).into_owned());
          }
        }
        None
      }
      Self::Within => None,
    }
  }
}

fn texts(map: &Map) -> BTreeMap<&str, &str> {
  map.iter().map(|(name, value)| (name.as_str(), value.0.as_str())).collect()
}
