//! By handles: each name is opened relative to the directory that it is in, and never through a link.

use std::ffi::OsStr;
use std::fs::{File, Permissions};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use rustix::fs::{self as fs, AtFlags, FileType, Mode, OFlags, Timespec, Timestamps};
use rustix::io::Errno;

use super::{Found, times};
use crate::archive::Moment;

const DIRECTORY: OFlags =
  OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

pub struct Folder(File);

impl Folder {
  /// By a path of the caller's own: links are followed.
  pub fn open(path: &Path) -> io::Result<Self> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    Ok(Self(fs::open(path, flags, Mode::empty())?.into()))
  }

  /// The same once more.
  pub fn again(&self) -> io::Result<Self> {
    self.0.try_clone().map(Self)
  }

  /// Gives it the permissions of a directory that nobody described.
  pub fn open_up(&self) -> io::Result<()> {
    self.0.set_permissions(Permissions::from_mode(0o755))
  }

  /// A directory in it; a link to one is none.
  pub fn sub(&self, name: &[u8]) -> io::Result<Self> {
    Ok(Self(fs::openat(&self.0, text(name), DIRECTORY, Mode::empty())?.into()))
  }

  pub fn make(&self, name: &[u8]) -> io::Result<()> {
    Ok(fs::mkdirat(&self.0, text(name), Mode::RWXU)?)
  }

  pub fn found(&self, name: &[u8]) -> io::Result<Found> {
    match fs::statat(&self.0, text(name), AtFlags::SYMLINK_NOFOLLOW) {
      Ok(stat) if FileType::from_raw_mode(stat.st_mode) == FileType::Directory => {
        Ok(Found::Directory)
      }
      Ok(_) => Ok(Found::Other),
      Err(Errno::NOENT) => Ok(Found::Nothing),
      Err(error) => Err(error.into()),
    }
  }

  /// A new file; one that is there already is an error, and so is a link.
  pub fn create(&self, name: &[u8]) -> io::Result<File> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    Ok(fs::openat(&self.0, text(name), flags, Mode::RUSR | Mode::WUSR)?.into())
  }

  pub fn finish_file(file: &File, mode: u32, modified: Moment) -> io::Result<()> {
    file.set_permissions(Permissions::from_mode(mode))?;
    times(modified).map_or(Ok(()), |times| file.set_times(times))
  }

  /// Permissions and time of the directory itself.
  pub fn finish(&self, mode: u32, modified: Moment) -> io::Result<()> {
    Self::finish_file(&self.0, mode, modified)
  }

  pub fn symlink(&self, target: &[u8], name: &[u8], modified: Moment) -> io::Result<()> {
    fs::symlinkat(text(target), &self.0, text(name))?;
    let time = Timespec { tv_sec: modified.seconds, tv_nsec: modified.nanos.into() };
    let times = Timestamps { last_access: time, last_modification: time };
    // Not every file system has times of links.
    let _ = fs::utimensat(&self.0, text(name), &times, AtFlags::SYMLINK_NOFOLLOW);
    Ok(())
  }

  /// Another name for what is there under a name in another folder; for a link, if it is one.
  pub fn link(&self, from: &Self, from_name: &[u8], name: &[u8]) -> io::Result<()> {
    Ok(fs::linkat(&from.0, text(from_name), &self.0, text(name), AtFlags::empty())?)
  }

  /// Takes the place of what is there, be it a link.
  pub fn rename(&self, from: &[u8], to: &[u8]) -> io::Result<()> {
    Ok(fs::renameat(&self.0, text(from), &self.0, text(to))?)
  }

  /// Removes it and all that is in it.
  pub fn remove(&self, name: &[u8]) -> io::Result<()> {
    match self.found(name)? {
      Found::Nothing => Ok(()),
      Found::Other => Ok(fs::unlinkat(&self.0, text(name), AtFlags::empty())?),
      Found::Directory => {
        let below = self.sub(name)?;
        let mut names = Vec::new();
        for entry in fs::Dir::read_from(&below.0)? {
          names.push(entry?.file_name().to_bytes().to_vec());
        }
        for name in names.iter().filter(|name| !matches!(name.as_slice(), b"." | b"..")) {
          below.remove(name)?;
        }
        Ok(fs::unlinkat(&self.0, text(name), AtFlags::REMOVEDIR)?)
      }
    }
  }
}

fn text(name: &[u8]) -> &OsStr {
  OsStr::from_bytes(name)
}
