//! Credentials for a registry, found where the docker CLI finds them.

mod config;
mod helper;

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE;
use serde_json::json;

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
  let key = if is_hub(registry) { HUB } else { registry };
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
  let json = json!({
    "username": credential.username,
    "password": credential.password,
    "identitytoken": credential.identity_token,
    "registrytoken": credential.registry_token,
    "serveraddress": credential.server_address,
  });
  URL_SAFE.encode(json.to_string())
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
