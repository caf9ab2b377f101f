//! Volumes and mounts, as docker's `--volume` and `--mount` have them.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::values::Map;
use crate::engine::size::Bytes;

/// `{ name: path }`, volumes by name; `[path]`, volumes that have none.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged, expecting = "expected { volume: path } or a list of paths")]
pub enum Volumes {
  Named(BTreeMap<String, String>),
  Anonymous(Vec<String>),
}

impl Default for Volumes {
  fn default() -> Self {
    Self::Anonymous(Vec::new())
  }
}

/// One mount, with all that the engine knows of it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Mount {
  #[serde(rename = "type")]
  pub kind: MountKind,
  /// A path of the host, or a volume's name; none for `tmpfs`, and for a volume without a name.
  pub source: Option<String>,
  pub target: String,
  #[serde(default)]
  pub readonly: bool,
  /// Of a bind: `rprivate`, `rshared` and so on.
  pub propagation: Option<String>,
  /// Of a volume: nothing of what the image has there is copied into it.
  #[serde(default)]
  pub no_copy: bool,
  /// Of a volume that is made.
  #[serde(default)]
  pub labels: Map,
  pub driver: Option<String>,
  #[serde(default)]
  pub driver_options: Map,
  /// Of a tmpfs.
  pub size: Option<Bytes>,
  pub mode: Option<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MountKind {
  Bind,
  Volume,
  Tmpfs,
  Npipe,
}

impl MountKind {
  #[must_use]
  pub fn as_str(self) -> &'static str {
    match self {
      Self::Bind => "bind",
      Self::Volume => "volume",
      Self::Tmpfs => "tmpfs",
      Self::Npipe => "npipe",
    }
  }
}
