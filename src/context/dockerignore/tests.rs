//! The parts that whole contexts do not show.

use super::parse::{clean, lines};
use super::syntax::is_valid;
use super::translate::translate;

#[test]
fn lines_are_read_as_moby_reads_them() {
  let content = b"\xEF\xBB\xBFtest1\n/test2\n/a/file/here\n\nlast\r\n# comment\n! /inverted/abs\n!\n! \n / \n//b/./c/";
  let found: Vec<(usize, String)> =
    lines(content).map(|line| (line.number, String::from_utf8(line.pattern).unwrap())).collect();
  let expected = [
    (1, "test1"),
    (2, "test2"),
    (3, "a/file/here"),
    (5, "last"),
    (7, "!inverted/abs"),
    (8, "!"),
    (9, "!"),
    (10, "/"),
    (11, "b/c"),
  ];
  assert_eq!(found, expected.map(|(line, pattern)| (line, pattern.to_owned())));
}

#[test]
fn paths_are_cleaned_as_go_cleans_them() {
  let cases = [
    ("", "."),
    ("a//b/./c/..", "a/b"),
    ("../a/../..", "../.."),
    ("/../a", "/a"),
    ("/..", "/"),
    ("a/..", "."),
    ("./a/", "a"),
  ];
  for (path, cleaned) in cases {
    assert_eq!(clean(path.as_bytes()), cleaned.as_bytes(), "{path}");
  }
}

#[cfg(unix)]
#[test]
fn patterns_are_judged_as_go_judges_them() {
  for pattern in ["a", "*a[b-c]*", "[^a]", "a]", "[[]", "[\\]]", "[a-\\-]", "\\[", "[*]", "[]a]b]"]
  {
    assert_eq!(is_valid(pattern), pattern != "[]a]b]", "{pattern}");
  }
  for pattern in ["[", "[a", "[]", "[^]", "a[-x]", "[x-]", "a\\", "[\\", "[a-", "*[", "[]*]"] {
    assert!(!is_valid(pattern), "{pattern}");
  }
  // It has no eye for what follows a chunk that is no dot.
  for (dot, other) in [("?*[", "a*["), (".*\\", "..*\\"), ("[^a]*[", "[a]*["), ("\\.*[", "\\a*[")] {
    assert!(!is_valid(dot), "{dot}");
    assert!(is_valid(other), "{other}");
  }
}

#[test]
fn expressions_are_translated_from_gos() {
  let cases = [
    ("^a{x}{2}$", Some("^a\\{x\\}{2}$")),
    ("^a{2}{3}$", None),
    ("^|{2}", None),
    ("^a{1001}", None),
    ("^a{2,1}", None),
    ("^a{02}", Some("^a\\{02\\}")),
    ("\\<\\_", Some("<_")),
    ("\\Qa.b\\E.", Some("a\\.b.")),
    ("\\é", None),
    ("\\pL", None),
    ("[a", None),
    ("[[:nope:]]", None),
    ("[[:", None),
    ("[a&&\\d]", Some("[\\x{61}-\\x{61}\\x{26}-\\x{26}\\x{26}-\\x{26}[0-9]]")),
    ("[[:^alpha:]-]", Some("[[:^alpha:]\\x{2d}-\\x{2d}]")),
  ];
  for (go, rust) in cases {
    let found = translate(go);
    assert_eq!(found.as_deref().ok(), rust, "{go}");
    assert!(found.is_err() || regex::Regex::new(&found.unwrap()).is_ok(), "{go}");
  }
}
