//! Users' callbacks, called from the engine's side and waited for: that is the back-pressure.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use futures_util::stream;
use napi::bindgen_prelude::{Buffer, FnArgs, Function, FunctionCallContext, Unknown};
use napi::{Env, JsValue, Result};
use tokio::sync::oneshot;

use super::Answer;
use super::fault::{Thrown, erase};
use super::realm::{Hold, Kept, Mailbox, Realm};
use super::value::{is_absent, recast, to_js};
use crate::engine::error::EngineError;
use crate::engine::stream::{Consumer, Input};
type Invoke<'env> = Function<'env, FnArgs<(Unknown<'env>, Unknown<'env>, Unknown<'env>)>, ()>;

/// Makes a value for a callback, on the JavaScript thread.
type Make = Box<dyn for<'a> FnOnce(&'a Env) -> Result<Unknown<'a>> + Send>;

/// Calls `callback` with a value and waits until it, or the promise it returned, is done.
async fn invoke(mailbox: &Mailbox, callback: &Arc<Kept>, make: Make) -> Answer<()> {
  let (sender, receiver) = oneshot::channel();
  let callback = Arc::clone(callback);
  mailbox.post(move |env| {
    let sender = Mutex::new(Some(sender));
    let work = || -> Result<()> {
      let done = done(&env, sender)?;
      let invoke = Realm::of(&env)?.hooks.invoke.borrow_back(&env)?;
      let invoke: Invoke = recast(&env, &invoke)?;
      let callback = callback.borrow_back(&env)?.to_unknown();
      invoke.call(FnArgs::from((erase(callback), erase(make(&env)?), erase(done))))
    };
    // `invoke` catches what the callback throws; what fails here drops the sender, which says so.
    let _ = work();
  });
  receiver.await.unwrap_or_else(|_| Err(EngineError::aborted()))
}

type Sender<T> = Mutex<Option<oneshot::Sender<Answer<T>>>>;

fn done(env: &Env, sender: Sender<()>) -> Result<Unknown<'_>> {
  let done: Function<Unknown, ()> = env.create_function_from_closure("done", move |context| {
    answer(&sender, thrown_at(&context, 0)?.map_or(Ok(()), Err));
    Ok(())
  })?;
  Ok(done.to_unknown())
}

fn answer<T>(sender: &Sender<T>, answer: Answer<T>) {
  if let Some(sender) = sender.lock().unwrap_or_else(PoisonError::into_inner).take() {
    let _ = sender.send(answer);
  }
}

/// A function at an argument's place gives what was thrown.
fn thrown_at(context: &FunctionCallContext, index: usize) -> Result<Option<EngineError>> {
  if context.length() <= index {
    return Ok(None);
  }
  let thrown: Unknown = context.get(index)?;
  if is_absent(&thrown)? {
    return Ok(None);
  }
  let thrown: Kept = context.get(index)?;
  Ok(Some(EngineError::foreign(Box::new(Thrown(thrown)))))
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
    invoke(&self.mailbox, &self.callback, make).await
  }
}

/// A callback for bytes: `onStdout`, or what `sink` made of a Node stream.
pub fn consumer(env: &Env, callback: Kept) -> Result<Consumer> {
  let (mailbox, callback) = (Realm::of(env)?.mailbox.clone(), Arc::new(callback));
  Ok(Box::new(move |data: Bytes| {
    let (mailbox, callback) = (mailbox.clone(), Arc::clone(&callback));
    Box::pin(async move {
      let make: Make = Box::new(move |env| to_js(env, Buffer::from(Vec::from(data))));
      invoke(&mailbox, &callback, make).await
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

/// Bytes from what `source` made of a Node stream.
pub fn input(env: &Env, pull: Kept) -> Result<Input> {
  let (mailbox, pull) = (Realm::of(env)?.mailbox.clone(), Arc::new(pull));
  Ok(Box::pin(stream::try_unfold((mailbox, pull), |(mailbox, pull)| async move {
    let chunk = next_chunk(&mailbox, &pull).await?;
    Ok(chunk.map(|chunk| (chunk, (mailbox, pull))))
  })))
}

async fn next_chunk(mailbox: &Mailbox, pull: &Arc<Kept>) -> Answer<Option<Bytes>> {
  let (sender, receiver) = oneshot::channel();
  let pull = Arc::clone(pull);
  mailbox.post(move |env| {
    let sender: Sender<Option<Bytes>> = Mutex::new(Some(sender));
    let work = || -> Result<()> {
      let done: Function<Unknown, ()> =
        env.create_function_from_closure("done", move |context| {
          let chunk = match thrown_at(&context, 1)? {
            Some(error) => Err(error),
            None => Ok(chunk_at(&context)?),
          };
          answer(&sender, chunk);
          Ok(())
        })?;
      pull.borrow_back(&env)?.call(FnArgs::from((erase(done.to_unknown()),))).map(drop)
    };
    let _ = work();
  });
  receiver.await.unwrap_or_else(|_| Err(EngineError::aborted()))
}

fn chunk_at(context: &FunctionCallContext) -> Result<Option<Bytes>> {
  let chunk: Unknown = context.get(0)?;
  if is_absent(&chunk)? {
    return Ok(None);
  }
  let chunk: Buffer = context.get(0)?;
  Ok(Some(Bytes::copy_from_slice(&chunk)))
}
