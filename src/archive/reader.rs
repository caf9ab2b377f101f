//! Reads a tar as engines write them: ustar with PAX records or GNU's long names. Nothing that it says is believed
//! without a look, and no size that it states is reserved.

use super::entry::{Entry, Kind, Moment};
use super::error::{ArchiveError, Result, shown};
use super::pax::Records;
use super::pipe::{BLOCK, Source, padding};

/// What may come before an entry to announce it: names and records.
const MOST_ANNOUNCED: u64 = 1 << 20;

/// No path of any system is as long.
const LONGEST_NAME: usize = 64 << 10;

/// Of a file that is kept in memory.
pub const LARGEST_FILE: u64 = 1 << 30;

pub struct Reader {
  source: Source,
  /// Of the entry at hand: its content that has not been read yet, and the zeroes behind that.
  left: u64,
  padding: u64,
  ended: bool,
}

impl Reader {
  pub fn new(source: Source) -> Self {
    Self { source, left: 0, padding: 0, ended: false }
  }

  /// The next entry; what is left of the one before is passed over.
  pub fn next_entry(&mut self) -> Result<Option<Entry>> {
    self.source.skip(self.left)?;
    self.left = 0;
    let (mut records, mut long_name, mut long_link) = (Records::default(), None, None);
    loop {
      self.source.skip(std::mem::take(&mut self.padding))?;
      let Some(header) = self.header()? else { return Ok(None) };
      let size = number(&header[124..136])?;
      match header[156] {
        b'x' | b'X' => records = Records::read(&self.announced(size)?)?,
        b'g' => self.source.skip(size.checked_add(padding(size) as u64).ok_or_else(too_large)?)?,
        b'L' => long_name = Some(until_nul(&self.announced(size)?).to_vec()),
        b'K' => long_link = Some(until_nul(&self.announced(size)?).to_vec()),
        _ => {
          let mut entry = entry(&header, size, records)?;
          entry.name = long_name.unwrap_or(entry.name);
          entry.link = long_link.unwrap_or(entry.link);
          check_names(&entry)?;
          self.left = entry.size;
          self.padding = padding(entry.size) as u64;
          return Ok(Some(entry));
        }
      }
    }
  }

  /// Some of the entry's content; nothing at its end.
  pub fn content(&mut self) -> Result<bytes::Bytes> {
    if self.left == 0 {
      return Ok(bytes::Bytes::new());
    }
    let some = self.source.take(self.left)?;
    if some.is_empty() {
      return Err(ArchiveError::Truncated);
    }
    self.left -= some.len() as u64;
    Ok(some)
  }

  /// The next header; none at the end of the archive, behind which the rest is read too: the reply has to be whole.
  fn header(&mut self) -> Result<Option<[u8; BLOCK]>> {
    let mut header = [0; BLOCK];
    if self.ended {
      return Ok(None);
    }
    if !self.source.fill(&mut header)? {
      return Err(ArchiveError::Truncated);
    }
    if header.iter().all(|&byte| byte == 0) {
      while !self.source.take(u64::MAX)?.is_empty() {}
      self.ended = true;
      return Ok(None);
    }
    let sum: u32 = header.iter().map(|&byte| u32::from(byte)).sum();
    let own: u32 = header[148..156].iter().map(|&byte| u32::from(byte)).sum();
    if number(&header[148..156])? != u64::from(sum - own + 8 * u32::from(b' ')) {
      return Err(ArchiveError::Malformed("a header's checksum is wrong"));
    }
    Ok(Some(header))
  }

  fn announced(&mut self, size: u64) -> Result<Vec<u8>> {
    if size > MOST_ANNOUNCED {
      return Err(too_large());
    }
    let mut text = vec![0; usize::try_from(size).unwrap_or(0)];
    if !text.is_empty() && !self.source.fill(&mut text)? {
      return Err(ArchiveError::Truncated);
    }
    self.padding = padding(size) as u64;
    Ok(text)
  }
}

