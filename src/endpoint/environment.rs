//! The process's surroundings, read once, so that tests can have others.

use std::collections::HashMap;
use std::env;
use std::path::PathBuf;

/// Environment variables, the home directory, the user.
#[derive(Debug, Clone, Default)]
pub struct Environment {
  pub variables: HashMap<String, String>,
  pub home: Option<PathBuf>,
  /// The user's runtime directory is named by it where `XDG_RUNTIME_DIR` is not set.
  pub uid: Option<u32>,
  /// Where the platform's own sockets are looked for; tests have theirs elsewhere.
  pub root: PathBuf,
}

impl Environment {
  #[must_use]
  pub fn current() -> Self {
    // Names and values that are no text are not docker's.
    let variables: HashMap<_, _> = env::vars_os()
      .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
      .collect();
    let home = variables.get("HOME").filter(|home| !home.is_empty()).map(PathBuf::from);
    Self { home: home.or_else(env::home_dir), uid: uid(), root: PathBuf::from("/"), variables }
  }

  /// A variable that is set to something.
  #[must_use]
  pub fn get(&self, name: &str) -> Option<&str> {
    self.variables.get(name).map(String::as_str).filter(|value| !value.is_empty())
  }

  /// Docker's configuration directory.
  #[must_use]
  pub fn docker_config(&self) -> Option<PathBuf> {
    match self.get("DOCKER_CONFIG") {
      Some(folder) => Some(PathBuf::from(folder)),
      None => self.home.as_ref().map(|home| home.join(".docker")),
    }
  }
}

#[cfg(unix)]
fn uid() -> Option<u32> {
  use std::os::unix::fs::MetadataExt;
  // The owner of the process's own entry; std has no call for it.
  std::fs::metadata("/proc/self").ok().map(|own| own.uid())
}

#[cfg(not(unix))]
fn uid() -> Option<u32> {
  None
}
