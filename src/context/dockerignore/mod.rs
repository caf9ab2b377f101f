//! Ignore files, as moby's `patternmatcher` understands them: peculiarities included, since what is sent must be what
//! the docker CLI would send.

mod matcher;
mod parse;
mod pattern;
mod syntax;
mod translate;

#[cfg(test)]
mod tests;

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::ContextError;
use super::error::unreadable;
pub use matcher::{Matched, Matcher};
pub use parse::clean;

pub const IGNORE_FILE: &str = ".dockerignore";

/// The rules for a directory: those of `<Dockerfile>.dockerignore` if there is one, else those of `.dockerignore`.
///
/// `dockerfile` is the Dockerfile's path as it was given (the ignore file lies beside that, not beside a symlink's
/// target) and `inside` its name within the context. It is sent whatever the rules say, and so is the `.dockerignore`
/// they came from: the engine wants both, and takes them out again itself.
pub fn load(
  root: &Path,
  dockerfile: &Path,
  inside: Option<&[u8]>,
) -> Result<Matcher, ContextError> {
  let mut specific = dockerfile.as_os_str().to_owned();
  specific.push(IGNORE_FILE);
  let specific = PathBuf::from(specific);
  let general = root.join(IGNORE_FILE);

  let mut matcher = Matcher::default();
  if let Some(content) = read(&specific)? {
    matcher = compile(specific, &content)?;
  } else if let Some(content) = read(&general)? {
    matcher = compile(general, &content)?;
    matcher.exempt(IGNORE_FILE.as_bytes());
  }
  if let Some(inside) = inside {
    matcher.exempt(inside);
  }
  Ok(matcher)
}

fn read(path: &Path) -> Result<Option<Vec<u8>>, ContextError> {
  match fs::read(path) {
    Ok(content) => Ok(Some(content)),
    Err(why) if why.kind() == ErrorKind::NotFound => Ok(None),
    Err(why) => Err(unreadable(path, why)),
  }
}

fn compile(file: PathBuf, content: &[u8]) -> Result<Matcher, ContextError> {
  let mut matcher = Matcher::of(file);
  for line in parse::lines(content) {
    matcher.add(line)?;
  }
  Ok(matcher)
}
