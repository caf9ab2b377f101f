//! PAX records: `30 path=…\n`, for what does not fit into a header.

use super::entry::Moment;
use super::error::{ArchiveError, Result};

pub const ATTRIBUTE: &[u8] = b"SCHILY.xattr.";

/// What the records before an entry say of it.
#[derive(Default)]
pub struct Records {
  pub path: Option<Vec<u8>>,
  pub link: Option<Vec<u8>>,
  pub size: Option<u64>,
  pub uid: Option<u64>,
  pub gid: Option<u64>,
  pub modified: Option<Moment>,
  pub attributes: Vec<(Vec<u8>, Vec<u8>)>,
  pub sparse: bool,
}

impl Records {
  pub fn read(mut text: &[u8]) -> Result<Self> {
    let bad = || ArchiveError::Malformed("a PAX record is not one");
    let mut records = Self::default();
    while !text.is_empty() {
      let space = text.iter().position(|&byte| byte == b' ').ok_or_else(bad)?;
      let length = number(&text[..space]).and_then(|length| usize::try_from(length).ok());
      let length = length.filter(|&length| length > space + 1 && length <= text.len());
      let (record, rest) = text.split_at(length.ok_or_else(bad)?);
      text = rest;
      let record = record[space + 1..].strip_suffix(b"\n").ok_or_else(bad)?;
      let equals = record.iter().position(|&byte| byte == b'=').ok_or_else(bad)?;
      records.take(&record[..equals], &record[equals + 1..]).ok_or_else(bad)?;
    }
    Ok(records)
  }

  fn take(&mut self, key: &[u8], value: &[u8]) -> Option<()> {
    match key {
      b"path" => self.path = Some(value.to_vec()),
      b"linkpath" => self.link = Some(value.to_vec()),
      b"size" => self.size = Some(number(value)?),
      b"uid" => self.uid = Some(number(value)?),
      b"gid" => self.gid = Some(number(value)?),
      b"mtime" => self.modified = Some(moment(value)?),
      key if key.starts_with(b"GNU.sparse.") => self.sparse = true,
      key if key.starts_with(ATTRIBUTE) => self.attributes.push((key.to_vec(), value.to_vec())),
      _ => {}
    }
    Some(())
  }
}

fn number(digits: &[u8]) -> Option<u64> {
  let digits = std::str::from_utf8(digits).ok()?;
  if digits.bytes().all(|byte| byte.is_ascii_digit()) { digits.parse().ok() } else { None }
}

/// `1700000000.25`, `-1.5`: the fraction counts downwards of a negative one.
fn moment(text: &[u8]) -> Option<Moment> {
  let text = std::str::from_utf8(text).ok()?;
  let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
  let seconds: i64 = whole.parse().ok()?;
  if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
    return None;
  }
  let digits: String = fraction.chars().chain("000000000".chars()).take(9).collect();
  let nanos: u32 = digits.parse().ok()?;
  match (whole.starts_with('-'), nanos) {
    (true, 1..) => Some(Moment { seconds: seconds.checked_sub(1)?, nanos: 1_000_000_000 - nanos }),
    _ => Some(Moment { seconds, nanos }),
  }
}

pub fn write(records: &mut Vec<u8>, key: &[u8], value: &[u8]) {
  let rest = [b" ", key, b"=", value, b"\n"].concat();
  // A record begins with its own length, whose digits count.
  let mut length = rest.len();
  while rest.len() + length.to_string().len() != length {
    length = rest.len() + length.to_string().len();
  }
  records.extend_from_slice(length.to_string().as_bytes());
  records.extend_from_slice(&rest);
}
