//! The messages of fsutil, by which `BuildKit` has files sent. Names are bytes here: on the wire it is
//! the same, and a name need not be text.

use std::collections::BTreeMap;

use bytes::Bytes;
use prost::{Enumeration, Message};

use super::files::{Entry, Kind};

#[derive(Clone, PartialEq, Message)]
pub struct Packet {
  #[prost(enumeration = "PacketType", tag = "1")]
  pub kind: i32,
  #[prost(message, optional, tag = "2")]
  pub stat: Option<Stat>,
  #[prost(uint32, tag = "3")]
  pub id: u32,
  #[prost(bytes = "bytes", tag = "4")]
  pub data: Bytes,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Enumeration)]
#[repr(i32)]
pub enum PacketType {
  Stat = 0,
  Request = 1,
  Data = 2,
  Finish = 3,
  Error = 4,
}

/// What is not set is root's, as the docker CLI has it: who owns the files here means nothing in an
/// image.
#[derive(Clone, PartialEq, Message)]
pub struct Stat {
  #[prost(bytes = "vec", tag = "1")]
  pub path: Vec<u8>,
  /// As Go has it.
  #[prost(uint32, tag = "2")]
  pub mode: u32,
  #[prost(uint32, tag = "3")]
  pub uid: u32,
  #[prost(uint32, tag = "4")]
  pub gid: u32,
  #[prost(int64, tag = "5")]
  pub size: i64,
  #[prost(int64, tag = "6")]
  pub modified: i64,
  #[prost(bytes = "vec", tag = "7")]
  pub link: Vec<u8>,
  #[prost(int64, tag = "8")]
  pub major: i64,
  #[prost(int64, tag = "9")]
  pub minor: i64,
  #[prost(btree_map = "string, bytes", tag = "10")]
  pub xattrs: BTreeMap<String, Vec<u8>>,
}

const CAPABILITY: &str = "security.capability";

/// Go's `os.FileMode`.
mod mode {
  pub const DIRECTORY: u32 = 1 << 31;
  pub const SYMLINK: u32 = 1 << 27;
  pub const DEVICE: u32 = 1 << 26;
  pub const PIPE: u32 = 1 << 25;
  pub const SETUID: u32 = 1 << 23;
  pub const SETGID: u32 = 1 << 22;
  pub const CHAR_DEVICE: u32 = 1 << 21;
  pub const STICKY: u32 = 1 << 20;
}

impl Packet {
  /// `None` ends the list.
  pub fn stat(stat: Option<Stat>) -> Self {
    Self { stat, ..Self::of(PacketType::Stat) }
  }

  /// A file's end, where it is empty.
  pub fn data(id: u32, data: Bytes) -> Self {
    Self { id, data, ..Self::of(PacketType::Data) }
  }

  pub fn of(kind: PacketType) -> Self {
    Self { kind: kind.into(), ..Self::default() }
  }
}

impl From<&Entry> for Stat {
  fn from(entry: &Entry) -> Self {
    let size_of = |size: u64| i64::try_from(size).unwrap_or(i64::MAX);
    let plain = Self {
      path: entry.name.clone(),
      mode: permissions(entry.mode),
      modified: entry.modified,
      xattrs: entry.capability.iter().map(|value| (CAPABILITY.to_owned(), value.clone())).collect(),
      ..Self::default()
    };
    let device = |kind: u32, major: u32, minor: u32| Self {
      mode: plain.mode | kind,
      major: major.into(),
      minor: minor.into(),
      ..plain.clone()
    };
    match &entry.kind {
      Kind::Directory => Self { mode: plain.mode | mode::DIRECTORY, ..plain },
      Kind::File { size, .. } => Self { size: size_of(*size), ..plain },
      Kind::HardLink { size, target } => {
        Self { size: size_of(*size), link: target.clone(), ..plain }
      }
      Kind::Symlink { target } => {
        Self { mode: plain.mode | mode::SYMLINK, link: target.clone(), ..plain }
      }
      Kind::Pipe => Self { mode: plain.mode | mode::PIPE, ..plain },
      Kind::CharDevice(major, minor) => device(mode::DEVICE | mode::CHAR_DEVICE, *major, *minor),
      Kind::BlockDevice(major, minor) => device(mode::DEVICE, *major, *minor),
    }
  }
}

fn permissions(unix: u32) -> u32 {
  let special = [(0o4000, mode::SETUID), (0o2000, mode::SETGID), (0o1000, mode::STICKY)];
  let set = special.iter().filter(|(bit, _)| unix & bit != 0);
  set.fold(unix & 0o777, |mode, (_, bit)| mode | bit)
}
