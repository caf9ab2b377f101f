//! What callers may say of several containers.

#![expect(clippy::struct_excessive_bools, reason = "the contract's flags")]

use serde::Deserialize;

use crate::engine::container::stats::Raw;
use crate::engine::error::{EngineError, Result};
use crate::engine::images::list::Filters;
use crate::engine::options::{LogsOptions, Scalar};

/// `monitor(filters, { … })`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct MonitorOptions {
  pub stats: bool,
  pub logs: bool,
  pub events: bool,
  pub tail: Option<Scalar>,
  pub raw: Raw,
}

impl Default for MonitorOptions {
  fn default() -> Self {
    Self { stats: true, logs: true, events: true, tail: None, raw: Raw::No }
  }
}

impl MonitorOptions {
  /// What was written before one looks is left out, unless it is asked for.
  pub(super) fn log(&self) -> LogsOptions {
    let tail = self.tail.clone().or_else(|| Some(Scalar("0".into())));
    LogsOptions { follow: true, tail, ..LogsOptions::default() }
  }
}

/// Which containers: these, or those that fit.
pub enum Targets {
  Named(Vec<String>),
  Filters(Filters),
}

/// `dokeres.logs(containers, { … })`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct MergedOptions {
  pub follow: bool,
  pub restarts: Option<bool>,
  pub all: bool,
  pub tail: Option<Scalar>,
  pub since: Option<Scalar>,
  pub until: Option<Scalar>,
  pub stdout: bool,
  pub stderr: bool,
  pub prefix: bool,
}

impl Default for MergedOptions {
  fn default() -> Self {
    Self {
      follow: false,
      restarts: None,
      all: false,
      tail: None,
      since: None,
      until: None,
      stdout: true,
      stderr: true,
      prefix: true,
    }
  }
}

impl MergedOptions {
  pub(super) fn check(&self) -> Result<()> {
    if !self.stdout && !self.stderr {
      return Err(EngineError::invalid("stdout", "logs need stdout, stderr or both"));
    }
    if self.restarts == Some(true) && (!self.follow || self.until.is_some()) {
      let text = "only logs that are followed, and without an end, go on through restarts";
      return Err(EngineError::invalid("restarts", text));
    }
    Ok(())
  }

  pub(super) fn log(&self) -> LogsOptions {
    LogsOptions {
      follow: self.follow,
      tail: self.tail.clone(),
      since: self.since.clone(),
      until: self.until.clone(),
      stdout: self.stdout,
      stderr: self.stderr,
      ..LogsOptions::default()
    }
  }
}
