//! Entries of a context: what the files here say of themselves, less what means nothing in an image.

use std::fs::Metadata;
use std::time::{SystemTime, UNIX_EPOCH};

use super::{ContextError, Times};
use crate::archive::{self, Entry, Kind, Moment};

pub type Sink = archive::Sink<ContextError>;
pub type Stop = archive::Stop<ContextError>;

/// Everything belongs to root, as the docker CLI has it: who owns the files here means nothing in an image.
pub fn described(name: &[u8], metadata: &Metadata, times: Times) -> Entry {
  let mut entry = archive::described(name.to_vec(), metadata);
  (entry.uid, entry.gid) = (0, 0);
  if times == Times::Zero {
    entry.modified = Moment::default();
  }
  entry
}

/// Of a file that is nowhere on disk.
pub fn made(name: &[u8], mode: u32, times: Times) -> Entry {
  let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs());
  let seconds = if times == Times::Kept { i64::try_from(now).unwrap_or(0) } else { 0 };
  let modified = Moment { seconds, nanos: 0 };
  Entry { modified, ..Entry::new(Kind::File, name.to_vec(), mode) }
}

/// Writes a file whose content is at hand.
pub fn file(sink: &mut Sink, entry: Entry, content: &[u8]) -> Result<(), Stop> {
  let size = content.len() as u64;
  archive::write(sink, &Entry { size, ..entry })?;
  sink.write(content)?;
  sink.pad(size)
}
