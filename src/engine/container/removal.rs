//! Removing, by whomever: idempotent, and done when it is gone.

use crate::engine::Engine;
use crate::engine::call::Call;
use crate::engine::error::{Code, EngineError, Result};
use crate::engine::fault::Subject;

/// Removes a container by id or name, and waits until it is gone, whoever removes it.
pub async fn remove(engine: &Engine, id: &str, force: bool, volumes: bool) -> Result<()> {
  let subject = Subject::container(id);
  let call =
    Call::new(http::Method::DELETE, "cannot remove", subject.clone(), format!("/containers/{id}"))
      .query("force", force)
      .query("v", volumes);
  match call.done(engine).await {
    Err(error) if error.is(Code::ContainerNotFound) => Ok(()),
    Err(error) if error.is(Code::Conflict) && error.to_string().contains("already in progress") => {
      let gone = Call::post("cannot wait for", subject, format!("/containers/{id}/wait"))
        .query("condition", "removed");
      match gone.done(engine).await {
        Err(error) if error.is(Code::ContainerNotFound) => Ok(()),
        outcome => outcome,
      }
    }
    Err(error) if error.is(Code::Conflict) => Err(running(error)),
    outcome => outcome,
  }
}

fn running(error: EngineError) -> EngineError {
  error.with(|facts| {
    if facts.message.contains("running") && !facts.message.contains("force: true") {
      facts.message.push_str("; or say { force: true }");
    }
  })
}
