//! `dokeres.swarm.secrets` and `.configs`: files that a swarm keeps for its services.

use napi::bindgen_prelude::{Buffer, JsValue, Unknown};
use napi::{Env, Result, ValueType};
use napi_derive::napi;

use super::{json, named};
use crate::binding::Answer;
use crate::binding::bag::{Bag, unreadable};
use crate::binding::call::{Settled, call};
use crate::binding::input::{argument, bag_of};
use crate::binding::value::{is_absent, recast};
use crate::engine::Engine;
use crate::engine::error::EngineError;
use crate::engine::swarm::data::{self, CreateOptions, UpdateOptions};
use crate::engine::swarm::{self, Kind, ListOptions, RemoveOptions};

/// What is in it: a text or bytes, as an argument or among the options.
fn content<'e>(bag: &mut Bag<'e>, data: Unknown<'e>) -> Answer<Option<Vec<u8>>> {
  let among = bag.take("data")?;
  let data = if is_absent(&data).map_err(unreadable)? { among } else { Some(data) };
  let Some(data) = data else { return Ok(None) };
  let kind = data.get_type().map_err(unreadable)?;
  let env = bag.env();
  match kind {
    ValueType::String => {
      recast::<String, _>(env, &data).map(|text| Some(text.into_bytes())).map_err(unreadable)
    }
    ValueType::Object if data.is_buffer().map_err(unreadable)? => {
      recast::<Buffer, _>(env, &data).map(|bytes| Some(bytes.to_vec())).map_err(unreadable)
    }
    _ => Err(EngineError::invalid("data", "expected a text or a Buffer")),
  }
}

/// All secrets of a swarm: `dokeres.swarm.secrets`. Their content goes to services only.
#[napi]
pub struct SecretCollection {
  engine: Engine,
}

impl SecretCollection {
  #[must_use]
  pub fn new(engine: &Engine) -> Self {
    Self { engine: engine.clone() }
  }
}

#[napi]
impl SecretCollection {
  /// Creates a secret of a text or of bytes. Nobody can read it back. The name and the content may also be among the
  /// options.
  /// @throws {DokeresError} `NAME_CONFLICT`; `BAD_REQUEST` where it is too large
  #[napi(
    catch_unwind,
    ts_args_type = "name: string | (SecretCreateOptions & { name: string }), data?: string | Uint8Array | null, options?: SecretCreateOptions | null",
    ts_return_type = "Promise<SwarmCreated>"
  )]
  pub fn create<'e>(
    &self,
    env: &'e Env,
    name: Unknown<'e>,
    data: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let (name, options) = bag_of(env, name, options)?;
    let engine = self.engine.clone();
    let prepare = |bag: &mut Bag<'e>| {
      let content = content(bag, data)?;
      let name = argument(name, "name")?;
      let options = bag.read::<CreateOptions>()?.named(Kind::Secret, name, content.is_some())?;
      Ok(async move { data::create(&engine, Kind::Secret, &options, content.as_deref()).await })
    };
    call(env, None, options, prepare, |env, value| json(env, &value))
  }

  /// The engine's list of secrets.
  #[napi(
    catch_unwind,
    ts_args_type = "options?: SwarmListOptions | null",
    ts_return_type = "Promise<SecretInspect[]>"
  )]
  pub fn list<'e>(&self, env: &'e Env, options: Unknown<'e>) -> Result<Unknown<'e>> {
    let engine = self.engine.clone();
    let prepare = |bag: &mut Bag| {
      let options: ListOptions = bag.read()?;
      Ok(async move { swarm::list(&engine, Kind::Secret, &options).await })
    };
    call(env, None, options, prepare, |_, json| Ok(Settled::Json(json)))
  }

  /// The engine's JSON of a secret.
  /// @throws {DokeresError} `NOT_FOUND`
  #[napi(
    catch_unwind,
    ts_args_type = "name: string, options?: Abortable | null",
    ts_return_type = "Promise<SecretInspect>"
  )]
  pub fn inspect<'e>(
    &self,
    env: &'e Env,
    name: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let engine = self.engine.clone();
    let prepare = |_: &mut Bag| {
      let name = named(Kind::Secret, name, "name")?;
      Ok(async move { swarm::inspect_member(&engine, Kind::Secret, &name).await })
    };
    call(env, None, options, prepare, |_, json| Ok(Settled::Json(json)))
  }

  /// Changes its labels: all else of a secret is as it was made. The version is read for the caller, and the
  /// change tried again where somebody else was quicker.
  /// @throws {DokeresError} `NOT_FOUND`; `CONFLICT` where it is no longer of the `version` that was given
  #[napi(
    catch_unwind,
    ts_args_type = "name: string, options: SwarmLabelsOptions",
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
      let name = named(Kind::Secret, name, "name")?;
      let options: UpdateOptions = bag.read()?;
      Ok(async move { data::update(&engine, Kind::Secret, &name, &options).await })
    };
    call(env, None, options, prepare, |_, ()| Ok(Settled::Nothing))
  }

  /// Removes a secret.
  /// @throws {DokeresError} `NOT_FOUND`; `CONFLICT` while a service has it
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
      let name = named(Kind::Secret, name, "name")?;
      let options: RemoveOptions = bag.read()?;
      Ok(async move { swarm::remove(&engine, Kind::Secret, &name, options).await })
    };
    call(env, None, options, prepare, |_, ()| Ok(Settled::Nothing))
  }
}

