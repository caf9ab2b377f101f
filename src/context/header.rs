//! Headers of tar entries, in GNU's format: every engine reads it, and it can hold any name, size and time.

use std::fs::Metadata;
use std::time::{SystemTime, UNIX_EPOCH};

use tar::{EntryType, Header};

use super::sink::{BLOCK, Sink, Stop};
use super::{Times, facts};

/// What a header says besides names.
#[derive(Clone, Copy)]
pub struct Attributes {
  pub kind: EntryType,
  pub mode: u32,
  pub size: u64,
  pub modified: u64,
  /// Major and minor number.
  pub device: Option<(u32, u32)>,
}

impl Attributes {
  pub fn of(metadata: &Metadata, kind: EntryType, times: Times) -> Self {
    let modified = if times == Times::Kept { metadata.modified().ok() } else { None };
    let since = modified.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    let size = if kind == EntryType::Regular { metadata.len() } else { 0 };
    Self {
      kind,
      mode: facts::mode(metadata),
      size,
      modified: since.map_or(0, |time| time.as_secs()),
      device: None,
    }
  }
}

impl Attributes {
  /// Of a file that is nowhere on disk.
  pub fn made(mode: u32, times: Times) -> Self {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs());
    let modified = if times == Times::Kept { now } else { 0 };
    Self { kind: EntryType::Regular, mode, size: 0, modified, device: None }
  }
}

/// Writes a file whose content is at hand.
pub fn file(
  sink: &mut Sink,
  name: &[u8],
  attributes: Attributes,
  content: &[u8],
) -> Result<(), Stop> {
  let size = content.len() as u64;
  write(sink, name, b"", Attributes { size, ..attributes })?;
  sink.write(content)?;
  sink.pad(size)
}

/// Writes a header and, for names that do not fit, the entries that announce them.
///
/// Everything belongs to root, as the docker CLI has it: who owns the files here means nothing in an image.
pub fn write(
  sink: &mut Sink,
  name: &[u8],
  link: &[u8],
  attributes: Attributes,
) -> Result<(), Stop> {
  let mut header = Header::new_gnu();
  header.set_entry_type(attributes.kind);
  header.set_mode(attributes.mode);
  header.set_size(attributes.size);
  header.set_mtime(attributes.modified);
  header.set_uid(0);
  header.set_gid(0);
  if let (Some((major, minor)), Some(gnu)) = (attributes.device, header.as_gnu_mut()) {
    gnu.set_device_major(major);
    gnu.set_device_minor(minor);
  }
  let fields = header.as_old_mut();
  if !fits(name, &mut fields.name) {
    announce(sink, EntryType::GNULongName, name)?;
  }
  if !fits(link, &mut fields.linkname) {
    announce(sink, EntryType::GNULongLink, link)?;
  }
  header.set_cksum();
  sink.write(header.as_bytes())
}

/// Announces the file capabilities of the entry that follows, in the form that engines know from the docker CLI.
pub fn capabilities(sink: &mut Sink, value: &[u8]) -> Result<(), Stop> {
  let rest = [b" SCHILY.xattr.security.capability=", value, b"\n"].concat();
  // A record begins with its own length, whose digits count.
  let mut length = rest.len();
  while rest.len() + length.to_string().len() != length {
    length = rest.len() + length.to_string().len();
  }
  let record = [length.to_string().as_bytes(), &rest].concat();
  let mut header = Header::new_ustar();
  fits(b"PaxHeaders/capability", &mut header.as_old_mut().name);
  header.set_entry_type(EntryType::XHeader);
  header.set_mode(0o644);
  header.set_uid(0);
  header.set_gid(0);
  header.set_mtime(0);
  let size = record.len() as u64;
  header.set_size(size);
  header.set_cksum();
  sink.write(header.as_bytes())?;
  sink.write(&record)?;
  sink.pad(size)
}

/// Puts as much as possible into the field; whether that was all.
fn fits(text: &[u8], field: &mut [u8]) -> bool {
  let length = text.len().min(field.len());
  field[..length].copy_from_slice(&text[..length]);
  text.len() <= field.len()
}

fn announce(sink: &mut Sink, kind: EntryType, text: &[u8]) -> Result<(), Stop> {
  let mut header = Header::new_gnu();
  fits(b"././@LongLink", &mut header.as_old_mut().name);
  header.set_entry_type(kind);
  header.set_mode(0o644);
  header.set_uid(0);
  header.set_gid(0);
  header.set_mtime(0);
  // The NUL at its end counts.
  let size = text.len() as u64 + 1;
  header.set_size(size);
  header.set_cksum();
  debug_assert_eq!(header.as_bytes().len(), BLOCK);
  sink.write(header.as_bytes())?;
  sink.write(text)?;
  sink.write(&[0])?;
  sink.pad(size)
}
