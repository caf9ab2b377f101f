//! Go's `filepath.Match` is moby's judge of whether a pattern is well formed, though not of what it matches.

/// Whether `filepath.Match(pattern, ".")` would take the pattern, which is what moby asks of it. What follows a chunk
/// that does not match is never looked at: `a*[` is well formed to it, and `*[` is not.
pub fn is_valid(pattern: &str) -> bool {
  let pattern: Vec<char> = pattern.chars().collect();
  let (first, rest) = split(&pattern);
  let (second, _) = split(rest);
  match judge(first) {
    None => false,
    Some(false) => true,
    // Nothing is left of the dot that a third could match.
    Some(true) => judge(second).is_some(),
  }
}

/// The first chunk, without the stars in front of it, and what follows it.
fn split(pattern: &[char]) -> (&[char], &[char]) {
  let stars = pattern.iter().take_while(|&&c| c == '*').count();
  let pattern = &pattern[stars..];
  pattern.split_at(chunk_length(pattern))
}

/// A chunk ends before the next star that is not within brackets.
fn chunk_length(pattern: &[char]) -> usize {
  let mut bracket = false;
  let mut at = 0;
  while let Some(c) = pattern.get(at) {
    match c {
      '\\' if !cfg!(windows) && at + 1 < pattern.len() => at += 1,
      '[' => bracket = true,
      ']' => bracket = false,
      '*' if !bracket => break,
      _ => {}
    }
    at += 1;
  }
  at
}

/// Whether the chunk matches a dot; None where it is malformed.
fn judge(chunk: &[char]) -> Option<bool> {
  let mut chunk = chunk;
  let mut count = 0;
  let mut matched = false;
  while let Some((&first, rest)) = chunk.split_first() {
    let (dot, rest) = match first {
      '[' => class(rest)?,
      '\\' if !cfg!(windows) => {
        let (&escaped, rest) = rest.split_first()?;
        (escaped == '.', rest)
      }
      c => (c == '.' || c == '?', rest),
    };
    matched = dot && count == 0;
    count += 1;
    chunk = rest;
  }
  Some(matched)
}

/// Whether a class that began just before holds a dot, and what follows it.
fn class(chunk: &[char]) -> Option<(bool, &[char])> {
  let negated = chunk.first() == Some(&'^');
  let mut chunk = chunk.get(usize::from(negated)..)?;
  let mut ranges = 0;
  let mut held = false;
  loop {
    if ranges > 0 && chunk.first() == Some(&']') {
      return Some((held != negated, chunk.get(1..)?));
    }
    let (low, rest) = class_char(chunk)?;
    let (high, rest) = match rest.first() {
      Some('-') => class_char(rest.get(1..)?)?,
      _ => (low, rest),
    };
    held |= (low..=high).contains(&'.');
    chunk = rest;
    ranges += 1;
  }
}

fn class_char(chunk: &[char]) -> Option<(char, &[char])> {
  let (c, rest) = match *chunk.first()? {
    '-' | ']' => return None,
    '\\' if !cfg!(windows) => (*chunk.get(1)?, chunk.get(2..)?),
    c => (c, chunk.get(1..)?),
  };
  // The closing bracket is still to come.
  (!rest.is_empty()).then_some((c, rest))
}
