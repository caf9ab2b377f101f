//! Why a pull failed: the engine says it in words only, and in other words each release.

use crate::engine::fault::NO_ROOM;

/// The contract's reasons of `PULL_FAILED`.
#[must_use]
pub fn reason(message: &str) -> &'static str {
  let text = spoken(message);
  if let Some(status) = unread_status(&text) {
    return match status {
      "401" | "403" => "unauthorized",
      "404" => "not-found",
      "429" => "rate-limited",
      _ => "network",
    };
  }
  let says = |parts: &[&str]| parts.iter().any(|part| text.contains(part));
  if says(&["dial tcp"]) {
    "network"
  } else if says(&["toomanyrequests", "rate limit", "too many requests", "status 429"]) {
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
    "forbidden",
  ]) || (says(&["unauthorized"]) && !says(&["does not exist"]))
    || says(&["denied"]) && !says(&["may require", "permission denied"])
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

/// The engine's words in small letters, less the addresses among them: a repository may have any name.
fn spoken(message: &str) -> String {
  let text = message.to_ascii_lowercase();
  let words = text.split_whitespace().filter(|word| !word.contains("://"));
  words.collect::<Vec<_>>().join(" ")
}

/// The status of an answer that was not the registry's: what stands in it may be anything.
fn unread_status(text: &str) -> Option<&str> {
  text.split_once("error parsing http ").and_then(|(_, rest)| rest.split(' ').next())
}

/// What to do about it, where that is known.
#[must_use]
pub fn advice(reason: &str) -> &'static str {
  match reason {
    "unauthorized" => "; log in with `docker login`, or give { auth: { username, password } }",
    "not-found" => "; check the name and the tag, and log in where it is private",
    "rate-limited" => "; log in for a higher limit, or wait",
    "no-space" => NO_ROOM,
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
      (
        "pull access denied for the image, repository does not exist or may require 'docker login': denied: <html>Forbidden</html>",
        "unauthorized",
      ),
      ("denied", "unauthorized"),
      ("Head \"https://ghcr.io/v2/a/b/manifests/1\": denied: denied", "unauthorized"),
      ("open /var/lib/docker/tmp/x: permission denied", "network"),
      ("toomanyrequests: You have reached your pull rate limit", "rate-limited"),
      ("write /var/lib/docker/tmp/x: no space left on device", "no-space"),
      ("no matching manifest for linux/arm64 in the manifest list entries", "no-matching-platform"),
      (
        "Get \"http://127.0.0.1:1/v2/\": dial tcp 127.0.0.1:1: connect: connection refused",
        "network",
      ),
      ("error pulling image configuration: unknown blob", "not-found"),
      (
        "error parsing HTTP 429 response body: invalid character 's' looking for beginning of value: \"slow down\"",
        "rate-limited",
      ),
      (
        "error parsing HTTP 403 response body: invalid character '<' looking for beginning of value: \"<html>\"",
        "unauthorized",
      ),
      (
        "error parsing HTTP 502 response body: invalid character '<' looking for beginning of value: \"<html>Not Found\"",
        "network",
      ),
      ("Head \"http://127.0.0.1:1/v2/unauthorized/not-found/manifests/1\": EOF", "network"),
      (
        "Get \"https://toomanyrequests.test/v2/\": dial tcp: lookup toomanyrequests.test: no such host",
        "network",
      ),
    ];
    for (message, expected) in cases {
      assert_eq!(reason(message), expected, "{message}");
    }
  }
}
