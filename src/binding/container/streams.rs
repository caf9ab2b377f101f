//! What flows in and out of a container: commands, logs, attachments, stats, events.

use std::sync::{Arc, OnceLock, PoisonError};

use napi::bindgen_prelude::Unknown;
use napi::{Env, Result};
use napi_derive::napi;

use super::{DokeresContainer, ExecHandle};
use crate::binding::bag::Bag;
use crate::binding::call::{Settled, call};
use crate::binding::fault::thrown;
use crate::binding::input::{argument, consumers, stdin};
use crate::binding::monitor::filters_of;
use crate::binding::results;
use crate::binding::stream::{self, Opened, Terminal};
use crate::binding::value::to_js;
use crate::engine::container::exec::ExecResult;
use crate::engine::container::execution::Execution;
use crate::engine::container::stats::StatsOptions;
use crate::engine::error::EngineError;
use crate::engine::events::EventsOptions;
use crate::engine::options::{
  AttachOptions, Command, Encoding, ExecOptions, ExecStreamOptions, LogsOptions,
};

#[napi]
impl DokeresContainer {
  /// `exec(command, options)`; `index.js` makes the variadic form of it.
  #[napi(catch_unwind, js_name = "_exec", skip_typescript)]
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
    catch_unwind,
    ts_args_type = "command: Command, options?: ExecStreamOptions | null",
    ts_return_type = "ExecStream"
  )]
  pub fn exec_stream<'e>(
    &self,
    env: &'e Env,
    command: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let (options, signal): (ExecStreamOptions, _) = stream::options(env, options)?;
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
      Ok(Opened::from(attached.witnessed(container.engine())))
    });
    Ok(stream::eager(env, opener, terminal, signal)?.0)
  }

  /// Its output as recorded; with `follow`, on until it ends.
  /// @throws {DokeresError} `INVALID_OPTION`; all else from the stream itself
  #[napi(
    catch_unwind,
    ts_args_type = "options?: LogsOptions | null",
    ts_return_type = "DokeresStream<LogChunk>"
  )]
  pub fn logs<'e>(&self, env: &'e Env, options: Unknown<'e>) -> Result<Unknown<'e>> {
    let (options, signal): (LogsOptions, _) = stream::options(env, options)?;
    let container = self.inner.clone();
    let opener = Box::pin(async move { container.logs(&options).await.map(Opened::from) });
    stream::lazy(env, opener, signal)
  }

  /// One sample of what it uses, computed as `docker stats --no-stream` does: the engine takes two, for
  /// which it needs a second or two. Of a container that does not run: that it uses nothing.
  /// @throws {DokeresError} `CONTAINER_NOT_FOUND`
  #[napi(
    catch_unwind,
    ts_args_type = "options?: StatsOptions | null",
    ts_return_type = "Promise<StatsSample>"
  )]
  pub fn stats<'e>(&self, env: &'e Env, options: Unknown<'e>) -> Result<Unknown<'e>> {
    let container = self.inner.clone();
    let prepare = |bag: &mut Bag| {
      let options: StatsOptions = bag.read()?;
      Ok(async move { container.stats(&options).await })
    };
    call(env, None, options, prepare, |_, json| Ok(Settled::Json(json)))
  }

  /// A sample a second, until the container is removed; none while it does not run.
  /// @throws {DokeresError} `INVALID_OPTION`; all else from the stream itself
  #[napi(
    catch_unwind,
    ts_args_type = "options?: StatsOptions | null",
    ts_return_type = "DokeresStream<StatsSample>"
  )]
  pub fn stats_stream<'e>(&self, env: &'e Env, options: Unknown<'e>) -> Result<Unknown<'e>> {
    let (options, signal): (StatsOptions, _) = stream::options(env, options)?;
    let container = self.inner.clone();
    let opener = Box::pin(async move { container.stats_stream(&options).await.map(Opened::from) });
    stream::lazy(env, opener, signal)
  }

  /// What happens to it: the engine's events of this container, as `dokeres.events()` has them.
  /// @param filters `{ event: ['die'] }`
  /// @throws {DokeresError} `INVALID_OPTION`; all else from the stream itself
  #[napi(
    catch_unwind,
    ts_args_type = "filters?: Filters | null, options?: Omit<EventsOptions, 'filters'> | null",
    ts_return_type = "DokeresStream<EngineEvent>"
  )]
  pub fn events<'e>(
    &self,
    env: &'e Env,
    filters: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let filters = filters_of(filters).map_err(|error| thrown(env, &error))?;
    let (mut options, signal): (EventsOptions, _) = stream::options(env, options)?;
    if !options.filters.is_empty() {
      let error = EngineError::invalid("filters", "they are the first argument");
      return Err(thrown(env, &error));
    }
    options.filters = filters;
    let container = self.inner.clone();
    let opener = Box::pin(async move { container.events(&options).await.map(Opened::from) });
    stream::at_once(env, opener, signal)
  }

  /// Attaches to its streams, at once: a `start()` that follows waits for it.
  /// @throws {DokeresError} `INVALID_OPTION`; all else from the stream itself
  #[napi(
    catch_unwind,
    ts_args_type = "options?: AttachOptions | null",
    ts_return_type = "AttachStream"
  )]
  pub fn attach<'e>(&self, env: &'e Env, options: Unknown<'e>) -> Result<Unknown<'e>> {
    let (options, signal): (AttachOptions, _) = stream::options(env, options)?;
    let container = self.inner.clone();
    let opener = Box::pin(async move {
      let attached = container.attach(&options).await?;
      Ok(Opened::from(attached.witnessed(container.engine())))
    });
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
