//! What a build may read of files: directories by name, which the engine has listed before it asks
//! for what it does not have.

use std::io::Read;
use std::path::PathBuf;

use bytes::Bytes;

/// Directories that are offered to a build. Its methods run on a thread that may block.
pub trait Files: Send + Sync {
  /// Shows all that was asked for, in the order of a walk: by name, each directory's entries right
  /// after itself, none without its parent. Stops where `show` says that nobody listens any more.
  fn list(&self, asked: &Asked, show: &mut dyn FnMut(Entry) -> bool) -> Result<(), String>;

  /// A file's content: just as many bytes as its entry said, or an error that names it.
  fn open(&self, content: &Content, size: u64) -> Result<Box<dyn Read + Send>, String>;
}

/// A directory, and what the engine wants of it.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Asked {
  pub directory: String,
  /// No more than these paths and what is below them, where there are any; may be patterns.
  pub paths: Vec<Vec<u8>>,
  /// Patterns of an ignore file.
  pub excluded: Vec<Vec<u8>>,
}

#[derive(Debug, Clone)]
pub struct Entry {
  /// Within the directory, with slashes.
  pub name: Vec<u8>,
  pub kind: Kind,
  /// The permissions of Unix, with setuid, setgid and sticky.
  pub mode: u32,
  /// In nanoseconds since 1970.
  pub modified: i64,
  pub capability: Option<Vec<u8>>,
}

#[derive(Debug, Clone)]
pub enum Kind {
  Directory,
  File {
    size: u64,
    content: Content,
  },
  /// Another name of a file that was shown before under this one.
  HardLink {
    size: u64,
    target: Vec<u8>,
  },
  Symlink {
    target: Vec<u8>,
  },
  Pipe,
  /// Major and minor number.
  CharDevice(u32, u32),
  BlockDevice(u32, u32),
}

#[derive(Debug, Clone)]
pub enum Content {
  File(PathBuf),
  Bytes(Bytes),
}
