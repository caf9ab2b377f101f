//! Writes tar entries: ustar headers, and PAX records where something does not fit into these.

use tar::{EntryType, Header};

use super::entry::{Entry, Kind, Moment};
use super::pax;
use super::pipe::{BLOCK, Sink, Stop, padding};

/// Writes what comes before an entry's content.
pub fn write<E>(sink: &mut Sink<E>, entry: &Entry) -> Result<(), Stop<E>> {
  sink.write(&headers(entry))
}

/// What comes before and after the content of one file, with the directories it needs.
pub struct Made {
  pub before: Vec<u8>,
  pub after: Vec<u8>,
}

/// The directories, then a file of that size in the last of them. Names are whole paths.
#[must_use]
pub fn made(
  directories: &[Vec<u8>],
  file: Vec<u8>,
  size: u64,
  mode: u32,
  owner: (u64, u64),
) -> Made {
  let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
  let seconds = i64::try_from(now.as_secs()).unwrap_or(0);
  let dressed = |entry: Entry| {
    let modified = Moment { seconds, nanos: 0 };
    Entry { uid: owner.0, gid: owner.1, modified, ..entry }
  };
  let mut before = Vec::new();
  for directory in directories {
    before.extend(headers(&dressed(Entry::new(Kind::Directory, directory.clone(), 0o755))));
  }
  before.extend(headers(&dressed(Entry { size, ..Entry::new(Kind::File, file, mode) })));
  Made { before, after: vec![0; padding(size) + 2 * BLOCK] }
}

fn headers(entry: &Entry) -> Vec<u8> {
  let mut name = entry.name.clone();
  if entry.kind == Kind::Directory && !name.ends_with(b"/") {
    name.push(b'/');
  }
  let mut header = Header::new_ustar();
  let mut records = Vec::new();
  let fields = header.as_old_mut();
  if !text(&mut fields.name, &name) {
    pax::write(&mut records, b"path", &name);
  }
  if !text(&mut fields.linkname, &entry.link) {
    pax::write(&mut records, b"linkpath", &entry.link);
  }
  header.set_mode(entry.mode);
  // Octal digits, and where these do not suffice, a record.
  let mut small = |key: &[u8], value: u64, digits: u32| {
    if value < 8_u64.pow(digits) {
      return value;
    }
    pax::write(&mut records, key, value.to_string().as_bytes());
    0
  };
  header.set_uid(small(b"uid", entry.uid, 7));
  header.set_gid(small(b"gid", entry.gid, 7));
  header.set_size(small(b"size", entry.size, 11));
  let Moment { seconds, nanos } = entry.modified;
  let whole = u64::try_from(seconds).unwrap_or(0).min(8_u64.pow(11) - 1);
  header.set_mtime(whole);
  if i64::try_from(whole) != Ok(seconds) || nanos > 0 {
    pax::write(&mut records, b"mtime", moment(entry.modified).as_bytes());
  }
  for (key, value) in &entry.attributes {
    pax::write(&mut records, key, value);
  }
  header.set_entry_type(match entry.kind {
    Kind::File | Kind::Other => EntryType::Regular,
    Kind::Link => EntryType::Link,
    Kind::Symlink => EntryType::Symlink,
    Kind::Char => EntryType::Char,
    Kind::Block => EntryType::Block,
    Kind::Directory => EntryType::Directory,
    Kind::Fifo => EntryType::Fifo,
  });
  if let (Kind::Char | Kind::Block, Some(fields)) = (entry.kind, header.as_ustar_mut()) {
    fields.set_device_major(entry.device.0);
    fields.set_device_minor(entry.device.1);
  }
  header.set_cksum();
  let mut written = if records.is_empty() { Vec::new() } else { announcement(&records) };
  written.extend(header.as_bytes());
  written
}

fn announcement(records: &[u8]) -> Vec<u8> {
  let mut header = Header::new_ustar();
  text(&mut header.as_old_mut().name, b"PaxHeaders.0/entry");
  header.set_entry_type(EntryType::XHeader);
  header.set_mode(0o644);
  header.set_uid(0);
  header.set_gid(0);
  header.set_mtime(0);
  header.set_size(records.len() as u64);
  header.set_cksum();
  let mut written = header.as_bytes().to_vec();
  written.extend_from_slice(records);
  written.resize(written.len() + padding(records.len() as u64), 0);
  written
}

/// Puts as much as possible into the field; whether that was all.
fn text(field: &mut [u8], text: &[u8]) -> bool {
  let length = text.len().min(field.len());
  field[..length].copy_from_slice(&text[..length]);
  text.len() <= field.len()
}

fn moment(moment: Moment) -> String {
  let Moment { seconds, nanos } = moment;
  if seconds < 0 && nanos > 0 {
    // The fraction counts downwards of a negative one.
    return format!("-{}.{:09}", (seconds + 1).unsigned_abs(), 1_000_000_000 - nanos);
  }
  format!("{seconds}.{nanos:09}")
}
