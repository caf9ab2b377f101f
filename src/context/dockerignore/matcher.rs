//! All patterns together: moby's `MatchesUsingParentResults`.

use std::path::PathBuf;

use super::super::ContextError;
use super::parse::Line;
use super::pattern::{Candidate, Pattern};

#[derive(Default)]
pub struct Matcher {
  /// Where the patterns come from, and their lines there.
  file: PathBuf,
  lines: Vec<Line>,
  patterns: Vec<Pattern>,
}

/// For each pattern, whether it matched a directory: what it matched, it matches all the way down.
#[derive(Default, Clone)]
pub struct Matched(Vec<bool>);

impl Matcher {
  pub(in crate::context) fn of(file: PathBuf) -> Self {
    Self { file, ..Self::default() }
  }

  /// Patterns that are in no file.
  pub fn of_patterns(patterns: &[String]) -> Result<Self, ContextError> {
    let mut matcher = Self::default();
    for line in super::parse::lines(patterns.join("\n").as_bytes()) {
      matcher.add(line)?;
    }
    Ok(matcher)
  }

  #[must_use]
  pub fn is_empty(&self) -> bool {
    self.patterns.is_empty()
  }

  pub(in crate::context) fn add(&mut self, line: Line) -> Result<(), ContextError> {
    match Pattern::new(&line.pattern) {
      Ok(None) => Ok(()),
      Ok(Some(pattern)) => {
        self.patterns.push(pattern);
        self.lines.push(line);
        Ok(())
      }
      Err(why) => Err(self.bad(&line, why)),
    }
  }

  /// Lets just this path through. To be called after all patterns have been added.
  pub fn exempt(&mut self, path: &[u8]) {
    self.patterns.push(Pattern::exemption(path));
  }

  /// Whether the path is left out, and what its own entries need to know, given what `parent` knew.
  pub fn ignores(&self, path: &[u8], parent: &Matched) -> Result<(bool, Matched), ContextError> {
    let mut ignored = false;
    if self.patterns.is_empty() {
      return Ok((ignored, Matched::default()));
    }
    let path = Candidate::new(path);
    let mut matched = Matched(Vec::with_capacity(self.patterns.len()));
    for (index, pattern) in self.patterns.iter().enumerate() {
      let mut hit = parent.0.get(index).copied().unwrap_or(false);
      // A pattern that could not change the verdict is not asked, nor is it remembered: part of the semantics.
      if !hit && pattern.negated == ignored {
        hit = match (pattern.matches(&path), self.lines.get(index)) {
          (Ok(hit), _) => hit,
          (Err(why), Some(line)) => return Err(self.bad(line, why)),
          (Err(_), None) => false,
        };
      }
      matched.0.push(hit);
      if hit {
        ignored = !pattern.negated;
      }
    }
    Ok((ignored, matched))
  }

  /// Whether an ignored directory may hold something that a negation lets through.
  pub fn may_reach_below(&self, directory: &[u8]) -> bool {
    self.patterns.iter().any(|pattern| pattern.negated && pattern.begins_with(directory))
  }

  fn bad(&self, line: &Line, why: &str) -> ContextError {
    ContextError::BadIgnorePattern {
      file: self.file.clone(),
      line: line.number,
      pattern: String::from_utf8_lossy(&line.pattern).into_owned(),
      why: why.to_owned(),
    }
  }
}
