//! A command in a container, as the engine knows it: to be inspected, waited for and ended.

use std::time::Duration;

use serde::Deserialize;
use serde_json::json;

use super::events::Events;
use super::{Attached, Container, signal};
use crate::engine::call::Call;
use crate::engine::error::{Code, EngineError, Result};
use crate::engine::options::{Command, ExecOptions, Size};
use crate::engine::scope;
use crate::engine::size::Span;

/// Tells a command's processes from all others: the engine has no call to signal them, and knows
/// their numbers only as the host has them.
const MARKER: &str = "DOKERES_EXEC";

/// The engine itself looks for keys to detach by in what is written to a terminal, ctrl-p ctrl-q where
/// none are named, and holds a ctrl-p back until the next key. Naming none is not possible; these
/// nobody types.
const DETACH_KEYS: &str = "ctrl-@,ctrl-^,ctrl-@,ctrl-_,DEL";

/// How long ending a command may take before it is given up.
const END_WITHIN: Duration = Duration::from_secs(10);

/// A command whose start was asked for and is not to be seen after this does not come any more.
const START_WITHIN: Duration = Duration::from_millis(500);

/// How often a command's state is looked at where the engine's events do not tell of its end.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// A command in a container. Cheap to clone; clones are the same command.
#[derive(Clone)]
pub struct Execution {
  container: Container,
  id: String,
  marker: String,
  user: Option<String>,
  privileged: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Created {
  id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct State {
  pub running: bool,
  exit_code: Option<i64>,
  /// Zero until there is a process.
  pid: Option<i64>,
}

impl State {
  pub fn is_starting(&self) -> bool {
    self.running && self.pid == Some(0)
  }

  pub fn exit_code(&self) -> Option<i64> {
    self.exit_code.filter(|_| !self.running)
  }
}

impl Execution {
  /// Creates it; it does not run yet.
  pub async fn create(
    container: &Container,
    command: &Command,
    options: &ExecOptions,
    stdin: bool,
  ) -> Result<Self> {
    if command.0.is_empty() {
      return Err(EngineError::invalid("command", "the command is empty"));
    }
    let marker = format!("{MARKER}={}", crate::engine::unique());
    let mut env: Vec<_> =
      options.env.iter().map(|(name, value)| format!("{name}={value}")).collect();
    env.push(marker.clone());
    let body = json!({
      "Cmd": command.0, "Env": env, "User": options.user, "WorkingDir": options.cwd,
      "Tty": options.tty, "Privileged": options.privileged, "AttachStdin": stdin,
      "AttachStdout": !options.detach, "AttachStderr": !options.detach,
      "DetachKeys": if options.tty { DETACH_KEYS } else { "" },
    });
    let id = container.id()?;
    let call =
      Call::post("cannot run a command in", container.subject(), format!("/containers/{id}/exec"));
    let Created { id } = call.json(&body)?.read(container.engine()).await?;
    let (user, privileged) = (options.user.clone(), options.privileged);
    Ok(Self { container: container.clone(), id, marker, user, privileged })
  }

  /// Another one in the same container.
  pub(super) fn sibling(&self, id: &str) -> Self {
    Self { id: id.to_owned(), ..self.clone() }
  }

  #[must_use]
  pub fn id(&self) -> &str {
    &self.id
  }

  #[must_use]
  pub fn container(&self) -> &Container {
    &self.container
  }

  pub(super) fn marker(&self) -> &str {
    &self.marker
  }

  pub(super) fn user(&self) -> Option<&String> {
    self.user.as_ref()
  }

  pub(super) fn privileged(&self) -> bool {
    self.privileged
  }

  /// Starts it with its streams.
  pub async fn attach(&self, tty: bool) -> Result<Attached> {
    let path = format!("/exec/{}/start", self.id);
    let start = Call::post("cannot run a command in", self.container.subject(), path)
      .json(&json!({ "Detach": false, "Tty": tty }))?;
    Attached::by(start, self.container.engine(), tty).await
  }

  /// Starts it without.
  pub async fn detach(&self, tty: bool) -> Result<()> {
    let path = format!("/exec/{}/start", self.id);
    Call::post("cannot run a command in", self.container.subject(), path)
      .json(&json!({ "Detach": true, "Tty": tty }))?
      .done(self.container.engine())
      .await
  }

  fn inspect_call(&self) -> Call {
    let path = format!("/exec/{}/json", self.id);
    Call::get("cannot inspect a command in", self.container.subject(), path)
  }

  /// The engine's JSON of it, every field.
  pub async fn inspect(&self) -> Result<String> {
    self.inspect_call().text(self.container.engine()).await
  }

  pub(super) async fn state(&self) -> Result<State> {
    self.inspect_call().read(self.container.engine()).await
  }

  /// Its exit code, when its output has ended. The two are two things; the second may be later.
  pub async fn exit_code(&self) -> Result<i64> {
    let mut pause = Duration::from_millis(2);
    loop {
      if let Some(code) = self.state().await?.exit_code() {
        return Ok(code);
      }
      tokio::time::sleep(pause).await;
      pause = (pause * 2).min(Duration::from_millis(200));
    }
  }

  /// Waits for its end, however far away that is: the engine's events tell of it.
  pub async fn wait(&self) -> Result<i64> {
    let mut events = Events::of(&self.container, &["exec_die", "die"]).await.ok();
    // The subscription may take hold a moment after its reply: the first looks come soon.
    let mut pause = Duration::from_millis(50);
    loop {
      match self.state().await {
        Ok(state) => {
          if let Some(code) = state.exit_code() {
            return Ok(code);
          }
        }
        Err(error) if is_gone(&error) => return Err(self.vanished(error).await),
        Err(error) => return Err(error),
      }
      tokio::select! {
        () = tokio::time::sleep(pause) => pause = (pause * 2).min(LOOK_EVERY),
        () = Events::any(&mut events) => {}
      }
    }
  }

  /// As `wait`; `timeout` leaves the command alone.
  pub async fn wait_within(&self, timeout: Option<Span>) -> Result<i64> {
    let Some(Span(timeout)) = timeout else { return self.wait().await };
    let late = |_| self.container.timed_out("did not finish a detached command", timeout);
    tokio::time::timeout(timeout, self.wait()).await.map_err(late)?
  }

  /// The container has ended, and its commands with it.
  async fn vanished(&self, cause: EngineError) -> EngineError {
    let ended = self.container.ended().await.filter(|seen| !seen.state.running);
    // Podman forgets a detached command with its end.
    if ended.is_none() && self.container.is_running().await.unwrap_or_default() {
      return cause;
    }
    let facts = ended.map_or_else(|| self.container.facts(), |seen| seen.facts());
    let text = "the container ended before the command did, so it has no exit code";
    let error = EngineError::new(Code::ContainerExited, text).caused_by(cause);
    error.with(|own| own.container = Some(facts))
  }

  /// Sends a signal to its processes; quiet where it has ended.
  pub async fn kill(&self, number: i32) -> Result<()> {
    signal::deliver(self, number).await
  }

  /// Ends it and all that it has started; true when that is done.
  pub async fn end(&self) -> bool {
    let ending = async {
      let begun = tokio::time::Instant::now();
      let mut pause = Duration::from_millis(10);
      loop {
        match self.state().await {
          Err(_) => return,
          Ok(state) if state.exit_code().is_some() => return,
          Ok(state) if state.running => {
            signal::send(self, signal::KILL).await;
          }
          Ok(_) if begun.elapsed() > START_WITHIN => return,
          Ok(_) => {}
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(Duration::from_secs(1));
      }
    };
    let _ = tokio::time::timeout(END_WITHIN, ending).await;
    !matches!(self.state().await, Ok(state) if state.running)
  }

  /// Sets its terminal's size. The process may be a moment later than the reply to its start.
  pub async fn resize(&self, size: Size) -> Result<()> {
    let mut left = 10;
    loop {
      let path = format!("/exec/{}/resize", self.id);
      let resized = Call::post("cannot resize a command in", self.container.subject(), path)
        .query("w", size.cols)
        .query("h", size.rows)
        .done(self.container.engine())
        .await;
      let refused = resized.as_ref().is_err_and(|error| error.facts().status_code.is_some());
      if !refused || left == 0 {
        return resized;
      }
      left -= 1;
      tokio::time::sleep(Duration::from_millis(20)).await;
    }
  }

  /// Ends it when dropped, unless disarmed by then.
  pub fn guard(&self) -> EndGuard {
    EndGuard(Some(self.clone()))
  }
}

/// See [`Execution::guard`].
pub struct EndGuard(Option<Execution>);

impl EndGuard {
  pub fn disarm(mut self) {
    self.0 = None;
  }

  /// Disarmed where it has come to its end, or the engine has refused to begin.
  pub fn settle<T>(self, outcome: Result<T>) -> Result<T> {
    match &outcome {
      Err(error) if error.facts().status_code.is_none() => {}
      _ => self.disarm(),
    }
    outcome
  }
}

impl Drop for EndGuard {
  fn drop(&mut self) {
    let Some(execution) = self.0.take() else { return };
    scope::clean_up(async move {
      execution.end().await;
    });
  }
}

pub(super) fn is_gone(error: &EngineError) -> bool {
  [Code::NotFound, Code::ContainerNotFound, Code::Conflict].iter().any(|code| error.is(*code))
}
