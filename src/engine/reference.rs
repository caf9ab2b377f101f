//! Image names, parsed and normalised as the distribution spec and docker's own parser have them.

use std::fmt;
use std::sync::LazyLock;

use regex::Regex;

use super::error::{Code, EngineError, Result};

/// Docker Hub, under the name that all its aliases normalise to.
pub const DEFAULT_REGISTRY: &str = "docker.io";
pub const DEFAULT_TAG: &str = "latest";
/// What docker shows of an id; less of one is more likely a name: `beef`, `cafe`.
const SHORTEST_ID: usize = 12;

/// `[registry/]repository[:tag][@digest]`, each part where it belongs.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Reference {
  /// `docker.io`, `ghcr.io`, `localhost:5000`
  pub registry: String,
  /// `library/alpine`
  pub repository: String,
  /// `latest` where neither tag nor digest was given
  pub tag: Option<String>,
  /// `sha256:…`
  pub digest: Option<String>,
}

#[expect(clippy::unwrap_used, reason = "constant patterns; the tests below compile each of them")]
static PARTS: LazyLock<Regex> = LazyLock::new(|| {
  Regex::new(concat!(
    r"^(?:(?<registry>(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(?:\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*",
    r"(?::[0-9]+)?|\[[a-fA-F0-9:]+\](?::[0-9]+)?)/)?",
    r"(?<repository>[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*)",
    // Not `\w`: docker's is of ASCII, and 127 times Unicode's takes 40 ms to compile.
    r"(?::(?<tag>[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,127}))?",
    r"(?:@(?<digest>[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}))?$"
  ))
  .unwrap()
});

impl Reference {
  /// Reads a name as people write it.
  pub fn parse(text: &str) -> Result<Self> {
    let bad = |why: &str| {
      EngineError::new(
        Code::InvalidReference,
        format!("`{text}` is not an image name: {why}; the form is [registry/]name[:tag][@digest]"),
      )
      .with(|facts| facts.image = Some(text.to_owned()))
    };
    if is_id(text) {
      return Err(bad("it is an image's id"));
    }
    // The first component is a registry only if it looks like a host; `library/alpine` has none.
    let (registry, rest) = match text.split_once('/') {
      Some((first, rest)) if is_host(first) => (Some(first), rest),
      _ => (None, text),
    };
    let with_host = format!("{}/{rest}", registry.unwrap_or(DEFAULT_REGISTRY));
    let parts = PARTS.captures(&with_host).ok_or_else(|| {
      bad(if text.is_empty() {
        "it is empty"
      } else if has_upper(rest.split([':', '@']).next().unwrap_or_default()) {
        "a repository's name is in lower case"
      } else {
        "it does not have the form"
      })
    })?;
    let part = |name: &str| parts.name(name).map(|found| found.as_str().to_owned());
    let registry = match part("registry").as_deref() {
      None | Some("index.docker.io" | "docker.io" | "registry-1.docker.io") => {
        DEFAULT_REGISTRY.into()
      }
      Some(other) => other.to_owned(),
    };
    let mut repository = part("repository").unwrap_or_default();
    if registry == DEFAULT_REGISTRY && !repository.contains('/') {
      repository.insert_str(0, "library/");
    }
    if repository.len() > 255 {
      return Err(bad("a repository's name has at most 255 characters"));
    }
    let digest = part("digest");
    let tag = part("tag").or_else(|| digest.is_none().then(|| DEFAULT_TAG.into()));
    Ok(Self { registry, repository, tag, digest })
  }

  /// The name without tag and digest, as short as the engine itself shows it: `alpine`.
  #[must_use]
  pub fn name(&self) -> String {
    let short = match self.repository.strip_prefix("library/") {
      // `library/a/b` is another one than `a/b`.
      Some(official) if !official.contains('/') => official,
      _ => &self.repository,
    };
    // `docker.io/localhost/a` is not `localhost/a`.
    let misleads = short.split_once('/').is_some_and(|(first, _)| is_host(first));
    if self.registry == DEFAULT_REGISTRY && !misleads {
      return short.to_owned();
    }
    format!("{}/{}", self.registry, self.repository)
  }

