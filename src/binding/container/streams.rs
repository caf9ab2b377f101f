//! What flows in and out of a container: commands, logs, attachments.

use std::sync::{Arc, OnceLock, PoisonError};

use napi::bindgen_prelude::Unknown;
use napi::{Env, Result};
use napi_derive::napi;

use super::{DokeresContainer, ExecHandle};
use crate::binding::Answer;
use crate::binding::bag::Bag;
use crate::binding::call::{Settled, call};
use crate::binding::fault::thrown;
use crate::binding::input::{argument, consumers, stdin};
use crate::binding::results;
use crate::binding::stream::{self, Opened, Terminal};
use crate::binding::value::to_js;
use crate::engine::container::exec::ExecResult;
use crate::engine::container::execution::Execution;
use crate::engine::error::EngineError;
use crate::engine::options::{
  AttachOptions, Command, Encoding, ExecOptions, ExecStreamOptions, LogsOptions,
};

#[napi]
impl DokeresContainer {
  /// `exec(command, options)`; `index.js` makes the variadic form of it.
  #[napi(js_name = "_exec", skip_typescript)]
  pub fn exec<'e>(
    &self,
    env: &'e Env,
    command: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let container = self.inner.clone();
    let prepare = |bag: &mut Bag<'e>| {
      let (input, consumers) = (stdin(bag)?, consumers(bag)?);
      let options: ExecOptions = bag.read()?;
      let command: Command = argument(command, "command")?.unwrap_or_default();
      if options.detach && (input.is_some() || !consumers.is_empty()) {
        let path = if input.is_some() { "stdin" } else { "onStdout" };
        let text = "a detached command has no streams; execStream() has them";
        return Err(
          EngineError::not_supported(text).with(|facts| facts.path = Some(path.to_owned())),
        );
      }
      Ok(async move {
        if options.detach {
          return container.exec_detached(&command, &options).await.map(Done::Detached);
        }
        let result = container.exec(&command, &options, input, consumers).await?;
        Ok(Done::Result(result, options.encoding))
      })
    };
    call(env, None, options, prepare, |env, done| {
      Ok(Settled::Value(match done {
        Done::Result(result, encoding) => results::exec(env, &result, encoding)?,
        Done::Detached(command) => to_js(env, ExecHandle::from(command))?,
      }))
    })
  }

  /// Starts a command and opens its streams: an `AttachStream` of its own, at once. Closing it leaves
  /// the command to itself; `kill()` ends it, and so does an abort.
  /// @throws {DokeresError} `INVALID_OPTION`; all else from the stream itself
  #[napi(
    ts_args_type = "command: Command, options?: ExecStreamOptions | null",
    ts_return_type = "ExecStream"
  )]
  pub fn exec_stream<'e>(
    &self,
    env: &'e Env,
    command: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let (options, signal): (ExecStreamOptions, _) = read(env, options)?;
    let command: Command = argument(command, "command")
      .and_then(|command: Option<Command>| {
        let command = command.filter(|command| !command.0.is_empty());
        command.ok_or_else(|| EngineError::invalid("command", "the command is empty"))
      })
      .map_err(|error| thrown(env, &error))?;
    let (container, started) = (self.inner.clone(), Arc::new(OnceLock::new()));
    let terminal = Terminal::Command(Arc::clone(&started));
    let opener = Box::pin(async move {
      let (execution, attached) = container.exec_stream(&command, &options).await?;
      let _ = started.set(execution);
      Ok(Opened::from(attached))
    });
    Ok(stream::eager(env, opener, terminal, signal)?.0)
  }

  /// Its output as recorded; with `follow`, on until it ends.
  /// @throws {DokeresError} `INVALID_OPTION`; all else from the stream itself
  #[napi(ts_args_type = "options?: LogsOptions | null", ts_return_type = "DokeresStream<LogChunk>")]
  pub fn logs<'e>(&self, env: &'e Env, options: Unknown<'e>) -> Result<Unknown<'e>> {
    let (options, signal): (LogsOptions, _) = read(env, options)?;
    let container = self.inner.clone();
    let opener = Box::pin(async move { container.logs(&options).await.map(Opened::from) });
    stream::lazy(env, opener, signal)
  }

  /// Attaches to its streams, at once: a `start()` that follows waits for it.
  /// @throws {DokeresError} `INVALID_OPTION`; all else from the stream itself
  #[napi(ts_args_type = "options?: AttachOptions | null", ts_return_type = "AttachStream")]
  pub fn attach<'e>(&self, env: &'e Env, options: Unknown<'e>) -> Result<Unknown<'e>> {
    let (options, signal): (AttachOptions, _) = read(env, options)?;
    let container = self.inner.clone();
    let opener = Box::pin(async move { container.attach(&options).await.map(Opened::from) });
    let (stream, shared) =
      stream::eager(env, opener, Terminal::Container(self.inner.clone()), signal)?;
    self.attaching.lock().unwrap_or_else(PoisonError::into_inner).push(shared);
    Ok(stream)
  }
}

/// What `exec` comes to.
enum Done {
  Result(ExecResult, Encoding),
  Detached(Execution),
}

/// Options of a method that throws instead of rejecting, and its signal.
fn read<'e, T: serde::de::DeserializeOwned>(
  env: &'e Env,
  options: Unknown<'e>,
) -> Result<(T, Option<Unknown<'e>>)> {
  let read = || -> Answer<_> {
    let mut bag = Bag::new(env, options)?;
    let signal = bag.signal()?;
    Ok((bag.read()?, signal))
  };
  read().map_err(|error| thrown(env, &error))
}
