//! Sessions: a label on the containers that one `Dokeres` makes, by which they are found again, by
//! this process or, when it is gone, by another.
//!
//! A container without the label is never cleaned up: `session: false` is for what is to stay.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use serde_json::{Map, Value, json};
use tokio::sync::{OnceCell, watch};

use super::error::{EngineError, Result};
use super::{Engine, reaper, unique};

pub const LABEL: &str = "dokeres.session";

/// How long a clean-up waits for containers that are just being made.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long a process that is cleaned up after may take to end.
const ENDS_WITHIN: Duration = Duration::from_secs(30);

#[derive(Debug, Clone, Default)]
pub struct SessionOptions {
  /// Absent: one that nobody else has.
  pub name: Option<String>,
  /// Whether a helper process removes what is left when this one is gone.
  pub reaper: bool,
}

pub struct Session {
  id: String,
  reaper: bool,
  /// How many containers it has begun to make.
  made: AtomicU32,
  /// How many of them the engine has not answered for yet.
  underway: watch::Sender<u32>,
  watched: OnceCell<()>,
  /// The process is ending: what was made is being taken away, and nothing more may come.
  closed: AtomicBool,
}

/// A container is being made. Held until the engine has answered, whoever has stopped waiting by then.
pub struct Underway(Engine);

impl Drop for Underway {
  fn drop(&mut self) {
    if let Some(session) = self.0.session() {
      session.underway.send_modify(|count| *count -= 1);
    }
  }
}

impl Session {
  #[must_use]
  pub fn new(options: SessionOptions) -> Self {
    let id = options.name.unwrap_or_else(|| unique()[..16].to_owned());
    let (made, underway) = (AtomicU32::new(0), watch::Sender::new(0));
    let (watched, closed) = (OnceCell::new(), AtomicBool::new(false));
    Self { id, reaper: options.reaper, made, underway, watched, closed }
  }

  #[must_use]
  pub fn id(&self) -> &str {
    &self.id
  }

  #[must_use]
  pub fn has_reaper(&self) -> bool {
    self.reaper
  }

  #[must_use]
  pub fn made(&self) -> u32 {
    self.made.load(Ordering::Relaxed)
  }

  #[must_use]
  pub fn is_underway(&self) -> bool {
    *self.underway.borrow() > 0
  }

  /// From here on nothing is begun: calls go on in threads of ours when the program's own has ended.
  pub fn close(&self) {
    self.closed.store(true, Ordering::SeqCst);
  }

  /// Waits until the engine has answered for all that was begun: only then can it be found.
  pub async fn settled(&self) {
    let mut underway = self.underway.subscribe();
    let settled = underway.wait_for(|count| *count == 0);
    // An engine that does not answer is not waited for any longer; what it makes is looked for later.
    let _ = tokio::time::timeout(PATIENCE, settled).await;
  }
}

/// What a session may be called: it is a label's value, and a word in messages.
pub fn check_name(name: &str) -> Result<()> {
  let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
  if (1..=128).contains(&name.len()) && name.bytes().all(fits) {
    return Ok(());
  }
  let why = format!("`{name}` is not a session's name: up to 128 letters, digits, `_`, `.`, `-`");
  Err(EngineError::invalid("session", why))
}

/// To be held while the engine makes a container.
pub async fn underway(engine: &Engine) -> Result<Option<Underway>> {
  let Some(session) = engine.session() else { return Ok(None) };
  session.underway.send_modify(|count| *count += 1);
  let underway = Underway(engine.clone());
  // Counted by then: who closes first and counts afterwards misses nobody.
  if !session.closed.load(Ordering::SeqCst) {
    return Ok(Some(underway));
  }
  drop(underway);
  // Nobody is to hear of it; the process ends meanwhile.
  tokio::time::sleep(ENDS_WITHIN).await;
  Err(EngineError::not_supported("nothing more is made: the process is ending"))
}

/// Marks a container that is about to be created, and has the reaper know of its session first.
pub async fn mark(engine: &Engine, body: &mut Value) -> Result<()> {
  let Some(session) = engine.session() else { return Ok(()) };
  let Some(body) = body.as_object_mut() else { return Ok(()) };
  if let Value::Object(labels) = body.entry("Labels").or_insert_with(|| Map::new().into()) {
    // One that the caller has set is the caller's business; an empty one keeps the container out.
    labels.entry(LABEL).or_insert_with(|| json!(session.id));
  }
  if session.reaper {
    session.watched.get_or_try_init(|| reaper::watch(engine, &session.id)).await?;
  }
  session.made.fetch_add(1, Ordering::Relaxed);
  Ok(())
}
