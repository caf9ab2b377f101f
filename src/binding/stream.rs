//! The native half of `DokeresStream`: hands a batch to JavaScript each time it asks for one.
//!
//! Asking is the back-pressure: nothing is read ahead of it. Only a pending request keeps the
//! JavaScript side alive, so a stream that nobody reads any more can be collected, and then closes.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::future::BoxFuture;
use napi::bindgen_prelude::{Buffer, FnArgs, Function, Null, Uint32Array, Unknown};
use napi::{Env, Result};
use napi_derive::napi;
use tokio::sync::{Mutex as AsyncMutex, OnceCell};
use tokio_util::sync::CancellationToken;

use super::call::{Settled, call, call_plain, recast};
use super::fault::{Answer, erase, facts};
use super::realm::{Kept, Mailbox, Realm, runtime};
use super::value::{lossy, to_js};
use crate::engine::container::{Attached, Container, Stdin};
use crate::engine::error::{Code, EngineError};
use crate::engine::stream::{Batch, Batches};

/// What opening gives: output, and input where it was asked for.
pub struct Opened {
  pub output: Batches,
  pub input: Option<Stdin>,
}

impl From<Batches> for Opened {
  fn from(output: Batches) -> Self {
    Self { output, input: None }
  }
}

impl From<Attached> for Opened {
  fn from(attached: Attached) -> Self {
    Self { output: attached.output, input: Some(attached.input) }
  }
}

type Opener = BoxFuture<'static, Answer<Opened>>;

pub struct Shared {
  opener: Mutex<Option<Opener>>,
  opened: OnceCell<()>,
  output: AsyncMutex<Option<Batches>>,
  input: AsyncMutex<Option<Stdin>>,
  cancel: CancellationToken,
}

impl Shared {
  /// Opens it, once; a failure is told to everyone who asks.
  pub async fn open(&self) -> Answer<()> {
    let begin = || async {
      let begun = self.opener.lock().unwrap_or_else(PoisonError::into_inner).take();
      let begun = begun.ok_or_else(closed)?;
      let opened = tokio::select! {
        biased;
        () = self.cancel.cancelled() => return Err(closed()),
        opened = begun => opened,
      };
      let opened = match opened {
        Ok(opened) => opened,
        Err(error) => {
          // Whoever asks next is told the same, the one who waits right now among them.
          let again = error.share();
          *self.opener.lock().unwrap_or_else(PoisonError::into_inner) =
            Some(Box::pin(async move { Err(again) }));
          return Err(error);
        }
      };
      *self.output.lock().await = Some(opened.output);
      *self.input.lock().await = opened.input;
      Ok(())
    };
    self.opened.get_or_try_init(begin).await.map(drop)
  }

  async fn next(&self) -> Answer<Option<Batch>> {
    if self.cancel.is_cancelled() {
      return Ok(None);
    }
    match self.open().await {
      Err(_) if self.cancel.is_cancelled() => return Ok(None),
      outcome => outcome?,
    }
    let mut output = self.output.lock().await;
    let Some(batches) = output.as_mut() else { return Ok(None) };
    let next = tokio::select! {
      biased;
      () = self.cancel.cancelled() => Ok(None),
      next = batches.next() => next,
    };
    if !matches!(next, Ok(Some(_))) {
      *output = None;
      *self.input.lock().await = None;
    }
    next
  }

  async fn close(&self) {
    self.cancel.cancel();
    self.opener.lock().unwrap_or_else(PoisonError::into_inner).take();
    *self.output.lock().await = None;
    *self.input.lock().await = None;
  }
}

fn closed() -> EngineError {
  EngineError::new(Code::StreamTruncated, "the stream has been closed")
}

#[napi]
pub struct NativeStream {
  shared: Arc<Shared>,
  container: Option<Container>,
  /// Whether it is this stream that keeps the process from ending.
  holds: Arc<AtomicBool>,
  wants_hold: bool,
  env: Env,
}

/// Makes a `DokeresStream` that opens when it is first asked for something.
pub fn lazy(env: &Env, opener: Opener) -> Result<Unknown<'_>> {
  Ok(make(env, opener, None)?.0)
}

/// Makes an `AttachStream`, and opens it at once: what is written by then must not be missed.
pub fn eager(
  env: &Env,
  opener: Opener,
  container: Container,
) -> Result<(Unknown<'_>, Arc<Shared>)> {
  let (stream, shared) = make(env, opener, Some(container))?;
  let opening = Arc::clone(&shared);
  // A failure is told to the first who reads or writes.
  runtime()?.spawn(async move { drop(opening.open().await) });
  Ok((stream, shared))
}

fn make(
  env: &Env,
  opener: Opener,
  container: Option<Container>,
) -> Result<(Unknown<'_>, Arc<Shared>)> {
  let shared = Arc::new(Shared {
    opener: Mutex::new(Some(opener)),
    opened: OnceCell::new(),
    output: AsyncMutex::new(None),
    input: AsyncMutex::new(None),
    cancel: CancellationToken::new(),
  });
  let writable = container.is_some();
  let native = NativeStream {
    shared: Arc::clone(&shared),
    container,
    holds: Arc::new(AtomicBool::new(false)),
    wants_hold: true,
    env: Env::from_raw(env.raw()),
  };
  let hook = Realm::of(env)?.hooks.stream.borrow_back(env)?;
  let hook: Function<FnArgs<(NativeStream, bool)>, Unknown> = recast(env, &hook)?;
  Ok((erase(hook.call(FnArgs::from((native, writable)))?), shared))
}

