//! `dokeres.swarm`: engines that run services together.

mod data;
mod nodes;
mod services;
mod tasks;

use napi::bindgen_prelude::Unknown;
use napi::{Env, Result};
use napi_derive::napi;
use serde::Serialize;

use self::data::{ConfigCollection, SecretCollection};
use self::nodes::NodeCollection;
use self::services::ServiceCollection;
use self::tasks::TaskCollection;
use super::Answer;
use super::bag::Bag;
use super::call::{Settled, call};
use super::fault::thrown;
use super::input::text;
use super::stream::{self, Opened};
use super::value::to_js;
use crate::engine::Engine;
use crate::engine::swarm::logs::{self, LogsOptions};
use crate::engine::swarm::{
  self, ChangeOptions, InitOptions, JoinOptions, Kind, LeaveOptions, RotateOptions, Unlocking,
};

/// A result as a value of JavaScript's.
fn json<'env, T: Serialize>(env: &'env Env, value: &T) -> Result<Settled<'env>> {
  Ok(Settled::Value(to_js(env, serde_json::to_value(value)?)?))
}

/// The name or id of one of a kind.
fn named(kind: Kind, name: Unknown, path: &str) -> Answer<String> {
  let name = text(name, path)?;
  swarm::check(kind, &name)?;
  Ok(name)
}

/// The logs of a service or of a task.
fn logged<'e>(
  env: &'e Env,
  engine: &Engine,
  kind: Kind,
  name: Unknown<'e>,
  options: Unknown<'e>,
) -> Result<Unknown<'e>> {
  let name = named(kind, name, kind.name()).map_err(|error| thrown(env, &error))?;
  let (options, signal): (LogsOptions, _) = stream::options(env, options)?;
  options.check().map_err(|error| thrown(env, &error))?;
  let engine = engine.clone();
  let opener =
    Box::pin(async move { logs::open(&engine, kind, &name, &options).await.map(Opened::from) });
  stream::lazy(env, opener, signal)
}

/// The swarm of an engine, and what belongs to it: `dokeres.swarm`.
#[napi]
pub struct Swarm {
  engine: Engine,
}

impl Swarm {
  #[must_use]
  pub fn new(engine: &Engine) -> Self {
    Self { engine: engine.clone() }
  }
}

#[napi]
impl Swarm {
  /// What it runs.
  #[napi(catch_unwind, getter)]
  pub fn services(&self) -> ServiceCollection {
    ServiceCollection::new(&self.engine)
  }

  /// The tasks of its services: their containers before, while and after they run.
  #[napi(catch_unwind, getter)]
  pub fn tasks(&self) -> TaskCollection {
    TaskCollection::new(&self.engine)
  }

  /// Its engines.
  #[napi(catch_unwind, getter)]
  pub fn nodes(&self) -> NodeCollection {
    NodeCollection::new(&self.engine)
  }

  /// Files for services that nobody else can read.
  #[napi(catch_unwind, getter)]
  pub fn secrets(&self) -> SecretCollection {
    SecretCollection::new(&self.engine)
  }

  /// Files for services.
  #[napi(catch_unwind, getter)]
  pub fn configs(&self) -> ConfigCollection {
    ConfigCollection::new(&self.engine)
  }

