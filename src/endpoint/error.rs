//! Why there is no endpoint.

use std::path::PathBuf;

use super::Tried;

/// Why no endpoint could be decided on.
#[derive(Debug, Clone, thiserror::Error)]
pub enum EndpointError {
  #[error("{origin}: {why}")]
  BadHost { origin: String, why: String },
  #[error("there is no docker {origin}; {}", listing(.known))]
  NoSuchContext { name: String, origin: String, known: Vec<String> },
  #[error("docker context `{name}` cannot be used: {}: {why}", .file.display())]
  BadContext { name: String, file: PathBuf, why: String },
  #[error("docker's configuration cannot be read: {}: {why}", .file.display())]
  BadConfig { file: PathBuf, why: String },
  #[error("no engine was found; tried {}; is one running? else say where by DOCKER_HOST", listed(.tried))]
  NotFound { tried: Vec<Tried> },
}

fn listing(names: &[String]) -> String {
  if names.is_empty() {
    return "there are no contexts".to_owned();
  }
  format!("there are: {}", names.join(", "))
}

fn listed(tried: &[Tried]) -> String {
  let each = tried.iter().map(|tried| match &tried.error {
    Some(error) => format!("{} ({error})", tried.url),
    None => tried.url.clone(),
  });
  each.collect::<Vec<_>>().join(", ")
}
