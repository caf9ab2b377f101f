//! Lists of containers.

use napi::bindgen_prelude::Unknown;
use napi::{Env, Result};
use napi_derive::napi;

use super::{ContainerCollection, json};
use crate::binding::Answer;
use crate::binding::bag::Bag;
use crate::binding::call::{Settled, call};
use crate::binding::input::text;
use crate::engine::containers::group::{self, Source};
use crate::engine::containers::list::{self, ListOptions, NarrowOptions, States};

impl ContainerCollection {
  fn narrow<'e>(&self, env: &'e Env, options: Unknown<'e>, states: States) -> Result<Unknown<'e>> {
    let engine = self.engine.clone();
    let prepare = |bag: &mut Bag| {
      let options = bag.read::<NarrowOptions>()?.of(states)?;
      Ok(async move { list::list(&engine, &options).await })
    };
    call(env, None, options, prepare, |_, json| Ok(Settled::Json(json)))
  }

  fn made_of<'e>(
    &self,
    env: &'e Env,
    source: impl FnOnce() -> Answer<Source>,
    options: Unknown<'e>,
    states: States,
  ) -> Result<Unknown<'e>> {
    let engine = self.engine.clone();
    let prepare = |bag: &mut Bag| {
      let source = source()?;
      let options = bag.read::<NarrowOptions>()?.of(states)?;
      Ok(async move { group::of(&engine, &source, &options).await })
    };
    call(env, None, options, prepare, |env, found| json(env, &found))
  }
}

#[napi]
impl ContainerCollection {
  /// The engine's list of containers: those that run, or, with `all`, all.
  #[napi(
    catch_unwind,
    ts_args_type = "options?: ContainerListOptions | null",
    ts_return_type = "Promise<ContainerSummary[]>"
  )]
  pub fn list<'e>(&self, env: &'e Env, options: Unknown<'e>) -> Result<Unknown<'e>> {
    let engine = self.engine.clone();
    let prepare = |bag: &mut Bag| {
      let options: ListOptions = bag.read()?;
      Ok(async move { list::list(&engine, &options).await })
    };
    call(env, None, options, prepare, |_, json| Ok(Settled::Json(json)))
  }

  /// All containers.
  #[napi(
    catch_unwind,
    ts_args_type = "options?: ContainerNarrowOptions | null",
    ts_return_type = "Promise<ContainerSummary[]>"
  )]
  pub fn list_all<'e>(&self, env: &'e Env, options: Unknown<'e>) -> Result<Unknown<'e>> {
    self.narrow(env, options, States::All)
  }

  /// Those that run; paused and restarting ones are among them.
  #[napi(
    catch_unwind,
    ts_args_type = "options?: ContainerNarrowOptions | null",
    ts_return_type = "Promise<ContainerSummary[]>"
  )]
  pub fn list_running<'e>(&self, env: &'e Env, options: Unknown<'e>) -> Result<Unknown<'e>> {
    self.narrow(env, options, States::Running)
  }

  /// Those that do not run: ended, dead, or not started yet.
  #[napi(
    catch_unwind,
    ts_args_type = "options?: ContainerNarrowOptions | null",
    ts_return_type = "Promise<ContainerSummary[]>"
  )]
  pub fn list_stopped<'e>(&self, env: &'e Env, options: Unknown<'e>) -> Result<Unknown<'e>> {
    self.narrow(env, options, States::Stopped)
  }

  /// Those that were made of a group's images: of one repository, whatever the tag, `node`,
  /// `localhost:5000/team/app`; also where the image has lost its name since.
  /// @throws {DokeresError} `INVALID_REFERENCE`
  #[napi(
    catch_unwind,
    ts_args_type = "group: string, options?: ContainerNarrowOptions | null",
    ts_return_type = "Promise<ContainerSummary[]>"
  )]
  pub fn list_group<'e>(
    &self,
    env: &'e Env,
    group: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let source = || Source::group(&text(group, "group")?);
    self.made_of(env, source, options, States::All)
  }

  /// Those of a group that run.
  /// @throws {DokeresError} `INVALID_REFERENCE`
  #[napi(
    catch_unwind,
    ts_args_type = "group: string, options?: ContainerNarrowOptions | null",
    ts_return_type = "Promise<ContainerSummary[]>"
  )]
  pub fn list_group_running<'e>(
    &self,
    env: &'e Env,
    group: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let source = || Source::group(&text(group, "group")?);
    self.made_of(env, source, options, States::Running)
  }

  /// Those that were made of an image: by its name (`alpine` is `alpine:latest`) or id.
  /// @throws {DokeresError} `INVALID_REFERENCE`
  #[napi(
    catch_unwind,
    ts_args_type = "name: string, options?: ContainerNarrowOptions | null",
    ts_return_type = "Promise<ContainerSummary[]>"
  )]
  pub fn list_image<'e>(
    &self,
    env: &'e Env,
    name: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let source = || Source::image(&text(name, "name")?);
    self.made_of(env, source, options, States::All)
  }
}
