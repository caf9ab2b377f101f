//! Each condition: how it is seen to hold.

use std::future::Future;
use std::time::Duration;

use bytes::Bytes;
use serde_json::json;

use super::condition::Condition;
use super::observe::{Afterglow, Seen};
use super::pattern::{Found, Pattern, Search};
use super::{Met, Waiting};
use crate::engine::error::{Code, EngineError, Result};
use crate::engine::options::{Command, ExecOptions, LogsOptions, Scalar};
use crate::engine::stream::Consumers;

/// Between two looks at what tells nothing by itself: soon at first, then twice a second.
pub(super) struct Pace(Duration);

impl Pace {
  pub(super) fn new() -> Self {
    Self(Duration::from_millis(20))
  }

  pub(super) async fn rest(&mut self) {
    tokio::time::sleep(self.0).await;
    self.0 = (self.0 * 3 / 2).min(Duration::from_millis(500));
  }
}

impl Waiting<'_> {
  pub(super) async fn meet_one(&self, wanted: &Condition, key: usize) -> Result<Met> {
    match wanted {
      Condition::Exit(code) => self.exit(wanted, *code).await,
      // What was written last may be what is waited for: its own stream's end decides.
      Condition::Log(pattern, since) => self.log(wanted, pattern, since.as_ref()).await,
      Condition::Running => self.alive(wanted, self.running()).await,
      Condition::Healthy => self.alive(wanted, self.healthy(key)).await,
      Condition::Port(check) => self.alive(wanted, self.port(check, key)).await,
      Condition::Http(check) => self.alive(wanted, self.http(check, key)).await,
      Condition::Exec(command) => self.alive(wanted, self.exec(command, key)).await,
    }
  }

  /// The work, unless the container ends before it is done.
  async fn alive(
    &self,
    wanted: &Condition,
    work: impl Future<Output = Result<Met>> + Send,
  ) -> Result<Met> {
    let ended = self.until(Seen::has_ended);
    tokio::select! {
      biased;
      outcome = work => match outcome {
        // The container's end can show in a call before it shows in the events.
        Err(error) if is_of_the_end(&error) => {
          let _ = tokio::time::timeout(Duration::from_secs(3), self.until(Seen::has_ended)).await;
          if self.has_ended() { Err(self.exited(wanted).await) } else { Err(error) }
        }
        outcome => outcome,
      },
      _ = ended => Err(self.exited(wanted).await),
    }
  }

  /// What is seen, as soon as it is so.
  async fn until(&self, is_so: impl Fn(&Seen) -> bool) -> Seen {
    let mut seen = self.seen.clone();
    let found = seen.wait_for(|seen| seen.as_ref().is_some_and(&is_so)).await;
    match found.ok().and_then(|seen| seen.clone()) {
      Some(seen) => seen,
      // Nobody looks any more, so this is being dropped.
      None => std::future::pending().await,
    }
  }

  fn has_ended(&self) -> bool {
    self.seen.borrow().as_ref().is_some_and(Seen::has_ended)
  }

  /// Until it has been started; one that will take its logs along is listened to from then on.
  async fn started(&self) -> Seen {
    let seen = self.until(Seen::has_started).await;
    if seen.inspected.host_config.auto_remove && !seen.gone {
      let mut afterglow = self.afterglow.lock().await;
      afterglow.get_or_insert_with(|| Afterglow::of(self.container));
    }
    seen
  }

  pub(super) async fn up(&self) -> Seen {
    self.started().await;
    self.until(|seen| seen.inspected.state.running && !seen.inspected.state.restarting).await
  }

  async fn running(&self) -> Result<Met> {
    self.up().await;
    Ok(Met::Value(true.into()))
  }

  async fn healthy(&self, key: usize) -> Result<Met> {
    self.up().await;
    let mut seen = self.seen.clone();
    loop {
      let now = seen.borrow_and_update().clone().unwrap_or_default();
      match &now.inspected.state.health {
        Some(health) if health.status == "healthy" => return Ok(Met::Value(true.into())),
        Some(health) if health.status != "none" => {
          let last = health.log.as_ref().and_then(|log| log.last());
          let last = last.map(|probe| format!(": {}", probe.output.trim())).unwrap_or_default();
          self.note(key, format!("healthy ({}{last})", health.status));
        }
        _ if now.inspected.id.is_empty() || !now.inspected.state.running => {}
        _ => {
          let text = format!(
            "container {} has no healthcheck, so it never becomes healthy; give it one by `healthcheck`, or wait for `log`, `port`, `http` or `exec`",
            self.name()
          );
          return Err(EngineError::new(Code::BadRequest, text).with(|facts| {
            facts.path = Some("healthy".into());
            facts.container = Some(now.inspected.facts());
          }));
        }
      }
      if seen.changed().await.is_err() {
        return std::future::pending().await;
      }
    }
  }

  async fn exit(&self, wanted: &Condition, code: Option<i64>) -> Result<Met> {
    self.started().await;
    let seen = self.until(Seen::has_ended).await;
    // One that has removed itself is known by who listened when it was started.
    let told = if seen.gone { self.container.exit_of_removed().await } else { None };
    let actual = told.unwrap_or_else(|| seen.code());
    if code.is_some_and(|code| code != actual) {
      return Err(self.exited(wanted).await);
    }
    let oom_killed = seen.oom_killed || seen.inspected.state.oom_killed;
    Ok(Met::Value(json!({ "code": actual, "oomKilled": oom_killed })))
  }

  async fn log(
    &self,
    wanted: &Condition,
    pattern: &Pattern,
    since: Option<&Scalar>,
  ) -> Result<Met> {
    loop {
      let seen = self.started().await;
      let mut search = pattern.begin().await?;
      // What an earlier run wrote says nothing of this one.
      let earlier = &seen.inspected.state.finished_at;
      let is_told = !earlier.is_empty() && !earlier.starts_with("0001-") && !seen.has_ended();
      let since = since.cloned().or_else(|| is_told.then(|| Scalar(earlier.clone())));
      let options = LogsOptions { follow: true, since, ..LogsOptions::default() };
      let outcome = self.found_in(&options, &mut search).await;
      if let Ok(Some(found)) = outcome {
        return Ok(Met::Found(found));
      }
      let ended = self.until(Seen::has_ended);
      if tokio::time::timeout(Duration::from_secs(1), ended).await.is_ok() {
        // Who follows is not told of a last line without an end; who reads afterwards is.
        let options = LogsOptions { follow: false, ..options };
        let mut search = pattern.begin().await?;
        if let Ok(Some(found)) = self.found_in(&options, &mut search).await {
          return Ok(Met::Found(found));
        }
        return Err(self.exited(wanted).await);
      }
      // It has been started again by the engine, and so has its log.
      if let Err(error) = outcome
        && !is_of_the_end(&error)
      {
        return Err(error);
      }
    }
  }

  async fn found_in(&self, options: &LogsOptions, search: &mut Search) -> Result<Option<Found>> {
    let mut batches = self.container.logs(options).await?;
    while let Some(batch) = batches.next().await? {
      for (channel, piece) in batch.pieces() {
        if let Some(found) = search(channel, Bytes::copy_from_slice(piece)).await? {
          return Ok(Some(found));
        }
      }
    }
    Ok(None)
  }

  async fn exec(&self, command: &Command, key: usize) -> Result<Met> {
    let mut pace = Pace::new();
    loop {
      self.up().await;
      match self.container.exec(command, &ExecOptions::default(), None, Consumers::default()).await
      {
        Ok(result) if result.exit_code == 0 => {
          let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
          let (stdout, stderr) = (text(result.output.stdout()), text(result.output.stderr()));
          return Ok(Met::Value(json!({ "exitCode": 0, "stdout": stdout, "stderr": stderr })));
        }
        Ok(result) => {
          let shown = command.0.join(" ");
          self.note(key, format!("exec `{shown}` (exit code {})", result.exit_code));
        }
        // Paused, or between two runs.
        Err(error) if error.is(Code::Conflict) => {}
        Err(error) => return Err(error),
      }
      pace.rest().await;
    }
  }
}

/// How calls fail on a container that has ended, or is just ending.
pub(super) fn is_of_the_end(error: &EngineError) -> bool {
  let codes = [
    Code::Conflict,
    Code::ContainerNotFound,
    Code::NoContainer,
    Code::NotFound,
    Code::StreamTruncated,
    Code::ServerError,
  ];
  codes.iter().any(|code| error.is(*code))
}