#[napi]
impl NativeStream {
  /// Asks for a batch: `callback(failure, data, marks)`, without data at the end.
  #[napi(skip_typescript)]
  pub fn pull(&mut self, env: Env, callback: Kept) -> Result<()> {
    let realm = Realm::of(&env)?;
    if self.wants_hold && !self.holds.swap(true, Ordering::Relaxed) {
      realm.hold(&env);
    }
    let (shared, holds, mailbox) =
      (Arc::clone(&self.shared), Arc::clone(&self.holds), realm.mailbox.clone());
    runtime()?.spawn(async move {
      let next = shared.next().await;
      deliver(&mailbox, next, callback, holds);
    });
    Ok(())
  }

  #[napi(skip_typescript)]
  pub fn close<'e>(&mut self, env: &'e Env) -> Result<Unknown<'e>> {
    self.let_go(env);
    let shared = Arc::clone(&self.shared);
    shared.cancel.cancel();
    let work = async move {
      shared.close().await;
      Ok(())
    };
    call_plain(env, None, work, |_, ()| Ok(Settled::Nothing))
  }

  #[napi(skip_typescript)]
  pub fn unref(&mut self, env: Env) {
    self.wants_hold = false;
    self.let_go(&env);
  }

  #[napi(js_name = "ref", skip_typescript)]
  pub fn refer(&mut self) {
    self.wants_hold = true;
  }

  #[napi(skip_typescript)]
  pub fn write<'e>(&self, env: &'e Env, data: Buffer) -> Result<Unknown<'e>> {
    let (shared, data) = (Arc::clone(&self.shared), data.to_vec());
    let work = async move {
      shared.open().await?;
      let mut input = shared.input.lock().await;
      input.as_mut().ok_or_else(closed)?.write(&data).await
    };
    call_plain(env, None, work, |_, ()| Ok(Settled::Nothing))
  }

  #[napi(skip_typescript)]
  pub fn end<'e>(&self, env: &'e Env) -> Result<Unknown<'e>> {
    let shared = Arc::clone(&self.shared);
    let work = async move {
      shared.open().await?;
      let mut input = shared.input.lock().await;
      input.as_mut().ok_or_else(closed)?.end().await
    };
    call_plain(env, None, work, |_, ()| Ok(Settled::Nothing))
  }

  #[napi(skip_typescript)]
  pub fn resize<'e>(&self, env: &'e Env, size: Unknown<'e>) -> Result<Unknown<'e>> {
    let container = self.container.clone();
    let prepare = |bag: &mut super::bag::Bag| {
      let size: crate::engine::options::Size = bag.read()?;
      Ok(async move {
        match container {
          Some(container) => container.resize(size.cols, size.rows).await,
          None => Err(closed()),
        }
      })
    };
    call(env, None, size, prepare, |_, ()| Ok(Settled::Nothing))
  }

  fn let_go(&self, env: &Env) {
    if self.holds.swap(false, Ordering::Relaxed)
      && let Ok(realm) = Realm::of(env)
    {
      realm.release(env);
    }
  }
}

impl Drop for NativeStream {
  /// Collected: nobody can read it any more, so its connection goes.
  fn drop(&mut self) {
    self.shared.cancel.cancel();
    self.let_go(&Env::from_raw(self.env.raw()));
    let shared = Arc::clone(&self.shared);
    if let Ok(runtime) = runtime() {
      runtime.spawn(async move { shared.close().await });
    }
  }
}

fn deliver(mailbox: &Mailbox, next: Answer<Option<Batch>>, callback: Kept, holds: Arc<AtomicBool>) {
  mailbox.post(move |env| {
    let work = || -> Result<()> {
      let nothing = || to_js(&env, ());
      if !matches!(next, Ok(Some(_))) && holds.swap(false, Ordering::Relaxed) {
        Realm::of(&env)?.release(&env);
      }
      let (failure, data, marks) = match next {
        Err(error) => (to_js(&env, facts(&error))?, nothing()?, nothing()?),
        Ok(None) => (to_js(&env, Null)?, nothing()?, nothing()?),
        Ok(Some(batch)) => {
          let (data, marks) = cut(&env, batch)?;
          (to_js(&env, Null)?, data, marks)
        }
      };
      let callback = callback.borrow_back(&env)?;
      let callback: Function<FnArgs<(Unknown, Unknown, Unknown)>, Unknown> =
        recast(&env, &callback)?;
      callback.call(FnArgs::from((failure, data, marks))).map(drop)
    };
    // The callback is our own and throws nothing; what fails here is an environment that closes.
    let _ = work();
  });
}

/// Output as bytes with their marks; records, which have none, as text.
fn cut(env: &Env, batch: Batch) -> Result<(Unknown<'_>, Unknown<'_>)> {
  if batch.marks.is_empty() {
    return Ok((to_js(env, lossy(batch.data))?, to_js(env, ())?));
  }
  let mut marks = Vec::with_capacity(batch.marks.len() * 2);
  for mark in &batch.marks {
    marks.push(mark.channel as u32);
    marks.push(u32::try_from(mark.length).unwrap_or(u32::MAX));
  }
  Ok((to_js(env, Buffer::from(batch.data))?, to_js(env, Uint32Array::new(marks))?))
}
