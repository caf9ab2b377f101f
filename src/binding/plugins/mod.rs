//! `dokeres.plugins`: all plugins of an engine.

mod moving;

use napi::bindgen_prelude::Unknown;
use napi::{Env, Result};
use napi_derive::napi;

use super::bag::Bag;
use super::call::{Settled, call};
use super::input::{argument, text};
use crate::engine::Engine;
use crate::engine::error::EngineError;
use crate::engine::options::Entries;
use crate::engine::plugins::{self, EnableOptions, ForceOptions, ListOptions};

/// All plugins of an engine: `dokeres.plugins`. A plugin goes by its name, or by what docker shows of its
/// id.
#[napi]
pub struct PluginCollection {
  engine: Engine,
}

impl PluginCollection {
  #[must_use]
  pub fn new(engine: &Engine) -> Self {
    Self { engine: engine.clone() }
  }
}

#[napi]
impl PluginCollection {
  /// The engine's list of plugins.
  #[napi(
    catch_unwind,
    ts_args_type = "options?: PluginListOptions | null",
    ts_return_type = "Promise<PluginInspect[]>"
  )]
  pub fn list<'e>(&self, env: &'e Env, options: Unknown<'e>) -> Result<Unknown<'e>> {
    let engine = self.engine.clone();
    let prepare = |bag: &mut Bag| {
      let options: ListOptions = bag.read()?;
      Ok(async move { plugins::list(&engine, &options).await })
    };
    call(env, None, options, prepare, |_, json| Ok(Settled::Json(json)))
  }

  /// The engine's JSON of a plugin.
  /// @throws {DokeresError} `NOT_FOUND`
  #[napi(
    catch_unwind,
    ts_args_type = "name: string, options?: Abortable | null",
    ts_return_type = "Promise<PluginInspect>"
  )]
  pub fn inspect<'e>(
    &self,
    env: &'e Env,
    name: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let engine = self.engine.clone();
    let prepare = |_: &mut Bag| {
      let name = text(name, "name")?;
      plugins::check(&name)?;
      Ok(async move { plugins::inspect(&engine, &name).await })
    };
    call(env, None, options, prepare, |_, json| Ok(Settled::Json(json)))
  }

  /// Enables a plugin: starts it. Quiet where it is enabled.
  /// @throws {DokeresError} `NOT_FOUND`; `SERVER_ERROR` where it does not come up
  #[napi(
    catch_unwind,
    ts_args_type = "name: string, options?: PluginEnableOptions | null",
    ts_return_type = "Promise<void>"
  )]
  pub fn enable<'e>(
    &self,
    env: &'e Env,
    name: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let engine = self.engine.clone();
    let prepare = |bag: &mut Bag| {
      let name = text(name, "name")?;
      plugins::check(&name)?;
      let options: EnableOptions = bag.read()?;
      Ok(async move { plugins::enable(&engine, &name, &options).await })
    };
    call(env, None, options, prepare, |_, ()| Ok(Settled::Nothing))
  }

  /// Disables a plugin: stops it. Quiet where it is disabled.
  /// @throws {DokeresError} `NOT_FOUND`; `CONFLICT` while it is in use
  #[napi(
    catch_unwind,
    ts_args_type = "name: string, options?: PluginForceOptions | null",
    ts_return_type = "Promise<void>"
  )]
  pub fn disable<'e>(
    &self,
    env: &'e Env,
    name: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let engine = self.engine.clone();
    let prepare = |bag: &mut Bag| {
      let name = text(name, "name")?;
      plugins::check(&name)?;
      let options: ForceOptions = bag.read()?;
      Ok(async move { plugins::disable(&engine, &name, &options).await })
    };
    call(env, None, options, prepare, |_, ()| Ok(Settled::Nothing))
  }

  /// Removes a plugin.
  /// @throws {DokeresError} `NOT_FOUND`; `CONFLICT` while it is enabled, unless by `force`
  #[napi(
    catch_unwind,
    ts_args_type = "name: string, options?: PluginForceOptions | null",
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
      plugins::check(&name)?;
      let options: ForceOptions = bag.read()?;
      Ok(async move { plugins::remove(&engine, &name, &options).await })
    };
    call(env, None, options, prepare, |_, ()| Ok(Settled::Nothing))
  }

  /// Changes what a plugin lets its users set: `{ DEBUG: 1 }`. It has to be disabled.
  /// @throws {DokeresError} `NOT_FOUND`; `BAD_REQUEST` where it has no such setting; `CONFLICT` while it is
  /// enabled
  #[napi(
    catch_unwind,
    ts_args_type = "name: string, settings: TextMap | readonly string[], options?: Abortable | null",
    ts_return_type = "Promise<void>"
  )]
  pub fn set<'e>(
    &self,
    env: &'e Env,
    name: Unknown<'e>,
    settings: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let engine = self.engine.clone();
    let prepare = |_: &mut Bag| {
      let name = text(name, "name")?;
      plugins::check(&name)?;
      let settings: Entries = argument(settings, "settings")?
        .ok_or_else(|| EngineError::invalid("settings", "a map or a list of texts is expected"))?;
      Ok(async move { plugins::set(&engine, &name, &settings).await })
    };
    call(env, None, options, prepare, |_, ()| Ok(Settled::Nothing))
  }
}
