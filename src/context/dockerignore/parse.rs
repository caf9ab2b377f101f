//! The lines of an ignore file, as moby's `ignorefile` reads them. Bytes throughout: names need not be UTF-8.

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

pub struct Line {
  /// Counted from one.
  pub number: usize,
  pub pattern: Vec<u8>,
}

pub fn lines(content: &[u8]) -> impl Iterator<Item = Line> + '_ {
  let content = content.strip_prefix(BYTE_ORDER_MARK).unwrap_or(content);
  content.split(|&byte| byte == b'\n').enumerate().filter_map(|(index, line)| {
    // Only a `#` in the first column makes a comment.
    let line = if line.starts_with(b"#") { b"" } else { trim(line) };
    let pattern = normalise(line)?;
    Some(Line { number: index + 1, pattern })
  })
}

fn normalise(line: &[u8]) -> Option<Vec<u8>> {
  let (negated, path) = match line.split_first()? {
    (b'!', path) => (true, trim(path)),
    _ => (false, line),
  };
  let mut pattern = if path.is_empty() { Vec::new() } else { clean(path) };
  // `/a` is the context's `a`.
  if pattern.len() > 1 && pattern.first() == Some(&b'/') {
    pattern.remove(0);
  }
  if negated {
    pattern.insert(0, b'!');
  }
  Some(pattern)
}

/// Without the blanks around it: all of Unicode's where it is text, ASCII's otherwise.
pub fn trim(bytes: &[u8]) -> &[u8] {
  match std::str::from_utf8(bytes) {
    Ok(text) => text.trim().as_bytes(),
    Err(_) => bytes.trim_ascii(),
  }
}

/// Go's `filepath.Clean`: the shortest path that means the same, by its text alone.
pub fn clean(path: &[u8]) -> Vec<u8> {
  let path = if cfg!(windows) { slashed(path) } else { path.to_vec() };
  let rooted = path.first() == Some(&b'/');
  let mut parts: Vec<&[u8]> = Vec::new();
  for part in path.split(|&byte| byte == b'/') {
    match part {
      b"" | b"." => {}
      b".." if parts.last().is_some_and(|&last| last != b"..") => {
        parts.pop();
      }
      b".." if rooted => {}
      _ => parts.push(part),
    }
  }
  let joined = parts.join(&b'/');
  match (rooted, joined.is_empty()) {
    (true, _) => [b"/", joined.as_slice()].concat(),
    (false, true) => b".".to_vec(),
    (false, false) => joined,
  }
}

fn slashed(path: &[u8]) -> Vec<u8> {
  path.iter().map(|&byte| if byte == b'\\' { b'/' } else { byte }).collect()
}
