//! Paths of this machine, looked at as `docker cp` does: moby's `CopyInfoSourcePath` and `CopyInfoDestinationPath`,
//! the docker CLI's `ValidateOutputPath`.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::path;
use super::rules::{Destination, Source};
use crate::archive::{ArchiveError, Result, shown, unreadable};

/// As moby has it.
const MOST_LINKS: usize = 10;

/// What is to be copied from here.
pub fn source(given: &Path, follow: bool) -> Result<Source> {
  let unreadable = |why| unreadable(given, why);
  let path = local(given).map_err(unreadable)?;
  let real = |path: &[u8]| fs::canonicalize(to_path(path)).map(|real| to_bytes(&real));
  let (resolved, renamed) = if follow {
    path::followed(&path, &real(&path).map_err(unreadable)?)
  } else {
    // A link itself is copied, those on the way to it are followed.
    let slash = path.iter().rposition(|&byte| byte == b'/').map_or(0, |slash| slash + 1);
    let (directory, name) = path.split_at(slash);
    let directory = real(if directory.is_empty() { b"." } else { directory });
    let resolved = [directory.map_err(unreadable)?.as_slice(), b"/", name].concat();
    let other = path::has_trailing_slash(&path) && path::base(&path) != path::base(&resolved);
    let renamed = other.then(|| path::base(&path).to_vec());
    (resolved, renamed)
  };
  let metadata = fs::symlink_metadata(to_path(&resolved)).map_err(unreadable)?;
  Ok(Source { path: resolved, is_directory: metadata.is_dir(), renamed })
}

/// The absolute path of where something is to go, before anything is asked of the engine: its parent has to be there.
pub fn validate(given: &Path) -> Result<Vec<u8>> {
  let path = local(given).map_err(|why| unwritable(given, why))?;
  let parent = to_path(&path::directory(&path::clean(&path)));
  if let Err(why) = fs::metadata(&parent)
    && why.kind() == ErrorKind::NotFound
  {
    return Err(ArchiveError::Missing { path: parent });
  }
  match fs::metadata(to_path(&path)) {
    Ok(metadata) if is_device(&metadata) => {
      Err(ArchiveError::Conflict(format!("{} is a device", given.display())))
    }
    Err(why) if why.kind() != ErrorKind::NotFound => Err(unwritable(given, why)),
    _ => Ok(path),
  }
}

/// What is there already; links are followed to where they lead, be it nothing.
pub fn destination(mut path: Vec<u8>) -> Result<Destination> {
  let original = shown(&path);
  for _ in 0..=MOST_LINKS {
    let metadata = match fs::symlink_metadata(to_path(&path)) {
      Ok(metadata) => metadata,
      Err(why) if why.kind() == ErrorKind::NotFound => {
        let parent = to_path(&path::split(&path).0);
        let found = fs::metadata(&parent).map_err(|why| unreadable(&parent, why))?;
        return if found.is_dir() {
          Ok(Destination { path, is_directory: None })
        } else {
          Err(ArchiveError::Conflict(format!("{} is not a directory", parent.display())))
        };
      }
      Err(why) => return Err(unwritable(&to_path(&path), why)),
    };
    if !metadata.is_symlink() {
      return Ok(Destination { path, is_directory: Some(metadata.is_dir()) });
    }
    let link = to_path(&path);
    let target = fs::read_link(&link).map_err(|why| unreadable(&link, why))?;
    let absolute = target.is_absolute();
    let target = to_bytes(&target);
    path = if absolute { target } else { path::joined(&path::split(&path).0, &target) };
  }
  Err(ArchiveError::Conflict(format!("there are too many links on the way to {original}")))
}

/// From the root of this machine, with what the path says by its end.
fn local(given: &Path) -> io::Result<Vec<u8>> {
  if given.as_os_str().is_empty() {
    return Err(ErrorKind::NotFound.into());
  }
  let given_bytes = to_bytes(given);
  let absolute = if given.is_absolute() {
    given_bytes.clone()
  } else {
    [to_bytes(&std::env::current_dir()?).as_slice(), b"/", &given_bytes].concat()
  };
  Ok(path::preserved(path::clean(&absolute), &given_bytes))
}

fn unwritable(path: &Path, why: io::Error) -> ArchiveError {
  ArchiveError::Unwritable { path: path.to_owned(), why }
}

#[cfg(unix)]
pub fn to_path(bytes: &[u8]) -> PathBuf {
  use std::os::unix::ffi::OsStrExt;
  std::ffi::OsStr::from_bytes(bytes).into()
}

#[cfg(unix)]
pub fn to_bytes(path: &Path) -> Vec<u8> {
  path.as_os_str().as_encoded_bytes().to_vec()
}

#[cfg(not(unix))]
pub fn to_path(bytes: &[u8]) -> PathBuf {
  String::from_utf8_lossy(bytes).into_owned().into()
}

#[cfg(not(unix))]
pub fn to_bytes(path: &Path) -> Vec<u8> {
  path.to_string_lossy().replace('\\', "/").into_bytes()
}

#[cfg(unix)]
fn is_device(metadata: &fs::Metadata) -> bool {
  use std::os::unix::fs::FileTypeExt;
  let kind = metadata.file_type();
  kind.is_char_device() || kind.is_block_device()
}

#[cfg(not(unix))]
fn is_device(_: &fs::Metadata) -> bool {
  false
}