  /// Begins a swarm with this engine as its first manager; resolves to its id as a node.
  /// @throws {DokeresError} `CONFLICT` where it is in a swarm already
  #[napi(
    catch_unwind,
    ts_args_type = "options?: SwarmInitOptions | null",
    ts_return_type = "Promise<string>"
  )]
  pub fn init<'e>(&self, env: &'e Env, options: Unknown<'e>) -> Result<Unknown<'e>> {
    let engine = self.engine.clone();
    let prepare = |bag: &mut Bag| {
      let options = InitOptions::read(bag.value()?)?;
      Ok(async move { swarm::init(&engine, &options).await })
    };
    call(env, None, options, prepare, |_, json| Ok(Settled::Json(json)))
  }

  /// Joins a swarm. Which of its `joinTokens()` is given says whether as a worker or as a manager.
  /// An abort is over when the engine has given up or has left again.
  /// @throws {DokeresError} `CONFLICT` where it is in a swarm already; `BAD_REQUEST` where that is no token of
  /// the swarm's; `TIMEOUT`, or `SERVER_ERROR` with the reason `unreachable`, where no manager answers
  #[napi(
    catch_unwind,
    ts_args_type = "options: SwarmJoinOptions",
    ts_return_type = "Promise<void>"
  )]
  pub fn join<'e>(&self, env: &'e Env, options: Unknown<'e>) -> Result<Unknown<'e>> {
    let engine = self.engine.clone();
    let prepare = |bag: &mut Bag| {
      let options: JoinOptions = bag.read()?;
      options.check()?;
      Ok(async move { swarm::join(&engine, &options).await })
    };
    call(env, None, options, prepare, |_, ()| Ok(Settled::Nothing))
  }

  /// Leaves the swarm. With the last manager all of the swarm's state is gone.
  /// @throws {DokeresError} `CONFLICT` as a manager, without `force`, or where it is in no swarm
  #[napi(
    catch_unwind,
    ts_args_type = "options?: SwarmLeaveOptions | null",
    ts_return_type = "Promise<void>"
  )]
  pub fn leave<'e>(&self, env: &'e Env, options: Unknown<'e>) -> Result<Unknown<'e>> {
    let engine = self.engine.clone();
    let prepare = |bag: &mut Bag| {
      let options: LeaveOptions = bag.read()?;
      Ok(async move { swarm::leave(&engine, options).await })
    };
    call(env, None, options, prepare, |_, ()| Ok(Settled::Nothing))
  }

  /// The engine's JSON of the swarm.
  /// @throws {DokeresError} `NOT_SUPPORTED` with the reason `not-a-manager`, as with all else here
  #[napi(
    catch_unwind,
    ts_args_type = "options?: Abortable | null",
    ts_return_type = "Promise<SwarmInspect>"
  )]
  pub fn inspect<'e>(&self, env: &'e Env, options: Unknown<'e>) -> Result<Unknown<'e>> {
    let engine = self.engine.clone();
    let prepare = |_: &mut Bag| Ok(async move { swarm::inspect(&engine).await });
    call(env, None, options, prepare, |_, json| Ok(Settled::Json(json)))
  }

  /// Changes what the swarm goes by: what is given is changed, the rest stays. The version is read for the
  /// caller, and the change tried again where somebody else was quicker.
  /// @throws {DokeresError} `CONFLICT` where it is no longer of the `version` that was given
  #[napi(
    catch_unwind,
    ts_args_type = "options: SwarmUpdateOptions",
    ts_return_type = "Promise<void>"
  )]
  pub fn update<'e>(&self, env: &'e Env, options: Unknown<'e>) -> Result<Unknown<'e>> {
    let engine = self.engine.clone();
    let prepare = |bag: &mut Bag| {
      let options: ChangeOptions = bag.read()?;
      Ok(async move { swarm::change(&engine, &options).await })
    };
    call(env, None, options, prepare, |_, ()| Ok(Settled::Nothing))
  }

  /// What lets others join.
  #[napi(
    catch_unwind,
    ts_args_type = "options?: Abortable | null",
    ts_return_type = "Promise<SwarmJoinTokens>"
  )]
  pub fn join_tokens<'e>(&self, env: &'e Env, options: Unknown<'e>) -> Result<Unknown<'e>> {
    let engine = self.engine.clone();
    let prepare = |_: &mut Bag| Ok(async move { swarm::join_tokens(&engine).await });
    call(env, None, options, prepare, |env, value| json(env, &value))
  }

  /// Makes new join tokens, both unless one is named, and tells them; nobody joins with the old ones.
  #[napi(
    catch_unwind,
    ts_args_type = "options?: SwarmRotateOptions | null",
    ts_return_type = "Promise<SwarmJoinTokens>"
  )]
  pub fn rotate_join_tokens<'e>(&self, env: &'e Env, options: Unknown<'e>) -> Result<Unknown<'e>> {
    let engine = self.engine.clone();
    let prepare = |bag: &mut Bag| {
      let options: RotateOptions = bag.read()?;
      Ok(async move { swarm::rotate_join_tokens(&engine, options).await })
    };
    call(env, None, options, prepare, |env, value| json(env, &value))
  }

  /// What unlocks a manager after a restart, of a swarm with `autolock`; empty for others.
  /// @throws {DokeresError} `CONFLICT` for a new one of a swarm without `autolock`
  #[napi(
    catch_unwind,
    ts_args_type = "options?: SwarmUnlockKeyOptions | null",
    ts_return_type = "Promise<SwarmUnlockKey>"
  )]
  pub fn unlock_key<'e>(&self, env: &'e Env, options: Unknown<'e>) -> Result<Unknown<'e>> {
    let engine = self.engine.clone();
    let prepare = |bag: &mut Bag| {
      let options: Unlocking = bag.read()?;
      Ok(async move { swarm::unlock_key(&engine, options).await })
    };
    call(env, None, options, prepare, |_, json| Ok(Settled::Json(json)))
  }

  /// Unlocks this manager after a restart.
  /// @throws {DokeresError} `CONFLICT` where it is not locked; `BAD_REQUEST` where that is not its key
  #[napi(
    catch_unwind,
    ts_args_type = "key: string, options?: Abortable | null",
    ts_return_type = "Promise<void>"
  )]
  pub fn unlock<'e>(
    &self,
    env: &'e Env,
    key: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let engine = self.engine.clone();
    let prepare = |_: &mut Bag| {
      let key = text(key, "key")?;
      Ok(async move { swarm::unlock(&engine, &key).await })
    };
    call(env, None, options, prepare, |_, ()| Ok(Settled::Nothing))
  }
}
