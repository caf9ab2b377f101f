//! Panics: bugs of ours, told as errors. One that reached Node's own frames would end the process.

use std::future::Future;
use std::panic::{self, AssertUnwindSafe};
use std::sync::{Mutex, Once, PoisonError};

use futures_util::FutureExt;

use super::error::{EngineError, Result};

/// Where the last one was.
static PLACE: Mutex<Option<String>> = Mutex::new(None);

/// Has panics remembered instead of printed, on all threads. What they say is not kept: it may quote a secret, as that
/// of a text cut in the middle of a character does. Where they are holds none.
pub fn watch() {
  static ONCE: Once = Once::new();
  ONCE.call_once(|| {
    let printing = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
      let place = panic.location().map(ToString::to_string);
      *PLACE.lock().unwrap_or_else(PoisonError::into_inner) = place;
      if std::env::var_os("RUST_BACKTRACE").is_some() {
        printing(panic);
      }
    }));
  });
}

/// What is told of one.
#[must_use]
pub fn told() -> EngineError {
  let place = PLACE.lock().unwrap_or_else(PoisonError::into_inner).take();
  let place = place.map_or_else(String::new, |place| format!(" at {place}"));
  let version = env!("CARGO_PKG_VERSION");
  EngineError::internal(format!(
    "dokeres {version} failed within{place}: a bug of its own, not of your program; please report it with this message \
     and what was called (RUST_BACKTRACE=1 prints where it came from)"
  ))
}

/// Does what may panic.
pub fn caught<T>(work: impl FnOnce() -> T) -> Result<T> {
  panic::catch_unwind(AssertUnwindSafe(work)).map_err(|_| told())
}

/// Waits for what may panic.
pub async fn guarded<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
  AssertUnwindSafe(work).catch_unwind().await.unwrap_or_else(|_| Err(told()))
}

#[cfg(test)]
mod tests {
  use super::*;
  use crate::engine::error::Code;
  use crate::engine::single_flight::SingleFlight;

  #[tokio::test]
  async fn panics_become_errors_that_tell_where_and_no_more() {
    // Not `watch()`: the other tests' panics are to be printed.
    let quoting = || -> Result<()> { panic!("a secret") };
    let sync = caught(quoting).flatten().unwrap_err();
    let inner: Result<()> = guarded(async { panic!("a secret") }).await;
    let shared = SingleFlight::<u8, ()>::default();
    let shared = shared.run(1, &|_| {}, |_| async { panic!("a secret") }).await;
    for error in [sync, inner.unwrap_err(), shared.unwrap_err()] {
      assert!(error.is(Code::Internal));
      let text = error.to_string();
      assert!(text.contains("please report it") && !text.contains("secret"), "{text}");
    }
    assert_eq!(caught(|| 1).unwrap(), 1);
  }
}
