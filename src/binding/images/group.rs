//! Many images at once: of a group, unused, old.

use napi::bindgen_prelude::Unknown;
use napi::{Env, Result};
use napi_derive::napi;

use super::{ImageCollection, json};
use crate::binding::Answer;
use crate::binding::bag::Bag;
use crate::binding::call::call;
use crate::binding::fault::guarded;
use crate::binding::input::text;
use crate::engine::error::EngineError;
use crate::engine::images::clean::{self, CleanOptions};
use crate::engine::images::list;
use crate::engine::images::prune::{self, PruneOptions};
use crate::engine::images::remove::{self, RemoveGroupOptions};
use crate::engine::options;
use crate::engine::reference::Reference;
use crate::engine::size::Span;

/// What a timer of Node's can wait, in milliseconds.
const LONGEST_TIMER: f64 = 2_147_483_647.0;

#[derive(serde::Deserialize)]
struct Every {
  every: Option<Span>,
}

/// Checks the options of `gc` at once, and tells its pause in milliseconds.
#[napi(catch_unwind, skip_typescript)]
pub fn gc_pause(env: &Env, options: Unknown) -> Result<f64> {
  let read = || -> Answer<f64> {
    let mut bag = Bag::new(env, options)?;
    bag.signal()?;
    bag.function("onSweep")?;
    bag.function("onError")?;
    let mut bag = bag.value()?;
    let Every { every } = options::read(options::take(&mut bag, &["every"]))?;
    options::read::<CleanOptions>(bag)?.check()?;
    let pause = every.map(|every| every.0.as_secs_f64() * 1000.0);
    let wrong = || EngineError::invalid("every", "more than nothing, and at most 24 days");
    pause.filter(|pause| (1.0..=LONGEST_TIMER).contains(pause)).ok_or_else(wrong)
  };
  guarded(env, read)
}

#[napi]
impl ImageCollection {
  /// The images of a group: of one repository, whatever the tag. `node`, `localhost:5000/team/app`.
  /// @throws {DokeresError} `INVALID_REFERENCE`
  #[napi(
    catch_unwind,
    ts_args_type = "group: string, options?: Abortable | null",
    ts_return_type = "Promise<ImageSummary[]>"
  )]
  pub fn list_group<'e>(
    &self,
    env: &'e Env,
    group: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let engine = self.engine.clone();
    let prepare = |_: &mut Bag| {
      let group = Reference::parse(&text(group, "group")?)?;
      Ok(async move { list::group_json(&engine, &group).await })
    };
    call(env, None, options, prepare, |env, images| json(env, &images))
  }

  /// Removes all images of a group. Resolves to the names (ids, where there was none) that are gone.
  /// @throws {DokeresError} `PARTIAL_FAILURE` with `results`, after all that could be removed was
  #[napi(
    catch_unwind,
    ts_args_type = "group: string, options?: RemoveGroupOptions | null",
    ts_return_type = "Promise<string[]>"
  )]
  pub fn remove_group<'e>(
    &self,
    env: &'e Env,
    group: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let engine = self.engine.clone();
    let prepare = |bag: &mut Bag| {
      let group = text(group, "group")?;
      let options: RemoveGroupOptions = bag.read()?;
      Ok(async move { remove::remove_group(&engine, &group, &options).await })
    };
    call(env, None, options, prepare, |env, removed| json(env, &removed))
  }

  /// Removes images that are old or have not been used for long, and never one that a container is
  /// made of. What cannot be removed is in `failed` and stops nothing.
  /// @throws {DokeresError} `INVALID_OPTION` where neither an age nor filters say what may go
  #[napi(
    catch_unwind,
    ts_args_type = "options: ImageCleanOptions",
    ts_return_type = "Promise<ImageCleanResult>"
  )]
  pub fn clean<'e>(&self, env: &'e Env, options: Unknown<'e>) -> Result<Unknown<'e>> {
    let engine = self.engine.clone();
    let prepare = |bag: &mut Bag| {
      let options: CleanOptions = bag.read()?;
      Ok(async move { clean::clean(&engine, &options).await })
    };
    call(env, None, options, prepare, |env, cleaned| json(env, &cleaned))
  }

  /// The engine's own prune: images without a name, or, with `{ filters: { dangling: false } }`, all
  /// that no container is made of.
  #[napi(
    catch_unwind,
    ts_args_type = "options?: ImagePruneOptions | null",
    ts_return_type = "Promise<ImagePruneResult>"
  )]
  pub fn prune<'e>(&self, env: &'e Env, options: Unknown<'e>) -> Result<Unknown<'e>> {
    let engine = self.engine.clone();
    let prepare = |bag: &mut Bag| {
      let options: PruneOptions = bag.read()?;
      Ok(async move { prune::prune(&engine, &options).await })
    };
    call(env, None, options, prepare, |env, pruned| json(env, &pruned))
  }
}
