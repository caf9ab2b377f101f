//! What engines stream: frames, and records a line.

use bytes::Bytes;
use serde::de::IgnoredAny;

use super::block_on;
use super::bytes::{Taken, cut};
use crate::engine::container::follow::{Entries, Liner};
use crate::engine::stream::{Batches, Channel, Demux, JsonLines, Output, Source, Tail, Wire};

/// Output by channel, and whether it came to a good end.
type Told = (Vec<(Channel, Vec<u8>)>, bool);

/// However frames are cut, they give what the format says they do.
pub fn demux(data: &[u8]) {
  let mut taken = Taken(data);
  let (flags, seed) = (taken.byte(), taken.byte());
  let (tty, tells) = (flags & 1 != 0, flags & 2 != 0);
  let (wire, expected) = (taken.0, model(taken.0, tty, tells));
  assert_eq!(by_demux(&cut(wire, seed), tty, tells), expected);
  assert_eq!(block_on(by_batches(reads(wire, seed), tty, tells)), expected);
  let whole = if wire.is_empty() { Vec::new() } else { vec![wire] };
  assert_eq!(by_demux(&whole, tty, tells), expected);
  block_on(followed(reads(wire, seed), tty));
}

fn by_demux(pieces: &[&[u8]], tty: bool, tells: bool) -> Told {
  let mut demux = if tells { Demux::telling(tty) } else { Demux::new(tty) };
  let mut found = Vec::new();
  for piece in pieces {
    let fed = demux.feed(&Bytes::copy_from_slice(piece));
    while let Some(chunk) = demux.take() {
      push(&mut found, chunk.channel, &chunk.data);
    }
    if fed.is_err() {
      return (found, false);
    }
  }
  (found, demux.at_boundary())
}

async fn by_batches(wire: Wire, tty: bool, tells: bool) -> Told {
  let output = if tells { Output::telling(wire, tty) } else { Output::new(wire, tty) };
  let mut batches = Batches::new(Source::Output(output));
  let mut found = Vec::new();
  loop {
    match batches.next().await {
      Ok(Some(batch)) => {
        assert_eq!(batch.marks.iter().map(|mark| mark.length).sum::<usize>(), batch.data.len());
        for (channel, piece) in batch.pieces() {
          push(&mut found, channel, piece);
        }
      }
      end => return (found, end.is_ok()),
    }
  }
}

/// Followed by lines: never more than came in.
async fn followed(wire: Wire, tty: bool) {
  let (mut entries, mut liner) = (Entries::new(wire, tty), Liner::default());
  while let Ok(Some(entry)) = entries.next().await {
    let _ = (entry.stamp(), entry.data());
    liner.feed(&entry);
  }
  liner.rest().for_each(drop);
}

/// The format, read all at once.
fn model(wire: &[u8], tty: bool, tells: bool) -> Told {
  let mut found = Vec::new();
  if tty {
    push(&mut found, Channel::Console, wire);
    return (found, true);
  }
  let mut rest = wire;
  while !rest.is_empty() {
    let Some((&[kind, zeroes @ .., a, b, c, d], after)) = rest.split_first_chunk::<8>() else {
      return (found, false);
    };
    let channel = match kind {
      0 => Channel::Stdin,
      1 => Channel::Stdout,
      3 if tells => Channel::Engine,
      2 | 3 => Channel::Stderr,
      _ => return (found, false),
    };
    if zeroes != [0; 3] {
      return (found, false);
    }
    let length = usize::try_from(u32::from_be_bytes([a, b, c, d])).unwrap();
    push(&mut found, channel, &after[..length.min(after.len())]);
    if length > after.len() {
      return (found, false);
    }
    rest = &after[length..];
  }
  (found, true)
}

fn push(found: &mut Vec<(Channel, Vec<u8>)>, channel: Channel, data: &[u8]) {
  match found.last_mut() {
    _ if data.is_empty() => {}
    Some((last, all)) if *last == channel => all.extend_from_slice(data),
    _ => found.push((channel, data.to_vec())),
  }
}

/// However lines are cut, they are those of the text.
pub fn ndjson(data: &[u8]) {
  let mut taken = Taken(data);
  let seed = taken.byte();
  let text = taken.0;
  let lines = text.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii);
  let expected: Vec<&[u8]> = lines.filter(|line| !line.is_empty()).collect();
  let found = block_on(async {
    let mut lines = JsonLines::new(reads(text, seed));
    let mut found = Vec::new();
    while let Some(line) = lines.next_line().await.unwrap() {
      found.push(line);
    }
    found
  });
  assert_eq!(found, expected);
  block_on(async {
    let mut records = JsonLines::new(reads(text, seed));
    for line in &expected {
      let read = records.next::<IgnoredAny>().await;
      assert_eq!(read.is_ok(), serde_json::from_slice::<IgnoredAny>(line).is_ok());
    }
  });
  let mut tail = Tail::new(3);
  for piece in cut(text, seed) {
    tail.feed(piece);
  }
  let shown = tail.into_lines();
  assert!(shown.len() <= 3 && shown.iter().all(|line| !line.contains('\n')));
}

fn reads(data: &[u8], seed: u8) -> Wire {
  let pieces: Vec<Bytes> = cut(data, seed).into_iter().map(Bytes::copy_from_slice).collect();
  Wire::Pieces(pieces.into_iter())
}
