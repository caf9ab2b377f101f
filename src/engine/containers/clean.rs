//! Getting rid of one container, whatever state it is in.

use std::time::Duration;

use serde::Deserialize;

use crate::engine::Engine;
use crate::engine::container::{Container, removal};
use crate::engine::error::{Code, Result};
use crate::engine::options::{KillOptions, StopOptions};

const ATTEMPTS: u32 = 5;

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct CleanOptions {
  /// Seconds between the stop signal and SIGKILL.
  pub timeout: Option<i64>,
  pub volumes: bool,
}

/// Stops, kills and removes until it is gone; the last refusal where it will not go.
pub async fn clean(engine: &Engine, id: &str, options: &CleanOptions) -> Result<()> {
  let container = Container::at(engine, id)?;
  let stop = StopOptions { timeout: options.timeout };
  let mut pause = Duration::from_millis(100);
  let mut attempt = 1;
  loop {
    let stopped = container.stop(&stop).await;
    if stopped.as_ref().is_err_and(|error| error.is(Code::ContainerNotFound)) {
      return Ok(());
    }
    if stopped.is_err() {
      // The removal's refusal says more than that of the kill; it comes next.
      let _ = container.kill(&KillOptions::default()).await;
    }
    let error = match removal::remove(engine, id, true, options.volumes).await {
      Ok(()) => return Ok(()),
      // Without an engine's answer there is nothing to try again against.
      Err(error) if error.facts().status_code.is_none() => return Err(error),
      Err(error) => error,
    };
    if attempt == ATTEMPTS {
      let text = format!("; given up after {ATTEMPTS} attempts");
      return Err(error.with(|facts| facts.message.push_str(&text)));
    }
    attempt += 1;
    tokio::time::sleep(pause).await;
    pause *= 2;
  }
}
