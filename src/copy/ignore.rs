//! What is left out: dockerignore patterns, of names within the directory that is copied.

use crate::archive::{ArchiveError, Entry, Kind, Result};
use crate::context::{ContextError, Matched, Matcher};

/// The patterns of a copy.
#[derive(Default)]
pub struct Ignore(Matcher);

impl Ignore {
  pub fn new(patterns: &[String]) -> Result<Self> {
    Matcher::of_patterns(patterns).map(Self).map_err(bad)
  }

  fn ignores(&self, name: &[u8], above: &Matched) -> Result<(bool, Matched)> {
    self.0.ignores(name, above).map_err(bad)
  }

  pub fn may_reach_below(&self, name: &[u8]) -> bool {
    self.0.may_reach_below(name)
  }

  fn is_empty(&self) -> bool {
    self.0.is_empty()
  }
}

fn bad(error: ContextError) -> ArchiveError {
  match error {
    ContextError::BadIgnorePattern { pattern, why, .. } => {
      ArchiveError::BadPattern { pattern, why }
    }
    other => ArchiveError::BadPattern { pattern: String::new(), why: other.to_string() },
  }
}

/// Sifts the entries of an archive, which come in the order of a walk.
pub struct Sieve<'a> {
  ignore: &'a Ignore,
  /// The directories above the entry at hand.
  above: Vec<Above>,
}

struct Above {
  name: Vec<u8>,
  matched: Matched,
  /// An ignored directory's entry: an exception within it brings it along.
  pending: Option<Entry>,
}

impl<'a> Sieve<'a> {
  pub fn new(ignore: &'a Ignore) -> Self {
    Self { ignore, above: Vec::new() }
  }

  /// Whether it goes on; before it go the directories that it needs.
  pub fn admits(&mut self, within: &[u8], entry: &Entry) -> Result<Option<Vec<Entry>>> {
    let within = within.strip_suffix(b"/").unwrap_or(within);
    if self.ignore.is_empty() || within.is_empty() {
      return Ok(Some(Vec::new()));
    }
    while self.above.last().is_some_and(|above| !is_below(within, &above.name)) {
      self.above.pop();
    }
    let none = Matched::default();
    let above = self.above.last().map_or(&none, |above| &above.matched);
    let (ignored, matched) = self.ignore.ignores(within, above)?;
    let mut needed = Vec::new();
    if !ignored {
      needed.extend(self.above.iter_mut().filter_map(|above| above.pending.take()));
    }
    if entry.kind == Kind::Directory {
      let pending = ignored.then(|| entry.clone());
      self.above.push(Above { name: within.to_vec(), matched, pending });
    }
    Ok(if ignored { None } else { Some(needed) })
  }
}

fn is_below(name: &[u8], directory: &[u8]) -> bool {
  name.strip_prefix(directory).is_some_and(|rest| rest.starts_with(b"/"))
}
