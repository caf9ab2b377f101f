//! Sessions: a label on the containers that one `Dokeres` makes, by which they are found again, by
//! this process or, when it is gone, by another.
//!
//! Only where it was asked for. A container without the label is never cleaned up, so that what
//! somebody means to keep is not swept away with what others left behind.

use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Map, Value, json};
use tokio::sync::OnceCell;

use super::error::{EngineError, Result};
use super::{Engine, reaper, unique};

pub const LABEL: &str = "dokeres.session";

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
  watched: OnceCell<()>,
}

impl Session {
  #[must_use]
  pub fn new(options: SessionOptions) -> Self {
    let id = options.name.unwrap_or_else(|| unique()[..16].to_owned());
    Self { id, reaper: options.reaper, made: AtomicU32::new(0), watched: OnceCell::new() }
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
