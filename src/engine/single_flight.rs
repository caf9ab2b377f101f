//! One flight for all who ask for the same thing at the same time.
//!
//! The work runs in a task of its own; callers wait for its outcome. A caller who leaves (drops its
//! future) is detached; when the last one leaves, the work is dropped. Outcomes are not remembered:
//! the entry goes with the flight.

use std::collections::HashMap;
use std::future::Future;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::error::{EngineError, Result};
use super::image::progress::{Board, Shown, Watcher};
use super::{panics, scope};

type Outcome<T> = Option<Result<T, Arc<EngineError>>>;

struct Flight<T> {
  shown: Watcher,
  outcome: watch::Receiver<Outcome<T>>,
  cancel: CancellationToken,
  waiting: usize,
}

/// A set of flights by key.
pub struct SingleFlight<K, T> {
  flights: Arc<Mutex<HashMap<K, Flight<T>>>>,
}

impl<K, T> Default for SingleFlight<K, T> {
  fn default() -> Self {
    Self { flights: Arc::default() }
  }
}

impl<K, T> SingleFlight<K, T>
where
  K: Eq + Hash + Clone + Send + 'static,
  T: Clone + Send + Sync + 'static,
{
  /// Joins the flight under `key`, or starts `work` as one.
  ///
  /// `on_board` gets the flight's progress, also of a flight that had left already.
  pub async fn run<F>(
    &self,
    key: K,
    on_board: &(dyn Fn(Watcher) + Send + Sync),
    work: impl FnOnce(Shown) -> F,
  ) -> Result<T>
  where
    F: Future<Output = Result<T>> + Send + 'static,
  {
    let (mut outcome, shown, seat) = self.board(key, work);
    on_board(shown);
    let landed = outcome.wait_for(Option::is_some).await;
    let result = match landed.as_deref() {
      Ok(Some(Ok(value))) => Ok(value.clone()),
      Ok(Some(Err(error))) => Err(error.share()),
      // The task is gone without an outcome: it panicked.
      Ok(None) | Err(_) => Err(panics::told()),
    };
    drop(seat);
    result
  }

  fn board<F>(
    &self,
    key: K,
    work: impl FnOnce(Shown) -> F,
  ) -> (watch::Receiver<Outcome<T>>, Watcher, Seat<K, T>)
  where
    F: Future<Output = Result<T>> + Send + 'static,
  {
    let mut flights = self.flights.lock().unwrap_or_else(PoisonError::into_inner);
    // A sender that is gone without an outcome panicked: nobody may board that.
    flights.retain(|_, flight| {
      flight.outcome.borrow().is_some() || flight.outcome.has_changed().is_ok()
    });
    let flight = flights.entry(key.clone()).or_insert_with(|| {
      let (sender, outcome) = watch::channel(None);
      let cancel = CancellationToken::new();
      let (board, shown) = Board::new();
      let (work, token) = (work(board), cancel.clone());
      let (shared, own_key) = (Arc::clone(&self.flights), key.clone());
      tokio::spawn(async move {
        let result = scope::run(&token, work).await.map_err(Arc::new);
        // Off the list before anyone can see the outcome: who comes later starts afresh. A cancelled
        // flight was taken off when its last passenger left, and another may fly under its key.
        if !token.is_cancelled() {
          shared.lock().unwrap_or_else(PoisonError::into_inner).remove(&own_key);
        }
        let _ = sender.send(Some(result));
      });
      Flight { shown, outcome, cancel, waiting: 0 }
    });
    flight.waiting += 1;
    let seat = Seat {
      flights: Arc::clone(&self.flights),
      key,
      flight: flight.cancel.clone(),
      outcome: flight.outcome.clone(),
    };
    (flight.outcome.clone(), flight.shown.clone(), seat)
  }
}

/// A caller's place on a flight; dropping it is leaving.
struct Seat<K: Eq + Hash + Send + 'static, T: Send + Sync + 'static> {
  flights: Arc<Mutex<HashMap<K, Flight<T>>>>,
  key: K,
  flight: CancellationToken,
  outcome: watch::Receiver<Outcome<T>>,
}

impl<K: Eq + Hash + Send + 'static, T: Send + Sync + 'static> Drop for Seat<K, T> {
  fn drop(&mut self) {
    if self.outcome.borrow().is_some() {
      return;
    }
    let mut flights = self.flights.lock().unwrap_or_else(PoisonError::into_inner);
    let Some(flight) = flights.get_mut(&self.key) else { return };
    if !self.outcome.same_channel(&flight.outcome) {
      return;
    }
    flight.waiting -= 1;
    if flight.waiting > 0 {
      return;
    }
    flights.remove(&self.key);
    self.flight.cancel();
    // The abort is over when the work has let go of what it held.
    let mut outcome = self.outcome.clone();
    scope::clean_up(async move {
      let _ = outcome.wait_for(Option::is_some).await;
    });
  }
}
