//! Bugs on purpose, for the tests, which try the very addon that is shipped. Nobody else comes here: the package's
//! exports do not lead to the addon, and all that can be had is an error.

use napi::bindgen_prelude::{Null, Unknown};
use napi::{Env, Result};
use napi_derive::napi;
use tokio::task::spawn_blocking;

use super::Answer;
use super::call::{Settled, call_plain};
use super::callback::Listener;
use super::fault::guarded;
use super::realm::Kept;
use super::stream;
use super::value::to_js;
use crate::engine::panics;

/// Panics where it is told to: each is a way of its own out of Rust.
#[napi(skip_typescript, catch_unwind)]
pub fn provoke(env: &Env, place: String, callback: Kept) -> Result<Unknown<'_>> {
  match place.as_str() {
    "work" => call_plain(env, None, async { bug::<()>() }, |_, ()| Ok(Settled::Nothing)),
    "prepare" => {
      let options = to_js(env, ())?;
      let prepare = |_: &mut _| if place.is_empty() { Ok(async { Ok(()) }) } else { bug() };
      super::call::call(env, None, options, prepare, |_, ()| Ok(Settled::Nothing))
    }
    "deliver" => call_plain(env, None, async { Ok(()) }, |_, ()| bug().map_err(unlikely)),
    "thread" => {
      let work = async { spawn_blocking(bug::<()>).await.unwrap_or_else(|_| Err(panics::told())) };
      call_plain(env, None, work, |_, ()| Ok(Settled::Nothing))
    }
    "callback" => {
      let listener = Listener::new(env, callback)?;
      let work = async move { listener.call(Box::new(|_| bug().map_err(unlikely))).await };
      call_plain(env, None, work, |_, ()| Ok(Settled::Nothing))
    }
    "stream" => stream::lazy(env, Box::pin(async { bug() }), None),
    "throw" => guarded(env, bug::<()>).and_then(|()| to_js(env, Null)),
    _ => bug::<()>().map_err(unlikely).and_then(|()| to_js(env, Null)),
  }
}

#[expect(clippy::panic, reason = "that is what it is for")]
fn bug<T>() -> Answer<T> {
  panic!("a bug that quotes a secret")
}

fn unlikely(error: crate::engine::error::EngineError) -> napi::Error {
  napi::Error::from_reason(error.to_string())
}
