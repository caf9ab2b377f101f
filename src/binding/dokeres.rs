//! `Dokeres`: an engine.

use napi::bindgen_prelude::Unknown;
use napi::{Env, Result};
use napi_derive::napi;
use serde_json::{Value, json};

use super::Answer;
use super::bag::Bag;
use super::call::{Settled, call};
use super::connect::{self, Taken};
use super::container::DokeresContainer;
use super::containers::ContainerCollection;
use super::fault::{guarded, thrown};
use super::image::{DokeresImage, context};
use super::images::ImageCollection;
use super::input::{argument, is_object, text};
use super::networks::NetworkCollection;
use super::plugins::PluginCollection;
use super::realm::runtime;
use super::session;
use super::swarm::Swarm;
use super::value::to_js;
use super::volumes::VolumeCollection;
use crate::engine::Engine;
use crate::engine::container::Container;
use crate::engine::image::{Image, ImageOptions};
use crate::engine::request::{self, Reply};

/// An engine: where images come from and containers run. Creating one does no I/O; the first call
/// connects.
#[napi]
pub struct Dokeres {
  pub(super) engine: Engine,
}

impl Dokeres {
  #[must_use]
  pub fn engine(&self) -> &Engine {
    &self.engine
  }
}

#[napi]
impl Dokeres {
  /// @param target a socket's path or URL, options, or a dockerode instance whose connection to take
  /// over. Without one: `DOCKER_HOST`, `DOCKER_CONTEXT`, the current context, the platform's default
  /// socket, then well-known sockets.
  /// @throws {DokeresError} `INVALID_OPTION`
  #[napi(
    catch_unwind,
    constructor,
    ts_args_type = "target?: string | DokeresOptions | DockerodeLike | null"
  )]
  pub fn new(env: &Env, target: Unknown) -> Result<Self> {
    let options = match connect::take_over(env, target)? {
      Some(Taken::Over(engine)) => return Ok(Self { engine }),
      Some(Taken::Described(found)) => connect::described(env, found),
      None => connect::options(env, target),
    };
    let options = options.map_err(|error| thrown(env, &error))?;
    let engine = Engine::new(options.engine);
    session::begin(env, &engine, options.cleanup_on_exit)?;
    Ok(Self { engine })
  }

  /// Where the engine is, why there, and what else was tried. Resolved on first use; reading it
  /// before the first call reads docker's configuration.
  #[napi(catch_unwind, getter, ts_return_type = "Endpoint")]
  pub fn endpoint<'e>(&self, env: &'e Env) -> Result<Unknown<'e>> {
    let endpoint = self.resolved(env)?;
    to_js(env, endpoint)
  }

  /// The endpoint in its display form.
  #[napi(catch_unwind, getter)]
  pub fn name(&self, env: &Env) -> Result<String> {
    let endpoint = self.resolved(env)?;
    Ok(endpoint.get("url").and_then(Value::as_str).unwrap_or_default().to_owned())
  }

  /// An image of this engine: by name, by how to build it, or both.
  /// @throws {DokeresError} `NO_NAME_NOR_DOCKERFILE`, `INVALID_REFERENCE`, `INVALID_OPTION`,
  /// `NOT_SUPPORTED`
  #[napi(
    catch_unwind,
    ts_args_type = "name?: string | ImageOptions | null, dockerfile?: string | null, extraFiles?: string[] | null"
  )]
  pub fn image(
    &self,
    env: &Env,
    name: Unknown,
    dockerfile: Unknown,
    extra_files: Unknown,
  ) -> Result<DokeresImage> {
    let read = || -> Answer<Image> {
      let options = if is_object(&name) {
        let mut bag = Bag::new(env, name)?;
        let context = context(&mut bag)?;
        ImageOptions::read(bag.value()?, context)?
      } else {
        ImageOptions {
          name: argument(name, "name")?,
          dockerfile: argument(dockerfile, "dockerfile")?,
          extra_files: argument(extra_files, "extraFiles")?,
          ..ImageOptions::default()
        }
      };
      Image::new(&self.engine, options)
    };
    guarded(env, read).map(DokeresImage::from)
  }

  /// All images of this engine.
  #[napi(catch_unwind, getter)]
  pub fn images(&self) -> ImageCollection {
    ImageCollection::new(&self.engine)
  }

  /// All containers of this engine.
  #[napi(catch_unwind, getter)]
  pub fn containers(&self) -> ContainerCollection {
    ContainerCollection::new(&self.engine)
  }

  /// All networks of this engine.
  #[napi(catch_unwind, getter)]
  pub fn networks(&self) -> NetworkCollection {
    NetworkCollection::new(&self.engine)
  }

  /// All volumes of this engine.
  #[napi(catch_unwind, getter)]
  pub fn volumes(&self) -> VolumeCollection {
    VolumeCollection::new(&self.engine)
  }

  /// The swarm that this engine is in, or is to be.
  #[napi(catch_unwind, getter)]
  pub fn swarm(&self) -> Swarm {
    Swarm::new(&self.engine)
  }

  /// All plugins of this engine.
  #[napi(catch_unwind, getter)]
  pub fn plugins(&self) -> PluginCollection {
    PluginCollection::new(&self.engine)
  }

  /// An existing container, by id or name.
  /// @throws {DokeresError} `CONTAINER_NOT_FOUND`
  #[napi(
    catch_unwind,
    ts_args_type = "idOrName: string, options?: Abortable | null",
    ts_return_type = "Promise<DokeresContainer>"
  )]
  pub fn container<'e>(
    &self,
    env: &'e Env,
    id: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let engine = self.engine.clone();
    let prepare = |_: &mut Bag| {
      let id = text(id, "idOrName")?;
      Ok(async move { Container::existing(&engine, &id).await })
    };
    call(env, None, options, prepare, |env, container| {
      Ok(Settled::Value(to_js(env, DokeresContainer::existing(container))?))
    })
  }

  /// Whether the engine answers, and what it says of itself in its headers.
  #[napi(
    catch_unwind,
    ts_args_type = "options?: Abortable | null",
    ts_return_type = "Promise<Ping>"
  )]
  pub fn ping<'e>(&self, env: &'e Env, options: Unknown<'e>) -> Result<Unknown<'e>> {
    let engine = self.engine.clone();
    let work = async move { request::ping(&engine).await };
    call(env, None, options, |_| Ok(work), |env, ping| Ok(Settled::Value(to_js(env, ping)?)))
  }

  /// The engine's `GET /version`.
  #[napi(
    catch_unwind,
    ts_args_type = "options?: Abortable | null",
    ts_return_type = "Promise<EngineVersion>"
  )]
  pub fn version<'e>(&self, env: &'e Env, options: Unknown<'e>) -> Result<Unknown<'e>> {
    let engine = self.engine.clone();
    let work = async move { request::get(&engine, "/version").await };
    call(env, None, options, |_| Ok(work), |_, json| Ok(Settled::Json(json)))
  }

  /// The engine's `GET /info`.
  #[napi(
    catch_unwind,
    ts_args_type = "options?: Abortable | null",
    ts_return_type = "Promise<EngineInfo>"
  )]
  pub fn info<'e>(&self, env: &'e Env, options: Unknown<'e>) -> Result<Unknown<'e>> {
    let engine = self.engine.clone();
    let work = async move { request::get(&engine, "/info").await };
    call(env, None, options, |_| Ok(work), |_, json| Ok(Settled::Json(json)))
  }

  /// Any call of the engine's API: JSON in, JSON out; a reply that is not JSON comes as text.
  #[napi(catch_unwind, ts_args_type = "request: EngineRequest", ts_return_type = "Promise<any>")]
  pub fn request<'e>(&self, env: &'e Env, request: Unknown<'e>) -> Result<Unknown<'e>> {
    let engine = self.engine.clone();
    let prepare = |bag: &mut Bag| {
      let request: request::Request = bag.read()?;
      Ok(async move { request::send(&engine, request).await })
    };
    call(env, None, request, prepare, |env, reply| {
      Ok(match reply {
        Reply::Json(json) => Settled::Json(json),
        Reply::Text(text) => Settled::Value(to_js(env, text)?),
        Reply::Nothing => Settled::Nothing,
      })
    })
  }

  /// Where it is, for one who looks before the first call: that reads a few small files, and may ask
  /// a socket whether somebody answers, so it is done here and now.
  fn resolved(&self, env: &Env) -> Result<Value> {
    if self.engine.resolved().is_none() {
      let engine = self.engine.clone();
      let resolving = async move { engine.connection().await.map(drop) };
      if let Err(error) = runtime()?.block_on(resolving) {
        // Where none was found there is still something to look at: what was tried.
        let tried = error.facts().endpoint.clone();
        return tried.ok_or_else(|| thrown(env, &error));
      }
    }
    Ok(self.engine.resolved().map_or(json!({}), |endpoint| json!(endpoint)))
  }
}
