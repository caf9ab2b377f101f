//! A command that runs in a container, by itself.

use napi::bindgen_prelude::Unknown;
use napi::{Env, Result};
use napi_derive::napi;
use serde_json::json;

use crate::binding::bag::Bag;
use crate::binding::call::{Settled, call};
use crate::binding::input::argument;
use crate::binding::value::to_js;
use crate::engine::container::execution::Execution;
use crate::engine::container::signal;
use crate::engine::options::{ExecWaitOptions, Scalar};

/// A command that was started in a container: `exec(command, { detach: true })`.
#[napi]
pub struct ExecHandle {
  inner: Execution,
}

impl From<Execution> for ExecHandle {
  fn from(inner: Execution) -> Self {
    Self { inner }
  }
}

#[napi]
impl ExecHandle {
  /// The engine's id of it.
  #[napi(catch_unwind, getter)]
  pub fn id(&self) -> String {
    self.inner.id().to_owned()
  }

  /// Waits until it has ended. `timeout` rejects and leaves it alone.
  /// @throws {DokeresError} `TIMEOUT`, `CONTAINER_EXITED` where the container ended before it
  #[napi(
    catch_unwind,
    ts_args_type = "options?: ExecWaitOptions | null",
    ts_return_type = "Promise<{ exitCode: number }>"
  )]
  pub fn wait<'e>(&self, env: &'e Env, options: Unknown<'e>) -> Result<Unknown<'e>> {
    let command = self.inner.clone();
    let prepare = |bag: &mut Bag| {
      let options: ExecWaitOptions = bag.read()?;
      Ok(async move { command.wait_within(options.timeout).await })
    };
    call(env, None, options, prepare, |env, code| {
      Ok(Settled::Value(to_js(env, json!({ "exitCode": code }))?))
    })
  }

  /// Sends a signal, SIGKILL unless another is named, to it and to what it has started; quiet where it
  /// has ended. The container's own shell does it, or, where the engine is on this machine, we do.
  /// @throws {DokeresError} `NOT_SUPPORTED` where neither can be
  #[napi(
    catch_unwind,
    ts_args_type = "signal?: string | number | null, options?: Abortable | null",
    ts_return_type = "Promise<void>"
  )]
  pub fn kill<'e>(
    &self,
    env: &'e Env,
    signal: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let command = self.inner.clone();
    let prepare = |_: &mut Bag| {
      let number = signal::number(argument::<Scalar>(signal, "signal")?.as_ref())?;
      Ok(async move { command.kill(number).await })
    };
    call(env, None, options, prepare, |_, ()| Ok(Settled::Nothing))
  }

  /// The engine's JSON of it, every field.
  /// @throws {DokeresError} `NOT_FOUND` some time after the container has ended
  #[napi(
    catch_unwind,
    ts_args_type = "options?: Abortable | null",
    ts_return_type = "Promise<ExecInspect>"
  )]
  pub fn inspect<'e>(&self, env: &'e Env, options: Unknown<'e>) -> Result<Unknown<'e>> {
    let command = self.inner.clone();
    let prepare = |_: &mut Bag| Ok(async move { command.inspect().await });
    call(env, None, options, prepare, |_, json| Ok(Settled::Json(json)))
  }
}
