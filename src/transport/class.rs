//! How long a call may take: decided in this one place, from its method and path.

use std::time::Duration;

use http::Method;

/// What kind of operation a request is. Put one in a request's extensions to decide it yourself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
  /// A lookup or a change of state: few at a time, and an engine silent for too long is told of.
  Short,
  /// Lasts as long as the work behind it does, or is a stream: no limit, and in nobody's way.
  Long,
}

/// How long this one request may wait for the response's head; goes in a request's extensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeout(pub Duration);

impl Class {
  #[must_use]
  pub fn of(method: &Method, path: &str) -> Self {
    let mut segments = path.split('/').filter(|segment| !segment.is_empty()).peekable();
    if segments.next_if(|first| is_version(first)).is_some() {
      // Podman's own API stands beside docker's, under the same names.
      segments.next_if_eq(&"libpod");
    }
    let (first, last) = (segments.next().unwrap_or_default(), segments.last().unwrap_or_default());
    let long = match method.as_str() {
      "HEAD" => false,
      "GET" => long_get(first, last),
      "POST" => long_post(first, last),
      "PUT" => last == "archive",
      // Their files are deleted before the engine answers.
      "DELETE" => matches!(first, "containers" | "images" | "volumes"),
      _ => true,
    };
    if long { Self::Long } else { Self::Short }
  }
}

fn long_get(first: &str, last: &str) -> bool {
  match first {
    // The registry is asked behind these, or (`df`) every file of the engine is counted.
    "events" | "distribution" | "session" => true,
    "system" => last == "df",
    "images" => matches!(last, "get" | "search"),
    "containers" => matches!(last, "logs" | "stats" | "export" | "archive" | "ws" | "attach"),
    "services" | "tasks" => last == "logs",
    _ => false,
  }
}

fn long_post(first: &str, last: &str) -> bool {
  match first {
    "build" => last != "cancel",
    "commit" | "session" | "grpc" | "plugins" => true,
    "images" => matches!(last, "create" | "load" | "push" | "prune" | "import" | "pull"),
    "containers" => {
      matches!(last, "wait" | "stop" | "restart" | "attach" | "prune" | "checkpoints")
    }
    "exec" => last == "start",
    "networks" | "volumes" | "system" => last == "prune",
    "swarm" => matches!(last, "init" | "join" | "leave"),
    _ => false,
  }
}

fn is_version(segment: &str) -> bool {
  segment.strip_prefix('v').is_some_and(|rest| {
    !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
  })
}
