//! Credential helpers: `docker-credential-<name> get`, the registry on its standard input.

use std::io;
use std::process::Stdio;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::Command;

use super::{Credential, CredentialError};
use crate::endpoint::Environment;

/// A helper may ask its user; one that hangs must not hang us.
const LIMIT: Duration = Duration::from_secs(30);

/// Nor must one that never stops talking fill our memory.
const LONGEST: u64 = 1 << 20;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
  #[serde(default)]
  username: String,
  #[serde(default)]
  secret: String,
}

pub async fn get(
  name: &str,
  registry: &str,
  environment: &Environment,
) -> Result<Option<Credential>, CredentialError> {
  let failed = |why: String| CredentialError::Helper { helper: name.to_owned(), why };
  if name.contains(['/', '\\']) {
    return Err(failed("is not a helper's name".to_owned()));
  }
  let mut command = Command::new(format!("docker-credential-{name}"));
  command
    .arg("get")
    .envs(&environment.variables)
    .stdin(Stdio::piped())
    .stdout(Stdio::piped())
    .stderr(Stdio::null())
    .kill_on_drop(true);
  let mut child = command.spawn().map_err(|error| match error.kind() {
    io::ErrorKind::NotFound => failed("is not installed, or not on the PATH".to_owned()),
    _ => failed(format!("cannot be run: {error}")),
  })?;
  let talk = async {
    if let Some(mut input) = child.stdin.take() {
      // A helper that does not read its input may still answer.
      let _ = input.write_all(format!("{registry}\n").as_bytes()).await;
    }
    let mut said = Vec::new();
    if let Some(output) = child.stdout.take() {
      output.take(LONGEST).read_to_end(&mut said).await?;
    }
    // What says as much has no credentials to tell, and is not waited for.
    let talks_on = said.len() as u64 == LONGEST;
    let status = if talks_on { None } else { Some(child.wait().await?) };
    io::Result::Ok((status, said))
  };
  let (status, said) = tokio::time::timeout(LIMIT, talk)
    .await
    .map_err(|_| failed(format!("did not answer within {} s", LIMIT.as_secs())))?
    .map_err(|error| failed(format!("cannot be run: {error}")))?;
  if let Some(status) = status.filter(|status| !status.success()) {
    if String::from_utf8_lossy(&said).contains("credentials not found") {
      return Ok(None);
    }
    return Err(failed(format!("failed ({status})")));
  }
  // What it printed is a secret, also where it makes no sense.
  let answer =
    read(&said).ok_or_else(|| failed("gave an answer that makes no sense".to_owned()))?;
  if answer.username.is_empty() && answer.secret.is_empty() {
    return Ok(None);
  }
  let server_address = Some(registry.to_owned());
  // By this name a helper says that its secret is a token.
  Ok(Some(if answer.username == "<token>" {
    Credential { identity_token: Some(answer.secret), server_address, ..Credential::default() }
  } else {
    Credential {
      username: Some(answer.username),
      password: Some(answer.secret),
      server_address,
      ..Credential::default()
    }
  }))
}

/// An object: a list would be taken for its fields in order.
fn read(said: &[u8]) -> Option<Answer> {
  let fields = serde_json::from_slice::<Map<String, Value>>(said).ok()?;
  serde_json::from_value(Value::Object(fields)).ok()
}
