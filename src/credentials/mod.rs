//! Credentials for a registry, found where the docker CLI finds them.

mod config;
mod helper;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE;
use serde_json::{Value, json};

use crate::endpoint::Environment;
use config::Config;

/// What `docker login` has put away. Never printed.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Credential {
  pub username: Option<String>,
  pub password: Option<String>,
  pub identity_token: Option<String>,
  pub registry_token: Option<String>,
  pub server_address: Option<String>,
}

impl fmt::Debug for Credential {
  fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str("Credential { … }")
  }
}

/// Why credentials that should be there cannot be had. No variant holds a secret.
#[derive(Debug, thiserror::Error)]
pub enum CredentialError {
  #[error("the credential helper `docker-credential-{helper}` {why}")]
  Helper { helper: String, why: String },
  #[error("docker's credentials cannot be read: {place}: {why}")]
  BadConfig { place: String, why: String },
}

/// Docker Hub's key in docker's configuration; all its names mean this one.
const HUB: &str = "https://index.docker.io/v1/";

/// The credentials for a registry, as `docker pull` would send them: `DOCKER_AUTH_CONFIG`, the
/// registry's own helper, the common one, and what is written in `config.json`.
pub async fn find(
  registry: &str,
  environment: &Environment,
) -> Result<Option<Credential>, CredentialError> {
  let key = key(registry);
  if let Some(text) = environment.get("DOCKER_AUTH_CONFIG")
    && let Some(found) = Config::parse(text.as_bytes(), "DOCKER_AUTH_CONFIG")?.written(key)?
  {
    return Ok(Some(found));
  }
  let Some(config) = Config::load(environment).await? else { return Ok(None) };
  match config.helper(key) {
    Some(name) => match helper::get(name, key, environment).await? {
      Some(found) => Ok(Some(found)),
      None => config.written(key),
    },
    None => config.written(key),
  }
}

/// `X-Registry-Auth`: URL-safe base64 of JSON, which is what the engine decodes.
#[must_use]
pub fn header(credential: &Credential) -> String {
  URL_SAFE.encode(json(credential).to_string())
}

fn json(credential: &Credential) -> Value {
  json!({
    "username": credential.username,
    "password": credential.password,
    "identitytoken": credential.identity_token,
    "registrytoken": credential.registry_token,
    "serveraddress": credential.server_address,
  })
}

/// `X-Registry-Config`: as [`header`], for several registries, by [`key`].
#[must_use]
pub fn config_header(credentials: &BTreeMap<String, Credential>) -> String {
  let all: BTreeMap<_, _> =
    credentials.iter().map(|(registry, credential)| (registry, json(credential))).collect();
  URL_SAFE.encode(json!(all).to_string())
}

/// The name under which docker knows a registry's credentials.
#[must_use]
pub fn key(registry: &str) -> &str {
  if is_hub(registry) { HUB } else { registry }
}

/// Whether two names are of one registry.
#[must_use]
pub fn same(one: &str, other: &str) -> bool {
  bare(one) == bare(other)
}

/// The registries that docker's configuration names, for when it is not known which are needed. A
/// store's own are not among them: it would have to tell all it has.
pub async fn registries(environment: &Environment) -> Result<BTreeSet<String>, CredentialError> {
  let mut found = BTreeSet::new();
  if let Some(text) = environment.get("DOCKER_AUTH_CONFIG") {
    found.extend(Config::parse(text.as_bytes(), "DOCKER_AUTH_CONFIG")?.registries());
  }
  if let Some(config) = Config::load(environment).await? {
    found.extend(config.registries());
  }
  Ok(found)
}

/// The helpers that docker's configuration names, whether or not they are there.
pub async fn helpers(environment: &Environment) -> Result<BTreeSet<String>, CredentialError> {
  let config = Config::load(environment).await?;
  Ok(config.iter().flat_map(Config::helpers).cloned().collect())
}

fn is_hub(registry: &str) -> bool {
  matches!(registry, "docker.io" | "index.docker.io" | "registry-1.docker.io")
}

/// A key without scheme and path, for keys that people wrote by hand.
fn bare(key: &str) -> &str {
  let rest = key.split_once("://").map_or(key, |(_, rest)| rest);
  let host = rest.split('/').next().unwrap_or(rest);
  if is_hub(host) { "index.docker.io" } else { host }
}

#[cfg(test)]
mod tests;
