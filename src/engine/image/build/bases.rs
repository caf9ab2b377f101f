//! Which images a Dockerfile is built from: their registries are those whose credentials a build needs.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use regex::{Captures, Regex};

use crate::engine::reference::Reference;

#[expect(clippy::unwrap_used, reason = "a constant pattern")]
static VARIABLE: LazyLock<Regex> = LazyLock::new(|| {
  Regex::new(r"\$(?:(?<plain>\w+)|\{(?<braced>\w+)(?::(?<how>[-+])(?<other>[^}]*))?\})").unwrap()
});

/// The registries of all that `FROM` and `COPY --from=` name.
#[must_use]
pub fn registries(dockerfile: &str, build_args: &BTreeMap<&str, &str>) -> BTreeSet<String> {
  let mut arguments: BTreeMap<String, String> = BTreeMap::new();
  let mut stages: BTreeSet<String> = BTreeSet::new();
  let mut found = BTreeSet::new();
  for line in instructions(dockerfile) {
    let mut words = line.split_whitespace();
    let instruction = words.next().unwrap_or_default().to_ascii_uppercase();
    match instruction.as_str() {
      // Only those before the first stage count in a `FROM`.
      "ARG" if stages.is_empty() => {
        for word in words {
          let (name, default) = word.split_once('=').unwrap_or((word, ""));
          let given = build_args.get(name).copied();
          let value = given.map_or_else(|| expand(unquoted(default), &arguments), str::to_owned);
          arguments.insert(name.to_owned(), value);
        }
      }
      "FROM" => {
        let mut words = words.filter(|word| !word.starts_with("--"));
        let image = expand(unquoted(words.next().unwrap_or_default()), &arguments);
        if !stages.contains(&image.to_ascii_lowercase()) {
          note(&image, &mut found);
        }
        let named = words.next().is_some_and(|word| word.eq_ignore_ascii_case("as"));
        let name = if named { words.next() } else { None };
        stages.insert(name.map_or_else(|| format!("\0{}", stages.len()), str::to_ascii_lowercase));
      }
      "COPY" | "RUN" | "ADD" => {
        for word in words.take_while(|word| word.starts_with("--")) {
          let from = word.split(['=', ',']).skip_while(|part| !part.ends_with("from")).nth(1);
          if let Some(image) = from
            && image.parse::<u32>().is_err()
            && !stages.contains(&image.to_ascii_lowercase())
          {
            note(image, &mut found);
          }
        }
      }
      _ => {}
    }
  }
  found
}

fn note(image: &str, found: &mut BTreeSet<String>) {
  if image != "scratch"
    && let Ok(reference) = Reference::parse(image)
  {
    found.insert(reference.registry);
  }
}

/// Instructions as whole lines: continuations joined, comments left out.
fn instructions(dockerfile: &str) -> Vec<String> {
  let mut lines = Vec::new();
  let mut open = String::new();
  for line in dockerfile.trim_start_matches('\u{feff}').lines() {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
      continue;
    }
    if let Some(part) = line.strip_suffix(['\\', '`']) {
      open.push_str(part);
      open.push(' ');
      continue;
    }
    open.push_str(line);
    lines.push(std::mem::take(&mut open));
  }
  lines
}

fn expand(text: &str, arguments: &BTreeMap<String, String>) -> String {
  let value = |found: &Captures| {
    let name =
      found.name("plain").or_else(|| found.name("braced")).map_or("", |name| name.as_str());
    let value = arguments.get(name).map(String::as_str).unwrap_or_default();
    let other = found.name("other").map_or("", |other| other.as_str());
    match (found.name("how").map(|how| how.as_str()), value.is_empty()) {
      (Some("-"), true) | (Some("+"), false) => other.to_owned(),
      _ => value.to_owned(),
    }
  };
  VARIABLE.replace_all(text, value).into_owned()
}

fn unquoted(text: &str) -> &str {
  text.trim_matches(['"', '\''])
}

#[cfg(test)]
mod tests {
  use super::*;

  #[test]
  fn finds_what_is_built_from() {
    let dockerfile = r#"# syntax=docker/dockerfile:1
ARG REG=one.example:5000
ARG TAG="latest"
FROM --platform=$BUILDPLATFORM ${REG}/base:$TAG AS first
FROM first AS second
COPY --from=two.example/tools /a /b
COPY --from=0 /a /b
RUN --mount=type=bind,from=three.example/x,target=/x \
    --mount=type=cache,target=/y true
from ${MISSING:-alpine}
FROM scratch
"#;
    let found = |arguments| registries(dockerfile, &arguments).into_iter().collect::<Vec<_>>();
    let all = ["docker.io", "one.example:5000", "three.example", "two.example"];
    assert_eq!(found(BTreeMap::new()), all);
    let other = found(BTreeMap::from([("REG", "four.example")]));
    assert_eq!(other, ["docker.io", "four.example", "three.example", "two.example"]);
  }
}
