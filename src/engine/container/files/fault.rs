//! Failures of copying, in the contract's words.

use crate::archive::ArchiveError;
use crate::engine::error::{Code, EngineError};

/// A failure on this machine's side, or of the archive itself. `option` is the argument with this machine's path.
pub fn told(error: &ArchiveError, option: &str) -> EngineError {
  let code = match error {
    ArchiveError::Missing { path } => {
      let text = path.display().to_string();
      return EngineError::new(Code::NotFound, error.to_string())
        .with(|facts| facts.path = Some(text));
    }
    ArchiveError::Unreadable { .. }
    | ArchiveError::Unwritable { .. }
    | ArchiveError::Changed { .. } => return EngineError::invalid(option, error),
    ArchiveError::BadPattern { .. } => return EngineError::invalid("ignore", error),
    ArchiveError::NoDirectory(_) => Code::NotFound,
    ArchiveError::Conflict(_) => Code::Conflict,
    ArchiveError::Refused { .. } | ArchiveError::Malformed(_) => Code::ProtocolError,
    ArchiveError::Unsupported { .. } => Code::NotSupported,
    ArchiveError::TooLarge(_) => Code::MaxBuffer,
    ArchiveError::Truncated => Code::StreamTruncated,
    ArchiveError::Interrupted => Code::Internal,
  };
  EngineError::new(code, error.to_string())
}

/// What the engine says of a path: it is not there, or in the way; or the container is gone.
pub fn at(path: &str, error: EngineError) -> EngineError {
  let Some(status) = error.facts().status_code else { return error };
  let words = error.engines_words().to_ascii_lowercase();
  let is_in_the_way =
    words.starts_with("extraction point is not a dir") || words.contains("cannot overwrite ");
  // Some engines have an internal error where a file is taken for a directory.
  let is_missing =
    status == 404 || status == 500 && words.ends_with("not a directory") && !is_in_the_way;
  // The path may say anything, and the engine repeats it.
  if is_missing && words.contains("no such container") && !words.starts_with("could not find") {
    return error.with(|facts| facts.code = Code::ContainerNotFound);
  }
  let code = match status {
    _ if words.contains("marked read-only") => Code::Forbidden,
    _ if is_missing => Code::NotFound,
    400 | 500 if is_in_the_way => Code::Conflict,
    _ => return error,
  };
  error.with(|facts| {
    facts.code = code;
    facts.path = Some(path.to_owned());
    let doing = facts.message.split(": ").next().unwrap_or_default();
    facts.message = match code {
      Code::NotFound => format!("{doing}: there is no {path}"),
      Code::Forbidden => {
        format!("{doing}: {path} is on a read-only file system; mount a volume or a tmpfs there")
      }
      _ if facts.message.contains(path) => return,
      _ => format!("{} ({path})", facts.message),
    };
  })
}
