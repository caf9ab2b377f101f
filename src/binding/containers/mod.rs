//! `dokeres.containers`: all containers of an engine.

mod groups;
mod lists;

use napi::bindgen_prelude::Unknown;
use napi::{Env, Result};
use napi_derive::napi;
use serde::Serialize;
use serde_json::Value;

use super::Answer;
use super::bag::Bag;
use super::call::{Settled, call};
use super::container::DokeresContainer;
use super::input::{making_in, output_sink, text};
use super::value::to_js;
use crate::engine::Engine;
use crate::engine::container::Container;
use crate::engine::containers::clean::{self, CleanOptions};
use crate::engine::containers::many::{self, StopRemoveOptions};
use crate::engine::containers::prune::{self, PruneOptions};
use crate::engine::error::EngineError;
use crate::engine::image::Image;
use crate::engine::options::{self, KillOptions, RemoveOptions, RunOptions, StopOptions};

/// All containers of an engine: `dokeres.containers`.
#[napi]
pub struct ContainerCollection {
  engine: Engine,
}

impl ContainerCollection {
  #[must_use]
  pub fn new(engine: &Engine) -> Self {
    Self { engine: engine.clone() }
  }

  pub fn engine(&self) -> &Engine {
    &self.engine
  }

  /// One to be made, of what is in a bag.
  fn made(&self, bag: &mut Bag) -> Answer<(Container, Value)> {
    let missing = || EngineError::invalid("image", "the image's name is expected");
    let image = text(bag.take("image")?.ok_or_else(missing)?, "image")?;
    let making = making_in(bag)?;
    let value = bag.value()?;
    let options: RunOptions = options::read(value.clone())?;
    let image = Image::named(&self.engine, &image)?;
    Ok((Container::of_image(&image, making, options)?, value))
  }
}

/// A result as a value of JavaScript's.
fn json<'env, T: Serialize>(env: &'env Env, value: &T) -> Result<Settled<'env>> {
  Ok(Settled::Value(to_js(env, serde_json::to_value(value)?)?))
}

/// A method on one container by its id: the engine is told, and that is all.
macro_rules! told {
  ($self:ident, $env:ident, $id:ident, $options:ident, |$engine:ident, $name:ident, $read:ident: $Options:ty| $work:expr) => {{
    let $engine = $self.engine.clone();
    let prepare = |bag: &mut Bag| {
      let $name = text($id, "id")?;
      Container::at(&$engine, &$name)?;
      let $read: $Options = bag.read()?;
      Ok(async move { $work.await })
    };
    call($env, None, $options, prepare, |_, ()| Ok(Settled::Nothing))
  }};
}

/// The options of a method that has none of its own.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

