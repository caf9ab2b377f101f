//! `DokeresImage`: an image that is there, can be pulled or can be built.

mod context;
mod moving;
mod running;

pub use context::{bytes, context};

use napi::bindgen_prelude::{ClassInstance, JsValue, This, Unknown};
use napi::{Env, Result};
use napi_derive::napi;

use crate::binding::bag::Bag;
use crate::binding::call::{Settled, call};
use crate::binding::dokeres::Dokeres;
use crate::binding::fault::thrown;
use crate::binding::input::text;
use crate::binding::progress::{builders_onlookers, onlookers, watched};
use crate::binding::value::{recast, to_js};
use crate::engine::error::EngineError;
use crate::engine::image::{BuildOptions, Image, PullOptions};
use crate::engine::images::remove::RemoveOptions;

/// An image: a name, a way to build it, or both. Nothing is asked of the engine until a method is.
#[napi]
pub struct DokeresImage {
  inner: Image,
}

impl From<Image> for DokeresImage {
  fn from(inner: Image) -> Self {
    Self { inner }
  }
}

#[napi]
impl DokeresImage {
  /// As `dokeres.image(…)`.
  /// @throws {DokeresError} `NO_NAME_NOR_DOCKERFILE`, `INVALID_REFERENCE`, `INVALID_OPTION`,
  /// `NOT_SUPPORTED`
  #[napi(
    catch_unwind,
    constructor,
    ts_args_type = "dokeres: Dokeres, name?: string | ImageOptions | null, dockerfile?: string | null, extraFiles?: string[] | null"
  )]
  pub fn new(
    env: &Env,
    dokeres: Unknown,
    name: Unknown,
    dockerfile: Unknown,
    extra_files: Unknown,
  ) -> Result<Self> {
    let dokeres: ClassInstance<Dokeres> = recast(env, &dokeres)
      .map_err(|_| thrown(env, &EngineError::invalid("dokeres", "expected a Dokeres")))?;
    dokeres.image(env, name, dockerfile, extra_files)
  }

  /// The name as given, or null.
  #[napi(catch_unwind, getter)]
  pub fn name(&self) -> Option<String> {
    self.inner.options().name.clone()
  }

  /// The Dockerfile's path as given, or null.
  #[napi(catch_unwind, getter)]
  pub fn dockerfile(&self) -> Option<String> {
    self.inner.options().dockerfile.clone()
  }

  /// The files that go along with the Dockerfile, paths from its folder.
  #[napi(catch_unwind, getter)]
  pub fn extra_files(&self) -> Vec<String> {
    self.inner.options().extra_files.clone().unwrap_or_default()
  }

  /// Makes sure that the image is there: present, else pulled, else built. Any number of calls that
  /// need the same image, from any thread of the process, share one pull or build. Resolves to this.
  /// @throws {DokeresError} `IMAGE_UNAVAILABLE` with the pull's error as `cause`, `BUILD_FAILED`,
  /// `ENGINE_UNREACHABLE`
  #[napi(
    catch_unwind,
    ts_args_type = "options?: EnsureOptions | null",
    ts_return_type = "Promise<DokeresImage>"
  )]
  pub fn ensure<'e>(
    &self,
    env: &'e Env,
    this: This<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let image = self.inner.clone();
    let prepare = |bag: &mut Bag| {
      let onlookers = builders_onlookers(bag)?;
      Ok(async move {
        watched(onlookers, |on_board| async move { image.ensure(&on_board).await }).await
      })
    };
    call(env, Some(this.object.to_unknown()), options, prepare, |_, ()| Ok(Settled::This))
  }

  /// Resolves to this where the image is there.
  /// @throws {DokeresError} `IMAGE_NOT_FOUND` where it is not
  #[napi(
    catch_unwind,
    ts_args_type = "options?: Abortable | null",
    ts_return_type = "Promise<DokeresImage>"
  )]
  pub fn check<'e>(
    &self,
    env: &'e Env,
    this: This<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let image = self.inner.clone();
    let work = async move { image.check().await };
    call(env, Some(this.object.to_unknown()), options, |_| Ok(work), |_, ()| Ok(Settled::This))
  }

  /// Whether the image is there. False only for “not there”: an engine that cannot tell rejects.
  #[napi(
    catch_unwind,
    ts_args_type = "options?: Abortable | null",
    ts_return_type = "Promise<boolean>"
  )]
  pub fn exists<'e>(&self, env: &'e Env, options: Unknown<'e>) -> Result<Unknown<'e>> {
    let image = self.inner.clone();
    let work = async move { image.exists().await };
    call(env, None, options, |_| Ok(work), |env, there| Ok(Settled::Value(to_js(env, there)?)))
  }

  /// The engine's JSON of the image, every field.
  /// @throws {DokeresError} `IMAGE_NOT_FOUND`
  #[napi(
    catch_unwind,
    ts_args_type = "options?: Abortable | null",
    ts_return_type = "Promise<ImageInspect>"
  )]
  pub fn inspect<'e>(&self, env: &'e Env, options: Unknown<'e>) -> Result<Unknown<'e>> {
    let image = self.inner.clone();
    let work = async move { image.inspect().await };
    call(env, None, options, |_| Ok(work), |_, json| Ok(Settled::Json(json)))
  }

  /// Gives the image another name. Resolves to this.
  #[napi(
    catch_unwind,
    ts_args_type = "reference: string, options?: Abortable | null",
    ts_return_type = "Promise<DokeresImage>"
  )]
  pub fn tag<'e>(
    &self,
    env: &'e Env,
    this: This<'e>,
    reference: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let image = self.inner.clone();
    let prepare = |_: &mut Bag| {
      let reference = text(reference, "reference")?;
      Ok(async move { image.tag(&reference).await })
    };
    call(env, Some(this.object.to_unknown()), options, prepare, |_, ()| Ok(Settled::This))
  }

  /// Removes the image; one that is not there is removed already. Resolves to this.
  /// @throws {DokeresError} `IMAGE_IN_USE`
  #[napi(
    catch_unwind,
    ts_args_type = "options?: ImageRemoveOptions | null",
    ts_return_type = "Promise<DokeresImage>"
  )]
  pub fn remove<'e>(
    &self,
    env: &'e Env,
    this: This<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let image = self.inner.clone();
    let prepare = |bag: &mut Bag| {
      let options: RemoveOptions = bag.read()?;
      Ok(async move { image.remove(&options).await })
    };
    call(env, Some(this.object.to_unknown()), options, prepare, |_, ()| Ok(Settled::This))
  }

  /// Pulls the image. Resolves when it is there.
  /// @throws {DokeresError} `PULL_FAILED` with `reason`, `NO_NAME`
  #[napi(
    catch_unwind,
    ts_args_type = "options?: PullOptions | null",
    ts_return_type = "Promise<PullResult>"
  )]
  pub fn pull<'e>(&self, env: &'e Env, options: Unknown<'e>) -> Result<Unknown<'e>> {
    let image = self.inner.clone();
    let prepare = |bag: &mut Bag| {
      let onlookers = onlookers(bag)?;
      let options: PullOptions = bag.read()?;
      Ok(async move {
        watched(onlookers, |on_board| async move { image.pull(options, &on_board).await }).await
      })
    };
    call(env, None, options, prepare, |env, result| {
      Ok(Settled::Value(to_js(env, serde_json::to_value(&result)?)?))
    })
  }

  /// Builds the image. Resolves when it is there.
  /// @throws {DokeresError} `BUILD_FAILED` with `step`, `instruction`, `exitCode` and `log`,
  /// `NO_DOCKERFILE`
  #[napi(
    catch_unwind,
    ts_args_type = "options?: BuildOptions | null",
    ts_return_type = "Promise<BuildResult>"
  )]
  pub fn build<'e>(&self, env: &'e Env, options: Unknown<'e>) -> Result<Unknown<'e>> {
    let image = self.inner.clone();
    let prepare = |bag: &mut Bag| {
      let (onlookers, context) = (builders_onlookers(bag)?, context(bag)?);
      let options = BuildOptions::read(bag.value()?, context)?;
      Ok(async move {
        watched(onlookers, |on_board| async move { image.build(options, &on_board).await }).await
      })
    };
    call(env, None, options, prepare, |env, result| {
      Ok(Settled::Value(to_js(env, serde_json::to_value(&result)?)?))
    })
  }
}
