//! `dokeres.swarm.services`: what a swarm runs.

use napi::bindgen_prelude::Unknown;
use napi::{Env, Result};
use napi_derive::napi;

use super::{json, logged, named};
use crate::binding::bag::Bag;
use crate::binding::call::{Settled, call};
use crate::binding::input::{argument, bag_of};
use crate::engine::Engine;
use crate::engine::error::EngineError;
use crate::engine::swarm::services::{
  self, InspectOptions, ListOptions, ServiceOptions, UpdateOptions, WaitOptions,
};
use crate::engine::swarm::{self, Kind, RemoveOptions};

/// All services of a swarm: `dokeres.swarm.services`.
#[napi]
pub struct ServiceCollection {
  engine: Engine,
}

impl ServiceCollection {
  #[must_use]
  pub fn new(engine: &Engine) -> Self {
    Self { engine: engine.clone() }
  }
}

#[napi]
impl ServiceCollection {
  /// Creates a service; it is there when this resolves, its tasks come one after the other: see `wait()`. The
  /// name may also be among the options.
  /// @throws {DokeresError} `NAME_CONFLICT`, `NETWORK_NOT_FOUND`; `NOT_FOUND` where a secret or a config is
  /// missing, with its `path`
  #[napi(
    catch_unwind,
    ts_args_type = "name: string | (ServiceCreateOptions & { name?: string | null }), options?: ServiceCreateOptions | null",
    ts_return_type = "Promise<ServiceCreated>"
  )]
  pub fn create<'e>(
    &self,
    env: &'e Env,
    name: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let (name, options) = bag_of(env, name, options)?;
    let engine = self.engine.clone();
    let prepare = |bag: &mut Bag| {
      let name = argument(name, "name")?;
      let options = bag.read::<ServiceOptions>()?.named(name)?;
      Ok(async move { services::create(&engine, &options).await })
    };
    call(env, None, options, prepare, |env, value| json(env, &value))
  }

  /// The engine's list of services.
  #[napi(
    catch_unwind,
    ts_args_type = "options?: ServiceListOptions | null",
    ts_return_type = "Promise<ServiceInspect[]>"
  )]
  pub fn list<'e>(&self, env: &'e Env, options: Unknown<'e>) -> Result<Unknown<'e>> {
    let engine = self.engine.clone();
    let prepare = |bag: &mut Bag| {
      let options: ListOptions = bag.read()?;
      Ok(async move { services::list(&engine, &options).await })
    };
    call(env, None, options, prepare, |_, json| Ok(Settled::Json(json)))
  }

  /// The engine's JSON of a service.
  /// @throws {DokeresError} `NOT_FOUND`
  #[napi(
    catch_unwind,
    ts_args_type = "name: string, options?: ServiceInspectOptions | null",
    ts_return_type = "Promise<ServiceInspect>"
  )]
  pub fn inspect<'e>(
    &self,
    env: &'e Env,
    name: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let engine = self.engine.clone();
    let prepare = |bag: &mut Bag| {
      let name = named(Kind::Service, name, "name")?;
      let options: InspectOptions = bag.read()?;
      Ok(async move { services::inspect(&engine, &name, options).await })
    };
    call(env, None, options, prepare, |_, json| Ok(Settled::Json(json)))
  }

  /// Changes a service: what is given is changed, the rest stays. A list or a map takes the place of the one
  /// that was there. The version is read for the caller, and the change tried again where somebody else was
  /// quicker.
  /// @throws {DokeresError} `NOT_FOUND`; `CONFLICT` where it is no longer of the `version` that was given
  #[napi(
    catch_unwind,
    ts_args_type = "name: string, options: ServiceUpdateOptions",
    ts_return_type = "Promise<ServiceUpdated>"
  )]
  pub fn update<'e>(
    &self,
    env: &'e Env,
    name: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let engine = self.engine.clone();
    let prepare = |bag: &mut Bag| {
      let name = named(Kind::Service, name, "name")?;
      let options = UpdateOptions::read(bag.value()?)?;
      options.check()?;
      Ok(async move { services::update(&engine, &name, &options).await })
    };
    call(env, None, options, prepare, |_, json| Ok(Settled::Json(json)))
  }

  /// Makes a service what it was before its last update.
  /// @throws {DokeresError} `NOT_FOUND`; `CONFLICT` where it has not been updated
  #[napi(
    catch_unwind,
    ts_args_type = "name: string, options?: Abortable | null",
    ts_return_type = "Promise<ServiceUpdated>"
  )]
  pub fn rollback<'e>(
    &self,
    env: &'e Env,
    name: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let engine = self.engine.clone();
    let prepare = |_: &mut Bag| {
      let name = named(Kind::Service, name, "name")?;
      Ok(async move { services::rollback(&engine, &name).await })
    };
    call(env, None, options, prepare, |_, json| Ok(Settled::Json(json)))
  }

  /// Has a service run so many tasks; a job, so many times once more.
  /// @throws {DokeresError} `NOT_FOUND`; `BAD_REQUEST` for one that is global
  #[napi(
    catch_unwind,
    ts_args_type = "name: string, replicas: number, options?: Abortable | null",
    ts_return_type = "Promise<ServiceUpdated>"
  )]
  pub fn scale<'e>(
    &self,
    env: &'e Env,
    name: Unknown<'e>,
    replicas: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let engine = self.engine.clone();
    let prepare = |_: &mut Bag| {
      let name = named(Kind::Service, name, "name")?;
      let replicas: Option<u64> = argument(replicas, "replicas")?;
      let replicas =
        replicas.ok_or_else(|| EngineError::invalid("replicas", "a number is expected"))?;
      Ok(async move { services::scale(&engine, &name, replicas).await })
    };
    call(env, None, options, prepare, |_, json| Ok(Settled::Json(json)))
  }

  /// Waits until all of its tasks run as they are to, after an update too; for a job, until it is done.
  /// Resolves to the engine's JSON of it.
  /// @throws {DokeresError} `NOT_FOUND`; `TIMEOUT`; `CONTAINER_EXITED` where a job has failed for good, or an
  /// update has paused
  #[napi(
    catch_unwind,
    ts_args_type = "name: string, options?: ServiceWaitOptions | null",
    ts_return_type = "Promise<ServiceInspect>"
  )]
  pub fn wait<'e>(
    &self,
    env: &'e Env,
    name: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let engine = self.engine.clone();
    let prepare = |bag: &mut Bag| {
      let name = named(Kind::Service, name, "name")?;
      let options: WaitOptions = bag.read()?;
      Ok(async move { services::wait(&engine, &name, options).await })
    };
    call(env, None, options, prepare, |_, json| Ok(Settled::Json(json)))
  }

  /// Removes a service, and with it its tasks, which the nodes then end.
  /// @throws {DokeresError} `NOT_FOUND`
  #[napi(
    catch_unwind,
    ts_args_type = "name: string, options?: SwarmRemoveOptions | null",
    ts_return_type = "Promise<void>"
  )]
  pub fn remove<'e>(
    &self,
    env: &'e Env,
    name: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let engine = self.engine.clone();
    let prepare = |bag: &mut Bag| {
      let name = named(Kind::Service, name, "name")?;
      let options: RemoveOptions = bag.read()?;
      Ok(async move { swarm::remove(&engine, Kind::Service, &name, options).await })
    };
    call(env, None, options, prepare, |_, ()| Ok(Settled::Nothing))
  }

  /// What its tasks write, on all nodes; with `follow`, on until it is removed.
  /// @throws {DokeresError} `INVALID_OPTION`; all else from the stream itself
  #[napi(
    catch_unwind,
    ts_args_type = "name: string, options?: ServiceLogsOptions | null",
    ts_return_type = "DokeresStream<LogChunk>"
  )]
  pub fn logs<'e>(
    &self,
    env: &'e Env,
    name: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    logged(env, &self.engine, Kind::Service, name, options)
  }
}
