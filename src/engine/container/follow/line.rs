//! Entries put together to lines: the engine cuts long ones.

use bytes::{Bytes, BytesMut};

use super::Entry;
use crate::engine::stream::Channel;

/// The engine cuts a line into parts of this size; a shorter part without an end is a last one.
const PART: usize = 16 << 10;

/// A line longer than this comes in pieces.
const LONGEST: usize = 1 << 20;

/// A line of a log, without its end.
#[derive(Debug, PartialEq, Eq)]
pub struct Line {
  pub channel: Channel,
  /// When it began, as the engine wrote it.
  pub time: String,
  pub text: String,
}

/// Each channel on its own: a line belongs to one of them.
#[derive(Default)]
pub struct Liner {
  open: [Option<Open>; 4],
}

struct Open {
  time: String,
  text: BytesMut,
}

impl Liner {
  /// Takes an entry; the line that ends with it.
  pub fn feed(&mut self, entry: &Entry) -> Option<Line> {
    let (channel, data) = (entry.channel, entry.data());
    let slot = self.open.get_mut(channel as usize)?;
    let goes_on = !data.ends_with(b"\n") && data.len() >= PART;
    if slot.is_none() && !goes_on {
      return Some(line(channel, stamp(entry), &data));
    }
    let open = slot.get_or_insert_with(|| Open { time: stamp(entry), text: BytesMut::new() });
    open.text.extend_from_slice(&data);
    if goes_on && open.text.len() < LONGEST {
      return None;
    }
    slot.take().map(|open| line(channel, open.time, &open.text.freeze()))
  }

  /// The container has ended: what is there is all of it.
  pub fn rest(&mut self) -> impl Iterator<Item = Line> {
    let channels = [Channel::Stdin, Channel::Stdout, Channel::Stderr, Channel::Console];
    let open = std::mem::take(&mut self.open);
    channels
      .into_iter()
      .zip(open)
      .filter_map(|(channel, open)| open.map(|open| line(channel, open.time, &open.text.freeze())))
  }
}

fn stamp(entry: &Entry) -> String {
  String::from_utf8_lossy(entry.stamp()).trim_end().to_owned()
}

fn line(channel: Channel, time: String, data: &Bytes) -> Line {
  let text = data.strip_suffix(b"\n").unwrap_or(data);
  let text = text.strip_suffix(b"\r").unwrap_or(text);
  Line { channel, time, text: String::from_utf8_lossy(text).into_owned() }
}
