//! Errors on their way to JavaScript.

use napi::bindgen_prelude::{FnArgs, Unknown};
use napi::{Env, Error, Result};

use super::Answer;
use super::realm::{Kept, Realm};
use super::value::to_js;
use crate::engine::error::EngineError;
use crate::engine::panics;

/// What a callback of JavaScript's threw: a function that gives it back.
pub struct Thrown(pub Kept);

/// The facts as JSON.
pub fn facts(error: &EngineError) -> String {
  serde_json::to_string(error).unwrap_or_else(|_| {
    // All facts are plain; this is for the type checker's peace.
    r#"{"code":"INTERNAL","message":"an error that cannot be told"}"#.to_owned()
  })
}

/// An error to be thrown at once.
pub fn thrown(env: &Env, error: &EngineError) -> Error {
  let make = || -> Result<Unknown> {
    let fault = Realm::of(env)?.hooks.fault.borrow_back(env)?;
    fault.call(FnArgs::from((erase(to_js(env, facts(error))?),)))
  };
  match make() {
    Ok(value) => Error::from(value),
    Err(failure) => failure,
  }
}

/// Does what may fail, to throw at once: a bug of ours too.
pub fn guarded<T>(env: &Env, work: impl FnOnce() -> Answer<T>) -> Result<T> {
  panics::caught(work).flatten().map_err(|error| thrown(env, &error))
}

/// Forgets a value's scope, for the argument types of functions that are kept. Such a value must be
/// used within the scope that it came from.
pub fn erase(value: Unknown<'_>) -> Unknown<'static> {
  // SAFETY: only the lifetime changes, and every caller passes the value on at once.
  unsafe { std::mem::transmute::<Unknown<'_>, Unknown<'static>>(value) }
}
