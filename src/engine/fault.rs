//! An engine's error reply → an error that says what it means.
//!
//! The engine tells failures apart by status and by text, and the same status means different
//! things per call, so what was being done (`Subject`) is part of the reading.

mod podman;
mod swarm;

use super::error::{Code, ContainerFacts, EngineError};

/// What a call was about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
  Engine,
  Image(String),
  Container {
    id: Option<String>,
    name: Option<String>,
  },
  Network(String),
  Volume(String),
  Plugin(String),
  Swarm,
  /// Of a swarm: what kind of thing, as the engine calls it, and its name or id.
  Member(&'static str, String),
}

impl Subject {
  #[must_use]
  pub fn image(name: impl Into<String>) -> Self {
    Self::Image(name.into())
  }

  #[must_use]
  pub fn container(id: impl Into<String>) -> Self {
    Self::Container { id: Some(id.into()), name: None }
  }

  pub(super) fn named(&self) -> String {
    match self {
      Self::Engine => "the engine".into(),
      Self::Image(name) => format!("image {name}"),
      Self::Network(name) => format!("network {name}"),
      Self::Volume(name) => format!("volume {name}"),
      Self::Plugin(name) => format!("plugin {name}"),
      Self::Swarm => "the swarm".into(),
      Self::Member(kind, name) => format!("{kind} {name}"),
      Self::Container { id, name } => match (name, id) {
        (Some(name), _) => format!("container {name}"),
        (None, Some(id)) => format!("container {}", id.get(..12).unwrap_or(id)),
        (None, None) => "the container".into(),
      },
    }
  }

  /// Puts what the call was about into the error's own fields.
  #[must_use]
  pub fn annotate(&self, error: EngineError) -> EngineError {
    error.with(|facts| match self {
      Self::Engine
      | Self::Network(_)
      | Self::Volume(_)
      | Self::Plugin(_)
      | Self::Swarm
      | Self::Member(..)
      // One that is not made yet, and has no name, is nothing to tell of.
      | Self::Container { id: None, name: None } => {}
      Self::Image(name) => facts.image = Some(name.clone()),
      Self::Container { id, name } => {
        let known = facts.container.get_or_insert_with(ContainerFacts::default);
        known.id = known.id.take().or_else(|| id.clone());
        known.name = known.name.take().or_else(|| name.clone());
      }
    })
  }
}

/// Reads an error reply.
#[must_use]
pub fn from_reply(doing: &str, subject: &Subject, status: u16, message: &str) -> EngineError {
  let podman = podman::read(status, &message.to_ascii_lowercase());
  if let (None, Some(error)) = (podman, swarm::read(doing, subject, status, message)) {
    return error;
  }
  let code = podman.unwrap_or_else(|| classify(subject, status, message));
  let why = plain(message).unwrap_or_else(|| format!("status {status} and no reason given"));
  let text = format!("{doing} {}: {why}{}", subject.named(), advice(subject, code, message));
  subject.annotate(EngineError::new(code, text).with(|facts| facts.status_code = Some(status)))
}

/// Texts that decide whatever the status is: 20.10 answers 500 (or 404) where 28 answers 400.
fn classify(subject: &Subject, status: u16, message: &str) -> Code {
  let text = message.to_ascii_lowercase();
  let says = |parts: &[&str]| parts.iter().any(|part| text.contains(part));
  if says(&["port is already allocated", "address already in use", "ports are not available"]) {
    return Code::PortInUse;
  }
  if says(&["bind source path does not exist"]) {
    return Code::BindSourceMissing;
  }
  if is_missing_executable(&text) {
    return Code::ExecutableNotFound;
  }
  if is_missing_user(&text) {
    return Code::BadRequest;
  }
  if says(&["no basic auth credentials", "unauthorized:", "authentication required"])
    && status >= 500
  {
    return Code::Unauthorized;
  }
  if matches!(subject, Subject::Plugin(_)) && says(&["already exists"]) {
    return Code::NameConflict;
  }
  match status {
    400 => Code::BadRequest,
    401 => Code::Unauthorized,
    403 => Code::Forbidden,
    404 if says(&["no such image", "image not known"]) => Code::ImageNotFound,
    404 if says(&["no such container"]) => Code::ContainerNotFound,
    404 if says(&["network"]) && says(&["not found"]) => Code::NetworkNotFound,
    404 if says(&["no such volume"]) => Code::VolumeNotFound,
    404 => match subject {
      Subject::Image(_) if says(&["no such", "not found"]) => Code::ImageNotFound,
      Subject::Network(_) => Code::NetworkNotFound,
      Subject::Volume(_) => Code::VolumeNotFound,
      _ => Code::NotFound,
    },
    409
      if says(&["is already in use by container", "name is already in use"])
        || (says(&["name"]) && says(&["already in use"])) =>
    {
      Code::NameConflict
    }
    409 if says(&["volume is in use", "volume is being used"]) => Code::VolumeInUse,
    409
      if matches!(subject, Subject::Network(_) | Subject::Volume(_))
        && says(&["already exists"]) =>
    {
      Code::NameConflict
    }
    409
      if says(&["image is being used", "image has dependent", "is using its referenced image"]) =>
    {
      Code::ImageInUse
    }
    409 => Code::Conflict,
    501 => Code::NotSupported,
    _ => Code::ServerError,
  }
}

