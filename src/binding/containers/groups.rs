//! Many containers at once: of a group, of an image, all that do not run.

use napi::bindgen_prelude::Unknown;
use napi::{Env, Result};
use napi_derive::napi;

use super::{ContainerCollection, json};
use crate::binding::Answer;
use crate::binding::bag::Bag;
use crate::binding::call::call;
use crate::binding::input::text;
use crate::engine::Engine;
use crate::engine::batch;
use crate::engine::containers::group::Source;
use crate::engine::containers::many::{self, RemoveMany, RemoveStopped, StopMany, StopRemoveMany};

type Removing<'a> = futures_util::future::BoxFuture<'a, Answer<Vec<String>>>;

impl ContainerCollection {
  /// Reads what and how, and does it; it comes to the ids of those it was done to.
  fn each<'e, T: serde::de::DeserializeOwned + Send + Sync + 'static>(
    &self,
    env: &'e Env,
    source: impl FnOnce() -> Answer<Source>,
    options: Unknown<'e>,
    concurrency: impl FnOnce(&T) -> Option<usize>,
    work: for<'a> fn(&'a Engine, &'a Source, &'a T) -> Removing<'a>,
  ) -> Result<Unknown<'e>> {
    let engine = self.engine.clone();
    let prepare = |bag: &mut Bag| {
      let source = source()?;
      let options: T = bag.read()?;
      batch::limit(concurrency(&options))?;
      Ok(async move { work(&engine, &source, &options).await })
    };
    call(env, None, options, prepare, |env, ids| json(env, &ids))
  }
}

#[napi]
impl ContainerCollection {
  /// Stops all running containers of a group. Resolves to their ids.
  /// @throws {DokeresError} `PARTIAL_FAILURE` with `results`, after all that could be done was
  #[napi(
    catch_unwind,
    ts_args_type = "group: string, options?: StopManyOptions | null",
    ts_return_type = "Promise<string[]>"
  )]
  pub fn stop_group<'e>(
    &self,
    env: &'e Env,
    group: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let source = || Source::group(&text(group, "group")?);
    self.each(
      env,
      source,
      options,
      |options: &StopMany| options.concurrency,
      |engine, source, options| Box::pin(many::stop_all(engine, source, options)),
    )
  }

  /// Removes all containers of a group. Resolves to their ids.
  /// @throws {DokeresError} `PARTIAL_FAILURE` with `results`, after all that could be done was
  #[napi(
    catch_unwind,
    ts_args_type = "group: string, options?: RemoveManyOptions | null",
    ts_return_type = "Promise<string[]>"
  )]
  pub fn remove_group<'e>(
    &self,
    env: &'e Env,
    group: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let source = || Source::group(&text(group, "group")?);
    self.each(
      env,
      source,
      options,
      |options: &RemoveMany| options.concurrency,
      |engine, source, options| Box::pin(many::remove_all(engine, source, options)),
    )
  }

  /// Stops and removes all containers of a group. Resolves to their ids.
  /// @throws {DokeresError} `PARTIAL_FAILURE` with `results`, after all that could be done was
  #[napi(
    catch_unwind,
    ts_args_type = "group: string, options?: StopRemoveManyOptions | null",
    ts_return_type = "Promise<string[]>"
  )]
  pub fn stop_remove_group<'e>(
    &self,
    env: &'e Env,
    group: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let source = || Source::group(&text(group, "group")?);
    self.each(
      env,
      source,
      options,
      |options: &StopRemoveMany| options.concurrency,
      |engine, source, options| Box::pin(many::stop_remove_all(engine, source, options)),
    )
  }

  /// Stops all running containers of an image. Resolves to their ids.
  /// @throws {DokeresError} `PARTIAL_FAILURE` with `results`, after all that could be done was
  #[napi(
    catch_unwind,
    ts_args_type = "name: string, options?: StopManyOptions | null",
    ts_return_type = "Promise<string[]>"
  )]
  pub fn stop_image<'e>(
    &self,
    env: &'e Env,
    name: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let source = || Source::image(&text(name, "name")?);
    self.each(
      env,
      source,
      options,
      |options: &StopMany| options.concurrency,
      |engine, source, options| Box::pin(many::stop_all(engine, source, options)),
    )
  }

  /// Removes all containers of an image; the image stays. Resolves to their ids.
  /// @throws {DokeresError} `PARTIAL_FAILURE` with `results`, after all that could be done was
  #[napi(
    catch_unwind,
    ts_args_type = "name: string, options?: RemoveManyOptions | null",
    ts_return_type = "Promise<string[]>"
  )]
  pub fn remove_image<'e>(
    &self,
    env: &'e Env,
    name: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let source = || Source::image(&text(name, "name")?);
    self.each(
      env,
      source,
      options,
      |options: &RemoveMany| options.concurrency,
      |engine, source, options| Box::pin(many::remove_all(engine, source, options)),
    )
  }

  /// Stops and removes all containers of an image; the image stays. Resolves to their ids.
  /// @throws {DokeresError} `PARTIAL_FAILURE` with `results`, after all that could be done was
  #[napi(
    catch_unwind,
    ts_args_type = "name: string, options?: StopRemoveManyOptions | null",
    ts_return_type = "Promise<string[]>"
  )]
  pub fn stop_remove_image<'e>(
    &self,
    env: &'e Env,
    name: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let source = || Source::image(&text(name, "name")?);
    self.each(
      env,
      source,
      options,
      |options: &StopRemoveMany| options.concurrency,
      |engine, source, options| Box::pin(many::stop_remove_all(engine, source, options)),
    )
  }

  /// Removes all that do not run: ended, dead, or not started yet. Resolves to their ids.
  /// @throws {DokeresError} `PARTIAL_FAILURE` with `results`, after all that could be removed was
  #[napi(
    catch_unwind,
    ts_args_type = "options?: RemoveStoppedOptions | null",
    ts_return_type = "Promise<string[]>"
  )]
  pub fn remove_stopped<'e>(&self, env: &'e Env, options: Unknown<'e>) -> Result<Unknown<'e>> {
    let engine = self.engine.clone();
    let prepare = |bag: &mut Bag| {
      let options: RemoveStopped = bag.read()?;
      batch::limit(options.concurrency)?;
      Ok(async move { many::remove_stopped(&engine, options).await })
    };
    call(env, None, options, prepare, |env, ids| json(env, &ids))
  }
}
