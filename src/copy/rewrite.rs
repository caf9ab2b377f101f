//! Passes a tar on under other names and owners, from one container to another: a chunk at a time.

use super::ignore::{Ignore, Sieve};
use super::rules;
use crate::archive::{self, Entry, Kind, Owner, Reader, Sink, Stop, TarSource, TarStream};

/// What to pass on, and how.
pub struct Rewriting {
  /// What the archive's entries begin with.
  pub from: Vec<u8>,
  /// What takes its place.
  pub name: Vec<u8>,
  pub ignore: Ignore,
  pub owner: Owner,
}

/// Works on a thread of its own; has to be called within a runtime.
#[must_use]
pub fn rewrite(source: TarSource, rewriting: Rewriting) -> TarStream {
  let (mut sink, stream) = archive::sink();
  tokio::task::spawn_blocking(move || {
    let outcome = all(Reader::new(source), &mut sink, &rewriting);
    sink.finish(outcome);
  });
  stream
}

fn all(mut reader: Reader, sink: &mut Sink, rewriting: &Rewriting) -> Result<(), Stop> {
  let mut sieve = Sieve::new(&rewriting.ignore);
  while let Some(mut entry) = reader.next_entry()? {
    let within = rules::within(&entry.name, &rewriting.from)?;
    let Some(needed) = sieve.admits(&within, &entry)? else { continue };
    for directory in needed {
      let within = rules::within(&directory.name, &rewriting.from)?;
      one(sink, directory, &within, rewriting)?;
    }
    if entry.kind == Kind::Link {
      let target = rules::within(&entry.link, &rewriting.from)?;
      entry.link = rules::renamed(&rewriting.name, &target);
    }
    let size = entry.size;
    one(sink, entry, &within, rewriting)?;
    loop {
      let content = reader.content()?;
      if content.is_empty() {
        break;
      }
      sink.pass(content)?;
    }
    sink.pad(size)?;
  }
  Ok(())
}

fn one(
  sink: &mut Sink,
  mut entry: Entry,
  within: &[u8],
  rewriting: &Rewriting,
) -> Result<(), Stop> {
  entry.name = rules::renamed(&rewriting.name, within);
  rewriting.owner.apply(&mut entry);
  archive::write(sink, &entry)
}
