//! `dokeres.networks`: all networks of an engine.

use napi::bindgen_prelude::{ClassInstance, Unknown};
use napi::{Env, Result};
use napi_derive::napi;
use serde::Serialize;

use super::Answer;
use super::bag::Bag;
use super::call::{Settled, call};
use super::container::DokeresContainer;
use super::input::{argument, bag_of, is_object, text};
use super::value::{recast, to_js};
use crate::engine::Engine;
use crate::engine::error::EngineError;
use crate::engine::networks::prune::{self, PruneOptions};
use crate::engine::networks::{
  self, AddressOptions, ConnectOptions, CreateOptions, DisconnectOptions, InspectOptions,
  ListOptions, RemoveOptions,
};

/// All networks of an engine: `dokeres.networks`.
#[napi]
pub struct NetworkCollection {
  engine: Engine,
}

impl NetworkCollection {
  #[must_use]
  pub fn new(engine: &Engine) -> Self {
    Self { engine: engine.clone() }
  }
}

/// A result as a value of JavaScript's.
fn json<'env, T: Serialize>(env: &'env Env, value: &T) -> Result<Settled<'env>> {
  Ok(Settled::Value(to_js(env, serde_json::to_value(value)?)?))
}

/// A container, by its id, its name, or as the object that it is.
fn id(env: &Env, container: Unknown) -> Answer<String> {
  if is_object(&container) {
    let expected =
      |_| EngineError::invalid("container", "expected a container, its id or its name");
    let container: ClassInstance<DokeresContainer> = recast(env, &container).map_err(expected)?;
    return container.core().id();
  }
  text(container, "container")
}

