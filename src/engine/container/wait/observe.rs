//! What becomes of the container meanwhile: the engine's events say when to look.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::engine::container::Container;
use crate::engine::container::events::Events;
use crate::engine::container::inspect::Inspected;
use crate::engine::error::{Code, EngineError, Result};
use crate::engine::options::{LogsOptions, Scalar};
use crate::engine::stream::{TAIL_LINES, Tail};

const EVENTS: &[&str] =
  &["start", "restart", "die", "oom", "destroy", "remove", "health_status", "pause", "unpause"];

/// How often it is looked at where no event says so, at most: an engine that is not docker may forget
/// one, and a connection may break.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// What was seen last.
#[derive(Clone, Default)]
pub struct Seen {
  pub inspected: Arc<Inspected>,
  /// It is no more.
  pub gone: bool,
  pub exit_code: Option<i64>,
  pub oom_killed: bool,
}

impl Seen {
  #[must_use]
  pub fn has_started(&self) -> bool {
    self.inspected.state.status != "created" || self.gone
  }

  /// It has ended, and is not about to be started again by the engine.
  #[must_use]
  pub fn has_ended(&self) -> bool {
    let state = &self.inspected.state;
    self.gone || (self.has_started() && !state.running && !state.restarting)
  }

  #[must_use]
  pub fn code(&self) -> i64 {
    if self.inspected.state.running || self.gone {
      // Seen running last: only the event has told how it ended.
      return self.exit_code.unwrap_or(self.inspected.state.exit_code);
    }
    self.inspected.state.exit_code
  }
}

/// Looks until it is dropped; comes back only by failing.
pub async fn observe(container: &Container, told: &watch::Sender<Option<Seen>>) -> EngineError {
  loop {
    let mut events = Events::of(container, EVENTS).await.ok();
    let mut pause = Duration::from_millis(50);
    loop {
      if let Err(error) = look(container, told).await {
        return error;
      }
      tokio::select! {
        biased;
        event = Events::next(&mut events) => {
          // Apart: what is borrowed must be given back before something else is sent.
          let seen = told.borrow().clone();
          if let Some(mut seen) = seen {
            seen.oom_killed |= event.action == "oom";
            seen.exit_code = event.exit_code().filter(|_| event.action == "die").or(seen.exit_code);
            told.send_replace(Some(seen));
          }
        }
        () = tokio::time::sleep(pause) => pause = (pause * 2).min(LOOK_EVERY),
      }
      if events.is_none() && pause == LOOK_EVERY {
        break;
      }
    }
  }
}

async fn look(container: &Container, told: &watch::Sender<Option<Seen>>) -> Result<()> {
  let before = told.borrow().clone();
  let seen = match (container.inspected().await, before) {
    (Ok(inspected), before) => {
      let before = before.unwrap_or_default();
      Seen { inspected: Arc::new(inspected), ..before }
    }
    (Err(error), Some(before)) if is_gone(&error) => Seen { gone: true, ..before },
    // It has come and gone before it was looked at; that is known of one that removes itself.
    (Err(error), None) if is_gone(&error) => {
      let Some(code) = container.exit_of_removed().await else { return Err(error) };
      Seen { gone: true, exit_code: Some(code), ..Seen::default() }
    }
    (Err(error), _) => return Err(error),
  };
  told.send_replace(Some(seen));
  Ok(())
}

fn is_gone(error: &EngineError) -> bool {
  error.is(Code::ContainerNotFound) || error.is(Code::NoContainer)
}

/// The last lines of a container that takes its logs along when it ends: followed from the start.
pub struct Afterglow {
  tail: Arc<Mutex<Tail>>,
  reading: JoinHandle<()>,
}

impl Afterglow {
  #[must_use]
  pub fn of(container: &Container) -> Self {
    let tail = Arc::new(Mutex::new(Tail::new(TAIL_LINES)));
    let (container, into) = (container.clone(), Arc::clone(&tail));
    let reading = tokio::spawn(async move {
      let last = Some(Scalar(TAIL_LINES.to_string()));
      let options = LogsOptions { follow: true, tail: last, ..LogsOptions::default() };
      let Ok(mut batches) = container.logs(&options).await else { return };
      while let Ok(Some(batch)) = batches.next().await {
        into.lock().unwrap_or_else(PoisonError::into_inner).feed(&batch.data);
      }
    });
    Self { tail, reading }
  }

  /// What it wrote last, once it has ended.
  pub async fn lines(&mut self) -> Vec<String> {
    // Several may ask, one after the other; the end comes once.
    if !self.reading.is_finished() {
      let _ = tokio::time::timeout(Duration::from_secs(1), &mut self.reading).await;
    }
    self.tail.lock().unwrap_or_else(PoisonError::into_inner).clone().into_lines()
  }
}

impl Drop for Afterglow {
  fn drop(&mut self) {
    self.reading.abort();
  }
}