/// All configs of a swarm: `dokeres.swarm.configs`.
#[napi]
pub struct ConfigCollection {
  engine: Engine,
}

impl ConfigCollection {
  #[must_use]
  pub fn new(engine: &Engine) -> Self {
    Self { engine: engine.clone() }
  }
}

#[napi]
impl ConfigCollection {
  /// Creates a config of a text or of bytes. The name and the content may also be among the
  /// options.
  /// @throws {DokeresError} `NAME_CONFLICT`; `BAD_REQUEST` where it is too large
  #[napi(
    catch_unwind,
    ts_args_type = "name: string | (ConfigCreateOptions & { name: string }), data?: string | Uint8Array | null, options?: ConfigCreateOptions | null",
    ts_return_type = "Promise<SwarmCreated>"
  )]
  pub fn create<'e>(
    &self,
    env: &'e Env,
    name: Unknown<'e>,
    data: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let (name, options) = bag_of(env, name, options)?;
    let engine = self.engine.clone();
    let prepare = |bag: &mut Bag<'e>| {
      let content = content(bag, data)?;
      let name = argument(name, "name")?;
      let options = bag.read::<CreateOptions>()?.named(Kind::Config, name, content.is_some())?;
      Ok(async move { data::create(&engine, Kind::Config, &options, content.as_deref()).await })
    };
    call(env, None, options, prepare, |env, value| json(env, &value))
  }

  /// The engine's list of configs.
  #[napi(
    catch_unwind,
    ts_args_type = "options?: SwarmListOptions | null",
    ts_return_type = "Promise<ConfigInspect[]>"
  )]
  pub fn list<'e>(&self, env: &'e Env, options: Unknown<'e>) -> Result<Unknown<'e>> {
    let engine = self.engine.clone();
    let prepare = |bag: &mut Bag| {
      let options: ListOptions = bag.read()?;
      Ok(async move { swarm::list(&engine, Kind::Config, &options).await })
    };
    call(env, None, options, prepare, |_, json| Ok(Settled::Json(json)))
  }

  /// The engine's JSON of a config.
  /// @throws {DokeresError} `NOT_FOUND`
  #[napi(
    catch_unwind,
    ts_args_type = "name: string, options?: Abortable | null",
    ts_return_type = "Promise<ConfigInspect>"
  )]
  pub fn inspect<'e>(
    &self,
    env: &'e Env,
    name: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let engine = self.engine.clone();
    let prepare = |_: &mut Bag| {
      let name = named(Kind::Config, name, "name")?;
      Ok(async move { swarm::inspect_member(&engine, Kind::Config, &name).await })
    };
    call(env, None, options, prepare, |_, json| Ok(Settled::Json(json)))
  }

  /// Changes its labels: all else of a config is as it was made. The version is read for the caller, and the
  /// change tried again where somebody else was quicker.
  /// @throws {DokeresError} `NOT_FOUND`; `CONFLICT` where it is no longer of the `version` that was given
  #[napi(
    catch_unwind,
    ts_args_type = "name: string, options: SwarmLabelsOptions",
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
      let name = named(Kind::Config, name, "name")?;
      let options: UpdateOptions = bag.read()?;
      Ok(async move { data::update(&engine, Kind::Config, &name, &options).await })
    };
    call(env, None, options, prepare, |_, ()| Ok(Settled::Nothing))
  }

  /// Removes a config.
  /// @throws {DokeresError} `NOT_FOUND`; `CONFLICT` while a service has it
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
      let name = named(Kind::Config, name, "name")?;
      let options: RemoveOptions = bag.read()?;
      Ok(async move { swarm::remove(&engine, Kind::Config, &name, options).await })
    };
    call(env, None, options, prepare, |_, ()| Ok(Settled::Nothing))
  }
}