#[napi]
impl NetworkCollection {
  /// The engine's list of networks.
  #[napi(
    catch_unwind,
    ts_args_type = "options?: NetworkListOptions | null",
    ts_return_type = "Promise<NetworkInspect[]>"
  )]
  pub fn list<'e>(&self, env: &'e Env, options: Unknown<'e>) -> Result<Unknown<'e>> {
    let engine = self.engine.clone();
    let prepare = |bag: &mut Bag| {
      let options: ListOptions = bag.read()?;
      Ok(async move { networks::list(&engine, &options).await })
    };
    call(env, None, options, prepare, |_, json| Ok(Settled::Json(json)))
  }

  /// Creates a network. The name may also be among the options.
  /// @throws {DokeresError} `NAME_CONFLICT`; `FORBIDDEN` where its subnet overlaps with another's
  #[napi(
    catch_unwind,
    ts_args_type = "name: string | (NetworkCreateOptions & { name: string }), options?: NetworkCreateOptions | null",
    ts_return_type = "Promise<NetworkCreated>"
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
      let options = bag.read::<CreateOptions>()?.named(name)?;
      Ok(async move { networks::create(&engine, &options).await })
    };
    call(env, None, options, prepare, |env, value| json(env, &value))
  }

  /// The engine's JSON of a network.
  /// @throws {DokeresError} `NETWORK_NOT_FOUND`
  #[napi(
    catch_unwind,
    ts_args_type = "name: string, options?: NetworkInspectOptions | null",
    ts_return_type = "Promise<NetworkInspect>"
  )]
  pub fn inspect<'e>(
    &self,
    env: &'e Env,
    name: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let engine = self.engine.clone();
    let prepare = |bag: &mut Bag| {
      let name = text(name, "name")?;
      networks::check(&name)?;
      let options: InspectOptions = bag.read()?;
      Ok(async move { networks::inspect(&engine, &name, &options).await })
    };
    call(env, None, options, prepare, |_, json| Ok(Settled::Json(json)))
  }

  /// Removes a network.
  /// @throws {DokeresError} `NETWORK_NOT_FOUND`; `FORBIDDEN` while a container is connected
  #[napi(
    catch_unwind,
    ts_args_type = "name: string, options?: NetworkRemoveOptions | null",
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
      let name = text(name, "name")?;
      networks::check(&name)?;
      let options: RemoveOptions = bag.read()?;
      Ok(async move { networks::remove(&engine, &name, &options).await })
    };
    call(env, None, options, prepare, |_, ()| Ok(Settled::Nothing))
  }

  /// Connects a container to a network. `ipv4: 'next'` is the next free address; where somebody else
  /// takes that one meanwhile, the one after it.
  /// @throws {DokeresError} `NETWORK_NOT_FOUND`, `CONTAINER_NOT_FOUND`; `CONFLICT` where the address is
  /// taken, or none is left
  #[napi(
    catch_unwind,
    ts_args_type = "name: string, container: string | DokeresContainer, options?: NetworkConnectOptions | null",
    ts_return_type = "Promise<void>"
  )]
  pub fn connect<'e>(
    &self,
    env: &'e Env,
    name: Unknown<'e>,
    container: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let engine = self.engine.clone();
    let prepare = |bag: &mut Bag| {
      let name = text(name, "name")?;
      networks::check(&name)?;
      let container = id(env, container)?;
      let options: ConnectOptions = bag.read()?;
      options.check()?;
      Ok(async move { networks::connect(&engine, &name, &container, &options).await })
    };
    call(env, None, options, prepare, |_, ()| Ok(Settled::Nothing))
  }

  /// Disconnects a container from a network.
  /// @throws {DokeresError} `NETWORK_NOT_FOUND`, `CONTAINER_NOT_FOUND`
  #[napi(
    catch_unwind,
    ts_args_type = "name: string, container: string | DokeresContainer, options?: NetworkDisconnectOptions | null",
    ts_return_type = "Promise<void>"
  )]
  pub fn disconnect<'e>(
    &self,
    env: &'e Env,
    name: Unknown<'e>,
    container: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let engine = self.engine.clone();
    let prepare = |bag: &mut Bag| {
      let name = text(name, "name")?;
      networks::check(&name)?;
      let container = id(env, container)?;
      let options: DisconnectOptions = bag.read()?;
      Ok(async move { networks::disconnect(&engine, &name, &container, &options).await })
    };
    call(env, None, options, prepare, |_, ()| Ok(Settled::Nothing))
  }

  /// The engine's own prune: networks that no container is connected to, but for its own; the dry run
  /// tells the same, as it would be.
  #[napi(
    catch_unwind,
    ts_args_type = "options?: NetworkPruneOptions | null",
    ts_return_type = "Promise<NetworkPruneResult>"
  )]
  pub fn prune<'e>(&self, env: &'e Env, options: Unknown<'e>) -> Result<Unknown<'e>> {
    let engine = self.engine.clone();
    let prepare = |bag: &mut Bag| {
      let options: PruneOptions = bag.read()?;
      Ok(async move { prune::prune(&engine, &options).await })
    };
    call(env, None, options, prepare, |env, value| json(env, &value))
  }

  /// The lowest address of a network that nobody has: no container (also one that does not run and has
  /// been promised it), gateway or auxiliary address; within the subnet's `ipRange` where it has one. Until
  /// it is used somebody else may take it: `connect(name, container, { ipv4: 'next' })` sees to that.
  /// @throws {DokeresError} `NETWORK_NOT_FOUND`; `CONFLICT` where none is left; `NOT_SUPPORTED` where the
  /// network has no addresses of that kind
  #[napi(
    catch_unwind,
    ts_args_type = "name: string, options?: NextFreeAddressOptions | null",
    ts_return_type = "Promise<string>"
  )]
  pub fn next_free_address<'e>(
    &self,
    env: &'e Env,
    name: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let engine = self.engine.clone();
    let prepare = |bag: &mut Bag| {
      let name = text(name, "name")?;
      networks::check(&name)?;
      let options: AddressOptions = bag.read()?;
      options.check()?;
      Ok(async move { networks::next_free(&engine, &name, &options, &[]).await })
    };
    call(env, None, options, prepare, |env, address| {
      Ok(Settled::Value(to_js(env, address.to_string())?))
    })
  }
}
