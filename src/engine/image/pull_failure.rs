//! Why a pull failed: the engine says it in words only, and in other words each release.

/// The contract's reasons of `PULL_FAILED`.
#[must_use]
pub fn reason(message: &str) -> &'static str {
  let text = message.to_ascii_lowercase();
  let says = |parts: &[&str]| parts.iter().any(|part| text.contains(part));
  if says(&["toomanyrequests", "rate limit", "too many requests", "status 429"]) {
    "rate-limited"
  } else if says(&["no space left", "disk quota"]) {
    "no-space"
  } else if says(&[
    "no matching manifest",
    "does not match the specified platform",
    "no match for platform",
  ]) {
    "no-matching-platform"
  } else if says(&[
    "no basic auth credentials",
    "authentication required",
    "incorrect username",
    "401 unauthorized",
  ]) || (says(&["unauthorized"]) && !says(&["does not exist"]))
    || says(&["denied: requested access", "access forbidden", "403 forbidden"])
      && !says(&["may require"])
  {
    "unauthorized"
  } else if says(&[
    "manifest unknown",
    "not found",
    "does not exist",
    "name unknown",
    "name_unknown",
    "blob unknown",
    "no such image",
    "unknown blob",
    "manifest for",
  ]) {
    "not-found"
  } else {
    "network"
  }
}

/// What to do about it, where that is known.
#[must_use]
pub fn advice(reason: &str) -> &'static str {
  match reason {
    "unauthorized" => "; log in with `docker login`, or give { auth: { username, password } }",
    "not-found" => "; check the name and the tag, and that you may read it",
    "rate-limited" => "; log in for a higher limit, or wait",
    "no-space" => "; the engine's disk is full: `docker system df` shows what takes it",
    "no-matching-platform" => "; ask for a platform that the image has, with { platform }",
    _ => "; is the registry reachable from the engine?",
  }
}

#[cfg(test)]
mod tests {
  use super::reason;

  #[test]
  fn reads_what_engines_say() {
    let cases = [
      (
        "manifest for 127.0.0.1:5000/x:latest not found: manifest unknown: manifest unknown",
        "not-found",
      ),
      (
        "pull access denied for nosuch, repository does not exist or may require 'docker login': denied: requested access to the resource is denied",
        "not-found",
      ),
      (
        "Head \"http://127.0.0.1:5000/v2/x/manifests/latest\": no basic auth credentials",
        "unauthorized",
      ),
      ("toomanyrequests: You have reached your pull rate limit", "rate-limited"),
      ("write /var/lib/docker/tmp/x: no space left on device", "no-space"),
      ("no matching manifest for linux/arm64 in the manifest list entries", "no-matching-platform"),
      (
        "Get \"http://127.0.0.1:1/v2/\": dial tcp 127.0.0.1:1: connect: connection refused",
        "network",
      ),
      ("error pulling image configuration: unknown blob", "not-found"),
    ];
    for (message, expected) in cases {
      assert_eq!(reason(message), expected, "{message}");
    }
  }
}