/// The content of the one file that an archive has to be of.
pub fn read_file(source: Source) -> Result<Vec<u8>> {
  let mut reader = Reader::new(source);
  let mut content = Vec::new();
  match reader.next_entry()? {
    Some(entry) if entry.size > LARGEST_FILE => {
      return Err(ArchiveError::TooLarge(shown(&entry.name)));
    }
    Some(entry) if entry.kind == Kind::File => loop {
      let some = reader.content()?;
      if some.is_empty() {
        break;
      }
      content.extend_from_slice(&some);
    },
    _ => return Err(ArchiveError::Malformed("it is not of one file")),
  }
  match reader.next_entry()? {
    None => Ok(content),
    Some(_) => Err(ArchiveError::Malformed("it is of more than one file")),
  }
}

fn too_large() -> ArchiveError {
  ArchiveError::Malformed("what announces an entry is too large")
}

fn entry(header: &[u8; BLOCK], size: u64, records: Records) -> Result<Entry> {
  let name = records.path.unwrap_or_else(|| name_of(header));
  let kind = match header[156] {
    // What old archives call a directory.
    b'0' | 0 if name.ends_with(b"/") => Kind::Directory,
    b'0' | 0 | b'7' => Kind::File,
    b'1' => Kind::Link,
    b'2' => Kind::Symlink,
    b'3' => Kind::Char,
    b'4' => Kind::Block,
    b'5' => Kind::Directory,
    b'6' => Kind::Fifo,
    _ => Kind::Other,
  };
  if records.sparse || kind == Kind::Other {
    return Err(ArchiveError::Unsupported { entry: shown(&name), kind: "of an unknown kind" });
  }
  let low = |field: &[u8]| number(field).map(|number| u32::try_from(number).unwrap_or(0));
  let size = records.size.unwrap_or(size);
  if size > i64::MAX as u64 - BLOCK as u64 {
    return Err(ArchiveError::Malformed("an entry's size cannot be"));
  }
  let seconds = || number(&header[136..148]).ok().and_then(|time| i64::try_from(time).ok());
  let modified = records.modified.or_else(|| Some(Moment { seconds: seconds()?, nanos: 0 }));
  Ok(Entry {
    kind,
    name,
    link: records.link.unwrap_or_else(|| until_nul(&header[157..257]).to_vec()),
    mode: low(&header[100..108])? & 0o7777,
    uid: records.uid.map_or_else(|| number(&header[108..116]), Ok)?,
    gid: records.gid.map_or_else(|| number(&header[116..124]), Ok)?,
    size: if kind == Kind::File { size } else { 0 },
    modified: modified.unwrap_or_default(),
    device: match kind {
      Kind::Char | Kind::Block => (low(&header[329..337])?, low(&header[337..345])?),
      _ => (0, 0),
    },
    attributes: records.attributes,
  })
}

fn name_of(header: &[u8; BLOCK]) -> Vec<u8> {
  let name = until_nul(&header[..100]);
  let prefix = until_nul(&header[345..500]);
  // GNU's own format has other things where ustar has the beginning of a name.
  if &header[257..263] == b"ustar\0" && !prefix.is_empty() {
    return [prefix, b"/", name].concat();
  }
  name.to_vec()
}

fn check_names(entry: &Entry) -> Result<()> {
  for name in [&entry.name, &entry.link] {
    if name.contains(&0) {
      return Err(super::error::refused(&entry.name, "its name has a NUL in it"));
    }
    if name.len() > LONGEST_NAME {
      return Err(super::error::refused(&entry.name, "its name is too long"));
    }
  }
  Ok(())
}

fn until_nul(field: &[u8]) -> &[u8] {
  field.iter().position(|&byte| byte == 0).map_or(field, |end| &field[..end])
}

/// Octal digits, or, where these do not suffice, GNU's binary.
fn number(field: &[u8]) -> Result<u64> {
  let bad = || ArchiveError::Malformed("a header's number is not one");
  if let Some((&first, rest)) = field.split_first()
    && first & 0x80 != 0
  {
    // The next bit is a sign, and none of these can be negative.
    let mut value = u64::from(first & 0x7f);
    for &byte in rest {
      value = value.checked_mul(256).ok_or_else(bad)? | u64::from(byte);
    }
    return if first & 0x40 == 0 { Ok(value) } else { Err(bad()) };
  }
  let digits = std::str::from_utf8(until_nul(field)).map_err(|_| bad())?.trim_matches(' ');
  if digits.is_empty() {
    return Ok(0);
  }
  u64::from_str_radix(digits, 8).map_err(|_| bad())
}
