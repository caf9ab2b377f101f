//! What goes on in a container, other limits for it, and images of it.

use napi::bindgen_prelude::{JsValue, This, Unknown};
use napi::{Env, Result};
use napi_derive::napi;

use super::DokeresContainer;
use crate::binding::bag::Bag;
use crate::binding::call::{Settled, call};
use crate::binding::input::argument;
use crate::binding::value::to_js;
use crate::engine::container::insight::CommitOptions;
use crate::engine::container::update::UpdateOptions;
use crate::engine::options::{InspectOptions, Size};

#[napi]
impl DokeresContainer {
  /// The engine's JSON of the container, every field.
  /// @throws {DokeresError} `CONTAINER_NOT_FOUND`
  #[napi(
    catch_unwind,
    ts_args_type = "options?: InspectOptions | null",
    ts_return_type = "Promise<ContainerInspect>"
  )]
  pub fn inspect<'e>(&self, env: &'e Env, options: Unknown<'e>) -> Result<Unknown<'e>> {
    let container = self.inner.clone();
    let prepare = |bag: &mut Bag| {
      let options: InspectOptions = bag.read()?;
      Ok(async move { container.inspect(options.size).await })
    };
    call(env, None, options, prepare, |_, json| Ok(Settled::Json(json)))
  }

  /// Its processes, as the engine's `ps` shows them.
  /// @throws {DokeresError} `CONFLICT` where it does not run
  #[napi(
    catch_unwind,
    ts_args_type = "psArgs?: string | null, options?: Abortable | null",
    ts_return_type = "Promise<ContainerTop>"
  )]
  pub fn top<'e>(
    &self,
    env: &'e Env,
    ps_args: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let container = self.inner.clone();
    let prepare = |_: &mut Bag| {
      let ps_args: Option<String> = argument(ps_args, "psArgs")?;
      Ok(async move { container.top(ps_args.as_deref()).await })
    };
    call(env, None, options, prepare, |_, json| Ok(Settled::Json(json)))
  }

  /// What differs from its image: `Kind` 0 is changed, 1 added, 2 deleted.
  #[napi(
    catch_unwind,
    ts_args_type = "options?: Abortable | null",
    ts_return_type = "Promise<ContainerChange[]>"
  )]
  pub fn changes<'e>(&self, env: &'e Env, options: Unknown<'e>) -> Result<Unknown<'e>> {
    let container = self.inner.clone();
    let work = async move { container.changes().await };
    call(env, None, options, |_| Ok(work), |_, json| Ok(Settled::Json(json)))
  }

  /// Gives it other limits, or another restart policy, while it runs. Resolves to this; what the
  /// engine warned of is in `warnings`.
  #[napi(
    catch_unwind,
    ts_args_type = "resources: UpdateOptions",
    ts_return_type = "Promise<DokeresContainer>"
  )]
  pub fn update<'e>(
    &self,
    env: &'e Env,
    this: This<'e>,
    resources: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let container = self.inner.clone();
    let prepare = |bag: &mut Bag| {
      let options: UpdateOptions = bag.read()?;
      options.body()?;
      Ok(async move { container.update(&options).await })
    };
    call(env, Some(this.object.to_unknown()), resources, prepare, |_, ()| Ok(Settled::This))
  }

  /// Sets the size of its terminal, in characters. Resolves to this.
  /// @throws {DokeresError} `CONFLICT` where it does not run
  #[napi(
    catch_unwind,
    ts_args_type = "size: TerminalSize & Abortable",
    ts_return_type = "Promise<DokeresContainer>"
  )]
  pub fn resize<'e>(&self, env: &'e Env, this: This<'e>, size: Unknown<'e>) -> Result<Unknown<'e>> {
    let container = self.inner.clone();
    let prepare = |bag: &mut Bag| {
      let size: Size = bag.read()?;
      Ok(async move { container.resize(size.cols, size.rows).await })
    };
    call(env, Some(this.object.to_unknown()), size, prepare, |_, ()| Ok(Settled::This))
  }

  /// Makes an image of it. Resolves to the image's id.
  /// @throws {DokeresError} `INVALID_REFERENCE`
  #[napi(
    catch_unwind,
    ts_args_type = "options?: CommitOptions | null",
    ts_return_type = "Promise<string>"
  )]
  pub fn commit<'e>(&self, env: &'e Env, options: Unknown<'e>) -> Result<Unknown<'e>> {
    let container = self.inner.clone();
    let prepare = |bag: &mut Bag| {
      let options: CommitOptions = bag.read()?;
      options.name()?;
      Ok(async move { container.commit(&options).await })
    };
    call(env, None, options, prepare, |env, id| Ok(Settled::Value(to_js(env, id)?)))
  }

  /// The original's name for `commit`. Resolves to the image's id.
  #[napi(
    catch_unwind,
    ts_args_type = "repository?: string | null, tag?: string | null, options?: Abortable | null",
    ts_return_type = "Promise<string>"
  )]
  pub fn export<'e>(
    &self,
    env: &'e Env,
    repository: Unknown<'e>,
    tag: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let container = self.inner.clone();
    let prepare = |_: &mut Bag| {
      let options = CommitOptions {
        repository: argument(repository, "repository")?,
        tag: argument(tag, "tag")?,
        ..CommitOptions::default()
      };
      options.name()?;
      Ok(async move { container.commit(&options).await })
    };
    call(env, None, options, prepare, |env, id| Ok(Settled::Value(to_js(env, id)?)))
  }
}
