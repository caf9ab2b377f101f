//! An image on its way out: pushed, or saved to a file or a stream; and where it came from.

use std::path::PathBuf;

use napi::bindgen_prelude::Unknown;
use napi::{Env, Result};
use napi_derive::napi;

use super::DokeresImage;
use crate::binding::bag::Bag;
use crate::binding::call::{Settled, call};
use crate::binding::images::saving;
use crate::binding::progress::{onlookers, watched};
use crate::binding::value::to_js;
use crate::engine::image::PushOptions;

#[napi]
impl DokeresImage {
  /// Pushes the image to its registry. Resolves when the registry has it.
  /// @throws {DokeresError} `PUSH_FAILED` with `reason`, `IMAGE_NOT_FOUND`, `CREDENTIAL_HELPER`
  #[napi(
    catch_unwind,
    ts_args_type = "options?: PushOptions | null",
    ts_return_type = "Promise<PushResult>"
  )]
  pub fn push<'e>(&self, env: &'e Env, options: Unknown<'e>) -> Result<Unknown<'e>> {
    let image = self.inner.clone();
    let prepare = |bag: &mut Bag| {
      let onlookers = onlookers(bag)?;
      let options: PushOptions = bag.read()?;
      Ok(async move {
        watched(onlookers, |on_board| async move { image.push(options, &on_board).await }).await
      })
    };
    call(env, None, options, prepare, |env, result| {
      Ok(Settled::Value(to_js(env, serde_json::to_value(&result)?)?))
    })
  }

  /// The engine's JSON of the image's layers, the newest first.
  /// @throws {DokeresError} `IMAGE_NOT_FOUND`
  #[napi(
    catch_unwind,
    ts_args_type = "options?: Abortable | null",
    ts_return_type = "Promise<ImageHistoryEntry[]>"
  )]
  pub fn history<'e>(&self, env: &'e Env, options: Unknown<'e>) -> Result<Unknown<'e>> {
    let image = self.inner.clone();
    let work = async move { image.history().await };
    call(env, None, options, |_| Ok(work), |_, json| Ok(Settled::Json(json)))
  }

  /// `save(path, options)`; `save(options)` is a stream. `index.js` tells them apart.
  #[napi(catch_unwind, js_name = "_save", skip_typescript)]
  pub fn save<'e>(
    &self,
    env: &'e Env,
    path: Option<String>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let image = self.inner.clone();
    let names = move || Ok(vec![image.handle()?]);
    saving(env, self.inner.engine(), names, path.map(PathBuf::from), options)
  }
}
