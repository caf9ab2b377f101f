//! Sessions: what a `Dokeres` has made, cleaned up when it is asked for, at exit, or by the reaper.

use napi::bindgen_prelude::{External, FnArgs, Function, Unknown};
use napi::{Env, Result};
use napi_derive::napi;

use super::Answer;
use super::bag::Bag;
use super::call::{Settled, call, call_plain};
use super::dokeres::Dokeres;
use super::realm::{Realm, runtime};
use super::value::{recast, to_js};
use crate::engine::Engine;
use crate::engine::containers::cleanup::{self, CleanupOptions};
use crate::engine::reaper;
use crate::engine::session::Session;

type Handle = External<Engine>;

/// Tells JavaScript of a session that is to be cleaned up at exit, or watched by the reaper: signals
/// and the process's end are its affair.
pub fn begin(env: &Env, engine: &Engine, at_exit: bool) -> Result<()> {
  let watched = engine.session().is_some_and(Session::has_reaper);
  if !at_exit && !watched {
    return Ok(());
  }
  let hook = Realm::of(env)?.hooks.session.borrow_back(env)?;
  let hook: Function<FnArgs<(Handle, bool)>, Unknown> = recast(env, &hook)?;
  hook.call(FnArgs::from((External::new(engine.clone()), at_exit))).map(drop)
}

/// How the reaper is started: the program, and the script.
#[napi(catch_unwind, skip_typescript)]
pub fn reaper_command(command: Vec<String>) {
  reaper::set_command(command);
}

/// This process ends in good order.
#[napi(catch_unwind, skip_typescript)]
pub fn reaper_farewell() {
  reaper::farewell();
}

/// How many containers the session has begun to make.
#[napi(catch_unwind, skip_typescript)]
pub fn session_made(engine: &Handle) -> u32 {
  engine.session().map_or(0, Session::made)
}

/// Whether the engine is just making one.
#[napi(catch_unwind, skip_typescript)]
pub fn session_underway(engine: &Handle) -> bool {
  engine.session().is_some_and(Session::is_underway)
}

/// Lets the session begin nothing more.
#[napi(catch_unwind, skip_typescript)]
pub fn session_close(engine: &Handle) {
  if let Some(session) = engine.session() {
    session.close();
  }
}

/// Waits for what the engine is just making: for the process's end only, for nothing else goes on meanwhile.
#[napi(catch_unwind, skip_typescript)]
pub fn session_settle(engine: &Handle) -> Result<()> {
  if let Some(session) = engine.session() {
    runtime()?.block_on(session.settled());
  }
  Ok(())
}

/// What the reaper's script has to be told to clean this session up; null before the first call.
#[napi(catch_unwind, skip_typescript)]
pub fn session_task(engine: &Handle) -> Result<Option<String>> {
  let (Some(session), Some(_)) = (engine.session(), engine.resolved()) else { return Ok(None) };
  // The connection is there: nothing is waited for.
  let task = runtime()?.block_on(reaper::task(engine, session.id()));
  Ok(task.ok())
}

#[napi(catch_unwind, skip_typescript)]
pub fn session_cleanup<'e>(env: &'e Env, engine: &Handle) -> Result<Unknown<'e>> {
  let engine: Engine = (**engine).clone();
  let work = async move {
    let mut options = CleanupOptions::default();
    if let Some(session) = engine.session() {
      session.settled().await;
      options.session = Some(session.id().to_owned());
    }
    cleanup::cleanup(&engine, &options).await.map(drop)
  };
  call_plain(env, None, work, |_, ()| Ok(Settled::Nothing))
}

#[napi]
impl Dokeres {
  /// The session of this `Dokeres`: the value of the label `dokeres.session` on containers that it
  /// makes; null with `session: false`.
  #[napi(catch_unwind, getter)]
  pub fn session(&self) -> Option<String> {
    self.engine.session().map(|session| session.id().to_owned())
  }

  /// Removes containers that a session has left, by force, and their anonymous volumes with them.
  /// Without options: those of this `Dokeres`'s own session.
  /// @throws {DokeresError} `PARTIAL_FAILURE` with `results`, after all that could be removed was;
  /// `INVALID_OPTION` with `session: false` and no options
  #[napi(
    catch_unwind,
    ts_args_type = "options?: CleanupOptions | null",
    ts_return_type = "Promise<CleanupResult>"
  )]
  pub fn cleanup<'e>(&self, env: &'e Env, options: Unknown<'e>) -> Result<Unknown<'e>> {
    let engine = self.engine.clone();
    let prepare = |bag: &mut Bag| -> Answer<_> {
      let options: CleanupOptions = bag.read()?;
      Ok(async move { cleanup::cleanup(&engine, &options).await })
    };
    call(env, None, options, prepare, |env, cleaned| {
      Ok(Settled::Value(to_js(env, serde_json::to_value(&cleaned)?)?))
    })
  }
}
