//! A command in a running container: its output, and always its exit code.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Attached, Container};
use crate::engine::call::Call;
use crate::engine::error::{Code, EngineError, Result};
use crate::engine::options::{Command, ExecOptions};
use crate::engine::stream::{Capture, Consumers, Input};

/// Tells a command's processes from all others, for a timeout to find them.
const MARKER: &str = "DOKERES_EXEC";

/// What a command came to.
#[derive(Debug, Clone)]
pub struct ExecResult {
  pub exit_code: i64,
  pub output: Capture,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Created {
  id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct State {
  running: bool,
  exit_code: Option<i64>,
}

impl Container {
  pub async fn exec(
    &self,
    command: &Command,
    options: &ExecOptions,
    input: Option<Input>,
    consumers: Consumers,
  ) -> Result<ExecResult> {
    if command.0.is_empty() {
      return Err(EngineError::invalid("command", "the command is empty"));
    }
    if options.detach {
      let text = "exec({ detach: true }) is not there yet; start the command with a shell's `&`";
      return Err(EngineError::not_supported(text));
    }
    let marker = format!("{MARKER}={}", crate::engine::unique());
    let body = body(command, options, input.is_some(), &marker);
    let exec = self.create_exec(&body).await?;
    let work = self.run_exec(&exec, options, input, consumers);
    let Some(timeout) = options.timeout else { return finish(self, command, options, work.await?) };
    if let Ok(result) = tokio::time::timeout(timeout.0, work).await {
      return finish(self, command, options, result?);
    }
    let killed = self.kill_exec(&marker).await;
    let left =
      if killed { "" } else { "; its process could not be ended, the container has no shell" };
    let error = self.timed_out(&format!("did not finish `{}`", command.0.join(" ")), timeout.0);
    Err(error.with(|facts| facts.message.push_str(left)))
  }

  async fn create_exec(&self, body: &Value) -> Result<String> {
    let id = self.id()?;
    let call =
      Call::post("cannot run a command in", self.subject(), format!("/containers/{id}/exec"));
    Ok(call.json(body)?.read::<Created>(self.engine()).await?.id)
  }

  async fn run_exec(
    &self,
    exec: &str,
    options: &ExecOptions,
    input: Option<Input>,
    mut consumers: Consumers,
  ) -> Result<ExecResult> {
    let start =
      Call::post("cannot run a command in", self.subject(), format!("/exec/{exec}/start"))
        .json(&json!({ "Detach": false, "Tty": options.tty }))?;
    let Attached { mut output, input: mut stdin } =
      Attached::by(start, self.engine(), options.tty).await?;
    let mut captured = Capture::new(options.max_buffer);
    let read = async {
      while let Some(batch) = output.next().await? {
        captured.add(&batch)?;
        consumers.take(&batch).await?;
      }
      Ok::<_, EngineError>(())
    };
    match input {
      Some(input) => drop(tokio::try_join!(read, stdin.fill(input))?),
      None => read.await?,
    }
    Ok(ExecResult { exit_code: self.exit_code_of(exec).await?, output: captured })
  }

  /// The output's end and the exit code's being known are two things; the second may be later.
  async fn exit_code_of(&self, exec: &str) -> Result<i64> {
    let mut pause = Duration::from_millis(2);
    loop {
      let state: State =
        Call::get("cannot inspect a command in", self.subject(), format!("/exec/{exec}/json"))
          .read(self.engine())
          .await?;
      match state.exit_code {
        Some(code) if !state.running => return Ok(code),
        _ => tokio::time::sleep(pause).await,
      }
      pause = (pause * 2).min(Duration::from_millis(200));
    }
  }

  /// The engine has no call to end a command, so another command in the container does it: all
  /// processes that carry the marker. Needs a shell there; true if it ran.
  async fn kill_exec(&self, marker: &str) -> bool {
    let script = format!(
      "for p in /proc/[0-9]*; do case \"$(tr '\\0' '\\n' < $p/environ 2>/dev/null)\" in *{marker}*) kill -9 ${{p#/proc/}};; esac; done; :"
    );
    let killer = async {
      let body = json!({
        "Cmd": ["/bin/sh", "-c", script], "User": "0", "AttachStdout": true, "AttachStderr": true,
      });
      let exec = self.create_exec(&body).await?;
      self.run_exec(&exec, &ExecOptions::default(), None, Consumers::default()).await
    };
    match tokio::time::timeout(Duration::from_secs(5), killer).await {
      Ok(Ok(result)) => result.exit_code == 0,
      _ => false,
    }
  }
}

fn body(command: &Command, options: &ExecOptions, stdin: bool, marker: &str) -> Value {
  let mut env: Vec<_> = options.env.iter().map(|(name, value)| format!("{name}={value}")).collect();
  if options.timeout.is_some() {
    env.push(marker.to_owned());
  }
  json!({
    "Cmd": command.0, "Env": env, "User": options.user, "WorkingDir": options.cwd,
    "Tty": options.tty, "Privileged": options.privileged,
    "AttachStdin": stdin, "AttachStdout": true, "AttachStderr": true,
  })
}

fn finish(
  container: &Container,
  command: &Command,
  options: &ExecOptions,
  result: ExecResult,
) -> Result<ExecResult> {
  let shown = command.0.join(" ");
  // The engine tells a missing program by exit code and, in place of the program's output, by text.
  if matches!(result.exit_code, 126 | 127)
    && result.output.output().starts_with(b"OCI runtime exec failed")
  {
    let why = String::from_utf8_lossy(result.output.output()).trim().to_owned();
    let text = format!(
      "cannot run `{shown}` in the container: {why}; check the command and that the image has it"
    );
    return Err(EngineError::new(Code::ExecutableNotFound, text).with(|facts| {
      facts.container = Some(container.facts());
      facts.exit_code = Some(result.exit_code);
    }));
  }
  if options.reject && result.exit_code != 0 {
    let text = format!("`{shown}` exited with {}", result.exit_code);
    return Err(
      EngineError::new(Code::ExitCode, text)
        .with(|facts| {
          facts.exit_code = Some(result.exit_code);
          facts.logs = Some(result.output.last_lines());
          facts.container = Some(container.facts());
        })
        .with_result(Box::new((result, options.encoding))),
    );
  }
  Ok(result)
}
