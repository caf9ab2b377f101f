//! The native half of `DokeresStream`: hands a batch to JavaScript each time it asks for one.
//!
//! Asking is the back-pressure: nothing is read ahead of it. Only a pending request keeps the
//! JavaScript side alive, so a stream that nobody reads any more can be collected, and then closes.

mod cut;
mod shared;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use napi::bindgen_prelude::{Buffer, External, FnArgs, Function, Null, Unknown};
use napi::{Env, Result};
use napi_derive::napi;

use crate::binding::Answer;
use crate::binding::bag::Bag;
use crate::binding::call::{Settled, call, call_plain};
use crate::binding::container::ExecHandle;
use crate::binding::fault::{erase, facts, guarded};
use crate::binding::realm::{Kept, Mailbox, Realm, runtime};
use crate::binding::value::{recast, to_js};
use crate::engine::container::Container;
use crate::engine::container::execution::Execution;
use crate::engine::panics;
use crate::engine::stream::Batch;
use cut::cut;
use shared::{Opener, closed};

pub use shared::{Opened, Shared};

/// What JavaScript holds of a stream: a handle, so that the types tell of no class of ours.
pub struct NativeStream {
  shared: Arc<Shared>,
  terminal: Option<Terminal>,
  /// Whether it is this stream that keeps the process from ending.
  holds: Arc<AtomicBool>,
  wants_hold: AtomicBool,
  env: Env,
}

/// Whose terminal a stream is.
#[derive(Clone)]
pub enum Terminal {
  Container(Container),
  /// Known once the stream is open.
  Command(Arc<OnceLock<Execution>>),
}

/// Makes a `DokeresStream` that opens when it is first asked for something.
pub fn lazy<'env>(
  env: &'env Env,
  opener: Opener,
  signal: Option<Unknown<'env>>,
) -> Result<Unknown<'env>> {
  Ok(make(env, opener, None, signal)?.0)
}

/// The same, opened at once: what happens before it is read is not to be missed.
pub fn at_once<'env>(
  env: &'env Env,
  opener: Opener,
  signal: Option<Unknown<'env>>,
) -> Result<Unknown<'env>> {
  let (stream, shared) = make(env, opener, None, signal)?;
  // A failure is told to the first who reads.
  runtime()?.spawn(async move { drop(shared.open().await) });
  Ok(stream)
}

/// Options of a method that throws instead of rejecting, and its signal.
pub fn options<'e, T: serde::de::DeserializeOwned>(
  env: &'e Env,
  options: Unknown<'e>,
) -> Result<(T, Option<Unknown<'e>>)> {
  let read = || -> Answer<_> {
    let mut bag = Bag::new(env, options)?;
    let signal = bag.signal()?;
    Ok((bag.read()?, signal))
  };
  guarded(env, read)
}

/// Makes an `AttachStream`, and opens it at once: what is written by then must not be missed.
pub fn eager<'env>(
  env: &'env Env,
  opener: Opener,
  terminal: Terminal,
  signal: Option<Unknown<'env>>,
) -> Result<(Unknown<'env>, Arc<Shared>)> {
  let (stream, shared) = make(env, opener, Some(terminal), signal)?;
  let opening = Arc::clone(&shared);
  // A failure is told to the first who reads or writes.
  runtime()?.spawn(async move { drop(opening.open().await) });
  Ok((stream, shared))
}

fn make<'env>(
  env: &'env Env,
  opener: Opener,
  terminal: Option<Terminal>,
  signal: Option<Unknown<'env>>,
) -> Result<(Unknown<'env>, Arc<Shared>)> {
  let shared = Arc::new(Shared::new(opener));
  let kind = match &terminal {
    None => Kind::Read,
    Some(Terminal::Container(_)) => Kind::Attach,
    Some(Terminal::Command(_)) => Kind::Exec,
  };
  let native = NativeStream::new(env, Arc::clone(&shared), terminal);
  let hook = Realm::of(env)?.hooks.stream.borrow_back(env)?;
  let hook: Function<FnArgs<(External<NativeStream>, u32, Unknown)>, Unknown> = recast(env, &hook)?;
  let signal = signal.map_or_else(|| to_js(env, ()), Ok)?;
  let stream = hook.call(FnArgs::from((External::new(native), kind as u32, signal)))?;
  Ok((erase(stream), shared))
}

/// Which class a stream is of, as `stream` in `js/bridge.js` is told.
enum Kind {
  Read = 0,
  Attach = 1,
  Exec = 2,
}

type Handle = External<NativeStream>;

