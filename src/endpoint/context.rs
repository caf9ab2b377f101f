//! Docker's contexts: a name for an address and its TLS material, in docker's configuration.

use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::{EndpointError, Environment, tls};
use crate::transport::TlsMaterial;

/// The context that is none.
pub const DEFAULT: &str = "default";

/// What a context has to say.
pub struct Found {
  pub host: String,
  pub tls: Option<TlsMaterial>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Config {
  current_context: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Meta {
  name: String,
  #[serde(default)]
  endpoints: Endpoints,
}

#[derive(Deserialize, Default)]
struct Endpoints {
  docker: Option<Docker>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Docker {
  #[serde(default)]
  host: String,
  #[serde(default, rename = "SkipTLSVerify")]
  skip_tls_verify: bool,
}

/// The current context's name, and the file that says so.
pub async fn current(
  environment: &Environment,
) -> Result<Option<(String, PathBuf)>, EndpointError> {
  let Some(file) = environment.docker_config().map(|folder| folder.join("config.json")) else {
    return Ok(None);
  };
  let bad = |why: String| EndpointError::BadConfig { file: file.clone(), why };
  let bytes = match environment.read_config(&file).await {
    Ok(bytes) => bytes,
    Err(error) if absent(&error) => return Ok(None),
    Err(error) => return Err(bad(error.to_string())),
  };
  let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
  if text.iter().all(u8::is_ascii_whitespace) {
    return Ok(None);
  }
  let config: Config = serde_json::from_slice(text).map_err(|error| bad(error.to_string()))?;
  let name = config.current_context.filter(|name| !name.is_empty() && name != DEFAULT);
  Ok(name.map(|name| (name, file)))
}

/// Loads a context by its name.
pub async fn load(
  name: &str,
  source: &str,
  environment: &Environment,
) -> Result<Found, EndpointError> {
  let contexts = environment.docker_config().unwrap_or_default().join("contexts");
  let id = id_of(name);
  let file = contexts.join("meta").join(&id).join("meta.json");
  let bad =
    |why: String| EndpointError::BadContext { name: name.to_owned(), file: file.clone(), why };
  let bytes = match environment.read_config(&file).await {
    Ok(bytes) => bytes,
    Err(error) if absent(&error) => {
      let known = known(&contexts.join("meta"), environment).await;
      let (name, origin) = (name.to_owned(), source.to_owned());
      return Err(EndpointError::NoSuchContext { name, origin, known });
    }
    Err(error) => return Err(bad(error.to_string())),
  };
  let meta: Meta = serde_json::from_slice(&bytes).map_err(|error| bad(error.to_string()))?;
  let docker = meta.endpoints.docker.ok_or_else(|| bad("it has no docker endpoint".into()))?;
  if docker.host.is_empty() {
    return Err(bad("its docker endpoint has no host".into()));
  }
  let mut material = tls::of_folder(&contexts.join("tls").join(id).join("docker")).await;
  material.skip_verify = docker.skip_tls_verify;
  let given = material != TlsMaterial::default();
  Ok(Found { host: docker.host, tls: given.then_some(material) })
}

async fn known(folder: &Path, environment: &Environment) -> Vec<String> {
  let mut names = Vec::new();
  let Ok(mut entries) = tokio::fs::read_dir(folder).await else { return names };
  while let Ok(Some(entry)) = entries.next_entry().await {
    let file = entry.path().join("meta.json");
    let Ok(bytes) = environment.read_config(&file).await else { continue };
    if let Ok(meta) = serde_json::from_slice::<Meta>(&bytes) {
      names.push(meta.name);
    }
  }
  names.sort();
  names
}

/// The folder that a context's files are in.
fn id_of(name: &str) -> String {
  let mut id = String::with_capacity(64);
  for byte in Sha256::digest(name) {
    // Writing to a `String` cannot fail.
    let _ = write!(id, "{byte:02x}");
  }
  id
}

fn absent(error: &io::Error) -> bool {
  matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}
