//! `DokeresContainer`: made or to be made.

mod checkpoints;
mod command;
mod files;
mod insight;
mod ports;
mod streams;
pub mod waiting;

pub use command::ExecHandle;

use std::sync::{Arc, Mutex};

use napi::bindgen_prelude::{ClassInstance, JsValue, This, Unknown};
use napi::{Env, Result};
use napi_derive::napi;
use serde_json::Value;

use crate::binding::bag::Bag;
use crate::binding::call::{Settled, call, call_plain};
use crate::binding::fault::thrown;
use crate::binding::image::DokeresImage;
use crate::binding::input::text;
use crate::binding::stream::Shared;
use crate::binding::value::{recast, to_js};
use crate::engine::container::Container;
use crate::engine::error::EngineError;
use crate::engine::options::{KillOptions, RemoveOptions, StopOptions};

/// A container: made of an image and not yet created, or one of the engine's.
#[napi]
pub struct DokeresContainer {
  inner: Container,
  /// The options as given.
  given: Value,
  /// Attachments that are being made: a start waits for them, or they would miss its first output.
  attaching: Arc<Mutex<Vec<Arc<Shared>>>>,
}

impl DokeresContainer {
  pub fn core(&self) -> &Container {
    &self.inner
  }

  pub fn new(inner: Container, given: Value) -> Self {
    Self { inner, given, attaching: Arc::default() }
  }

  pub fn existing(inner: Container) -> Self {
    Self::new(inner, Value::Object(serde_json::Map::new()))
  }
}

/// A method without input or output: the engine is told, and this is what it resolves to.
macro_rules! told {
  ($env:ident, $this:ident, $options:ident, $work:expr) => {
    call($env, Some($this.object.to_unknown()), $options, $work, |_, ()| Ok(Settled::This))
  };
}

