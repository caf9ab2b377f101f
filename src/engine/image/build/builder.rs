//! Which of an engine's builders builds: what was asked for, else as the docker CLI chooses.

use super::options::{BuildOptions, Builder};
use crate::engine::error::{EngineError, Result};
use crate::engine::{Engine, request};

/// The first API version whose engines have BuildKit built in.
const FIRST_WITH_BUILDKIT: (u32, u32) = (1, 39);

/// Whether it is BuildKit. An option that one builder alone honours decides; else `DOCKER_BUILDKIT`,
/// else what the engine advertises.
pub async fn choose(engine: &Engine, options: &BuildOptions) -> Result<bool> {
  if options.builder == Builder::Classic {
    return Ok(false);
  }
  let headers = request::greeting(engine).await?;
  let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
  // Engines of before 23 have it too, and do not say so; Podman, which has none, says that it is one.
  let capable = version(header("api-version").unwrap_or_default()) >= FIRST_WITH_BUILDKIT
    && header("ostype") != Some("windows")
    && header("libpod-api-version").is_none();
  let wants = options.builder == Builder::Buildkit || options.needs_buildkit();
  if wants && !capable {
    let (path, what) = match (options.secrets.is_empty(), options.ssh.is_empty()) {
      (false, _) => ("secrets", "build secrets need BuildKit, which"),
      (true, false) => ("ssh", "ssh forwarding needs BuildKit, which"),
      (true, true) => ("builder", "BuildKit is something that"),
    };
    let text = format!("{what} this engine does not have");
    return Err(EngineError::not_supported(text).with(|facts| facts.path = Some(path.into())));
  }
  if wants || options.needs_classic().is_some() {
    return Ok(wants);
  }
  Ok(match engine.environment().get("DOCKER_BUILDKIT") {
    Some("0" | "false") => false,
    Some("1" | "true") => capable,
    _ => capable && header("builder-version") == Some("2"),
  })
}

fn version(text: &str) -> (u32, u32) {
  let (major, minor) = text.split_once('.').unwrap_or((text, "0"));
  (major.parse().unwrap_or(0), minor.parse().unwrap_or(0))
}