/// runc's and crun's ways to say that the program is not in the image or cannot be run.
pub fn is_missing_executable(text: &str) -> bool {
  let runtime = ["oci runtime", "runc", "crun", "starting container process", "container init"];
  let missing = [
    "executable file not found",
    "no such file or directory",
    "permission denied",
    "exec format error",
    "is a directory",
    "not a directory",
  ];
  (runtime.iter().any(|part| text.contains(part)) || text.contains("exec failed"))
    && (text.contains("exec:") || text.contains("exec \"") || text.contains("exec /"))
    && missing.iter().any(|part| text.contains(part))
}

/// The image's `/etc/passwd` or `/etc/group` does not have it.
fn is_missing_user(text: &str) -> bool {
  text.contains("unable to find user ") || text.contains("unable to find group ")
}

/// One line of it, whatever was answered.
fn plain(message: &str) -> Option<String> {
  let parts = message.split(char::is_control).filter(|part| !part.trim().is_empty());
  let line = parts.collect::<Vec<_>>().join(" ");
  let line = line.trim().trim_end_matches('.');
  (!line.is_empty()).then(|| line.to_owned())
}

fn advice(subject: &Subject, code: Code, message: &str) -> &'static str {
  match code {
    Code::NameConflict | Code::NetworkNotFound
      if matches!(subject, Subject::Network(_) | Subject::Volume(_)) =>
    {
      ""
    }
    Code::NameConflict if matches!(subject, Subject::Plugin(_)) => {
      "; remove it, or give another `alias`"
    }
    Code::VolumeInUse => "; remove the containers that have it first",
    Code::Forbidden if message.contains("active endpoints") => {
      "; disconnect its containers first, or remove them"
    }
    Code::NameConflict => "; remove it, or say ifExists: 'reuse' or 'replace'",
    Code::PortInUse => "; map to another port, or to '127.0.0.1:0' for a free one",
    Code::BindSourceMissing => "; correct the path, or say createPaths: true to have it made",
    Code::ExecutableNotFound => "; check the command and that the image has it",
    Code::NetworkNotFound => "; create the network first",
    Code::NotSupported if podman::is_unknown_call(&message.to_ascii_lowercase()) => {
      "; this engine has no such call"
    }
    _ if is_missing_user(message) => "; check `user`",
    _ => room(message),
  }
}

/// What to do where the engine has no room left, or no inodes.
pub fn room(message: &str) -> &'static str {
  let full = ["no space left on device", "disk quota exceeded"];
  if full.iter().any(|words| message.to_ascii_lowercase().contains(words)) { NO_ROOM } else { "" }
}

pub const NO_ROOM: &str = "; the engine's disk is full: `docker system df` shows what takes it";

#[cfg(test)]
mod tests {
  use super::*;

  #[test]
  fn reads_what_engines_say() {
    let container = Subject::container("0123456789abcdef");
    let cases = [
      (404, "No such container: x", Code::ContainerNotFound),
      (404, "No such image: x:latest", Code::ImageNotFound),
      (404, "network nope not found", Code::NetworkNotFound),
      (
        409,
        "Conflict. The container name \"/x\" is already in use by container \"y\".",
        Code::NameConflict,
      ),
      (
        500,
        "driver failed programming external connectivity on endpoint x: Bind for 0.0.0.0:80 failed: port is already allocated",
        Code::PortInUse,
      ),
      (
        400,
        "OCI runtime create failed: container_linux.go:380: starting container process caused: exec: \"nope\": executable file not found in $PATH: unknown",
        Code::ExecutableNotFound,
      ),
      (
        404,
        "OCI runtime create failed: runc create failed: unable to start container process: exec: \"/nope\": stat /nope: no such file or directory: unknown",
        Code::ExecutableNotFound,
      ),
      (500, "something else", Code::ServerError),
      (
        400,
        "invalid mount config for type \"bind\": bind source path does not exist: /x",
        Code::BindSourceMissing,
      ),
      (
        409,
        "conflict: unable to remove repository reference (must force) - container x is using its referenced image y",
        Code::ImageInUse,
      ),
    ];
    for (status, message, code) in cases {
      assert_eq!(from_reply("cannot start", &container, status, message).code(), code, "{message}");
    }
  }
}
