//! `dokeres.swarm.nodes`: the engines of a swarm.

use napi::bindgen_prelude::Unknown;
use napi::{Env, Result};
use napi_derive::napi;

use super::named;
use crate::binding::bag::Bag;
use crate::binding::call::{Settled, call};
use crate::engine::Engine;
use crate::engine::swarm::nodes::{self, Role, UpdateOptions};
use crate::engine::swarm::{self, Availability, Kind, ListOptions, RemoveOptions};

/// All nodes of a swarm: `dokeres.swarm.nodes`. By id or name; `'self'` is the engine that is asked.
#[napi]
pub struct NodeCollection {
  engine: Engine,
}

impl NodeCollection {
  #[must_use]
  pub fn new(engine: &Engine) -> Self {
    Self { engine: engine.clone() }
  }

  /// One change that has a name of its own.
  fn made<'e>(
    &self,
    env: &'e Env,
    name: Unknown<'e>,
    options: Unknown<'e>,
    change: UpdateOptions,
  ) -> Result<Unknown<'e>> {
    let engine = self.engine.clone();
    let prepare = |_: &mut Bag| {
      let name = named(Kind::Node, name, "name")?;
      Ok(async move { nodes::update(&engine, &name, &change).await })
    };
    call(env, None, options, prepare, |_, ()| Ok(Settled::Nothing))
  }
}

#[napi]
impl NodeCollection {
  /// The engine's list of nodes.
  #[napi(
    catch_unwind,
    ts_args_type = "options?: SwarmListOptions | null",
    ts_return_type = "Promise<NodeInspect[]>"
  )]
  pub fn list<'e>(&self, env: &'e Env, options: Unknown<'e>) -> Result<Unknown<'e>> {
    let engine = self.engine.clone();
    let prepare = |bag: &mut Bag| {
      let options: ListOptions = bag.read()?;
      Ok(async move { swarm::list(&engine, Kind::Node, &options).await })
    };
    call(env, None, options, prepare, |_, json| Ok(Settled::Json(json)))
  }

  /// The engine's JSON of a node.
  /// @throws {DokeresError} `NOT_FOUND`
  #[napi(
    catch_unwind,
    ts_args_type = "name: string, options?: Abortable | null",
    ts_return_type = "Promise<NodeInspect>"
  )]
  pub fn inspect<'e>(
    &self,
    env: &'e Env,
    name: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let engine = self.engine.clone();
    let prepare = |_: &mut Bag| {
      let name = named(Kind::Node, name, "name")?;
      Ok(async move { nodes::inspect(&engine, &name).await })
    };
    call(env, None, options, prepare, |_, json| Ok(Settled::Json(json)))
  }

  /// Changes a node: what is given is changed, the rest stays. The version is read for the caller, and the
  /// change tried again where somebody else was quicker.
  /// @throws {DokeresError} `NOT_FOUND`; `CONFLICT` where it is no longer of the `version` that was given
  #[napi(
    catch_unwind,
    ts_args_type = "name: string, options: NodeUpdateOptions",
    ts_return_type = "Promise<void>"
  )]
  pub fn update<'e>(
    &self,
    env: &'e Env,
    name: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let engine = self.engine.clone();
    let prepare = |bag: &mut Bag| {
      let name = named(Kind::Node, name, "name")?;
      let options: UpdateOptions = bag.read()?;
      Ok(async move { nodes::update(&engine, &name, &options).await })
    };
    call(env, None, options, prepare, |_, ()| Ok(Settled::Nothing))
  }

  /// Removes a node that is down from the swarm.
  /// @throws {DokeresError} `NOT_FOUND`; `CONFLICT` where it is not down
  #[napi(
    catch_unwind,
    ts_args_type = "name: string, options?: NodeRemoveOptions | null",
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
      let name = named(Kind::Node, name, "name")?;
      let options: RemoveOptions = bag.read()?;
      Ok(async move { swarm::remove(&engine, Kind::Node, &name, options).await })
    };
    call(env, None, options, prepare, |_, ()| Ok(Settled::Nothing))
  }

  /// Makes a manager of it, which takes it a moment: its `ManagerStatus` tells when it is one.
  #[napi(
    catch_unwind,
    ts_args_type = "name: string, options?: Abortable | null",
    ts_return_type = "Promise<void>"
  )]
  pub fn promote<'e>(
    &self,
    env: &'e Env,
    name: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    self.made(env, name, options, UpdateOptions::of_role(Role::Manager))
  }

  /// Makes a worker of it.
  /// @throws {DokeresError} `CONFLICT` where it is the last manager
  #[napi(
    catch_unwind,
    ts_args_type = "name: string, options?: Abortable | null",
    ts_return_type = "Promise<void>"
  )]
  pub fn demote<'e>(
    &self,
    env: &'e Env,
    name: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    self.made(env, name, options, UpdateOptions::of_role(Role::Worker))
  }

  /// Has its tasks go to other nodes, and no more come.
  #[napi(
    catch_unwind,
    ts_args_type = "name: string, options?: Abortable | null",
    ts_return_type = "Promise<void>"
  )]
  pub fn drain<'e>(
    &self,
    env: &'e Env,
    name: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    self.made(env, name, options, UpdateOptions::of_availability(Availability::Drain))
  }

  /// Has no more tasks come; those that run stay.
  #[napi(
    catch_unwind,
    ts_args_type = "name: string, options?: Abortable | null",
    ts_return_type = "Promise<void>"
  )]
  pub fn pause<'e>(
    &self,
    env: &'e Env,
    name: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    self.made(env, name, options, UpdateOptions::of_availability(Availability::Pause))
  }

  /// Has tasks come again, after `drain` or `pause`.
  #[napi(
    catch_unwind,
    ts_args_type = "name: string, options?: Abortable | null",
    ts_return_type = "Promise<void>"
  )]
  pub fn activate<'e>(
    &self,
    env: &'e Env,
    name: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    self.made(env, name, options, UpdateOptions::of_availability(Availability::Active))
  }
}
