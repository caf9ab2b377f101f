//! Visits a directory in the order of moby's archives: by name, each directory's entries right after itself.

use std::ffi::OsString;
use std::fs::{self, FileType};
use std::io;
use std::path::{Path, PathBuf};

use super::dockerignore::{Matched, Matcher};
use super::error::unreadable;
use super::header::Stop;

/// Something within the context.
pub struct Found<'a> {
  pub path: &'a Path,
  /// Relative to the context, with slashes, in the bytes of the system.
  pub name: &'a [u8],
  pub kind: FileType,
}

pub struct Walk<'a, V> {
  pub matcher: &'a Matcher,
  pub visit: V,
}

impl<V: FnMut(&Found) -> Result<(), Stop>> Walk<'_, V> {
  /// Visits what is in the directory, though not itself. `name` is its own name within the context.
  pub fn directory(&mut self, path: &Path, name: &[u8]) -> Result<(), Stop> {
    self.entries(&mut path.to_owned(), &mut name.to_vec(), &Matched::default(), false)
  }

  fn entries(
    &mut self,
    path: &mut PathBuf,
    name: &mut Vec<u8>,
    above: &Matched,
    ignored: bool,
  ) -> Result<(), Stop> {
    let listed = match list(path) {
      Ok(listed) => listed,
      // It is only looked into on the chance of an exception.
      Err(_) if ignored => return Ok(()),
      // Gone since its own directory was listed.
      Err(why) if why.kind() == io::ErrorKind::NotFound => return Ok(()),
      Err(why) => return Err(unreadable(path, why).into()),
    };
    let length = name.len();
    for (entry, kind) in listed {
      if length > 0 {
        name.push(b'/');
      }
      name.extend_from_slice(entry.as_encoded_bytes());
      path.push(&entry);
      self.entry(path, name, kind, above)?;
      path.pop();
      name.truncate(length);
    }
    Ok(())
  }

  fn entry(
    &mut self,
    path: &mut PathBuf,
    name: &mut Vec<u8>,
    kind: FileType,
    above: &Matched,
  ) -> Result<(), Stop> {
    let (ignored, matched) = self.matcher.ignores(name, above)?;
    if !ignored {
      (self.visit)(&Found { path, name, kind })?;
    }
    if kind.is_dir() && (!ignored || self.matcher.may_reach_below(name)) {
      self.entries(path, name, &matched, ignored)?;
    }
    Ok(())
  }
}

fn list(path: &Path) -> io::Result<Vec<(OsString, FileType)>> {
  let mut listed = Vec::new();
  for entry in fs::read_dir(path)? {
    let entry = entry?;
    listed.push((entry.file_name(), entry.file_type()?));
  }
  listed.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
  Ok(listed)
}
