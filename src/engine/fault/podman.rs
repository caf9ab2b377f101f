//! What Podman's Docker API says in words and with statuses of its own.

use crate::engine::error::Code;

/// What it means, where it is one of Podman's.
#[must_use]
pub fn read(status: u16, text: &str) -> Option<Code> {
  let says = |words: &str| text.contains(words);
  match status {
    // What it does not have it knows no path of; of some it says so.
    404 if is_unknown_call(text) => Some(Code::NotSupported),
    500 if says("that name is already in use") => Some(Code::NameConflict),
    500 if says("network already exists") || says("volume already exists") => {
      Some(Code::NameConflict)
    }
    500 if says("unable to find network") => Some(Code::NetworkNotFound),
    500 if says("no such container") => Some(Code::ContainerNotFound),
    500 if says("image not known") => Some(Code::ImageNotFound),
    500 if says("unsupported image filter") => Some(Code::BadRequest),
    500 if says("copier: put: ") && says("file exists") => Some(Code::Conflict),
    // It runs and should not, or the other way round.
    500 if says("container state improper") => Some(Code::Conflict),
    _ => None,
  }
}

/// Any engine's words for a path that it does not know.
pub fn is_unknown_call(text: &str) -> bool {
  let text = text.trim();
  text == "not found"
    || text == "page not found"
    || text.starts_with("path /") && text.ends_with("is not supported")
}

#[cfg(test)]
mod tests {
  use super::super::{Subject, from_reply};
  use crate::engine::error::Code;

  #[test]
  fn reads_what_podman_says() {
    let container = Subject::container("0123456789abcdef");
    let service = Subject::Member("service", "x".into());
    let cases = [
      (&container, 404, "Not Found\n", Code::NotSupported),
      (&service, 404, "Not Found\n", Code::NotSupported),
      (&Subject::Engine, 404, "Path /plugins is not supported", Code::NotSupported),
      (
        &container,
        500,
        "container create: creating container storage: the container name \"abc\" is already in use by 0bbea3d54e64. You have to remove that container to be able to reuse that name: that name is already in use",
        Code::NameConflict,
      ),
      (
        &container,
        500,
        "container create: unable to find network with name or ID nonet: network not found",
        Code::NetworkNotFound,
      ),
      (
        &container,
        500,
        "can only create exec sessions on running containers: container state improper",
        Code::Conflict,
      ),
      (&container, 500, "docker.io/library/x:1: image not known", Code::ImageNotFound),
      (&Subject::Engine, 500, "unsupported image filter \"x\"", Code::BadRequest),
      (&container, 500, "something else", Code::ServerError),
    ];
    for (subject, status, message, code) in cases {
      let error = from_reply("cannot do that to", subject, status, message);
      assert_eq!(error.code(), code, "{error}");
    }
  }
}
