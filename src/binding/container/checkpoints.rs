//! Starting, from the beginning or from a checkpoint, and the checkpoints themselves.

use std::sync::PoisonError;

use napi::bindgen_prelude::{JsValue, This, Unknown};
use napi::{Env, Result};
use napi_derive::napi;

use super::DokeresContainer;
use crate::binding::bag::Bag;
use crate::binding::call::{Settled, call};
use crate::binding::input::text;
use crate::engine::container::Container;
use crate::engine::container::checkpoint::{CreateOptions, DirOptions, StartOptions, check};

/// The checkpoints of one container: `container.checkpoints`. Engines have them as an experiment: with
/// `"experimental": true` in their daemon.json, and CRIU on their machine.
#[napi]
pub struct CheckpointCollection {
  inner: Container,
}

#[napi]
impl DokeresContainer {
  /// Starts it, having created it where that is still to do; with `checkpoint` it goes on from there.
  /// Resolves to this.
  /// @throws {DokeresError} `PORT_IN_USE`, `EXECUTABLE_NOT_FOUND`; from a checkpoint also `NO_CONTAINER`,
  /// `NOT_FOUND`, and `NOT_SUPPORTED` where the engine has none
  #[napi(
    catch_unwind,
    ts_args_type = "options?: StartOptions | null",
    ts_return_type = "Promise<DokeresContainer>"
  )]
  pub fn start<'e>(
    &self,
    env: &'e Env,
    this: This<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let container = self.inner.clone();
    let attaching =
      std::mem::take(&mut *self.attaching.lock().unwrap_or_else(PoisonError::into_inner));
    let prepare = |bag: &mut Bag| {
      let options: StartOptions = bag.read()?;
      options.check()?;
      Ok(async move {
        for stream in attaching {
          // Its reader is told of a failure; a start has nothing to do with it.
          let _ = stream.open().await;
        }
        container.start_from(&options).await
      })
    };
    call(env, Some(this.object.to_unknown()), options, prepare, |_, ()| Ok(Settled::This))
  }

  /// Its checkpoints: its processes as files, to go on from later.
  #[napi(catch_unwind, getter)]
  pub fn checkpoints(&self) -> CheckpointCollection {
    CheckpointCollection { inner: self.inner.clone() }
  }
}

#[napi]
impl CheckpointCollection {
  /// Writes one. The container goes on, unless `exit` says otherwise.
  /// @throws {DokeresError} `NOT_SUPPORTED` where the engine has none, or no CRIU that works; `NO_CONTAINER`,
  /// `NAME_CONFLICT`; `CONFLICT` where it does not run
  #[napi(
    catch_unwind,
    ts_args_type = "name: string, options?: CheckpointCreateOptions | null",
    ts_return_type = "Promise<void>"
  )]
  pub fn create<'e>(
    &self,
    env: &'e Env,
    name: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let container = self.inner.clone();
    let prepare = |bag: &mut Bag| {
      let name = text(name, "name")?;
      check(&name)?;
      let options: CreateOptions = bag.read()?;
      Ok(async move { container.create_checkpoint(&name, &options).await })
    };
    call(env, None, options, prepare, |_, ()| Ok(Settled::Nothing))
  }

  /// The engine's list of them.
  /// @throws {DokeresError} `NOT_SUPPORTED`, `NO_CONTAINER`
  #[napi(
    catch_unwind,
    ts_args_type = "options?: CheckpointOptions | null",
    ts_return_type = "Promise<Checkpoint[]>"
  )]
  pub fn list<'e>(&self, env: &'e Env, options: Unknown<'e>) -> Result<Unknown<'e>> {
    let container = self.inner.clone();
    let prepare = |bag: &mut Bag| {
      let options: DirOptions = bag.read()?;
      Ok(async move { container.list_checkpoints(&options).await })
    };
    call(env, None, options, prepare, |_, json| Ok(Settled::Json(json)))
  }

  /// Removes one.
  /// @throws {DokeresError} `NOT_SUPPORTED`, `NO_CONTAINER`, `NOT_FOUND`
  #[napi(
    catch_unwind,
    ts_args_type = "name: string, options?: CheckpointOptions | null",
    ts_return_type = "Promise<void>"
  )]
  pub fn remove<'e>(
    &self,
    env: &'e Env,
    name: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let container = self.inner.clone();
    let prepare = |bag: &mut Bag| {
      let name = text(name, "name")?;
      check(&name)?;
      let options: DirOptions = bag.read()?;
      Ok(async move { container.remove_checkpoint(&name, &options).await })
    };
    call(env, None, options, prepare, |_, ()| Ok(Settled::Nothing))
  }
}
