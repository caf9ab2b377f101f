//! Where there are no handles to work by: paths, each looked at before it is used, and only names that are nothing
//! but names.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::{Found, times};
use crate::archive::Moment;

pub struct Folder(PathBuf);

impl Folder {
  /// By a path of the caller's own: links are followed.
  pub fn open(path: &Path) -> io::Result<Self> {
    let path = fs::canonicalize(path)?;
    if path.is_dir() { Ok(Self(path)) } else { Err(ErrorKind::NotADirectory.into()) }
  }

  /// The same once more.
  #[allow(clippy::unnecessary_wraps)] // as where it can fail
  pub fn again(&self) -> io::Result<Self> {
    Ok(Self(self.0.clone()))
  }

  #[allow(clippy::unused_self, clippy::unnecessary_wraps)] // as where there is something to do
  pub fn open_up(&self) -> io::Result<()> {
    Ok(())
  }

  /// A directory in it; a link to one is none.
  pub fn sub(&self, name: &[u8]) -> io::Result<Self> {
    match self.found(name)? {
      Found::Directory => Ok(Self(self.at(name)?)),
      Found::Nothing => Err(ErrorKind::NotFound.into()),
      Found::Other => Err(ErrorKind::NotADirectory.into()),
    }
  }

  pub fn make(&self, name: &[u8]) -> io::Result<()> {
    fs::create_dir(self.at(name)?)
  }

  pub fn found(&self, name: &[u8]) -> io::Result<Found> {
    match fs::symlink_metadata(self.at(name)?) {
      // Junctions count as links.
      Ok(metadata) if metadata.is_dir() && !metadata.is_symlink() => Ok(Found::Directory),
      Ok(_) => Ok(Found::Other),
      Err(error) if error.kind() == ErrorKind::NotFound => Ok(Found::Nothing),
      Err(error) => Err(error),
    }
  }

  /// A new file; one that is there already is an error, and so is a link.
  pub fn create(&self, name: &[u8]) -> io::Result<File> {
    File::create_new(self.at(name)?)
  }

  /// Windows knows no mode.
  pub fn finish_file(file: &File, _: u32, modified: Moment) -> io::Result<()> {
    times(modified).map_or(Ok(()), |times| file.set_times(times))
  }

  #[allow(clippy::unused_self, clippy::unnecessary_wraps)] // as where there is something to do
  pub fn finish(&self, _: u32, _: Moment) -> io::Result<()> {
    Ok(())
  }

  #[cfg(windows)]
  pub fn symlink(&self, target: &[u8], name: &[u8], _: Moment) -> io::Result<()> {
    let target = String::from_utf8_lossy(target).replace('/', "\\");
    std::os::windows::fs::symlink_file(target, self.at(name)?)
  }

  #[cfg(not(windows))]
  pub fn symlink(&self, _: &[u8], _: &[u8], _: Moment) -> io::Result<()> {
    Err(ErrorKind::Unsupported.into())
  }

  pub fn link(&self, from: &Self, from_name: &[u8], name: &[u8]) -> io::Result<()> {
    fs::hard_link(from.at(from_name)?, self.at(name)?)
  }

  /// Takes the place of what is there, be it a link.
  pub fn rename(&self, from: &[u8], to: &[u8]) -> io::Result<()> {
    fs::rename(self.at(from)?, self.at(to)?)
  }

  /// Removes it and all that is in it.
  pub fn remove(&self, name: &[u8]) -> io::Result<()> {
    match self.found(name)? {
      Found::Nothing => Ok(()),
      Found::Other => fs::remove_file(self.at(name)?),
      Found::Directory => fs::remove_dir_all(self.at(name)?),
    }
  }

  fn at(&self, name: &[u8]) -> io::Result<PathBuf> {
    let bad = || io::Error::new(ErrorKind::InvalidInput, "no file here can have that name");
    let text = std::str::from_utf8(name).map_err(|_| bad())?;
    let is_name = !text.is_empty()
      && !text.ends_with(['.', ' '])
      && !text.contains(['\\', '/', ':', '*', '?', '"', '<', '>', '|'])
      && !text.chars().any(char::is_control);
    if is_name { Ok(self.0.join(text)) } else { Err(bad()) }
  }
}
