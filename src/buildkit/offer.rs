//! What a build may use of ours.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;

use super::files::Files;
use crate::credentials::Credential;

/// Finds the credentials for a registry by the host that the engine asks it for
/// (`registry-1.docker.io`, `127.0.0.1:5000`).
pub type CredentialLookup = Arc<dyn Fn(String) -> Looking + Send + Sync>;

type Looking = Pin<Box<dyn Future<Output = Result<Option<Credential>, String>> + Send>>;

/// All that the engine may have, by the names the Dockerfile uses. Never printed.
#[derive(Clone)]
pub struct Offer {
  pub secrets: BTreeMap<String, SecretSource>,
  /// The sockets of ssh agents.
  pub agents: BTreeMap<String, PathBuf>,
  pub credentials: CredentialLookup,
  pub files: Option<OfferedFiles>,
}

#[derive(Clone)]
pub struct OfferedFiles {
  pub source: Arc<dyn Files>,
  /// The engine looks for what it has already among what came under the same key: two files there
  /// are one where name, size, mode and time are the same.
  pub key: String,
}

#[derive(Clone)]
pub enum SecretSource {
  /// Read anew each time it is asked for.
  File(PathBuf),
  Value(Vec<u8>),
}

impl fmt::Debug for Offer {
  fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str("Offer { … }")
  }
}

impl fmt::Debug for SecretSource {
  fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str("SecretSource { … }")
  }
}
