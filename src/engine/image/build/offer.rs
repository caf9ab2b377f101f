//! What a build may use of the caller's: looked at before anything is sent, so that what is missing is
//! told as the option that it is.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::options::{Agent, BuildOptions, Secret};
use crate::buildkit::{LARGEST_SECRET, SecretSource, reach_agent};
use crate::endpoint::Environment;
use crate::engine::error::{EngineError, Result};

pub async fn secrets(
  options: &BuildOptions,
  environment: &Environment,
) -> Result<BTreeMap<String, SecretSource>> {
  let mut found = BTreeMap::new();
  for (id, secret) in &options.secrets {
    let (source, option, size) = match secret {
      Secret::Value(value) => {
        (SecretSource::Value(value.clone().into_bytes()), "value", value.len() as u64)
      }
      Secret::Env(name) => {
        // Set since the engine was made, perhaps.
        let value = environment.variables.get(name).cloned().or_else(|| std::env::var(name).ok());
        let missing =
          || EngineError::invalid(format!("secrets.{id}.env"), format!("`{name}` is not set"));
        let value = value.ok_or_else(missing)?;
        let size = value.len() as u64;
        (SecretSource::Value(value.into_bytes()), "env", size)
      }
      Secret::File(path) => {
        let size = size_of(path).await.map_err(|why| {
          let text = format!("{}: {why}", path.display());
          EngineError::invalid(format!("secrets.{id}.file"), text)
        })?;
        (SecretSource::File(path.clone()), "file", size)
      }
    };
    if size > LARGEST_SECRET as u64 {
      let text = format!("{size} bytes are more than the 500 KiB that BuildKit takes");
      return Err(EngineError::invalid(format!("secrets.{id}.{option}"), text));
    }
    found.insert(id.clone(), source);
  }
  Ok(found)
}

/// 0 where it shows as it is read: of a pipe, which can be opened only once.
async fn size_of(path: &Path) -> std::io::Result<u64> {
  let told = tokio::fs::metadata(path).await?;
  if told.is_dir() {
    return Err(std::io::ErrorKind::IsADirectory.into());
  }
  if !told.is_file() {
    return Ok(0);
  }
  Ok(tokio::fs::File::open(path).await?.metadata().await?.len())
}

pub async fn agents(
  options: &BuildOptions,
  environment: &Environment,
) -> Result<BTreeMap<String, PathBuf>> {
  let mut found = BTreeMap::new();
  for (id, agent) in options.ssh.agents() {
    let path = match agent {
      Agent::Own(false) => continue,
      Agent::Socket(path) => path,
      Agent::Own(true) => {
        let own = environment.get("SSH_AUTH_SOCK");
        let missing =
          || EngineError::invalid("ssh", "no agent: SSH_AUTH_SOCK is not set; start ssh-agent");
        own.ok_or_else(missing)?.into()
      }
    };
    reach_agent(&path).await.map_err(|why| {
      let text = format!("no agent answers at {}: {why}", path.display());
      EngineError::invalid(format!("ssh.{id}"), text)
    })?;
    found.insert(id, path);
  }
  Ok(found)
}
