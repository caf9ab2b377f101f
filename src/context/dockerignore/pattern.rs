//! One pattern, compiled as moby compiles it.

use std::borrow::Cow;

use regex::Regex;

use super::{parse, syntax, translate};

pub struct Pattern {
  text: Vec<u8>,
  pub negated: bool,
  kind: Kind,
}

enum Kind {
  Exact,
  /// `text**`
  Prefix,
  /// `**text`
  Suffix,
  Regex(Regex),
  /// Well formed by one of moby's two measures and not by the other, which it takes only when the pattern is asked.
  Broken(&'static str),
}

/// A path to be matched: as it is, and as Go's regular expressions see it.
pub struct Candidate<'a> {
  bytes: &'a [u8],
  text: Cow<'a, str>,
}

impl<'a> Candidate<'a> {
  pub fn new(bytes: &'a [u8]) -> Self {
    Self { bytes, text: lossy(bytes) }
  }
}

impl Pattern {
  /// None where nothing is left of the line.
  pub fn new(line: &[u8]) -> Result<Option<Self>, &'static str> {
    let line = parse::trim(line);
    if line.is_empty() {
      return Ok(None);
    }
    let mut text = parse::clean(line);
    let negated = text.first() == Some(&b'!');
    if negated {
      text.remove(0);
      if text.is_empty() {
        return Err("there is nothing after the exclamation mark");
      }
    }
    let shown = lossy(&text).into_owned();
    if !syntax::is_valid(&shown) {
      return Err("bad brackets or a dangling backslash");
    }
    let kind = compile(&shown).unwrap_or_else(Kind::Broken);
    Ok(Some(Self { text, negated, kind }))
  }

  /// Lets just this path through, whatever characters its name is made of.
  pub fn exemption(path: &[u8]) -> Self {
    Self { text: path.to_vec(), negated: true, kind: Kind::Exact }
  }

  pub fn matches(&self, path: &Candidate) -> Result<bool, &'static str> {
    Ok(match &self.kind {
      Kind::Exact => path.bytes == self.text,
      Kind::Prefix => path.bytes.starts_with(&self.text[..self.text.len() - 2]),
      Kind::Suffix => {
        let suffix = &self.text[2..];
        path.bytes.ends_with(suffix) || suffix.strip_prefix(b"/") == Some(path.bytes)
      }
      Kind::Regex(regex) => regex.is_match(&path.text),
      Kind::Broken(why) => return Err(why),
    })
  }

  /// Whether its text begins with the directory: moby's test of whether a negation is worth a descent.
  pub fn begins_with(&self, directory: &[u8]) -> bool {
    self
      .text
      .strip_prefix(directory)
      .is_some_and(|rest| rest.first().is_none_or(|&byte| byte == b'/'))
  }

  /// Whether it has a wildcard before its last part, or one there that is not just any name.
  pub fn has_inner_wildcard(&self) -> bool {
    if matches!(self.kind, Kind::Exact) {
      return false;
    }
    let ends = [&b"/**"[..], b"/*"];
    let plain = ends.iter().find_map(|end| self.text.strip_suffix(*end)).unwrap_or(&self.text);
    plain.iter().any(|byte| b"*?[\\".contains(byte))
  }
}

/// Each byte that is not UTF-8 becomes one replacement character, as in Go.
fn lossy(bytes: &[u8]) -> Cow<'_, str> {
  if let Ok(text) = std::str::from_utf8(bytes) {
    return Cow::Borrowed(text);
  }
  let mut text = String::with_capacity(bytes.len() * 2);
  for chunk in bytes.utf8_chunks() {
    text.push_str(chunk.valid());
    text.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
  }
  Cow::Owned(text)
}

/// What the pattern amounts to, by moby's rules.
fn compile(pattern: &str) -> Result<Kind, &'static str> {
  #[derive(PartialEq)]
  enum Type {
    Exact,
    Prefix,
    Suffix,
    Regex,
  }
  let mut kind = Type::Exact;
  let mut go = String::from("^");
  let mut chars = pattern.chars().peekable();
  let mut first = true;
  while let Some(c) = chars.next() {
    match c {
      '*' if chars.next_if_eq(&'*').is_some() => {
        // `**/` is `**`: any number of directories, none included.
        chars.next_if_eq(&'/');
        if chars.peek().is_some() {
          go.push_str("(.*/)?");
          kind = Type::Regex;
        } else if kind == Type::Exact {
          kind = Type::Prefix;
        } else {
          go.push_str(".*");
          kind = Type::Regex;
        }
        if first {
          kind = Type::Suffix;
        }
      }
      '*' => {
        go.push_str("[^/]*");
        kind = Type::Regex;
      }
      '?' => {
        go.push_str("[^/]");
        kind = Type::Regex;
      }
      // moby means to escape braces and bars as well, but its table of bytes has no room for them.
      '.' | '+' | '(' | ')' | '$' => go.extend(['\\', c]),
      '\\' => {
        go.push('\\');
        if let Some(next) = chars.next() {
          go.push(next);
          kind = Type::Regex;
        }
      }
      '[' | ']' => {
        go.push(c);
        kind = Type::Regex;
      }
      _ => go.push(c),
    }
    first = false;
  }
  Ok(match kind {
    Type::Exact => Kind::Exact,
    Type::Prefix => Kind::Prefix,
    Type::Suffix => Kind::Suffix,
    Type::Regex => {
      go.push('$');
      let regex = Regex::new(&translate::translate(&go)?);
      Kind::Regex(regex.map_err(|_| "it makes no regular expression")?)
    }
  })
}