#[napi]
impl DokeresContainer {
  /// As `image.container(…)`: not yet created.
  /// @throws {DokeresError} `INVALID_OPTION`
  #[napi(
    catch_unwind,
    constructor,
    ts_args_type = "image: DokeresImage, name?: string | null, options?: ContainerOptions | null, command?: Command | null, entrypoint?: Command | null"
  )]
  pub fn of_image(
    env: &Env,
    image: Unknown,
    name: Unknown,
    options: Unknown,
    command: Unknown,
    entrypoint: Unknown,
  ) -> Result<Self> {
    let image: ClassInstance<DokeresImage> = recast(env, &image)
      .map_err(|_| thrown(env, &EngineError::invalid("image", "expected a DokeresImage")))?;
    image.container(env, name, options, command, entrypoint)
  }

  /// The image that it is made of.
  #[napi(catch_unwind, getter)]
  pub fn image(&self) -> Option<DokeresImage> {
    self.inner.image().cloned().map(DokeresImage::from)
  }

  /// Its name, or null before the engine has given it one.
  #[napi(catch_unwind, getter)]
  pub fn name(&self) -> Option<String> {
    self.inner.name()
  }

  /// The options that it was given.
  #[napi(catch_unwind, getter, ts_return_type = "ContainerOptions")]
  pub fn options<'e>(&self, env: &'e Env) -> Result<Unknown<'e>> {
    to_js(env, self.given.clone())
  }

  /// The command that it was given; null: the image's own.
  #[napi(catch_unwind, getter)]
  pub fn command(&self) -> Option<Vec<String>> {
    self.inner.making().command.clone().map(|command| command.0)
  }

  /// The entrypoint that it was given; null: the image's own.
  #[napi(catch_unwind, getter)]
  pub fn entrypoint(&self) -> Option<Vec<String>> {
    self.inner.making().entrypoint.clone().map(|command| command.0)
  }

  /// @throws {DokeresError} `NO_CONTAINER` before it is created
  #[napi(catch_unwind, getter)]
  pub fn id(&self, env: &Env) -> Result<String> {
    self.inner.id().map_err(|error| thrown(env, &error))
  }

  /// The first 8 characters of its id.
  /// @throws {DokeresError} `NO_CONTAINER` before it is created
  #[napi(catch_unwind, getter)]
  pub fn short_id(&self, env: &Env) -> Result<String> {
    Ok(self.id(env)?.chars().take(8).collect())
  }

  /// What the engine warned of when it was created.
  /// @throws {DokeresError} `NO_CONTAINER` before it is created
  #[napi(catch_unwind, getter)]
  pub fn warnings(&self, env: &Env) -> Result<Vec<String>> {
    self.inner.warnings().map_err(|error| thrown(env, &error))
  }

  /// Whether it runs.
  #[napi(catch_unwind, getter, ts_return_type = "Promise<boolean>")]
  pub fn is_running<'e>(&self, env: &'e Env) -> Result<Unknown<'e>> {
    let container = self.inner.clone();
    let work = async move { container.is_running().await };
    call_plain(env, None, work, |env, running| Ok(Settled::Value(to_js(env, running)?)))
  }

  /// Its address in its first network, or null.
  #[napi(catch_unwind, getter, ts_return_type = "Promise<string | null>")]
  pub fn ip<'e>(&self, env: &'e Env) -> Result<Unknown<'e>> {
    let container = self.inner.clone();
    let work = async move { container.ip().await };
    call_plain(env, None, work, |env, ip| Ok(Settled::Value(to_js(env, ip)?)))
  }

  /// Creates it; an image that is not there is ensured first. Resolves to this.
  /// @throws {DokeresError} `CONTAINER_ALREADY_CREATED`, `NAME_CONFLICT`, `BIND_SOURCE_MISSING`
  #[napi(
    catch_unwind,
    ts_args_type = "options?: Abortable | null",
    ts_return_type = "Promise<DokeresContainer>"
  )]
  pub fn create<'e>(
    &self,
    env: &'e Env,
    this: This<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let container = self.inner.clone();
    told!(env, this, options, |_| Ok(async move { container.create().await }))
  }

  /// Stops it: the stop signal, then SIGKILL. Resolves to this, also where it did not run.
  #[napi(
    catch_unwind,
    ts_args_type = "options?: StopOptions | null",
    ts_return_type = "Promise<DokeresContainer>"
  )]
  pub fn stop<'e>(
    &self,
    env: &'e Env,
    this: This<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let container = self.inner.clone();
    told!(env, this, options, |bag: &mut Bag| {
      let options: StopOptions = bag.read()?;
      Ok(async move { container.stop(&options).await })
    })
  }

  /// Stops and starts it. Resolves to this.
  #[napi(
    catch_unwind,
    ts_args_type = "options?: StopOptions | null",
    ts_return_type = "Promise<DokeresContainer>"
  )]
  pub fn restart<'e>(
    &self,
    env: &'e Env,
    this: This<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let container = self.inner.clone();
    told!(env, this, options, |bag: &mut Bag| {
      let options: StopOptions = bag.read()?;
      Ok(async move { container.restart(&options).await })
    })
  }

  /// Sends a signal, SIGKILL unless another is named; quiet where it does not run. Resolves to this.
  #[napi(
    catch_unwind,
    ts_args_type = "options?: KillOptions | null",
    ts_return_type = "Promise<DokeresContainer>"
  )]
  pub fn kill<'e>(
    &self,
    env: &'e Env,
    this: This<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let container = self.inner.clone();
    told!(env, this, options, |bag: &mut Bag| {
      let options: KillOptions = bag.read()?;
      Ok(async move { container.kill(&options).await })
    })
  }

  /// Freezes its processes. Resolves to this.
  #[napi(
    catch_unwind,
    ts_args_type = "options?: Abortable | null",
    ts_return_type = "Promise<DokeresContainer>"
  )]
  pub fn pause<'e>(
    &self,
    env: &'e Env,
    this: This<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let container = self.inner.clone();
    told!(env, this, options, |_| Ok(async move { container.pause().await }))
  }

  /// Thaws its processes. Resolves to this.
  #[napi(
    catch_unwind,
    ts_args_type = "options?: Abortable | null",
    ts_return_type = "Promise<DokeresContainer>"
  )]
  pub fn unpause<'e>(
    &self,
    env: &'e Env,
    this: This<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let container = self.inner.clone();
    told!(env, this, options, |_| Ok(async move { container.unpause().await }))
  }

  /// Gives it another name. Resolves to this.
  /// @throws {DokeresError} `NAME_CONFLICT`
  #[napi(
    catch_unwind,
    ts_args_type = "name: string, options?: Abortable | null",
    ts_return_type = "Promise<DokeresContainer>"
  )]
  pub fn rename<'e>(
    &self,
    env: &'e Env,
    this: This<'e>,
    name: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let container = self.inner.clone();
    told!(env, this, options, |_| {
      let name = text(name, "name")?;
      Ok(async move { container.rename(&name).await })
    })
  }

  /// Removes it; one that is gone is removed already. Resolves to this; it may be created again.
  /// @throws {DokeresError} `CONFLICT` where it runs and `force` is not said
  #[napi(
    catch_unwind,
    ts_args_type = "options?: RemoveOptions | null",
    ts_return_type = "Promise<DokeresContainer>"
  )]
  pub fn remove<'e>(
    &self,
    env: &'e Env,
    this: This<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let container = self.inner.clone();
    told!(env, this, options, |bag: &mut Bag| {
      let options: RemoveOptions = bag.read()?;
      Ok(async move { container.remove(&options).await })
    })
  }
}