#[napi]
impl ContainerCollection {
  /// Creates a container; an image that is not there is ensured first.
  /// @throws {DokeresError} `NAME_CONFLICT`, `BIND_SOURCE_MISSING`, `IMAGE_UNAVAILABLE`
  #[napi(
    catch_unwind,
    ts_args_type = "options: CreateCall",
    ts_return_type = "Promise<DokeresContainer>"
  )]
  pub fn create<'e>(&self, env: &'e Env, options: Unknown<'e>) -> Result<Unknown<'e>> {
    let prepare = |bag: &mut Bag| {
      let (container, value) = self.made(bag)?;
      Ok(async move {
        container.create().await?;
        Ok((container, value))
      })
    };
    call(env, None, options, prepare, |env, (container, value)| {
      Ok(Settled::Value(to_js(env, DokeresContainer::new(container, value))?))
    })
  }

  /// Runs a container: ensures the image, creates and starts. As `dokeres.image(…).run(…)`.
  /// @throws {DokeresError} as `image.run()`
  #[napi(
    catch_unwind,
    ts_args_type = "options: RunCall & CreateCall",
    ts_return_type = "Promise<DokeresContainer>"
  )]
  pub fn run<'e>(&self, env: &'e Env, options: Unknown<'e>) -> Result<Unknown<'e>> {
    let prepare = |bag: &mut Bag<'e>| {
      let sink = match bag.take("outputStream")? {
        Some(stream) => output_sink(env, stream)?,
        None => None,
      };
      let (container, value) = self.made(bag)?;
      Ok(async move {
        container.run(sink).await?;
        Ok((container, value))
      })
    };
    call(env, None, options, prepare, |env, (container, value)| {
      Ok(Settled::Value(to_js(env, DokeresContainer::new(container, value))?))
    })
  }

  /// Starts a container; quiet where it runs.
  /// @throws {DokeresError} `CONTAINER_NOT_FOUND`, `PORT_IN_USE`, `EXECUTABLE_NOT_FOUND`
  #[napi(
    catch_unwind,
    ts_args_type = "id: string, options?: Abortable | null",
    ts_return_type = "Promise<void>"
  )]
  pub fn start<'e>(
    &self,
    env: &'e Env,
    id: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    told!(self, env, id, options, |engine, id, _options: Nothing| Container::at(&engine, &id)?
      .start())
  }

  /// Stops a container: the stop signal, then SIGKILL; quiet where it does not run.
  /// @throws {DokeresError} `CONTAINER_NOT_FOUND`
  #[napi(
    catch_unwind,
    ts_args_type = "id: string, options?: StopOptions | null",
    ts_return_type = "Promise<void>"
  )]
  pub fn stop<'e>(
    &self,
    env: &'e Env,
    id: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    told!(self, env, id, options, |engine, id, options: StopOptions| Container::at(&engine, &id)?
      .stop(&options))
  }

  /// Stops and starts a container.
  /// @throws {DokeresError} `CONTAINER_NOT_FOUND`
  #[napi(
    catch_unwind,
    ts_args_type = "id: string, options?: StopOptions | null",
    ts_return_type = "Promise<void>"
  )]
  pub fn restart<'e>(
    &self,
    env: &'e Env,
    id: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    told!(self, env, id, options, |engine, id, options: StopOptions| Container::at(&engine, &id)?
      .restart(&options))
  }

  /// Sends a signal, SIGKILL unless another is named; quiet where it does not run.
  /// @throws {DokeresError} `CONTAINER_NOT_FOUND`
  #[napi(
    catch_unwind,
    ts_args_type = "id: string, options?: KillOptions | null",
    ts_return_type = "Promise<void>"
  )]
  pub fn kill<'e>(
    &self,
    env: &'e Env,
    id: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    told!(self, env, id, options, |engine, id, options: KillOptions| Container::at(&engine, &id)?
      .kill(&options))
  }

  /// Removes a container; one that is gone is removed already.
  /// @throws {DokeresError} `CONFLICT` where it runs and `force` is not said
  #[napi(
    catch_unwind,
    ts_args_type = "id: string, options?: RemoveOptions | null",
    ts_return_type = "Promise<void>"
  )]
  pub fn remove<'e>(
    &self,
    env: &'e Env,
    id: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    told!(self, env, id, options, |engine, id, options: RemoveOptions| Container::at(&engine, &id)?
      .remove(&options))
  }

  /// Stops and removes a container; one that is gone, or goes meanwhile, is removed already.
  #[napi(
    catch_unwind,
    ts_args_type = "id: string, options?: StopRemoveOptions | null",
    ts_return_type = "Promise<void>"
  )]
  pub fn stop_remove<'e>(
    &self,
    env: &'e Env,
    id: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    told!(self, env, id, options, |engine, id, options: StopRemoveOptions| many::stop_remove(
      &engine, &id, &options
    ))
  }

  /// Gets rid of a container, whatever state it is in: stops, kills and removes until it is gone.
  /// @throws {DokeresError} the engine's last refusal, after five attempts
  #[napi(
    catch_unwind,
    ts_args_type = "id: string, options?: StopRemoveOptions | null",
    ts_return_type = "Promise<void>"
  )]
  pub fn clean<'e>(
    &self,
    env: &'e Env,
    id: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    told!(self, env, id, options, |engine, id, options: CleanOptions| clean::clean(
      &engine, &id, &options
    ))
  }

  /// The engine's own prune: containers that do not run; the dry run tells the same, as it would be.
  #[napi(
    catch_unwind,
    ts_args_type = "options?: ContainerPruneOptions | null",
    ts_return_type = "Promise<ContainerPruneResult>"
  )]
  pub fn prune<'e>(&self, env: &'e Env, options: Unknown<'e>) -> Result<Unknown<'e>> {
    let engine = self.engine.clone();
    let prepare = |bag: &mut Bag| {
      let options: PruneOptions = bag.read()?;
      Ok(async move { prune::prune(&engine, &options).await })
    };
    call(env, None, options, prepare, |env, pruned| json(env, &pruned))
  }
}
