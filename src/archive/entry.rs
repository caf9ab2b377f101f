//! An entry of a tar.

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
  File,
  Directory,
  Symlink,
  /// Another name of an entry before it.
  Link,
  Char,
  Block,
  Fifo,
  Other,
}

/// A moment: seconds since 1970, and nanoseconds on top.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Moment {
  pub seconds: i64,
  pub nanos: u32,
}

#[derive(Debug, Clone)]
pub struct Entry {
  pub kind: Kind,
  pub name: Vec<u8>,
  /// Where a link leads.
  pub link: Vec<u8>,
  pub mode: u32,
  pub uid: u64,
  pub gid: u64,
  /// Of what follows it; of files only.
  pub size: u64,
  pub modified: Moment,
  pub device: (u32, u32),
  /// PAX records `SCHILY.xattr.…`: capabilities, say.
  pub attributes: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Entry {
  pub fn new(kind: Kind, name: Vec<u8>, mode: u32) -> Self {
    Self {
      kind,
      name,
      link: Vec::new(),
      mode,
      uid: 0,
      gid: 0,
      size: 0,
      modified: Moment::default(),
      device: (0, 0),
      attributes: Vec::new(),
    }
  }
}

/// Whose files become, and with which permissions.
#[derive(Debug, Clone, Copy, Default)]
pub struct Owner {
  /// Where no other is said: as it was, or else root's.
  pub kept: bool,
  pub uid: Option<u64>,
  pub gid: Option<u64>,
  /// Of files; directories may be entered by whoever may read them.
  pub mode: Option<u32>,
}

impl Owner {
  pub fn apply(&self, entry: &mut Entry) {
    let or_root = |own: u64| if self.kept { own } else { 0 };
    entry.uid = self.uid.unwrap_or_else(|| or_root(entry.uid));
    entry.gid = self.gid.unwrap_or_else(|| or_root(entry.gid));
    match (self.mode, entry.kind) {
      (None, _) | (_, Kind::Symlink) => {}
      (Some(mode), Kind::Directory) => entry.mode = mode | (mode & 0o444) >> 2,
      (Some(mode), _) => entry.mode = mode,
    }
  }
}
