//! Go's `filepath.Match` is moby's judge of whether a pattern is well formed, though not of what it matches.

/// Whether `filepath.Match` would take the pattern.
pub fn is_valid(pattern: &str) -> bool {
  let mut rest: Vec<char> = pattern.chars().collect();
  while !rest.is_empty() {
    let stars = rest.iter().take_while(|&&c| c == '*').count();
    rest.drain(..stars);
    let tail = rest.split_off(chunk_length(&rest));
    if !is_valid_chunk(&rest) {
      return false;
    }
    rest = tail;
  }
  true
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

fn is_valid_chunk(chunk: &[char]) -> bool {
  let mut chunk = chunk;
  while let Some((&first, rest)) = chunk.split_first() {
    let rest = match first {
      '[' => class(rest),
      '\\' if !cfg!(windows) => rest.get(1..),
      _ => Some(rest),
    };
    let Some(rest) = rest else { return false };
    chunk = rest;
  }
  true
}

/// What follows a class that began just before.
fn class(chunk: &[char]) -> Option<&[char]> {
  let mut chunk = chunk.strip_prefix(&['^']).unwrap_or(chunk);
  let mut ranges = 0;
  loop {
    if ranges > 0 && chunk.first() == Some(&']') {
      return chunk.get(1..);
    }
    chunk = class_char(chunk)?;
    if chunk.first() == Some(&'-') {
      chunk = class_char(chunk.get(1..)?)?;
    }
    ranges += 1;
  }
}

fn class_char(chunk: &[char]) -> Option<&[char]> {
  let rest = match chunk.first()? {
    '-' | ']' => return None,
    '\\' if !cfg!(windows) => chunk.get(2..)?,
    _ => chunk.get(1..)?,
  };
  // The closing bracket is still to come.
  (!rest.is_empty()).then_some(rest)
}
