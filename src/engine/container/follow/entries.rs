//! A log as the engine recorded it: entry by entry, each with its time.

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio::time::{Duration, timeout};

use crate::engine::error::Result;
use crate::engine::stream::{Channel, Demux, Wire, truncated};

/// `2026-11-21T08:26:31.830970227Z `: the engine writes all nine digits.
const STAMP: usize = 31;

/// An entry longer than this is taken in parts.
const LONGEST: usize = 1 << 20;

/// How long the rest of an entry may take that a read has cut in two: it is on its way.
const REST: Duration = Duration::from_millis(50);

/// An entry: a line, or, of a line of more than 16 KiB, a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
  pub channel: Channel,
  /// Nanoseconds since 1970.
  pub time: i64,
  /// The time as the engine wrote it, with its blank, and what was written.
  whole: Bytes,
  data_at: usize,
}

impl Entry {
  /// The time as it was written; nothing of the rest of an entry that came in two.
  #[must_use]
  pub fn stamp(&self) -> &[u8] {
    &self.whole[..self.data_at]
  }

  #[must_use]
  pub fn data(&self) -> Bytes {
    self.whole.slice(self.data_at..)
  }

  /// Time and data.
  #[must_use]
  pub fn whole(&self) -> &Bytes {
    &self.whole
  }
}

/// Reads a log that was asked for with timestamps.
pub struct Entries {
  wire: Wire,
  demux: Demux,
  tty: bool,
  /// An entry in the making.
  open: BytesMut,
  ready: VecDeque<Entry>,
  last: i64,
}

impl Entries {
  #[must_use]
  pub fn new(wire: Wire, tty: bool) -> Self {
    let demux = Demux::new(tty);
    Self { wire, demux, tty, open: BytesMut::new(), ready: VecDeque::new(), last: 0 }
  }

  /// The next entry; `None` where the log ends.
  pub async fn next(&mut self) -> Result<Option<Entry>> {
    loop {
      if let Some(entry) = self.ready.pop_front() {
        return Ok(Some(entry));
      }
      let next = if self.tty && !self.open.is_empty() {
        let Ok(next) = timeout(REST, self.wire.next()).await else {
          self.end_open();
          continue;
        };
        next?
      } else {
        self.wire.next().await?
      };
      match next {
        Some(data) if self.tty => self.cut(data),
        Some(data) => self.frames(&data)?,
        None if !self.open.is_empty() && self.tty => self.end_open(),
        None if self.demux.at_boundary() => return Ok(None),
        None => return Err(truncated(&"it ended in the middle of a frame")),
      }
    }
  }

  /// A frame is an entry.
  fn frames(&mut self, data: &Bytes) -> Result<()> {
    self.demux.feed(data)?;
    while let Some(chunk) = self.demux.take() {
      let whole = if chunk.is_whole && self.open.is_empty() {
        chunk.data
      } else {
        self.open.extend_from_slice(&chunk.data);
        if !chunk.is_whole && self.open.len() < LONGEST {
          continue;
        }
        self.open.split().freeze()
      };
      self.push(chunk.channel, whole);
    }
    Ok(())
  }

  /// Of a terminal there are no frames: an entry begins with a time, and ends with its line, or where
  /// the next time begins.
  fn cut(&mut self, mut data: Bytes) {
    if !self.open.is_empty() && stamp(&data).is_some() {
      self.end_open();
    }
    while !data.is_empty() {
      let end = data.iter().position(|byte| *byte == b'\n').map(|at| at + 1);
      self.open.extend_from_slice(&data.split_to(end.unwrap_or(data.len())));
      if end.is_some() || self.open.len() >= LONGEST {
        self.end_open();
      }
    }
  }

  fn end_open(&mut self) {
    let entry = self.open.split().freeze();
    self.push(Channel::Console, entry);
  }

  fn push(&mut self, channel: Channel, whole: Bytes) {
    let (time, data_at) = stamp(&whole).unwrap_or((self.last, 0));
    self.last = time;
    self.ready.push_back(Entry { channel, time, whole, data_at });
  }
}

/// The time that an entry begins with, and its length.
fn stamp(entry: &[u8]) -> Option<(i64, usize)> {
  // Podman's may have fewer digits, and a zone.
  let length = entry.iter().take(STAMP + 8).position(|byte| *byte == b' ')? + 1;
  let text = std::str::from_utf8(&entry[..length - 1]).ok()?;
  let time = OffsetDateTime::parse(text, &Rfc3339).ok()?;
  Some((i64::try_from(time.unix_timestamp_nanos()).ok()?, length))
}

#[cfg(test)]
mod tests {
  use super::*;

  #[test]
  fn reads_the_time_before_an_entry() {
    let whole = Bytes::from_static(b"2026-11-21T08:26:31.830970227Z two words\n");
    let (time, data_at) = stamp(&whole).unwrap();
    assert_eq!(time, 1_795_249_591_830_970_227);
    let entry = Entry { channel: Channel::Stdout, time, whole, data_at };
    assert_eq!(entry.stamp(), b"2026-11-21T08:26:31.830970227Z ");
    assert_eq!(&entry.data()[..], b"two words\n");
    assert_eq!(stamp(b"2026-11-21T08:26:31.830970227Z"), None);
    assert_eq!(stamp(b"no time"), None);
  }
}