  /// What `/images/create` calls `tag`: the digest decides where there is one.
  #[must_use]
  pub fn tag_or_digest(&self) -> &str {
    self.digest.as_deref().or(self.tag.as_deref()).unwrap_or(DEFAULT_TAG)
  }
}

/// `alpine:latest`: what the engine's lists show.
impl fmt::Display for Reference {
  fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str(&self.name())?;
    if let Some(tag) = &self.tag {
      write!(f, ":{tag}")?;
    }
    if let Some(digest) = &self.digest {
      write!(f, "@{digest}")?;
    }
    Ok(())
  }
}

/// An image's id is no name: it can be inspected and run, never pulled.
#[must_use]
pub fn is_id(text: &str) -> bool {
  let hex = text.strip_prefix("sha256:").unwrap_or(text);
  hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Whether it may be an id, or the beginning of one as `docker images` shows it; it may be a name as well.
#[must_use]
pub fn may_be_id(text: &str) -> bool {
  let hex = text.strip_prefix("sha256:").unwrap_or(text);
  (SHORTEST_ID..=64).contains(&hex.len()) && hex.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Whether a name's first part is a registry.
fn is_host(first: &str) -> bool {
  first.contains(['.', ':', '[']) || first == "localhost" || has_upper(first)
}

fn has_upper(text: &str) -> bool {
  text.bytes().any(|byte| byte.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
  use super::*;

  #[test]
  fn normalises() {
    let sha = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    let cases = [
      ("alpine", "docker.io", "library/alpine", Some("latest"), None),
      ("docker.io/library/alpine:3", "docker.io", "library/alpine", Some("3"), None),
      ("index.docker.io/me/x", "docker.io", "me/x", Some("latest"), None),
      ("localhost:5000/a:1", "localhost:5000", "a", Some("1"), None),
      ("localhost/a/b", "localhost", "a/b", Some("latest"), None),
      ("ghcr.io/a/b/c", "ghcr.io", "a/b/c", Some("latest"), None),
      ("my-org/my-build-image:v1", "docker.io", "my-org/my-build-image", Some("v1"), None),
    ];
    for (text, registry, repository, tag, digest) in cases {
      let expected = Reference {
        registry: registry.into(),
        repository: repository.into(),
        tag: tag.map(str::to_owned),
        digest,
      };
      assert_eq!(Reference::parse(text).unwrap(), expected, "{text}");
    }
    let both = Reference::parse(&format!("a.io/x:1@{sha}")).unwrap();
    assert_eq!((both.tag.as_deref(), both.tag_or_digest()), (Some("1"), sha));
    assert_eq!(Reference::parse(&format!("x@{sha}")).unwrap().tag, None);
    for (name, shown) in [
      ("docker.io/library/x:2", "x:2"),
      ("library/a/b:1", "library/a/b:1"),
      ("docker.io/localhost/a:1", "docker.io/localhost/a:1"),
      ("docker.io/a.b/c:1", "docker.io/a.b/c:1"),
    ] {
      assert_eq!(Reference::parse(name).unwrap().to_string(), shown);
    }
  }

  #[test]
  fn refuses() {
    for text in ["", "Alpine", "a:b:c", "a//b", ":x", "a@sha256:12", "-a", "a/", "/a", "a b", "a:"]
    {
      let error = Reference::parse(text).unwrap_err();
      assert!(error.is(Code::InvalidReference), "{text}");
    }
    // What is left out of a name counts too.
    assert!(Reference::parse(&format!("library/{}", "a".repeat(247))).is_ok());
    assert!(Reference::parse(&"a".repeat(248)).is_err());
  }
}
