//! Credential helpers: `docker-credential-<name> get`, the registry on its standard input.

use std::process::Stdio;
use std::time::Duration;

use serde::Deserialize;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use super::{Credential, CredentialError};
use crate::endpoint::Environment;

/// A helper may ask its user; one that hangs must not hang us.
const LIMIT: Duration = Duration::from_secs(30);

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
    std::io::ErrorKind::NotFound => failed("is not installed, or not on the PATH".to_owned()),
    _ => failed(format!("cannot be run: {error}")),
  })?;
  let talk = async {
    if let Some(mut input) = child.stdin.take() {
      // A helper that does not read its input may still answer.
      let _ = input.write_all(format!("{registry}\n").as_bytes()).await;
    }
    child.wait_with_output().await
  };
  let output = tokio::time::timeout(LIMIT, talk)
    .await
    .map_err(|_| failed(format!("did not answer within {} s", LIMIT.as_secs())))?
    .map_err(|error| failed(format!("cannot be run: {error}")))?;
  if !output.status.success() {
    let said = String::from_utf8_lossy(&output.stdout);
    if said.contains("credentials not found") {
      return Ok(None);
    }
    return Err(failed(format!("failed ({})", output.status)));
  }
  // What it printed is a secret, also where it makes no sense.
  let answer: Answer = serde_json::from_slice(&output.stdout)
    .map_err(|_| failed("gave an answer that makes no sense".to_owned()))?;
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
