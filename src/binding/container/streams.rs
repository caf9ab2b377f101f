//! What flows in and out of a container: commands, logs, attachments.

use std::sync::PoisonError;

use napi::bindgen_prelude::Unknown;
use napi::{Env, Result};
use napi_derive::napi;

use super::DokeresContainer;
use crate::binding::Answer;
use crate::binding::bag::Bag;
use crate::binding::call::{Settled, call};
use crate::binding::fault::thrown;
use crate::binding::input::{argument, consumers, stdin};
use crate::binding::results;
use crate::binding::stream::{self, Opened};
use crate::engine::options::{AttachOptions, Command, ExecOptions, LogsOptions};

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
      let encoding = options.encoding;
      Ok(async move { Ok((container.exec(&command, &options, input, consumers).await?, encoding)) })
    };
    call(env, None, options, prepare, |env, (result, encoding)| {
      Ok(Settled::Value(results::exec(env, &result, encoding)?))
    })
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
    let (stream, shared) = stream::eager(env, opener, self.inner.clone(), signal)?;
    self.attaching.lock().unwrap_or_else(PoisonError::into_inner).push(shared);
    Ok(stream)
  }
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
