//! Plugins on their way: from registries and to them, and from directories of this machine.

use napi::bindgen_prelude::Unknown;
use napi::{Env, Result, ValueType};
use napi_derive::napi;
use serde_json::Value;

use super::PluginCollection;
use crate::binding::Answer;
use crate::binding::bag::{Bag, unreadable};
use crate::binding::call::{Settled, call};
use crate::binding::callback::{Listener, Make};
use crate::binding::images::upload;
use crate::binding::input::text;
use crate::binding::progress::{onlookers, watched};
use crate::binding::value::{recast, to_js};
use crate::engine::error::EngineError;
use crate::engine::image::progress::alone;
use crate::engine::plugins::{
  self, Consent, InstallOptions, PrivilegeOptions, PushOptions, UpgradeOptions,
};
use crate::engine::reference::Reference;

/// `grant`: true, or a callback that is asked.
fn consent(bag: &mut Bag) -> Answer<Consent> {
  let Some(value) = bag.take("grant")? else { return Ok(Consent::No) };
  let env = bag.env();
  match value.get_type().map_err(unreadable)? {
    ValueType::Boolean => {
      let granted: bool = recast(env, &value).map_err(unreadable)?;
      Ok(if granted { Consent::Yes } else { Consent::No })
    }
    ValueType::Function => {
      let callback = recast(env, &value).map_err(unreadable)?;
      let listener = Listener::new(env, callback).map_err(unreadable)?;
      Ok(Consent::Ask(Box::new(move |wanted| {
        Box::pin(async move {
          let make: Make = Box::new(move |env| to_js(env, Value::Array(wanted)));
          listener.ask(make).await
        })
      })))
    }
    other => {
      let why = format!("expected true or a function, not a {other}");
      Err(EngineError::invalid("grant", why))
    }
  }
}

/// The name of a plugin in a registry, told wrong before anything is sent.
fn remote(value: Unknown) -> Answer<String> {
  let remote = text(value, "remote")?;
  Reference::parse(&remote)?;
  Ok(remote)
}

#[napi]
impl PluginCollection {
  /// What a plugin of a registry wants to be allowed.
  /// @throws {DokeresError} `INVALID_REFERENCE`, `PULL_FAILED` with `reason`
  #[napi(
    catch_unwind,
    ts_args_type = "remote: string, options?: PluginPrivilegesOptions | null",
    ts_return_type = "Promise<PluginPrivilege[]>"
  )]
  pub fn privileges<'e>(
    &self,
    env: &'e Env,
    name: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let engine = self.engine.clone();
    let prepare = |bag: &mut Bag| {
      let remote = remote(name)?;
      let options: PrivilegeOptions = bag.read()?;
      Ok(async move { plugins::privileges(&engine, &remote, &options).await })
    };
    call(env, None, options, prepare, |env, list| Ok(Settled::Value(to_js(env, list)?)))
  }

  /// Installs a plugin from a registry and enables it. The engine is asked what it wants to be allowed, and
  /// only what `grant` lets through is installed. Resolves to the engine's JSON of it; what fails leaves no
  /// plugin behind.
  /// @throws {DokeresError} `FORBIDDEN` where its privileges were not granted; `NAME_CONFLICT`,
  /// `PULL_FAILED` with `reason`; `SERVER_ERROR` where it does not come up
  #[napi(
    catch_unwind,
    ts_args_type = "remote: string, options?: PluginInstallOptions | null",
    ts_return_type = "Promise<PluginInspect>"
  )]
  pub fn install<'e>(
    &self,
    env: &'e Env,
    name: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let engine = self.engine.clone();
    let prepare = |bag: &mut Bag| {
      let (onlookers, consent) = (onlookers(bag)?, consent(bag)?);
      let remote = remote(name)?;
      let options: InstallOptions = bag.read()?;
      options.check()?;
      Ok(async move {
        let install = |on_board: Box<dyn Fn(_) + Send + Sync>| async move {
          alone(&on_board, |shown| plugins::install(&engine, &remote, consent, options, shown))
            .await
        };
        watched(onlookers, install).await
      })
    };
    call(env, None, options, prepare, |_, json| Ok(Settled::Json(json)))
  }

  /// Puts another version of a plugin in its place: what `remote` says, or anew what it was installed
  /// from. It has to be disabled. Resolves to the engine's JSON of it.
  /// @throws {DokeresError} `NOT_FOUND`, `FORBIDDEN` where its privileges were not granted, `PULL_FAILED`
  /// with `reason`; `CONFLICT` while it is enabled
  #[napi(
    catch_unwind,
    ts_args_type = "name: string, options?: PluginUpgradeOptions | null",
    ts_return_type = "Promise<PluginInspect>"
  )]
  pub fn upgrade<'e>(
    &self,
    env: &'e Env,
    name: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let engine = self.engine.clone();
    let prepare = |bag: &mut Bag| {
      let (onlookers, consent) = (onlookers(bag)?, consent(bag)?);
      let name = text(name, "name")?;
      plugins::check(&name)?;
      let options: UpgradeOptions = bag.read()?;
      if let Some(remote) = &options.remote {
        Reference::parse(remote)?;
      }
      Ok(async move {
        let upgrade = |on_board: Box<dyn Fn(_) + Send + Sync>| async move {
          alone(&on_board, |shown| plugins::upgrade(&engine, &name, consent, options, shown)).await
        };
        watched(onlookers, upgrade).await
      })
    };
    call(env, None, options, prepare, |_, json| Ok(Settled::Json(json)))
  }

  /// Makes a plugin of a directory, or a tar, that has its `config.json` and its `rootfs`. It is not
  /// enabled. Resolves to the engine's JSON of it.
  /// @throws {DokeresError} `INVALID_REFERENCE`, `NAME_CONFLICT`, `INVALID_OPTION` where the source cannot
  /// be read
  #[napi(
    catch_unwind,
    ts_args_type = "name: string, source: string | Uint8Array | Readable | AsyncIterable<Uint8Array>, options?: Abortable | null",
    ts_return_type = "Promise<PluginInspect>"
  )]
  pub fn create<'e>(
    &self,
    env: &'e Env,
    name: Unknown<'e>,
    source: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let engine = self.engine.clone();
    let prepare = |_: &mut Bag| {
      let name = text(name, "name")?;
      Reference::parse(&name)?;
      let source = upload(env, source, "source")?;
      Ok(async move { plugins::create(&engine, &name, source).await })
    };
    call(env, None, options, prepare, |_, json| Ok(Settled::Json(json)))
  }

  /// Pushes a plugin to the registry that its name says.
  /// @throws {DokeresError} `NOT_FOUND`, `INVALID_REFERENCE`, `PUSH_FAILED` with `reason`
  #[napi(
    catch_unwind,
    ts_args_type = "name: string, options?: PushOptions | null",
    ts_return_type = "Promise<PushResult>"
  )]
  pub fn push<'e>(
    &self,
    env: &'e Env,
    name: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let engine = self.engine.clone();
    let prepare = |bag: &mut Bag| {
      let onlookers = onlookers(bag)?;
      let name = text(name, "name")?;
      Reference::parse(&name)?;
      let options: PushOptions = bag.read()?;
      Ok(async move {
        let push = |on_board: Box<dyn Fn(_) + Send + Sync>| async move {
          alone(&on_board, |shown| plugins::push(&engine, &name, &options, shown)).await
        };
        watched(onlookers, push).await
      })
    };
    call(env, None, options, prepare, |env, pushed| {
      Ok(Settled::Value(to_js(env, serde_json::to_value(pushed)?)?))
    })
  }
}
