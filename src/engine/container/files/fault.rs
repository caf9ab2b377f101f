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
    ArchiveError::Truncated => Code::StreamTruncated,
    ArchiveError::Interrupted => Code::Internal,
  };
  EngineError::new(code, error.to_string())
}

/// The engine's 404: the container is gone, or has no such path.
pub fn not_there(error: EngineError, path: &str) -> EngineError {
  if error.facts().status_code != Some(404) {
    return error;
  }
  let words = error.engines_words().to_ascii_lowercase();
  // The path may say anything, and the engine repeats it.
  let gone = words.contains("no such container") && !words.starts_with("could not find the file");
  error.with(|facts| {
    if gone {
      facts.code = Code::ContainerNotFound;
      return;
    }
    facts.code = Code::NotFound;
    facts.path = Some(path.to_owned());
    if !facts.message.contains(path) {
      facts.message = format!("{}: {path}", facts.message);
    }
  })
}
