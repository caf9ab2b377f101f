//! The part of docker's `config.json` that is about credentials.

use std::collections::HashMap;
use std::io;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use serde::Deserialize;

use super::{Credential, CredentialError, bare};
use crate::endpoint::Environment;

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub struct Config {
  auths: HashMap<String, Entry>,
  creds_store: Option<String>,
  cred_helpers: HashMap<String, String>,
  #[serde(skip)]
  place: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Entry {
  auth: Option<String>,
  username: Option<String>,
  password: Option<String>,
  identitytoken: Option<String>,
  registrytoken: Option<String>,
}

impl Config {
  pub async fn load(environment: &Environment) -> Result<Option<Self>, CredentialError> {
    let Some(folder) = environment.docker_config() else { return Ok(None) };
    let file = folder.join("config.json");
    let place = file.display().to_string();
    match environment.read_config(&file).await {
      Ok(bytes) => Self::parse(&bytes, &place).map(Some),
      // One that may not be read is somebody else's: the docker CLI goes on without it, too.
      Err(error)
        if matches!(
          error.kind(),
          io::ErrorKind::NotFound | io::ErrorKind::NotADirectory | io::ErrorKind::PermissionDenied
        ) =>
      {
        Ok(None)
      }
      Err(error) => Err(CredentialError::BadConfig { place, why: error.to_string() }),
    }
  }

  pub fn parse(bytes: &[u8], place: &str) -> Result<Self, CredentialError> {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if text.iter().all(u8::is_ascii_whitespace) {
      return Ok(Self::default());
    }
    // The parser's own words could quote the file: only the position is told.
    let config =
      serde_json::from_slice::<Self>(text).map_err(|error| CredentialError::BadConfig {
        place: place.to_owned(),
        why: format!("not as it should be at line {}, column {}", error.line(), error.column()),
      })?;
    Ok(Self { place: place.to_owned(), ..config })
  }

  /// The helper to ask about a registry.
  pub fn helper(&self, key: &str) -> Option<&str> {
    let own = self.cred_helpers.get(key).or_else(|| {
      self.cred_helpers.iter().find(|(other, _)| bare(other) == bare(key)).map(|(_, name)| name)
    });
    own.or(self.creds_store.as_ref()).map(String::as_str).filter(|name| !name.is_empty())
  }

  /// All helpers that it names.
  pub fn helpers(&self) -> impl Iterator<Item = &String> {
    self.creds_store.iter().chain(self.cred_helpers.values()).filter(|name| !name.is_empty())
  }

  /// Those that are named in it.
  pub fn registries(&self) -> impl Iterator<Item = String> {
    self.auths.keys().chain(self.cred_helpers.keys()).map(|key| {
      let host = bare(key);
      if host == "index.docker.io" { "docker.io" } else { host }.to_owned()
    })
  }

  /// What is written in the file itself.
  pub fn written(&self, key: &str) -> Result<Option<Credential>, CredentialError> {
    let entry = self
      .auths
      .get_key_value(key)
      .or_else(|| self.auths.iter().find(|(other, _)| bare(other) == bare(key)));
    let Some((address, entry)) = entry else { return Ok(None) };
    let (mut username, mut password) = (entry.username.clone(), entry.password.clone());
    if let Some(auth) = entry.auth.as_deref().filter(|auth| !auth.is_empty()) {
      let (user, secret) = decode(auth).ok_or_else(|| CredentialError::BadConfig {
        place: self.place.clone(),
        why: format!("the entry of {address} is not user:password in base64"),
      })?;
      (username, password) = (Some(user), Some(secret));
    }
    let credential = Credential {
      username,
      password,
      identity_token: entry.identitytoken.clone(),
      registry_token: entry.registrytoken.clone(),
      server_address: Some(address.clone()),
    };
    let empty =
      Credential { server_address: credential.server_address.clone(), ..Credential::default() };
    Ok((credential != empty).then_some(credential))
  }
}

/// A password may have colons, a user may not.
fn decode(auth: &str) -> Option<(String, String)> {
  let auth = auth.trim();
  let bytes = STANDARD.decode(auth).or_else(|_| STANDARD_NO_PAD.decode(auth)).ok()?;
  let text = String::from_utf8(bytes).ok()?;
  let (user, password) = text.split_once(':')?;
  Some((user.to_owned(), password.trim_end_matches('\0').to_owned()))
}
