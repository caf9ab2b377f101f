//! A task: a container from start to end, its whole output and its exit code, and then no container.

use std::time::Duration;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::exit::{ExitStatus, Waiting};
use super::guard::ContainerGuard;
use super::making::Origin;
use super::{Attached, Container};
use crate::engine::error::{Code, ContainerFacts, EngineError, Result};
use crate::engine::image::Image;
use crate::engine::options::{AttachOptions, StopOptions, TaskOptions, WaitCondition};
use crate::engine::stream::{Capture, Consumers, Input};

/// How long a task that ran out of time has between the stop signal and SIGKILL, in seconds.
const GRACE: i64 = 3;

/// What a task came to.
#[derive(Debug, Clone)]
pub struct TaskResult {
  pub exit_code: i64,
  pub oom_killed: bool,
  pub output: Capture,
  pub started_at: String,
  pub finished_at: String,
  pub duration_ms: f64,
  pub id: String,
  pub name: String,
}

impl TaskResult {
  #[must_use]
  pub fn signal(&self) -> Option<&'static str> {
    signal_of(self.exit_code)
  }
}

/// The signal that ended it, as far as an exit code tells: 128 and its number.
#[must_use]
pub fn signal_of(exit_code: i64) -> Option<&'static str> {
  let names = [
    "SIGHUP", "SIGINT", "SIGQUIT", "SIGILL", "SIGTRAP", "SIGABRT", "SIGBUS", "SIGFPE", "SIGKILL",
    "SIGUSR1", "SIGSEGV", "SIGUSR2", "SIGPIPE", "SIGALRM", "SIGTERM",
  ];
  usize::try_from(exit_code - 129).ok().and_then(|index| names.get(index).copied())
}

/// One that runs, and that nothing is missed of.
struct Started {
  attached: Attached,
  waiting: Waiting,
}

impl Container {
  /// Ensure, create, attach, wait, start, drain, remove: the order of the docker CLI, so that no
  /// output and no exit code is missed however short the program is.
  pub async fn task(
    &self,
    options: &TaskOptions,
    input: Option<Input>,
    consumers: Consumers,
  ) -> Result<TaskResult> {
    if let Some(image) = self.image() {
      image.ensure_quietly().await?;
    }
    let (guard, started) = self.set_off(input.is_some()).await?;
    let outcome = Box::pin(self.attend(started, options, input, consumers)).await;
    if guard.is_lent() || options.keep && outcome.is_ok() {
      guard.keep();
    } else {
      guard.remove().await;
      self.forget();
    }
    let result = outcome?;
    if options.reject && result.exit_code != 0 {
      return Err(failed(self, result, options));
    }
    Ok(result)
  }

  /// Creates and starts it, as often as `startRetries` allows.
  async fn set_off(&self, stdin: bool) -> Result<(ContainerGuard, Started)> {
    let mut left = self.options().start_retries;
    loop {
      let guard = match self.make(Some(stdin)).await? {
        Origin::Made => self.guard()?,
        Origin::Reused => ContainerGuard::lent(self.engine()),
      };
      match self.listen_and_start(stdin).await {
        Ok(started) => return Ok((guard, started)),
        Err(error) if guard.is_lent() => return Err(error),
        Err(error) => {
          guard.remove().await;
          self.forget();
          if left == 0 || error.is_aborted() {
            return Err(error);
          }
          left -= 1;
        }
      }
    }
  }

  async fn listen_and_start(&self, stdin: bool) -> Result<Started> {
    let id = self.id()?;
    let attached = self.attach(&AttachOptions { stdin, ..AttachOptions::default() }).await?;
    let waiting =
      Waiting::register(self.engine(), &self.subject(), &id, WaitCondition::NextExit).await?;
    self.start_created().await?;
    Ok(Started { attached, waiting })
  }

  async fn attend(
    &self,
    Started { attached: Attached { mut output, input: mut stdin }, waiting }: Started,
    options: &TaskOptions,
    input: Option<Input>,
    mut consumers: Consumers,
  ) -> Result<TaskResult> {
    let mut captured = Capture::new(options.max_buffer);
    let drain = async {
      while let Some(batch) = output.next().await? {
        captured.add(&batch)?;
        consumers.take(&batch).await?;
      }
      Ok::<_, EngineError>(())
    };
    // Only a source that fails ends this; a program may well end without having read its input.
    let supply = async {
      if let Some(input) = input {
        stdin.fill(input).await?;
      }
      std::future::pending().await
    };
    let ended = async {
      tokio::select! {
        biased;
        done = async { tokio::try_join!(drain, waiting.verdict(), self.ready()) } => {
          done.map(|((), status, ())| status)
        }
        failed = supply => failed,
      }
    };
    let status = match options.timeout {
      None => ended.await?,
      Some(timeout) => match Box::pin(tokio::time::timeout(timeout.0, ended)).await {
        Ok(status) => status?,
        Err(_) => return Err(self.out_of_time(timeout.0, &captured).await),
      },
    };
    self.told(status, captured).await
  }

  async fn told(&self, status: ExitStatus, output: Capture) -> Result<TaskResult> {
    let inspected = self.inspected().await?;
    if let Some(error) = status.error {
      let text = format!("container {} failed: {error}", inspected.name());
      return Err(
        EngineError::new(Code::ServerError, text)
          .with(|facts| facts.container = Some(inspected.facts())),
      );
    }
    let (started_at, finished_at) =
      (inspected.state.started_at.clone(), inspected.state.finished_at.clone());
    let moment = |text: &str| OffsetDateTime::parse(text, &Rfc3339).ok();
    let duration = moment(&finished_at).zip(moment(&started_at)).map(|(end, start)| end - start);
    Ok(TaskResult {
      exit_code: status.code,
      oom_killed: inspected.state.oom_killed,
      output,
      // The two times are of two clocks' reading; of a very short program the end may come first.
      duration_ms: duration.map_or(0.0, |span| (span.as_seconds_f64() * 1e3).max(0.0)),
      started_at,
      finished_at,
      name: inspected.name().to_owned(),
      id: inspected.id,
    })
  }

  async fn out_of_time(&self, after: Duration, captured: &Capture) -> EngineError {
    let error = self.timed_out("did not finish", after);
    let logs = captured.last_lines();
    // It is removed by force right after this; the stop is for programs that tidy up.
    let stop = StopOptions { timeout: Some(GRACE) };
    let _ = self.stop(&stop).await;
    error.with(|facts| facts.logs = Some(logs))
  }
}

fn failed(container: &Container, result: TaskResult, options: &TaskOptions) -> EngineError {
  let image = container.image().and_then(Image::runnable);
  let shown = image.as_deref().unwrap_or("the image");
  let cause = if result.oom_killed { " (out of memory)" } else { "" };
  let text = format!("the task in {shown} exited with {}{cause}", result.exit_code);
  EngineError::new(Code::ExitCode, text)
    .with(|facts| {
      facts.exit_code = Some(result.exit_code);
      facts.logs = Some(result.output.last_lines());
      facts.image.clone_from(&image);
      facts.container = Some(ContainerFacts {
        id: Some(result.id.clone()),
        name: Some(result.name.clone()),
        state: Some("exited".into()),
        exit_code: Some(result.exit_code),
        oom_killed: Some(result.oom_killed),
      });
    })
    .with_result(Box::new((result, options.encoding)))
}
