//! Cancellation by dropping, with the clean-up awaited.
//!
//! A call is a future; aborting it drops it. What it has made by then (a container, say) is held by
//! a guard whose `Drop` cannot await, so it registers its clean-up here and the call settles only
//! when that is done: after an abort there is nothing left to see.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::error::{EngineError, Result};

/// How long a call that has ended waits for them. An engine that has fallen silent answers none; whoever
/// gave it up for that is not to wait for ever.
const WITHIN: Duration = Duration::from_secs(10);

/// How long they go on after that.
const AT_MOST: Duration = Duration::from_secs(300);

type Cleanups = Arc<Mutex<Vec<JoinHandle<()>>>>;

tokio::task_local! {
  static CLEANUPS: Cleanups;
}

/// Runs `work` until it ends or `cancel` is called, then waits for what was registered meanwhile.
pub async fn run<T>(
  cancel: &CancellationToken,
  work: impl Future<Output = Result<T>> + Send,
) -> Result<T> {
  let cleanups = Cleanups::default();
  let result = CLEANUPS
    .scope(Arc::clone(&cleanups), async {
      tokio::select! {
        biased;
        () = cancel.cancelled() => Err(EngineError::aborted()),
        result = work => result,
      }
    })
    .await;
  let done = async {
    loop {
      let pending = std::mem::take(&mut *cleanups.lock().unwrap_or_else(PoisonError::into_inner));
      if pending.is_empty() {
        return;
      }
      for cleanup in pending {
        // A clean-up that failed has nobody left to tell; the call's own outcome stands.
        let _ = cleanup.await;
      }
    }
  };
  let _ = tokio::time::timeout(WITHIN, done).await;
  result
}

/// Starts a clean-up that the surrounding call waits for, or, outside a call, that runs by itself.
pub fn clean_up(work: impl Future<Output = ()> + Send + 'static) {
  let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
  let task = runtime.spawn(async move {
    let _ = tokio::time::timeout(AT_MOST, work).await;
  });
  let _ = CLEANUPS.try_with(|cleanups| {
    cleanups.lock().unwrap_or_else(PoisonError::into_inner).push(task);
  });
}

/// Waits for a task that goes on when the waiting is dropped; `afterwards` then gets its outcome.
pub async fn unless_abandoned<T, F>(
  task: JoinHandle<Result<T>>,
  afterwards: impl FnOnce(Result<T>) -> F + Send + 'static,
) -> Result<T>
where
  T: Send + 'static,
  F: Future<Output = ()> + Send + 'static,
{
  struct Waiting<T: Send + 'static>(Option<JoinHandle<Result<T>>>, Option<Abandoned<T>>);

  impl<T: Send + 'static> Drop for Waiting<T> {
    fn drop(&mut self) {
      if let (Some(task), Some(afterwards)) = (self.0.take(), self.1.take()) {
        clean_up(async move {
          if let Ok(outcome) = task.await {
            afterwards(outcome).await;
          }
        });
      }
    }
  }

  let afterwards: Abandoned<T> = Box::new(move |outcome| Box::pin(afterwards(outcome)));
  let mut waiting = Waiting(Some(task), Some(afterwards));
  let outcome = match &mut waiting.0 {
    Some(task) => task.await,
    None => return Err(EngineError::internal("the task was taken")),
  };
  waiting.0 = None;
  outcome.unwrap_or_else(|_| Err(EngineError::internal("the task failed within")))
}

type Abandoned<T> = Box<dyn FnOnce(Result<T>) -> BoxFuture<'static, ()> + Send>;
