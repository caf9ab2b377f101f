//! Images as tars: saved, loaded, imported.

use std::path::PathBuf;

use napi::bindgen_prelude::Unknown;
use napi::{Env, Result};
use napi_derive::napi;

use super::{ImageCollection, json};
use crate::binding::Answer;
use crate::binding::bag::{Bag, unreadable};
use crate::binding::call::call;
use crate::binding::fault::guarded;
use crate::binding::image::bytes;
use crate::binding::input::{argument, iterable};
use crate::binding::progress::{onlookers, watched};
use crate::binding::stream::{self, Opened};
use crate::binding::value::{is_absent, recast};
use crate::engine::Engine;
use crate::engine::error::EngineError;
use crate::engine::image::progress::alone;
use crate::engine::images::archive::{self, ImportOptions, Upload};
use crate::engine::images::save::{self, Save};

#[napi]
impl ImageCollection {
  /// `save(names, path, options)`; `save(names, options)` is a stream. `index.js` tells them apart.
  #[napi(catch_unwind, js_name = "_save", skip_typescript)]
  pub fn save<'e>(
    &self,
    env: &'e Env,
    names: Unknown<'e>,
    path: Option<String>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let names = || {
      let names: OneOrMany = argument(names, "names")?
        .ok_or_else(|| EngineError::invalid("names", "a name, or a list of names is expected"))?;
      Ok(match names {
        OneOrMany::One(name) => vec![name],
        OneOrMany::Many(names) => names,
      })
    };
    saving(env, &self.engine, names, path.map(PathBuf::from), options)
  }

  /// Loads images from a tar that `save` made: a path, bytes, or a stream; gzip and the like are
  /// unpacked by the engine.
  /// @throws {DokeresError} `INVALID_OPTION` where the file cannot be read
  #[napi(
    catch_unwind,
    ts_args_type = "source: string | Uint8Array | Readable | AsyncIterable<Uint8Array>, options?: LoadOptions | null",
    ts_return_type = "Promise<LoadResult>"
  )]
  pub fn load<'e>(
    &self,
    env: &'e Env,
    source: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let engine = self.engine.clone();
    let prepare = |bag: &mut Bag| {
      let (onlookers, source) = (onlookers(bag)?, upload(env, source, "source")?);
      Ok(async move {
        let load = |on_board: Box<dyn Fn(_) + Send + Sync>| async move {
          alone(&on_board, |shown| archive::load(&engine, source, shown)).await
        };
        watched(onlookers, load).await
      })
    };
    call(env, None, options, prepare, |env, loaded| json(env, &loaded))
  }

  /// Makes an image of a root file system's tar: a path, bytes, or a stream.
  /// @throws {DokeresError} `INVALID_OPTION` where the file cannot be read
  #[napi(
    catch_unwind,
    js_name = "import",
    ts_args_type = "source: string | Uint8Array | Readable | AsyncIterable<Uint8Array>, options?: ImportOptions | null",
    ts_return_type = "Promise<{ id: string }>"
  )]
  pub fn import_<'e>(
    &self,
    env: &'e Env,
    source: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let engine = self.engine.clone();
    let prepare = |bag: &mut Bag| {
      let (onlookers, source) = (onlookers(bag)?, upload(env, source, "source")?);
      let options: ImportOptions = bag.read()?;
      Ok(async move {
        let import = |on_board: Box<dyn Fn(_) + Send + Sync>| async move {
          alone(&on_board, |shown| archive::import(&engine, source, &options, shown)).await
        };
        watched(onlookers, import).await
      })
    };
    call(env, None, options, prepare, |env, imported| json(env, &imported))
  }
}

#[derive(serde::Deserialize)]
#[serde(untagged, expecting = "expected a name, or a list of names")]
enum OneOrMany {
  One(String),
  Many(Vec<String>),
}

/// To a file where there is a path, else as a stream.
pub fn saving<'e>(
  env: &'e Env,
  engine: &Engine,
  names: impl FnOnce() -> Answer<Vec<String>>,
  path: Option<PathBuf>,
  options: Unknown<'e>,
) -> Result<Unknown<'e>> {
  let engine = engine.clone();
  let Some(path) = path else {
    let read = || -> Answer<_> {
      let mut bag = Bag::new(env, options)?;
      let signal = bag.signal()?;
      bag.finish()?;
      Ok((Save::new(names()?)?, signal))
    };
    let (what, signal) = guarded(env, read)?;
    let opener = Box::pin(async move { save::save(&engine, &what).await.map(Opened::from) });
    return stream::lazy(env, opener, signal);
  };
  let prepare = |bag: &mut Bag| {
    let (onlookers, what) = (onlookers(bag)?, Save::new(names()?)?);
    Ok(async move {
      let write = |on_board: Box<dyn Fn(_) + Send + Sync>| async move {
        alone(&on_board, |shown| save::write(&engine, &what, &path, shown)).await
      };
      // What is there already is replaced when the last callback has been heard.
      watched(onlookers, write).await?.put().await
    })
  };
  call(env, None, options, prepare, |env, saved| json(env, &saved))
}

/// A tar: `name` is that of the argument.
pub fn upload(env: &Env, source: Unknown, name: &str) -> Answer<Upload> {
  let expected = || EngineError::invalid(name, "expected a path, a Buffer or a readable stream");
  if is_absent(&source).map_err(unreadable)? {
    return Err(expected());
  }
  if let Some(bytes) = bytes(env, &source)? {
    return Ok(Upload::Bytes(bytes));
  }
  match source.get_type().map_err(unreadable)? {
    napi::ValueType::String => {
      let path: String = recast(env, &source).map_err(unreadable)?;
      Ok(Upload::File(path.into()))
    }
    napi::ValueType::Object => iterable(env, &source)?.map(Upload::Stream).ok_or_else(expected),
    _ => Err(expected()),
  }
}
