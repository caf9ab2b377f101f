//! Connections at rest, the last one used on top.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::connection::Connection;

const KEEP: Duration = Duration::from_secs(15);
const KEEP_MAX: usize = 32;
/// How often a caller steps aside for a connection that is about to come back.
const PATIENCE: usize = 2;

/// Owned by the client alone, so that its end is theirs; tasks know it by a `Weak`.
#[derive(Default)]
pub(super) struct Pool {
  idle: Mutex<Idle>,
  /// How many have answered and may soon be back.
  settling: AtomicUsize,
  parked: Notify,
}

#[derive(Default)]
struct Idle {
  /// The longest at rest first.
  list: Vec<(Connection, Instant)>,
  watched: bool,
}

impl Pool {
  fn idle(&self) -> MutexGuard<'_, Idle> {
    self.idle.lock().unwrap_or_else(PoisonError::into_inner)
  }

  /// A connection that is still open, as far as is known.
  pub fn take(&self) -> Option<Connection> {
    let mut idle = self.idle();
    while let Some((connection, since)) = idle.list.pop() {
      if !connection.is_closed() && since.elapsed() < KEEP {
        return Some(connection);
      }
    }
    None
  }

  /// The same, waiting a moment where one has given its answer and is only not back yet: dialling
  /// anew would cost the engine more.
  pub async fn take_soon(&self) -> Option<Connection> {
    for _ in 0..PATIENCE {
      let taken = self.take();
      if taken.is_some() || self.settling.load(Ordering::Acquire) == 0 {
        return taken;
      }
      tokio::task::yield_now().await;
    }
    self.take()
  }

  /// The next one to come back that nobody else has taken.
  pub async fn returned(&self) -> Connection {
    loop {
      let parked = self.parked.notified();
      if let Some(connection) = self.take() {
        return connection;
      }
      parked.await;
    }
  }

  /// Takes a connection back once the response's body is through. One whose body is dropped
  /// before its end never gets here: hyper closes it.
  pub fn settle(self: &Arc<Self>, mut connection: Connection) {
    let pool = Arc::downgrade(self);
    self.settling.fetch_add(1, Ordering::AcqRel);
    tokio::spawn(async move {
      let reusable = connection.is_reusable().await;
      let Some(pool) = pool.upgrade() else { return };
      if reusable {
        pool.park(connection);
      }
      pool.settling.fetch_sub(1, Ordering::AcqRel);
    });
  }

  fn park(self: &Arc<Self>, connection: Connection) {
    let mut idle = self.idle();
    idle.list.push((connection, Instant::now()));
    let surplus = idle.list.len().saturating_sub(KEEP_MAX);
    let surplus: Vec<_> = idle.list.drain(..surplus).collect();
    let watched = std::mem::replace(&mut idle.watched, true);
    drop(idle);
    drop(surplus);
    self.parked.notify_one();
    if !watched {
      tokio::spawn(watch(Arc::downgrade(self)));
    }
  }

  /// Closes what has rested too long; says when to look again, unless there is nothing left.
  fn sweep(&self) -> Option<Instant> {
    let mut idle = self.idle();
    let now = Instant::now();
    idle.list.retain(|(connection, since)| now - *since < KEEP && !connection.is_closed());
    let next = idle.list.first().map(|(_, since)| *since + KEEP);
    idle.watched = next.is_some();
    next
  }

  #[cfg(all(test, unix))]
  pub fn len(&self) -> usize {
    self.idle().list.len()
  }
}

async fn watch(pool: Weak<Pool>) {
  loop {
    let next = match pool.upgrade() {
      Some(pool) => pool.sweep(),
      None => return,
    };
    match next {
      Some(next) => tokio::time::sleep_until(next).await,
      None => return,
    }
  }
}
