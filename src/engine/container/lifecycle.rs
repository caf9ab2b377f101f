//! Start, stop and what lies between: idempotent, so “already so” is not an error.

use bollard::query_parameters as query;

use super::{Container, removal, run};
use crate::engine::call::Call;
use crate::engine::error::{Code, Result};
use crate::engine::options::{KillOptions, RemoveOptions, StopOptions};

impl Container {
  /// Starts it, having created it where that is still to do, and waits for what it was made to be
  /// waited for.
  pub async fn start(&self) -> Result<()> {
    if self.id().is_err() {
      return run::create_and_start(self).await;
    }
    self.start_created().await?;
    self.ready().await
  }

  pub(super) async fn start_created(&self) -> Result<()> {
    let (id, subject) = (self.id()?, self.subject());
    let connection = self.engine().connection().await?;
    self.after_waits().await;
    if self.options().remove {
      // A container that removes itself takes its exit code along: listen before it can.
      self.watch_exit(&id).await?;
    }
    connection
      .docker
      .start_container(&id, None::<query::StartContainerOptions>)
      .await
      .map_err(|error| connection.typed("cannot start", &subject, error))
  }

  pub async fn stop(&self, options: &StopOptions) -> Result<()> {
    let (id, subject) = (self.id()?, self.subject());
    let stop = Call::post("cannot stop", subject, format!("/containers/{id}/stop"))
      .query_if("t", options.timeout);
    self.after_waits().await;
    self.ended_is_fine(stop.done(self.engine()).await)
  }

  pub async fn restart(&self, options: &StopOptions) -> Result<()> {
    let (id, subject) = (self.id()?, self.subject());
    self.after_waits().await;
    Call::post("cannot restart", subject, format!("/containers/{id}/restart"))
      .query_if("t", options.timeout)
      .done(self.engine())
      .await
  }

  /// Sends a signal, SIGKILL unless another is named; quiet where nothing runs.
  pub async fn kill(&self, options: &KillOptions) -> Result<()> {
    let (id, subject) = (self.id()?, self.subject());
    let kill = Call::post("cannot kill", subject, format!("/containers/{id}/kill"))
      .query_if("signal", options.signal.as_ref());
    self.after_waits().await;
    let killed = quiet(kill.done(self.engine()).await, "is not running");
    // Podman's words for the same.
    self.ended_is_fine(quiet(killed, "can only kill running containers"))
  }

  /// One that removes itself has ended where it is gone.
  fn ended_is_fine(&self, outcome: Result<()>) -> Result<()> {
    match outcome {
      Err(error) if self.options().remove && error.is(Code::ContainerNotFound) => Ok(()),
      outcome => outcome,
    }
  }

  pub async fn pause(&self) -> Result<()> {
    let (id, subject) = (self.id()?, self.subject());
    let connection = self.engine().connection().await?;
    let outcome = connection.docker.pause_container(&id).await;
    let outcome = outcome.map_err(|error| connection.typed("cannot pause", &subject, error));
    quiet(outcome, "is already paused")
  }

  pub async fn unpause(&self) -> Result<()> {
    let (id, subject) = (self.id()?, self.subject());
    let connection = self.engine().connection().await?;
    let outcome = connection.docker.unpause_container(&id).await;
    let outcome = outcome.map_err(|error| connection.typed("cannot unpause", &subject, error));
    quiet(outcome, "is not paused")
  }

  pub async fn rename(&self, name: &str) -> Result<()> {
    let (id, subject) = (self.id()?, self.subject());
    let connection = self.engine().connection().await?;
    let options = query::RenameContainerOptionsBuilder::default().name(name).build();
    let outcome = connection.docker.rename_container(&id, options).await;
    let outcome = outcome.map_err(|error| connection.typed("cannot rename", &subject, error));
    quiet(outcome, "same name")?;
    self.state().name = Some(name.to_owned());
    Ok(())
  }

  /// Removes it; one that is gone, or never was, is removed. After that it may be created again.
  pub async fn remove(&self, options: &RemoveOptions) -> Result<()> {
    let Ok(id) = self.id() else { return Ok(()) };
    self.after_waits().await;
    let removed = removal::remove(self.engine(), &id, options.force, options.volumes).await;
    removed.map_err(|error| self.subject().annotate(error))?;
    let mut state = self.state();
    state.id = None;
    state.exit = None;
    state.name.clone_from(&self.0.making.name);
    Ok(())
  }
}

/// Takes a conflict that says “already so” for success.
fn quiet(outcome: Result<()>, already: &str) -> Result<()> {
  match outcome {
    Err(error) if error.to_string().contains(already) => Ok(()),
    outcome => outcome,
  }
}
