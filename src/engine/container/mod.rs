//! One container: made or to be made, and everything that is done with it.

mod attach;
pub mod checkpoint;
mod events;
pub mod exec;
pub mod execution;
pub mod exit;
pub mod files;
pub mod follow;
pub(in crate::engine) mod guard;
pub mod insight;
pub mod inspect;
pub mod lifecycle;
pub mod logs;
mod lost;
mod making;
pub mod port;
pub mod removal;
pub mod run;
pub mod signal;
pub mod stats;
pub mod task;
pub mod update;
pub mod wait;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use attach::{Attached, Stdin};
pub use exit::ExitStatus;

use tokio::sync::watch;

use super::Engine;
use super::create;
use super::error::{Code, ContainerFacts, EngineError, Result};
use super::fault::Subject;
use super::image::Image;
use super::options::{Making, RunOptions};
use exit::ExitWatch;

/// A container of an engine. Cheap to clone; clones are the same container.
#[derive(Clone)]
pub struct Container(Arc<Inner>);

struct Inner {
  engine: Engine,
  image: Option<Image>,
  making: Making,
  options: RunOptions,
  state: Mutex<State>,
}

/// What is known of it once it is there.
#[derive(Default)]
struct State {
  id: Option<String>,
  name: Option<String>,
  warnings: Vec<String>,
  tty: Option<bool>,
  exit: Option<ExitWatch>,
  waits_on_their_way: watch::Sender<u32>,
  creating: bool,
}

impl Container {
  /// One to be made; its options are checked now, and nothing is asked of the engine yet.
  pub fn of_image(image: &Image, making: Making, options: RunOptions) -> Result<Self> {
    create::body("", &making, &options)?;
    if let Some(name) = &making.name {
      check_name(name)?;
    }
    let state = State { name: making.name.clone(), ..State::default() };
    Ok(Self(Arc::new(Inner {
      engine: image.engine().clone(),
      image: Some(image.clone()),
      making,
      options,
      state: Mutex::new(state),
    })))
  }

  /// One that is there already.
  pub async fn existing(engine: &Engine, id_or_name: &str) -> Result<Self> {
    if id_or_name.is_empty() {
      return Err(EngineError::invalid("id", "a container's id or name is expected"));
    }
    let found = inspect::read(engine, &Subject::container(id_or_name), id_or_name).await?;
    let image = Image::existing(engine, &found.config.image);
    let state = State {
      name: Some(found.name().to_owned()),
      tty: Some(found.config.tty),
      id: Some(found.id),
      ..State::default()
    };
    Ok(Self(Arc::new(Inner {
      engine: engine.clone(),
      image: Some(image),
      making: Making {
        name: state.name.clone(),
        command: found.config.cmd.map(super::options::Command),
        entrypoint: found.config.entrypoint.map(super::options::Command),
      },
      options: RunOptions::default(),
      state: Mutex::new(state),
    })))
  }

  /// One by its id or name, of which nothing else is known; nothing is asked of the engine.
  pub fn at(engine: &Engine, id: &str) -> Result<Self> {
    if id.is_empty() {
      return Err(EngineError::invalid("id", "a container's id or name is expected"));
    }
    check_name(id).map_err(|error| EngineError::invalid("id", error.engines_words()))?;
    Ok(Self(Arc::new(Inner {
      engine: engine.clone(),
      image: None,
      making: Making::default(),
      options: RunOptions::default(),
      state: Mutex::new(State { id: Some(id.to_owned()), ..State::default() }),
    })))
  }

  #[must_use]
  pub fn engine(&self) -> &Engine {
    &self.0.engine
  }

  #[must_use]
  pub fn image(&self) -> Option<&Image> {
    self.0.image.as_ref()
  }

  #[must_use]
  pub fn making(&self) -> &Making {
    &self.0.making
  }

  #[must_use]
  pub fn options(&self) -> &RunOptions {
    &self.0.options
  }

  /// The name it was given, or, without one, the name that the engine gave.
  #[must_use]
  pub fn name(&self) -> Option<String> {
    self.state().name.clone()
  }

  pub fn id(&self) -> Result<String> {
    self.state().id.clone().ok_or_else(no_container)
  }

  pub fn warnings(&self) -> Result<Vec<String>> {
    let state = self.state();
    if state.id.is_none() { Err(no_container()) } else { Ok(state.warnings.clone()) }
  }

  fn state(&self) -> MutexGuard<'_, State> {
    self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
  }

  fn subject(&self) -> Subject {
    let state = self.state();
    Subject::Container { id: state.id.clone(), name: state.name.clone() }
  }

  fn facts(&self) -> ContainerFacts {
    let state = self.state();
    ContainerFacts { id: state.id.clone(), name: state.name.clone(), ..ContainerFacts::default() }
  }

  /// Whether it has a terminal: asked of the engine once, never guessed from its output.
  pub async fn has_tty(&self) -> Result<bool> {
    let (id, known) = {
      let state = self.state();
      (state.id.clone().ok_or_else(no_container)?, state.tty)
    };
    if let Some(tty) = known {
      return Ok(tty);
    }
    let tty = inspect::read(self.engine(), &self.subject(), &id).await?.config.tty;
    self.state().tty = Some(tty);
    Ok(tty)
  }
}

/// The engine's own rule, told before anything is sent.
fn check_name(name: &str) -> Result<()> {
  let mut bytes = name.trim_start_matches('/').bytes();
  let first = bytes.next().is_some_and(|byte| byte.is_ascii_alphanumeric());
  let rest = bytes.all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte));
  if first && rest {
    return Ok(());
  }
  let why = format!(
    "`{name}` is not a container's name: letters, digits, `_`, `.`, `-`, a letter or digit first"
  );
  Err(EngineError::invalid("name", why))
}

fn no_container() -> EngineError {
  EngineError::new(
    Code::NoContainer,
    "there is no container yet; call create(), start() or the image's run() first",
  )
}
