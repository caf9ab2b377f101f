//! Names of images, and patterns of ignore files.

use crate::context::{Matched, Matcher};
use crate::engine::error::Code;
use crate::engine::reference::Reference;

/// What is shown of a name means the same again; what is none is told as such.
pub fn reference(data: &[u8]) {
  let text = String::from_utf8_lossy(data);
  match Reference::parse(&text) {
    Ok(parsed) => {
      let shown = parsed.to_string();
      let again = Reference::parse(&shown);
      assert_eq!(again.ok().as_ref(), Some(&parsed), "{text} is shown as {shown}");
      let whole = format!("{}/{}:{}", parsed.registry, parsed.repository, "x");
      assert_eq!(Reference::parse(&whole).unwrap().name(), parsed.name(), "{text}");
      assert!(parsed.tag.is_some() || parsed.digest.is_some(), "{text}");
    }
    Err(error) => assert!(error.is(Code::InvalidReference), "{text}: {error}"),
  }
}

/// Lines of patterns, a NUL, then lines of paths. Verdicts are the same each time; a path that is let through by its
/// own name at the end goes through.
pub fn ignore(data: &[u8]) {
  let mut parts = data.splitn(2, |&byte| byte == 0);
  let patterns = String::from_utf8_lossy(parts.next().unwrap_or_default());
  let mut patterns: Vec<String> = patterns.split('\n').map(str::to_owned).collect();
  let Ok(matcher) = Matcher::of_patterns(&patterns) else { return };
  let paths = parts.next().unwrap_or_default();
  for path in paths.split(|&byte| byte == b'\n').take(8) {
    let verdict = verdict(&matcher, path);
    assert_eq!(verdict, self::verdict(&matcher, path));
    let is_plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let Ok(name) = std::str::from_utf8(path) else { continue };
    if !name.split('/').all(|part| !part.is_empty() && is_plain(part)) || verdict.is_none() {
      continue;
    }
    for (last, expected) in [(format!("!{name}"), false), (name.to_owned(), true)] {
      patterns.push(last);
      let matcher = Matcher::of_patterns(&patterns).unwrap();
      assert_eq!(self::verdict(&matcher, path), Some(expected), "{patterns:?}");
      patterns.pop();
    }
  }
}

/// As a walk comes to it; none where a pattern cannot be asked.
fn verdict(matcher: &Matcher, path: &[u8]) -> Option<bool> {
  let mut above = Matched::default();
  let mut ignored = false;
  let ends = (0..path.len()).filter(|&at| path[at] == b'/').chain([path.len()]);
  for end in ends {
    matcher.may_reach_below(&path[..end]);
    (ignored, above) = matcher.ignores(&path[..end], &above).ok()?;
  }
  Some(ignored)
}
