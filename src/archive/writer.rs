//! Writes tar entries: ustar headers, and PAX records where something does not fit into these.

use super::entry::{Entry, Kind, Moment};
use super::pax;
use super::pipe::{BLOCK, Sink, Stop, padding};

/// Writes what comes before an entry's content.
pub fn write(sink: &mut Sink, entry: &Entry) -> Result<(), Stop> {
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
  let owned = |entry: Entry| {
    let modified = Moment { seconds, nanos: 0 };
    Entry { uid: owner.0, gid: owner.1, modified, ..entry }
  };
  let mut before = Vec::new();
  for directory in directories {
    before.extend(headers(&owned(Entry::new(Kind::Directory, directory.clone(), 0o755))));
  }
  before.extend(headers(&owned(Entry { size, ..Entry::new(Kind::File, file, mode) })));
  Made { before, after: vec![0; padding(size) + 2 * BLOCK] }
}

fn headers(entry: &Entry) -> Vec<u8> {
  let mut name = entry.name.clone();
  if entry.kind == Kind::Directory && !name.ends_with(b"/") {
    name.push(b'/');
  }
  let mut header = [0; BLOCK];
  let mut records = Vec::new();
  if !text(&mut header[..100], &name) {
    pax::write(&mut records, b"path", &name);
  }
  if !text(&mut header[157..257], &entry.link) {
    pax::write(&mut records, b"linkpath", &entry.link);
  }
  octal(&mut header[100..108], u64::from(entry.mode));
  let numbers: [(std::ops::Range<usize>, &[u8], u64); 3] =
    [(108..116, b"uid", entry.uid), (116..124, b"gid", entry.gid), (124..136, b"size", entry.size)];
  for (field, key, value) in numbers {
    if !octal(&mut header[field], value) {
      pax::write(&mut records, key, value.to_string().as_bytes());
    }
  }
  let Moment { seconds, nanos } = entry.modified;
  let whole = u64::try_from(seconds).unwrap_or(0);
  if !octal(&mut header[136..148], whole) || seconds < 0 || nanos > 0 {
    pax::write(&mut records, b"mtime", moment(entry.modified).as_bytes());
  }
  for (key, value) in &entry.attributes {
    pax::write(&mut records, key, value);
  }
  header[156] = match entry.kind {
    Kind::File | Kind::Other => b'0',
    Kind::Link => b'1',
    Kind::Symlink => b'2',
    Kind::Char => b'3',
    Kind::Block => b'4',
    Kind::Directory => b'5',
    Kind::Fifo => b'6',
  };
  if matches!(entry.kind, Kind::Char | Kind::Block) {
    octal(&mut header[329..337], u64::from(entry.device.0));
    octal(&mut header[337..345], u64::from(entry.device.1));
  }
  let mut written = if records.is_empty() { Vec::new() } else { announcement(&records) };
  written.extend(sealed(header));
  written
}

fn announcement(records: &[u8]) -> Vec<u8> {
  let mut header = [0; BLOCK];
  text(&mut header[..100], b"PaxHeaders.0/entry");
  octal(&mut header[100..108], 0o644);
  octal(&mut header[108..116], 0);
  octal(&mut header[116..124], 0);
  octal(&mut header[124..136], records.len() as u64);
  octal(&mut header[136..148], 0);
  header[156] = b'x';
  let mut written = sealed(header).to_vec();
  written.extend_from_slice(records);
  written.resize(written.len() + padding(records.len() as u64), 0);
  written
}

fn sealed(mut header: [u8; BLOCK]) -> [u8; BLOCK] {
  header[257..265].copy_from_slice(b"ustar\x0000");
  header[148..156].fill(b' ');
  let sum: u32 = header.iter().map(|&byte| u32::from(byte)).sum();
  header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
  header
}

/// Puts as much as possible into the field; whether that was all.
fn text(field: &mut [u8], text: &[u8]) -> bool {
  let length = text.len().min(field.len());
  field[..length].copy_from_slice(&text[..length]);
  text.len() <= field.len()
}

/// Digits and a NUL; whether they suffice. Where not, it says zero, and a record says more.
fn octal(field: &mut [u8], value: u64) -> bool {
  let width = field.len() - 1;
  let digits = format!("{value:0width$o}");
  let fits = digits.len() <= width;
  field[..width].copy_from_slice(if fits { digits.as_bytes() } else { &b"000000000000"[..width] });
  fits
}

fn moment(moment: Moment) -> String {
  let Moment { seconds, nanos } = moment;
  if seconds < 0 && nanos > 0 {
    // The fraction counts downwards of a negative one.
    return format!("-{}.{:09}", (seconds + 1).unsigned_abs(), 1_000_000_000 - nanos);
  }
  format!("{seconds}.{nanos:09}")
}
