//! A command in a running container: its output, and always its exit code.

use super::execution::Execution;
use super::{Attached, Container};
use crate::engine::error::{Code, EngineError, Result};
use crate::engine::fault::is_missing_executable;
use crate::engine::options::{Command, ExecOptions, ExecStreamOptions};
use crate::engine::stream::{Capture, Consumers, Input};

/// What a command came to.
#[derive(Debug, Clone)]
pub struct ExecResult {
  pub exit_code: i64,
  pub output: Capture,
}

impl Container {
  /// Runs a command to its end. One whose end nobody waits for any more is ended in the container.
  pub async fn exec(
    &self,
    command: &Command,
    options: &ExecOptions,
    input: Option<Input>,
    consumers: Consumers,
  ) -> Result<ExecResult> {
    let execution = Execution::create(self, command, options, input.is_some()).await?;
    let guard = execution.guard();
    let work = run(&execution, options, input, consumers);
    let Some(timeout) = options.timeout else {
      return finish(self, command, options, guard.settle(work.await)?);
    };
    if let Ok(outcome) = tokio::time::timeout(timeout.0, work).await {
      return finish(self, command, options, guard.settle(outcome)?);
    }
    let ended = execution.end().await;
    guard.disarm();
    let left = if ended { "" } else { NOT_ENDED };
    let error = self.timed_out(&format!("did not finish `{}`", command.0.join(" ")), timeout.0);
    Err(error.with(|facts| facts.message.push_str(left)))
  }

  /// Starts a command and leaves it to itself.
  pub async fn exec_detached(&self, command: &Command, options: &ExecOptions) -> Result<Execution> {
    let pointless = [
      ("timeout", options.timeout.is_some()),
      ("maxBuffer", options.max_buffer.is_some()),
      ("reject", options.reject),
      ("encoding", options.encoding != crate::engine::options::Encoding::Utf8),
    ];
    if let Some((name, _)) = pointless.iter().find(|(_, given)| *given) {
      let text = format!(
        "`{name}` is for a command that is waited for; a detached one has wait({{ timeout }}) and kill()"
      );
      return Err(EngineError::not_supported(text).with(|facts| facts.path = Some((*name).into())));
    }
    let execution = Execution::create(self, command, options, false).await?;
    let guard = execution.guard();
    guard.settle(execution.detach(options.tty).await)?;
    Ok(execution)
  }
}

impl Container {
  /// Starts a command with its streams open: what it writes, what it reads, its terminal.
  pub async fn exec_stream(
    &self,
    command: &Command,
    options: &ExecStreamOptions,
  ) -> Result<(Execution, Attached)> {
    let own = options.exec();
    let execution = Execution::create(self, command, &own, options.stdin).await?;
    let guard = execution.guard();
    let attached = guard.settle(execution.attach(own.tty).await)?;
    if let (true, Some(size)) = (own.tty, options.size) {
      // A program that has ended by now has no terminal: its output tells more than this could.
      let _ = execution.resize(size).await;
    }
    Ok((execution, attached))
  }
}

const NOT_ENDED: &str = "; its process could not be ended: the container has no shell, and the engine is not on this machine";

async fn run(
  execution: &Execution,
  options: &ExecOptions,
  input: Option<Input>,
  mut consumers: Consumers,
) -> Result<ExecResult> {
  let Attached { mut output, input: mut stdin } = execution.attach(options.tty).await?;
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
  Ok(ExecResult { exit_code: execution.exit_code().await?, output: captured })
}

/// What an engine writes in the place of a command's output.
const REFUSALS: &[&[u8]] = &[
  b"OCI runtime exec failed",
  b"unable to find user ",
  b"unable to find group ",
  // Podman's runtimes.
  b"Error: runc: exec failed",
  b"Error: crun: ",
];

fn finish(
  container: &Container,
  command: &Command,
  options: &ExecOptions,
  result: ExecResult,
) -> Result<ExecResult> {
  let shown = command.0.join(" ");
  // The engine tells a missing program by exit code and, in place of the program's output, by text.
  if matches!(result.exit_code, 126 | 127)
    && REFUSALS.iter().any(|words| result.output.output().starts_with(words))
  {
    let why = String::from_utf8_lossy(result.output.output());
    // After the first line Podman tells what became of its own connection.
    let why = match why.strip_prefix("Error: ").and_then(|podman| podman.lines().next()) {
      Some(line) => line.to_owned(),
      None => why.trim().to_owned(),
    };
    // A container that is just ending cannot be entered either, and runtimes have many words for that.
    let (code, advice) = match why.to_ascii_lowercase() {
      text if is_missing_executable(&text) => {
        (Code::ExecutableNotFound, "; check the command and that the image has it")
      }
      text if text.contains("chdir to cwd") => (Code::BadRequest, "; check `cwd`"),
      text if text.starts_with("unable") => (Code::BadRequest, "; check `user`"),
      _ => (Code::ServerError, ""),
    };
    let text = format!("cannot run `{shown}` in the container: {why}{advice}");
    return Err(EngineError::new(code, text).with(|facts| {
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
