//! `dokeres.images`: all images of an engine.

mod files;
mod group;

use napi::bindgen_prelude::Unknown;
use napi::{Env, Result};
use napi_derive::napi;
use serde::Serialize;
use serde_json::Value;

use super::bag::Bag;
use super::call::{Settled, call};
use super::fault::thrown;
use super::image::context;
use super::input::text;
use super::progress::{builders_onlookers, onlookers, watched};
use super::value::to_js;
use crate::engine::Engine;
use crate::engine::image::{BuildOptions, Image, ImageOptions, PullOptions, PushOptions};
use crate::engine::images::list::{self, ListOptions};
use crate::engine::images::remove::{self, RemoveOptions};
use crate::engine::images::search::{self, SearchOptions};

pub use files::{saving, upload};

/// All images of an engine: `dokeres.images`.
#[napi]
pub struct ImageCollection {
  engine: Engine,
}

impl ImageCollection {
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
impl ImageCollection {
  /// The engine's list of images.
  #[napi(
    catch_unwind,
    ts_args_type = "options?: ImageListOptions | null",
    ts_return_type = "Promise<ImageSummary[]>"
  )]
  pub fn list<'e>(&self, env: &'e Env, options: Unknown<'e>) -> Result<Unknown<'e>> {
    let engine = self.engine.clone();
    let prepare = |bag: &mut Bag| {
      let options: ListOptions = bag.read()?;
      Ok(async move { list::list(&engine, &options).await })
    };
    call(env, None, options, prepare, |_, json| Ok(Settled::Json(json)))
  }

  /// The engine's JSON of an image.
  /// @throws {DokeresError} `IMAGE_NOT_FOUND`
  #[napi(
    catch_unwind,
    ts_args_type = "name: string, options?: Abortable | null",
    ts_return_type = "Promise<ImageInspect>"
  )]
  pub fn inspect<'e>(
    &self,
    env: &'e Env,
    name: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let engine = self.engine.clone();
    let prepare = |_: &mut Bag| {
      let image = Image::named(&engine, &text(name, "name")?)?;
      Ok(async move { image.inspect().await })
    };
    call(env, None, options, prepare, |_, json| Ok(Settled::Json(json)))
  }

  /// The engine's JSON of an image's layers, the newest first.
  /// @throws {DokeresError} `IMAGE_NOT_FOUND`
  #[napi(
    catch_unwind,
    ts_args_type = "name: string, options?: Abortable | null",
    ts_return_type = "Promise<ImageHistoryEntry[]>"
  )]
  pub fn history<'e>(
    &self,
    env: &'e Env,
    name: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let engine = self.engine.clone();
    let prepare = |_: &mut Bag| {
      let image = Image::named(&engine, &text(name, "name")?)?;
      Ok(async move { image.history().await })
    };
    call(env, None, options, prepare, |_, json| Ok(Settled::Json(json)))
  }

  /// Gives an image another name.
  /// @throws {DokeresError} `IMAGE_NOT_FOUND`, `INVALID_REFERENCE`
  #[napi(
    catch_unwind,
    ts_args_type = "name: string, reference: string, options?: Abortable | null",
    ts_return_type = "Promise<void>"
  )]
  pub fn tag<'e>(
    &self,
    env: &'e Env,
    name: Unknown<'e>,
    reference: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let engine = self.engine.clone();
    let prepare = |_: &mut Bag| {
      let image = Image::named(&engine, &text(name, "name")?)?;
      let reference = text(reference, "reference")?;
      Ok(async move { image.tag(&reference).await })
    };
    call(env, None, options, prepare, |_, ()| Ok(Settled::Nothing))
  }

  /// Removes an image. Resolves to the engine's list of what that untagged and deleted.
  /// @throws {DokeresError} `IMAGE_NOT_FOUND`, `IMAGE_IN_USE`
  #[napi(
    catch_unwind,
    ts_args_type = "name: string, options?: ImageRemoveOptions | null",
    ts_return_type = "Promise<ImageRemoval[]>"
  )]
  pub fn remove<'e>(
    &self,
    env: &'e Env,
    name: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let engine = self.engine.clone();
    let prepare = |bag: &mut Bag| {
      let handle = Image::named(&engine, &text(name, "name")?)?.handle()?;
      let options: RemoveOptions = bag.read()?;
      Ok(async move { remove::remove(&engine, &handle, &options).await })
    };
    call(env, None, options, prepare, |env, removed: Vec<Value>| json(env, &removed))
  }

  /// What Docker Hub has under a term.
  #[napi(
    catch_unwind,
    ts_args_type = "term: string, options?: ImageSearchOptions | null",
    ts_return_type = "Promise<ImageSearchResult[]>"
  )]
  pub fn search<'e>(
    &self,
    env: &'e Env,
    term: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let engine = self.engine.clone();
    let prepare = |bag: &mut Bag| {
      let term = text(term, "term")?;
      let options: SearchOptions = bag.read()?;
      Ok(async move { search::search(&engine, &term, &options).await })
    };
    call(env, None, options, prepare, |_, json| Ok(Settled::Json(json)))
  }

  /// Pulls an image: as `dokeres.image(name).pull(options)`.
  /// @throws {DokeresError} `PULL_FAILED` with `reason`
  #[napi(
    catch_unwind,
    ts_args_type = "name: string, options?: PullOptions | null",
    ts_return_type = "Promise<PullResult>"
  )]
  pub fn pull<'e>(
    &self,
    env: &'e Env,
    name: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let engine = self.engine.clone();
    let prepare = |bag: &mut Bag| {
      let onlookers = onlookers(bag)?;
      let image = Image::named(&engine, &text(name, "name")?)?;
      let options: PullOptions = bag.read()?;
      Ok(async move {
        watched(onlookers, |on_board| async move { image.pull(options, &on_board).await }).await
      })
    };
    call(env, None, options, prepare, |env, result| json(env, &result))
  }

  /// Builds an image: as `dokeres.image(options).build()`.
  /// @throws {DokeresError} `BUILD_FAILED`
  #[napi(
    catch_unwind,
    ts_args_type = "options: ImageOptions & ProgressOptions & LineOptions & Abortable",
    ts_return_type = "Promise<BuildResult>"
  )]
  pub fn build<'e>(&self, env: &'e Env, options: Unknown<'e>) -> Result<Unknown<'e>> {
    let engine = self.engine.clone();
    let prepare = |bag: &mut Bag| {
      let (onlookers, context) = (builders_onlookers(bag)?, context(bag)?);
      let image = Image::new(&engine, ImageOptions::read(bag.value()?, context)?)?;
      Ok(async move {
        let options = BuildOptions::default();
        watched(onlookers, |on_board| async move { image.build(options, &on_board).await }).await
      })
    };
    call(env, None, options, prepare, |env, result| json(env, &result))
  }

  /// Pushes an image: as `dokeres.image(name).push(options)`.
  /// @throws {DokeresError} `PUSH_FAILED` with `reason`
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
      let image = Image::named(&engine, &text(name, "name")?)?;
      let options: PushOptions = bag.read()?;
      Ok(async move {
        watched(onlookers, |on_board| async move { image.push(options, &on_board).await }).await
      })
    };
    call(env, None, options, prepare, |env, result| json(env, &result))
  }

  /// Takes an image's name apart, with the defaults filled in.
  /// @throws {DokeresError} `INVALID_REFERENCE`
  #[napi(ts_args_type = "text: string", ts_return_type = "ImageReference")]
  #[allow(clippy::unused_self)] // a method, so that it is found where the others are
  pub fn parse_reference<'e>(&self, env: &'e Env, name: Unknown<'e>) -> Result<Unknown<'e>> {
    let parsed = text(name, "text").and_then(|name| search::parse(&name));
    let parsed = parsed.map_err(|error| thrown(env, &error))?;
    to_js(env, serde_json::to_value(parsed)?)
  }
}
