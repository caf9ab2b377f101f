//! `dokeres.volumes`: all volumes of an engine.

use std::path::PathBuf;

use napi::bindgen_prelude::Unknown;
use napi::{Env, Result};
use napi_derive::napi;
use serde::Serialize;

use super::bag::Bag;
use super::call::{Settled, call};
use super::input::{argument, bag_of, text};
use super::value::to_js;
use crate::engine::Engine;
use crate::engine::volumes::backup::{self, BackupOptions};
use crate::engine::volumes::prune::{self, PruneOptions};
use crate::engine::volumes::{self, CreateOptions, ListOptions, RemoveOptions};

/// All volumes of an engine: `dokeres.volumes`.
#[napi]
pub struct VolumeCollection {
  engine: Engine,
}

impl VolumeCollection {
  #[must_use]
  pub fn new(engine: &Engine) -> Self {
    Self { engine: engine.clone() }
  }
}

/// A result as a value of JavaScript's.
fn json<'env, T: Serialize>(env: &'env Env, value: &T) -> Result<Settled<'env>> {
  Ok(Settled::Value(to_js(env, serde_json::to_value(value)?)?))
}

#[napi]
impl VolumeCollection {
  /// The engine's list of volumes, `{ Volumes, Warnings }`.
  #[napi(
    catch_unwind,
    ts_args_type = "options?: VolumeListOptions | null",
    ts_return_type = "Promise<VolumeList>"
  )]
  pub fn list<'e>(&self, env: &'e Env, options: Unknown<'e>) -> Result<Unknown<'e>> {
    let engine = self.engine.clone();
    let prepare = |bag: &mut Bag| {
      let options: ListOptions = bag.read()?;
      Ok(async move { volumes::list(&engine, &options).await })
    };
    call(env, None, options, prepare, |env, value| json(env, &value))
  }

  /// Creates a volume: one that is there under the name is as good. Without a name: an anonymous one. The
  /// name may also be among the options.
  /// @throws {DokeresError} `NAME_CONFLICT` where one of the name is there with another driver
  #[napi(
    catch_unwind,
    ts_args_type = "name?: string | (VolumeCreateOptions & { name?: string | null }) | null, options?: VolumeCreateOptions | null",
    ts_return_type = "Promise<VolumeInspect>"
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
      Ok(async move { volumes::create(&engine, &options).await })
    };
    call(env, None, options, prepare, |env, value| json(env, &value))
  }

  /// The engine's JSON of a volume.
  /// @throws {DokeresError} `VOLUME_NOT_FOUND`
  #[napi(
    catch_unwind,
    ts_args_type = "name: string, options?: Abortable | null",
    ts_return_type = "Promise<VolumeInspect>"
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
      volumes::check(&name)?;
      Ok(async move { volumes::inspect(&engine, &name).await })
    };
    call(env, None, options, prepare, |_, json| Ok(Settled::Json(json)))
  }

  /// Removes a volume and what is in it.
  /// @throws {DokeresError} `VOLUME_NOT_FOUND`, `VOLUME_IN_USE`
  #[napi(
    catch_unwind,
    ts_args_type = "name: string, options?: VolumeRemoveOptions | null",
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
      volumes::check(&name)?;
      let options: RemoveOptions = bag.read()?;
      Ok(async move { volumes::remove(&engine, &name, &options).await })
    };
    call(env, None, options, prepare, |_, ()| Ok(Settled::Nothing))
  }

  /// The engine's own prune: local volumes that no container has. Engines from API 1.42 on spare those with
  /// a name unless `filters: { all: true }` is said; older ones do not. The dry run tells the same, as it
  /// would be.
  #[napi(
    catch_unwind,
    ts_args_type = "options?: VolumePruneOptions | null",
    ts_return_type = "Promise<VolumePruneResult>"
  )]
  pub fn prune<'e>(&self, env: &'e Env, options: Unknown<'e>) -> Result<Unknown<'e>> {
    let engine = self.engine.clone();
    let prepare = |bag: &mut Bag| {
      let options: PruneOptions = bag.read()?;
      Ok(async move { prune::prune(&engine, &options).await })
    };
    call(env, None, options, prepare, |env, value| json(env, &value))
  }

  /// A tar of the volume's content, in a file: there whole or not at all; compressed where its name ends in
  /// `.gz` or `.tgz`. The engine gives a volume's files out through a container only: one is made for it,
  /// never started, and removed. A container that writes meanwhile may be caught in the middle of it.
  /// @param name the volume's
  /// @param path the file's, on this machine
  /// @throws {DokeresError} `VOLUME_NOT_FOUND`, `IMAGE_NOT_FOUND` where the engine has no image at all
  #[napi(
    catch_unwind,
    ts_args_type = "name: string, path: string, options?: VolumeBackupOptions | null",
    ts_return_type = "Promise<VolumeBackup>"
  )]
  pub fn backup<'e>(
    &self,
    env: &'e Env,
    name: Unknown<'e>,
    path: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let engine = self.engine.clone();
    let prepare = |bag: &mut Bag| {
      let name = text(name, "name")?;
      volumes::check(&name)?;
      let path = PathBuf::from(text(path, "path")?);
      let options: BackupOptions = bag.read()?;
      Ok(async move { backup::backup(&engine, &name, &path, &options).await })
    };
    call(env, None, options, prepare, |env, value| json(env, &value))
  }

  /// Puts a tar's content into a volume, which is made where it is not there: owners, modes and links as
  /// they are in it. What is in the volume stays, and is replaced where the tar has the same.
  /// @param name the volume's
  /// @param path the tar's, on this machine; plain, or compressed with gzip, bzip2 or xz
  /// @throws {DokeresError} `INVALID_OPTION` where there is no such file; the engine's refusal where it is no
  /// tar
  #[napi(
    catch_unwind,
    ts_args_type = "name: string, path: string, options?: VolumeBackupOptions | null",
    ts_return_type = "Promise<VolumeRestored>"
  )]
  pub fn restore<'e>(
    &self,
    env: &'e Env,
    name: Unknown<'e>,
    path: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let engine = self.engine.clone();
    let prepare = |bag: &mut Bag| {
      let name = text(name, "name")?;
      volumes::check(&name)?;
      let path = PathBuf::from(text(path, "path")?);
      let options: BackupOptions = bag.read()?;
      Ok(async move { backup::restore(&engine, &name, path, &options).await })
    };
    call(env, None, options, prepare, |env, value| json(env, &value))
  }
}
