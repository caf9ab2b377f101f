//! One file's content.

use super::{MOST_LINKS, PathKind, absolute, shown, worked_on};
use crate::archive;
use crate::engine::container::Container;
use crate::engine::error::{Code, EngineError, Result};

impl Container {
  /// The content of a file; links are followed.
  pub async fn read_file(&self, path: &str) -> Result<Vec<u8>> {
    let mut at = absolute(path)?;
    for _ in 0..MOST_LINKS {
      let (stat, wire) = self.open_archive(&at).await?;
      if let Some(target) = stat.target(&at) {
        at = target;
        continue;
      }
      return match stat.kind {
        PathKind::File => worked_on(wire, "path", archive::read_file).await,
        PathKind::Directory => Err(self.conflict(&at, "is a directory; copyFrom() copies those")),
        _ => Err(self.conflict(&at, "is not a file")),
      };
    }
    Err(self.conflict(path.as_bytes(), "leads through too many links"))
  }

  pub(super) fn conflict(&self, path: &[u8], why: &str) -> EngineError {
    let error = EngineError::new(Code::Conflict, format!("{} {why}", shown(path)));
    self.subject().annotate(error.with(|facts| facts.path = Some(shown(path))))
  }
}
