//! Promises: every method that returns one goes through `call`.

use std::future::Future;

use napi::bindgen_prelude::{Array, External, FnArgs, Function, FunctionRef, Object, Unknown};
use napi::{Env, JsValue, Result};
use napi_derive::napi;
use tokio_util::sync::CancellationToken;

use super::Answer;
use super::bag::Bag;
use super::fault::{Thrown, erase, facts};
use super::realm::{Realm, runtime};
use super::results;
use super::text::text;
use super::value::{is_absent, recast, to_js};
use crate::engine::error::EngineError;
use crate::engine::json::has_large_number;
use crate::engine::{panics, scope};

/// What a promise resolves to.
pub enum Settled<'env> {
  Value(Unknown<'env>),
  /// JSON of the engine's: V8 parses it.
  Json(String),
  /// The object whose method it is.
  This,
  Nothing,
}

/// How a call ended, as `settle` in `js/bridge.js` is told.
#[derive(Clone, Copy)]
enum Outcome {
  Value = 0,
  Json = 1,
  This = 2,
  Error = 3,
  Aborted = 4,
  Foreign = 5,
  /// JSON with numbers that a `number` cannot hold.
  ExactJson = 6,
}

type Settle = FunctionRef<FnArgs<(u32, Unknown<'static>, Unknown<'static>)>, Unknown<'static>>;

/// Opens a promise, reads the options, starts the work; `deliver` makes its result JavaScript's.
///
/// `prepare` runs at once, on the JavaScript thread: bad input rejects before anything is sent.
pub fn call<'env, T, F>(
  env: &'env Env,
  this: Option<Unknown<'env>>,
  options: Unknown<'env>,
  prepare: impl FnOnce(&mut Bag<'env>) -> Answer<F>,
  deliver: impl for<'a> FnOnce(&'a Env, T) -> Result<Settled<'a>> + Send + 'static,
) -> Result<Unknown<'env>>
where
  T: Send + 'static,
  F: Future<Output = Answer<T>> + Send + 'static,
{
  let realm = Realm::of(env)?;
  let mut bag = Bag::new(env, options);
  let signal = bag.as_mut().ok().and_then(|bag| bag.signal().transpose());
  let cancel = realm.over.child_token();
  let (promise, settle) = open(env, realm, this, signal, &cancel)?;
  let Some(settle) = settle else { return Ok(promise) };
  let work = bag.and_then(|mut bag| {
    let work = panics::caught(|| prepare(&mut bag)).flatten()?;
    bag.finish().map(|()| work)
  });
  let work = match work {
    Ok(work) => work,
    Err(error) => {
      reject(env, &settle, &error)?;
      return Ok(promise);
    }
  };
  realm.hold(env);
  let mailbox = realm.mailbox.clone();
  runtime()?.spawn(async move {
    let outcome = panics::guarded(scope::run(&cancel, work)).await;
    mailbox.post(move |env| {
      // A failure here is one of JavaScript's own making, and its promise has been settled by then.
      if let Err(error) = panics::caught(|| drop(finish(&env, &settle, outcome, deliver))) {
        let _ = reject(&env, &settle, &error);
      }
    });
  });
  Ok(promise)
}

/// A call without options of its own.
pub fn call_plain<'env, T, F>(
  env: &'env Env,
  this: Option<Unknown<'env>>,
  work: F,
  deliver: impl for<'a> FnOnce(&'a Env, T) -> Result<Settled<'a>> + Send + 'static,
) -> Result<Unknown<'env>>
where
  T: Send + 'static,
  F: Future<Output = Answer<T>> + Send + 'static,
{
  let none = to_js(env, ())?;
  call(env, this, none, |_| Ok(work), deliver)
}

/// The caller's signal was aborted. A handle and not a function of its own for each call: those cost
/// more than the call.
#[napi(catch_unwind, skip_typescript)]
pub fn cancel(call: &External<CancellationToken>) {
  call.cancel();
}

fn open<'env>(
  env: &'env Env,
  realm: &Realm,
  this: Option<Unknown<'env>>,
  signal: Option<Answer<Unknown<'env>>>,
  cancel: &CancellationToken,
) -> Result<(Unknown<'env>, Option<Settle>)> {
  let nothing = || to_js(env, ());
  let (signal, handle) = match signal {
    Some(Ok(signal)) => (signal, to_js(env, External::new(cancel.clone()))?),
    _ => (nothing()?, nothing()?),
  };
  let this = this.map_or_else(nothing, Ok)?;
  let open = realm.hooks.open.borrow_back(env)?;
  // The kept type has one argument; `open` has three.
  let open: Function<FnArgs<(Unknown, Unknown, Unknown)>, Array> = recast(env, &open)?;
  let opened = open.call(FnArgs::from((this, signal, handle)))?;
  let missing = || napi::Error::from_reason("the bridge's `open` gave no promise");
  let promise: Unknown = opened.get(0)?.ok_or_else(missing)?;
  let settle: Unknown = opened.get(1)?.ok_or_else(missing)?;
  let settle = if is_absent(&settle)? { None } else { Some(recast(env, &settle)?) };
  Ok((erase(promise), settle))
}

fn finish<T>(
  env: &Env,
  settle: &Settle,
  outcome: Answer<T>,
  deliver: impl for<'a> FnOnce(&'a Env, T) -> Result<Settled<'a>>,
) -> Result<()> {
  Realm::of(env)?.release(env);
  let value = match outcome {
    Ok(value) => value,
    Err(error) => return reject(env, settle, &error),
  };
  let delivered = deliver(env, value).and_then(|settled| {
    Ok(match settled {
      Settled::Value(value) => (Outcome::Value, value),
      Settled::Json(json) => {
        let is_exact = has_large_number(&json);
        (if is_exact { Outcome::ExactJson } else { Outcome::Json }, text(env, json)?)
      }
      Settled::This => (Outcome::This, to_js(env, ())?),
      Settled::Nothing => (Outcome::Value, to_js(env, ())?),
    })
  });
  match delivered {
    Ok((outcome, value)) => tell(env, settle, outcome, value, to_js(env, ())?),
    Err(error) => reject(env, settle, &EngineError::internal(error.reason.clone())),
  }
}

fn reject(env: &Env, settle: &Settle, error: &EngineError) -> Result<()> {
  let nothing = to_js(env, ())?;
  if error.is_aborted() {
    return tell(env, settle, Outcome::Aborted, nothing, nothing);
  }
  if let Some(Thrown(thrown)) = error.foreign_error().and_then(|error| error.downcast_ref()) {
    let thrown = thrown.borrow_back(env)?.to_unknown();
    return tell(env, settle, Outcome::Foreign, thrown, nothing);
  }
  let result = match error.result() {
    Some(result) => {
      results::of_failure(env, result)?.map_or(nothing, |object: Object| object.to_unknown())
    }
    None => nothing,
  };
  tell(env, settle, Outcome::Error, to_js(env, facts(error))?, result)
}

fn tell(
  env: &Env,
  settle: &Settle,
  outcome: Outcome,
  value: Unknown,
  result: Unknown,
) -> Result<()> {
  let settle = settle.borrow_back(env)?;
  settle.call(FnArgs::from((outcome as u32, erase(value), erase(result)))).map(drop)
}
