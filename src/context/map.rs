//! A context that is nowhere on disk: files by their path, packed as a directory's are.

use std::collections::BTreeMap;
use std::path::{Component, Path};

use super::header::{self, Sink};
use super::{ContextError, MapFile, Times};

/// Paths lead to somewhere within, and the Dockerfile is among them.
pub fn check(files: &BTreeMap<String, MapFile>, dockerfile: &str) -> Result<(), ContextError> {
  for name in files.keys() {
    let bad = |why| ContextError::BadName { name: name.clone(), why };
    if name.is_empty() || name.ends_with('/') {
      return Err(bad("it names no file"));
    }
    if name.contains('\0') {
      return Err(bad("it has a NUL in it"));
    }
    if !Path::new(name).components().all(|part| matches!(part, Component::Normal(_))) {
      return Err(bad("it has to be relative, without `.` and `..`"));
    }
    let parents = Path::new(name).ancestors().skip(1).filter_map(Path::to_str);
    if parents.into_iter().any(|parent| files.contains_key(parent)) {
      return Err(bad("it lies below a file"));
    }
  }
  if files.contains_key(dockerfile) {
    Ok(())
  } else {
    Err(ContextError::DockerfileMissing { path: dockerfile.into() })
  }
}

/// Packs it all, however it ends.
pub fn run(files: &BTreeMap<String, MapFile>, mut sink: Sink, times: Times) {
  let outcome = files.iter().try_for_each(|(name, file)| {
    let entry = header::made(name.as_bytes(), file.mode.unwrap_or(0o644), times);
    header::file(&mut sink, entry, &file.content)
  });
  sink.finish(outcome);
}
