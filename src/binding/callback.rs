//! Users' callbacks, called from the engine's side and waited for: that is the back-pressure.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use futures_util::stream;
use napi::bindgen_prelude::{Buffer, BufferSlice, External, FnArgs, Function, Unknown};
use napi::{Env, JsValue, Result};
use napi_derive::napi;
use tokio::sync::oneshot;

use super::Answer;
use super::fault::{Thrown, erase};
use super::realm::{Hold, Kept, Mailbox, Realm};
use super::value::{is_absent, recast, to_js};
use crate::engine::error::EngineError;
use crate::engine::panics;
use crate::engine::stream::{Consumer, Input};
type Invoke<'env> = Function<'env, FnArgs<(Unknown<'env>, Unknown<'env>, Unknown<'env>)>, ()>;

/// Makes a value for a callback, on the JavaScript thread.
pub type Make = Box<dyn for<'a> FnOnce(&'a Env) -> Result<Unknown<'a>> + Send>;

/// Calls `callback` with a value and waits until it, or the promise it returned, is done; true where
/// that is what it said.
async fn invoke(mailbox: &Mailbox, callback: &Arc<Kept>, make: Make) -> Answer<bool> {
  let (sender, receiver) = oneshot::channel();
  let callback = Arc::clone(callback);
  mailbox.post(move |env| {
    let value = match panics::caught(|| make(&env)) {
      Ok(value) => value,
      Err(error) => return drop(sender.send(Err(error))),
    };
    let work = || -> Result<()> {
      let value = value?;
      let done = to_js(&env, External::new(Answering::to(sender)))?;
      let invoke = Realm::of(&env)?.hooks.invoke.borrow_back(&env)?;
      let invoke: Invoke = recast(&env, &invoke)?;
      let callback = callback.borrow_back(&env)?.to_unknown();
      invoke.call(FnArgs::from((erase(callback), erase(value), erase(done))))
    };
    // `invoke` catches what the callback throws; what fails here drops the sender, which says so.
    let _ = work();
  });
  receiver.await.unwrap_or_else(|_| Err(EngineError::aborted()))
}

/// Where a callback's answer goes: JavaScript holds it as a handle and gives it back, once.
pub struct Answering<T>(Mutex<Option<oneshot::Sender<Answer<T>>>>);

impl<T> Answering<T> {
  fn to(sender: oneshot::Sender<Answer<T>>) -> Self {
    Self(Mutex::new(Some(sender)))
  }

  fn give(&self, answer: Answer<T>) {
    if let Some(sender) = self.0.lock().unwrap_or_else(PoisonError::into_inner).take() {
      let _ = sender.send(answer);
    }
  }
}

/// A callback is done; `thrown` gives what it threw, `agreed` is whether it said true.
#[napi(catch_unwind, skip_typescript)]
pub fn answered(
  env: Env,
  to: &External<Answering<bool>>,
  thrown: Unknown,
  agreed: Option<bool>,
) -> Result<()> {
  to.give(error_of(&env, &thrown)?.map_or(Ok(agreed.unwrap_or_default()), Err));
  Ok(())
}

/// A source has its next chunk, has ended, or failed.
#[napi(catch_unwind, skip_typescript)]
pub fn sourced(
  env: Env,
  to: &External<Answering<Option<Bytes>>>,
  chunk: Unknown,
  thrown: Unknown,
) -> Result<()> {
  let answer = match error_of(&env, &thrown)? {
    Some(error) => Err(error),
    None if is_absent(&chunk)? => Ok(None),
    None => Ok(Some(Bytes::copy_from_slice(&recast::<Buffer, _>(&env, &chunk)?))),
  };
  to.give(answer);
  Ok(())
}

fn error_of(env: &Env, thrown: &Unknown) -> Result<Option<EngineError>> {
  if is_absent(thrown)? {
    return Ok(None);
  }
  let thrown: Kept = recast(env, thrown)?;
  Ok(Some(EngineError::foreign(Arc::new(Thrown(thrown)))))
}

/// A callback for values: `onProgress`.
pub struct Listener {
  mailbox: Mailbox,
  callback: Arc<Kept>,
}

impl Listener {
  pub fn new(env: &Env, callback: Kept) -> Result<Self> {
    Ok(Self { mailbox: Realm::of(env)?.mailbox.clone(), callback: Arc::new(callback) })
  }

  pub async fn call(&self, make: Make) -> Answer<()> {
    self.ask(make).await.map(drop)
  }

  /// Whether it says true.
  pub async fn ask(&self, make: Make) -> Answer<bool> {
    invoke(&self.mailbox, &self.callback, make).await
  }
}

/// A callback for bytes: `onStdout`, or what `sink` made of a Node stream.
pub fn consumer(env: &Env, callback: Kept) -> Result<Consumer> {
  let (mailbox, callback) = (Realm::of(env)?.mailbox.clone(), Arc::new(callback));
  Ok(Box::new(move |data: Bytes| {
    let (mailbox, callback) = (mailbox.clone(), Arc::clone(&callback));
    Box::pin(async move {
      let make: Make = Box::new(move |env| to_js(env, BufferSlice::copy_from(env, &data)?));
      invoke(&mailbox, &callback, make).await.map(drop)
    })
  }))
}

/// Tells a sink that there is no more to come. Until then, or until it is dropped, the process stays:
/// output that is on its way would be lost with it.
pub fn ending(env: &Env, sink: Kept) -> Result<Box<dyn FnOnce() + Send>> {
  let mailbox = Realm::of(env)?.mailbox.clone();
  let hold = Hold::new(env)?;
  Ok(Box::new(move || {
    mailbox.post(move |env| {
      let end = || -> Result<()> {
        let nothing = to_js(&env, napi::bindgen_prelude::Null)?;
        sink.borrow_back(&env)?.call(FnArgs::from((erase(nothing),))).map(drop)
      };
      let _ = end();
    });
    drop(hold);
  }))
}

/// Bytes from what `source` made of a Node stream. One that is dropped early lets go of the stream.
pub fn input(env: &Env, pull: Kept) -> Result<Input> {
  let source =
    Source { mailbox: Realm::of(env)?.mailbox.clone(), pull: Arc::new(pull), open: true };
  Ok(Box::pin(stream::try_unfold(source, |mut source| async move {
    let chunk = next_chunk(&source.mailbox, &source.pull).await;
    source.open = matches!(chunk, Ok(Some(_)));
    Ok(chunk?.map(|chunk| (chunk, source)))
  })))
}

struct Source {
  mailbox: Mailbox,
  pull: Arc<Kept>,
  open: bool,
}

impl Drop for Source {
  fn drop(&mut self) {
    if !self.open {
      return;
    }
    let pull = Arc::clone(&self.pull);
    self.mailbox.post(move |env| {
      let work = || -> Result<()> {
        let nothing = to_js(&env, napi::bindgen_prelude::Null)?;
        pull.borrow_back(&env)?.call(FnArgs::from((erase(nothing),))).map(drop)
      };
      let _ = work();
    });
  }
}

async fn next_chunk(mailbox: &Mailbox, pull: &Arc<Kept>) -> Answer<Option<Bytes>> {
  let (sender, receiver) = oneshot::channel();
  let pull = Arc::clone(pull);
  mailbox.post(move |env| {
    let work = || -> Result<()> {
      let done = to_js(&env, External::new(Answering::to(sender)))?;
      pull.borrow_back(&env)?.call(FnArgs::from((erase(done),))).map(drop)
    };
    let _ = work();
  });
  receiver.await.unwrap_or_else(|_| Err(EngineError::aborted()))
}
