//! A container that goes when its maker does not get to the end.

use super::removal;
use crate::engine::{Engine, scope};

/// Removes its container when dropped, unless told to keep it.
pub struct ContainerGuard {
  engine: Engine,
  id: Option<String>,
}

impl ContainerGuard {
  #[must_use]
  pub fn new(engine: &Engine, id: &str) -> Self {
    Self { engine: engine.clone(), id: Some(id.to_owned()) }
  }

  /// Of a container that was there before: it stays whatever happens.
  #[must_use]
  pub fn lent(engine: &Engine) -> Self {
    Self { engine: engine.clone(), id: None }
  }

  #[must_use]
  pub fn is_lent(&self) -> bool {
    self.id.is_none()
  }

  /// The container stays.
  pub fn keep(mut self) {
    self.id = None;
  }

  /// Removes it now, and waits for that.
  pub async fn remove(mut self) {
    if let Some(id) = &self.id {
      // The work's own outcome is what the caller is told; a removal that fails changes none of it.
      let _ = removal::remove(&self.engine, id, true, true).await;
    }
    // Not before: who gives up waiting drops this.
    self.id = None;
  }
}

impl Drop for ContainerGuard {
  fn drop(&mut self) {
    let Some(id) = self.id.take() else { return };
    let engine = self.engine.clone();
    scope::clean_up(async move {
      let _ = removal::remove(&engine, &id, true, true).await;
    });
  }
}
