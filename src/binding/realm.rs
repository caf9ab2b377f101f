//! One loading of the addon: a thread's environment, its mailbox, and JavaScript's half of the bridge.
//!
//! The realm is the environment's instance data, so that worker threads and second copies each have
//! their own classes. Rust keeps nothing of JavaScript's but functions, whose references may be
//! dropped on any thread.

use std::cell::Cell;
use std::sync::{Arc, LazyLock};

use napi::bindgen_prelude::{FnArgs, Function, FunctionRef, JsObjectValue, Object, Unknown};
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use napi::{Env, Error, Result, Status, sys};
use napi_derive::napi;
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

use crate::engine::panics;
use crate::engine::stream::Pace;

/// A function of JavaScript's, kept.
pub type Kept = FunctionRef<FnArgs<(Unknown<'static>,)>, Unknown<'static>>;

type Job = Box<dyn FnOnce(Env) + Send>;
type Letters = ThreadsafeFunction<Job, (), (), Status, false, true>;

/// Brings work to a realm's thread, from any other.
#[derive(Clone)]
pub struct Mailbox(Arc<Letters>);

impl Mailbox {
  /// Runs `job` on the JavaScript thread; drops it where that thread is gone.
  pub fn post(&self, job: impl FnOnce(Env) + Send + 'static) {
    // The status says that the environment is closing; then there is nobody to tell.
    let _ = self.0.call(Box::new(job), ThreadsafeFunctionCallMode::NonBlocking);
  }
}

/// Keeps the process from ending while it is there; may be let go of on any thread.
pub struct Hold(Mailbox);

impl Hold {
  pub fn new(env: &Env) -> Result<Self> {
    let realm = Realm::of(env)?;
    realm.hold(env);
    Ok(Self(realm.mailbox.clone()))
  }
}

impl Drop for Hold {
  fn drop(&mut self) {
    self.0.post(|env| {
      if let Ok(realm) = Realm::of(&env) {
        realm.release(&env);
      }
    });
  }
}

/// JavaScript's half of the bridge: see `js/bridge.js`.
pub struct Hooks {
  pub open: Kept,
  pub fault: Kept,
  pub invoke: Kept,
  pub sink: Kept,
  pub source: Kept,
  pub stream: Kept,
  pub conditions: Kept,
  pub modem: Kept,
  pub session: Kept,
}

pub struct Realm {
  pub mailbox: Mailbox,
  pub pace: Arc<Pace>,
  pub hooks: Hooks,
  /// Parent of all calls' own: with its thread the calls end that nobody waits for any more.
  pub over: CancellationToken,
  /// How many calls and open streams keep the process from ending.
  busy: Cell<u32>,
}

impl Drop for Realm {
  fn drop(&mut self) {
    self.over.cancel();
  }
}

/// The threads that all realms of the process share: one for requests and streams, which is more than an
/// engine keeps busy, and does not hand a request to another, for that would cost more than the request;
/// and those for files, made as they are needed. They are never joined: the process may end while they
/// wait for an engine.
static RUNTIME: LazyLock<std::io::Result<Runtime>> = LazyLock::new(|| {
  tokio::runtime::Builder::new_multi_thread()
    .worker_threads(1)
    .max_blocking_threads(64)
    .thread_name("dokeres")
    .enable_all()
    .build()
});

pub fn runtime() -> Result<&'static Runtime> {
  RUNTIME.as_ref().map_err(|error| Error::from_reason(format!("no threads for dokeres: {error}")))
}

impl Realm {
  /// The realm of this thread's environment.
  pub fn of(env: &Env) -> Result<&'static Self> {
    let realm = env.get_instance_data::<Self>()?;
    Ok(realm.ok_or_else(|| Error::from_reason("dokeres has not been installed in this realm"))?)
  }

  /// Keeps the process from ending, until `release`.
  pub fn hold(&self, env: &Env) {
    self.busy.set(self.busy.get() + 1);
    if self.busy.get() == 1 {
      self.with_letters(|letters| {
        // SAFETY: the environment is this thread's own, and the function is open while it is read.
        unsafe { sys::napi_ref_threadsafe_function(env.raw(), letters) };
      });
    }
  }

  pub fn release(&self, env: &Env) {
    self.busy.set(self.busy.get().saturating_sub(1));
    if self.busy.get() == 0 {
      self.with_letters(|letters| {
        // SAFETY: as in `hold`.
        unsafe { sys::napi_unref_threadsafe_function(env.raw(), letters) };
      });
    }
  }

  fn with_letters(&self, act: impl FnOnce(sys::napi_threadsafe_function)) {
    self.mailbox.0.handle.with_read_aborted(|aborted| {
      if !aborted {
        act(self.mailbox.0.raw());
      }
    });
  }
}

/// Brings JavaScript's half of the bridge to this environment's realm.
#[napi(catch_unwind, skip_typescript)]
pub fn install(env: Env, hooks: Object) -> Result<()> {
  panics::watch();
  let turn: Function<(), ()> = hooks.get_named_property("turn")?;
  let letters = turn
    .build_threadsafe_function::<Job>()
    .callee_handled::<false>()
    .weak::<true>()
    .build_callback(|letter| {
      // Whoever waits for what the letter was to do is told where it is written; this is for Node's own frames.
      let _ = panics::caught(|| (letter.value)(letter.env));
      Ok(())
    })?;
  let hooks = Hooks {
    open: hooks.get_named_property("open")?,
    fault: hooks.get_named_property("fault")?,
    invoke: hooks.get_named_property("invoke")?,
    sink: hooks.get_named_property("sink")?,
    source: hooks.get_named_property("source")?,
    stream: hooks.get_named_property("stream")?,
    conditions: hooks.get_named_property("conditions")?,
    modem: hooks.get_named_property("modem")?,
    session: hooks.get_named_property("session")?,
  };
  let realm = Realm {
    mailbox: Mailbox(Arc::new(letters)),
    pace: Arc::default(),
    hooks,
    over: CancellationToken::new(),
    busy: Cell::new(0),
  };
  env.set_instance_data(realm, (), |_| {})
}
