//! What is to be sent, found out before anything is.

use std::ffi::OsStr;
use std::fs;
use std::hash::{DefaultHasher, Hasher};
use std::io::{self, ErrorKind};
use std::path::{Component, Path, PathBuf};

use super::dockerignore::{self, Matcher};
use super::error::unreadable;
use super::{ContextError, Dockerfile};

pub struct Plan {
  /// Where the Dockerfile was found, if it is not a text.
  pub given: Option<PathBuf>,
  /// Free of symlinks.
  pub root: PathBuf,
  /// The Dockerfile's name within the context.
  pub dockerfile: String,
  pub contents: Contents,
  pub stray: Option<Stray>,
}

pub enum Contents {
  Directory(Matcher),
  /// Relative to the root, sorted as a walk would meet them.
  Chosen(Vec<PathBuf>),
}

/// A Dockerfile from outside the context, which is sent under a name of its own.
pub struct Stray {
  pub name: String,
  pub content: Vec<u8>,
}

impl Stray {
  fn new(content: Vec<u8>) -> Self {
    // The same name for the same content, or no `COPY . .` would ever be found in the engine's cache.
    let digits = |salt: u8| {
      let mut hasher = DefaultHasher::new();
      hasher.write_u8(salt);
      hasher.write(&content);
      format!("{:016x}", hasher.finish())
    };
    let name = format!(".dockerfile.{}{}", digits(0), &digits(1)[..4]);
    Self { name, content }
  }

  /// An ignore file with this content that hides the Dockerfile as well, lest `COPY . .` take it along.
  pub fn hidden(&self, content: &[u8]) -> Vec<u8> {
    [content, b"\n", self.name.as_bytes(), b"\n"].concat()
  }
}

pub fn prepare(
  given_root: PathBuf,
  dockerfile: Dockerfile,
  extra: Option<Vec<PathBuf>>,
) -> Result<Plan, ContextError> {
  let root = fs::canonicalize(&given_root).map_err(|why| unreadable(&given_root, why))?;
  if !root.is_dir() {
    return Err(ContextError::NotADirectory { path: given_root });
  }
  let given = match dockerfile {
    Dockerfile::Path(given) => locate(&root, &given)?,
    Dockerfile::Text(text) => return from_text(root, text),
  };
  let target = fs::canonicalize(&given).map_err(|why| unreadable(&given, why))?;
  if target.is_dir() {
    return Err(unreadable(&given, ErrorKind::IsADirectory.into()));
  }

  // A name that is no text cannot be told to the engine, so such a Dockerfile counts as one from outside.
  let inside =
    target.strip_prefix(&root).ok().and_then(|path| String::from_utf8(name_of(path)).ok());
  let stray = if inside.is_none() {
    let content = fs::read(&target).map_err(|why| unreadable(&target, why))?;
    Some(Stray::new(content))
  } else {
    None
  };
  let contents = match extra {
    None => {
      Contents::Directory(dockerignore::load(&root, &given, inside.as_deref().map(str::as_bytes))?)
    }
    Some(extra) => {
      let mut paths: Vec<PathBuf> = inside.iter().map(PathBuf::from).collect();
      for path in extra {
        paths.push(within(&given_root, &root, &path)?);
      }
      // By components, so that a directory comes just before what is in it.
      paths.sort_unstable();
      Contents::Chosen(paths)
    }
  };
  let dockerfile = match (&stray, inside) {
    (Some(stray), _) => stray.name.clone(),
    (None, inside) => inside.unwrap_or_default(),
  };
  Ok(Plan { given: Some(given), root, dockerfile, contents, stray })
}

/// A directory with a Dockerfile that is nowhere: as `docker build -f -` has it.
fn from_text(root: PathBuf, text: String) -> Result<Plan, ContextError> {
  let matcher = dockerignore::load(&root, &root.join("Dockerfile"), None)?;
  let stray = Stray::new(text.into_bytes());
  let dockerfile = stray.name.clone();
  let contents = Contents::Directory(matcher);
  Ok(Plan { given: None, root, dockerfile, contents, stray: Some(stray) })
}

/// The Dockerfile, where it was given or nearly so.
fn locate(root: &Path, given: &Path) -> Result<PathBuf, ContextError> {
  let lower = (given.file_name() == Some(OsStr::new("Dockerfile")))
    .then(|| given.with_file_name("dockerfile"));
  for name in [Some(given), lower.as_deref()].into_iter().flatten() {
    let absolute = std::path::absolute(name).map_err(|why| unreadable(name, why))?;
    for path in [absolute, root.join(name)] {
      match fs::symlink_metadata(&path) {
        Ok(_) => return Ok(path),
        Err(why) if is_absent(&why) => {}
        Err(why) => return Err(unreadable(&path, why)),
      }
    }
  }
  Err(ContextError::DockerfileMissing { path: given.to_owned() })
}

fn is_absent(why: &io::Error) -> bool {
  matches!(why.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

/// The path relative to the root, which must be there and must not lead out by its text.
fn within(given_root: &Path, root: &Path, path: &Path) -> Result<PathBuf, ContextError> {
  let outside = || ContextError::OutsideContext { path: path.to_owned() };
  let relative = if path.is_absolute() {
    let given_root = std::path::absolute(given_root).map_err(|why| unreadable(given_root, why))?;
    let path = flat(path).ok_or_else(outside)?;
    let bases = [flat(&given_root), Some(root.to_owned())];
    let found =
      bases.into_iter().flatten().find_map(|base| Some(path.strip_prefix(base).ok()?.to_owned()));
    found.ok_or_else(outside)?
  } else {
    flat(path).ok_or_else(outside)?
  };
  let absolute = root.join(&relative);
  fs::symlink_metadata(&absolute).map_err(|why| unreadable(&absolute, why))?;
  Ok(relative)
}

/// Without `.` and `..`; None where it would lead above its start.
fn flat(path: &Path) -> Option<PathBuf> {
  let mut flat = PathBuf::new();
  for part in path.components() {
    match part {
      Component::CurDir => {}
      Component::ParentDir => {
        if !flat.pop() {
          return None;
        }
      }
      part => flat.push(part),
    }
  }
  Some(flat)
}

/// A relative path as it is called in the archive.
pub fn name_of(path: &Path) -> Vec<u8> {
  let parts: Vec<&[u8]> =
    path.components().map(|part| part.as_os_str().as_encoded_bytes()).collect();
  parts.join(&b'/')
}
