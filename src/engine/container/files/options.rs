//! The options of copying.

use serde::Deserialize;

use crate::archive::Owner;
use crate::copy::Ignore;
use crate::engine::error::{EngineError, Result};
use crate::engine::options::Encoding;

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ReadFileOptions {
  /// Bytes, where it is absent.
  pub encoding: Option<Encoding>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct WriteFileOptions {
  pub mode: Option<u32>,
  pub uid: Option<u32>,
  pub gid: Option<u32>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct CopyToOptions {
  pub ignore: Vec<String>,
  pub uid: Option<u32>,
  pub gid: Option<u32>,
  pub mode: Option<u32>,
  pub follow_links: bool,
  pub archive: bool,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct CopyFromOptions {
  pub ignore: Vec<String>,
  pub follow_links: bool,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct PutArchiveOptions {
  pub no_overwrite_dir_non_dir: bool,
  #[serde(rename = "copyUIDGID")]
  pub copy_uid_gid: bool,
}

impl WriteFileOptions {
  pub fn check(&self) -> Result<()> {
    check_mode(self.mode)
  }

  pub(super) fn owner(&self) -> (u64, u64) {
    (self.uid.unwrap_or(0).into(), self.gid.unwrap_or(0).into())
  }
}

impl CopyToOptions {
  pub fn check(&self) -> Result<()> {
    check_mode(self.mode)?;
    self.rules().map(drop)
  }

  pub(super) fn rules(&self) -> Result<Ignore> {
    rules(&self.ignore)
  }

  pub(super) fn owner(&self) -> Owner {
    Owner {
      kept: self.archive,
      uid: self.uid.map(u64::from),
      gid: self.gid.map(u64::from),
      mode: self.mode,
    }
  }
}

impl CopyFromOptions {
  pub fn check(&self) -> Result<()> {
    self.rules().map(drop)
  }

  pub(super) fn rules(&self) -> Result<Ignore> {
    rules(&self.ignore)
  }
}

fn rules(patterns: &[String]) -> Result<Ignore> {
  Ignore::new(patterns).map_err(|error| EngineError::invalid("ignore", error))
}

fn check_mode(mode: Option<u32>) -> Result<()> {
  match mode {
    Some(0o1_0000..) => Err(EngineError::invalid("mode", "a mode is at most 0o7777")),
    _ => Ok(()),
  }
}
