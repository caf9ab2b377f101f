//! What concerns an engine as a whole: its disk, its registries, its build cache.

use napi::bindgen_prelude::Unknown;
use napi::{Env, Result};
use napi_derive::napi;

use super::bag::Bag;
use super::call::{Settled, call};
use super::dokeres::Dokeres;
use super::input::text;
use super::value::to_js;
use crate::engine::diagnose;
use crate::engine::image::Auth;
use crate::engine::system::{self, BuildPruneOptions, DistributionOptions};

#[napi]
impl Dokeres {
  /// The engine's `GET /system/df`: what images, containers, volumes and the build cache take up. The
  /// engine has to count it, which can take its time.
  #[napi(
    catch_unwind,
    ts_args_type = "options?: Abortable | null",
    ts_return_type = "Promise<DiskUsage>"
  )]
  pub fn df<'e>(&self, env: &'e Env, options: Unknown<'e>) -> Result<Unknown<'e>> {
    let engine = self.engine().clone();
    let work = async move { system::df(&engine).await };
    call(env, None, options, |_| Ok(work), |_, json| Ok(Settled::Json(json)))
  }

  /// What there is to know when something does not work: which endpoint is used and why, the engine, its
  /// builder, credential helpers, permissions, disk and clock, and for each problem what to do about it.
  /// It resolves also where no engine answers.
  #[napi(
    catch_unwind,
    ts_args_type = "options?: Abortable | null",
    ts_return_type = "Promise<Diagnosis>"
  )]
  pub fn diagnose<'e>(&self, env: &'e Env, options: Unknown<'e>) -> Result<Unknown<'e>> {
    let engine = self.engine().clone();
    let work = async move { Ok(diagnose::diagnose(&engine).await) };
    call(env, None, options, |_| Ok(work), |env, found| Ok(Settled::Value(to_js(env, found)?)))
  }

  /// Has the engine check credentials with a registry, Docker Hub unless `serverAddress` says another.
  /// They are kept nowhere.
  /// @throws {DokeresError} `UNAUTHORIZED`
  #[napi(
    catch_unwind,
    ts_args_type = "credentials: RegistryAuth & Abortable",
    ts_return_type = "Promise<AuthResult>"
  )]
  pub fn auth<'e>(&self, env: &'e Env, credentials: Unknown<'e>) -> Result<Unknown<'e>> {
    let engine = self.engine().clone();
    let prepare = |bag: &mut Bag| {
      let auth: Auth = bag.read()?;
      system::check(&auth)?;
      Ok(async move { system::auth(&engine, &auth).await })
    };
    call(env, None, credentials, prepare, |_, json| Ok(Settled::Json(json)))
  }

  /// What a registry has under an image's name, without pulling it: the engine's
  /// `GET /distribution/…/json`.
  /// @throws {DokeresError} `INVALID_REFERENCE`, `UNAUTHORIZED`
  #[napi(
    catch_unwind,
    ts_args_type = "name: string, options?: DistributionOptions | null",
    ts_return_type = "Promise<DistributionInspect>"
  )]
  pub fn distribution<'e>(
    &self,
    env: &'e Env,
    name: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let engine = self.engine().clone();
    let prepare = |bag: &mut Bag| {
      let name = text(name, "name")?;
      let options: DistributionOptions = bag.read()?;
      Ok(async move { system::distribution(&engine, &name, &options).await })
    };
    call(env, None, options, prepare, |_, json| Ok(Settled::Json(json)))
  }

  /// The engine's own prune of the build cache: what is dangling, or, with `all`, all that is not in use.
  #[napi(
    catch_unwind,
    ts_args_type = "options?: BuildPruneOptions | null",
    ts_return_type = "Promise<BuildPruneResult>"
  )]
  pub fn prune_build<'e>(&self, env: &'e Env, options: Unknown<'e>) -> Result<Unknown<'e>> {
    let engine = self.engine().clone();
    let prepare = |bag: &mut Bag| {
      let options: BuildPruneOptions = bag.read()?;
      Ok(async move { system::prune_build(&engine, &options).await })
    };
    call(env, None, options, prepare, |_, json| Ok(Settled::Json(json)))
  }
}