/// Asks for a batch: `callback(failure, data, marks)`, without data at the end.
#[napi(catch_unwind, skip_typescript)]
pub fn stream_pull(env: Env, stream: &Handle, callback: Kept) -> Result<()> {
  let realm = Realm::of(&env)?;
  if stream.wants_hold.load(Ordering::Relaxed) && !stream.holds.swap(true, Ordering::Relaxed) {
    realm.hold(&env);
  }
  let (shared, holds, mailbox) =
    (Arc::clone(&stream.shared), Arc::clone(&stream.holds), realm.mailbox.clone());
  // Who writes to it waits for the answer.
  let pace = stream.terminal.is_none().then(|| Arc::clone(&realm.pace));
  runtime()?.spawn(async move {
    let next = panics::guarded(shared.next()).await;
    if let (Some(pace), Ok(Some(batch))) = (pace, &next) {
      pace.wait(Arc::as_ptr(&shared).addr(), batch.data.len()).await;
    }
    deliver(&mailbox, next, callback, holds);
  });
  Ok(())
}

/// Resolves once it is open, or rejects with why it cannot be.
#[napi(catch_unwind, skip_typescript)]
pub fn stream_open<'e>(env: &'e Env, stream: &Handle) -> Result<Unknown<'e>> {
  let shared = Arc::clone(&stream.shared);
  call_plain(env, None, async move { shared.open().await }, |_, ()| Ok(Settled::Nothing))
}

#[napi(catch_unwind, skip_typescript)]
pub fn stream_close<'e>(env: &'e Env, stream: &Handle) -> Result<Unknown<'e>> {
  stream.let_go(env);
  let shared = Arc::clone(&stream.shared);
  shared.cancel();
  let work = async move {
    shared.close().await;
    Ok(())
  };
  call_plain(env, None, work, |_, ()| Ok(Settled::Nothing))
}

/// Whether it keeps the process from ending while it is open.
#[napi(catch_unwind, skip_typescript)]
pub fn stream_hold(env: Env, stream: &Handle, hold: bool) {
  stream.wants_hold.store(hold, Ordering::Relaxed);
  if !hold {
    stream.let_go(&env);
  }
}

#[napi(catch_unwind, skip_typescript)]
pub fn stream_write<'e>(env: &'e Env, stream: &Handle, data: Buffer) -> Result<Unknown<'e>> {
  let (shared, data) = (Arc::clone(&stream.shared), data.to_vec());
  call_plain(env, None, async move { shared.write(&data).await }, |_, ()| Ok(Settled::Nothing))
}

#[napi(catch_unwind, skip_typescript)]
pub fn stream_end<'e>(env: &'e Env, stream: &Handle) -> Result<Unknown<'e>> {
  let shared = Arc::clone(&stream.shared);
  call_plain(env, None, async move { shared.end().await }, |_, ()| Ok(Settled::Nothing))
}

#[napi(catch_unwind, skip_typescript)]
pub fn stream_resize<'e>(env: &'e Env, stream: &Handle, size: Unknown<'e>) -> Result<Unknown<'e>> {
  let (shared, terminal) = (Arc::clone(&stream.shared), stream.terminal.clone());
  let prepare = |bag: &mut Bag| {
    let size: crate::engine::options::Size = bag.read()?;
    Ok(async move {
      match terminal {
        Some(Terminal::Container(container)) => container.resize(size.cols, size.rows).await,
        Some(Terminal::Command(command)) => opened(&shared, &command).await?.resize(size).await,
        None => Err(closed()),
      }
    })
  };
  call(env, None, size, prepare, |_, ()| Ok(Settled::Nothing))
}

/// The command whose stream it is, once it has started.
#[napi(catch_unwind, skip_typescript)]
pub fn stream_command<'e>(env: &'e Env, stream: &Handle) -> Result<Unknown<'e>> {
  let (shared, terminal) = (Arc::clone(&stream.shared), stream.terminal.clone());
  let work = async move {
    match terminal {
      Some(Terminal::Command(command)) => opened(&shared, &command).await,
      _ => Err(closed()),
    }
  };
  call_plain(env, None, work, |env, command| {
    Ok(Settled::Value(to_js(env, ExecHandle::from(command))?))
  })
}

async fn opened(shared: &Shared, command: &OnceLock<Execution>) -> Answer<Execution> {
  // One that has been closed since is a command still.
  if let Some(command) = command.get() {
    return Ok(command.clone());
  }
  shared.open().await?;
  command.get().cloned().ok_or_else(closed)
}

impl NativeStream {
  pub fn new(env: &Env, shared: Arc<Shared>, terminal: Option<Terminal>) -> Self {
    let (holds, wants_hold) = (Arc::new(AtomicBool::new(false)), AtomicBool::new(true));
    Self { shared, terminal, holds, wants_hold, env: Env::from_raw(env.raw()) }
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
    self.shared.cancel();
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
