//! Where progress is put up, and from where any number of onlookers read it, each at its own pace.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::{mpsc, watch};

use super::Progress;
use super::sum::Sum;
use crate::engine::error::Result;

/// Lines on their way to one onlooker; a build waits for one who is slow.
const LINES_AHEAD: usize = 256;

/// What has been added up by now, and the lines of who asked for them. When the last owner lets go of it, there
/// is no more to come.
pub struct Board {
  changes: watch::Sender<()>,
  sum: Arc<Mutex<Option<Sum>>>,
  lines: Mutex<Vec<mpsc::Sender<Arc<str>>>>,
}

/// What the work holds to show how far it is.
pub type Shown = Arc<Board>;

/// A builder's words, a line each.
pub type Lines = mpsc::Receiver<Arc<str>>;

/// Receives the board of work that the caller is on.
pub type OnBoard<'a> = &'a (dyn Fn(Watcher) + Send + Sync);

/// An onlooker's view of a board.
#[derive(Clone)]
pub struct Watcher {
  changes: watch::Receiver<()>,
  sum: Arc<Mutex<Option<Sum>>>,
  board: Weak<Board>,
}

impl Watcher {
  /// The picture after the next change, or after those that have been missed; `None` at the end.
  pub async fn next(&mut self) -> Option<Progress> {
    loop {
      self.changes.changed().await.ok()?;
      let picture =
        self.sum.lock().unwrap_or_else(PoisonError::into_inner).as_ref().map(Sum::picture);
      if picture.is_some() {
        return picture;
      }
    }
  }

  /// Lines from now on; `None` where there is no more to come.
  #[must_use]
  pub fn lines(&self) -> Option<Lines> {
    let board = self.board.upgrade()?;
    let (sender, receiver) = mpsc::channel(LINES_AHEAD);
    board.lines.lock().unwrap_or_else(PoisonError::into_inner).push(sender);
    Some(receiver)
  }
}

impl Board {
  #[must_use]
  pub fn new() -> (Shown, Watcher) {
    let (sender, changes) = watch::channel(());
    let sum: Arc<Mutex<Option<Sum>>> = Arc::default();
    let board = Arc::new(Self { changes: sender, sum: Arc::clone(&sum), lines: Mutex::default() });
    let watcher = Watcher { changes, sum, board: Arc::downgrade(&board) };
    (board, watcher)
  }

  /// A phase begins; what was shown of an earlier one is over.
  pub fn begin(&self, sum: Sum) {
    *self.sum.lock().unwrap_or_else(PoisonError::into_inner) = Some(sum);
  }

  pub fn change(&self, change: impl FnOnce(&mut Sum)) {
    if let Some(sum) = self.sum.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
      change(sum);
    }
    self.changes.send_replace(());
  }

  /// Hands a line to all who asked, at the pace of the slowest.
  pub async fn line(&self, line: &str) {
    let listeners = self.lines.lock().unwrap_or_else(PoisonError::into_inner).clone();
    if listeners.is_empty() {
      return;
    }
    let line: Arc<str> = line.into();
    let mut left = false;
    for listener in &listeners {
      left |= listener.send(Arc::clone(&line)).await.is_err();
    }
    if left {
      let mut listeners = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
      listeners.retain(|listener| !listener.is_closed());
    }
  }
}

/// Does work that no other caller shares, on a board of its own.
pub async fn alone<T, F>(on_board: OnBoard<'_>, work: impl FnOnce(Shown) -> F) -> Result<T>
where
  F: Future<Output = Result<T>>,
{
  let (shown, watcher) = Board::new();
  on_board(watcher);
  work(shown).await
}
