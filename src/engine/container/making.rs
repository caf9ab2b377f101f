//! Creating: the request, names that are taken, images that are not there yet.

use serde::Deserialize;

use super::guard::ContainerGuard;
use super::{Container, inspect, lost, removal};
use crate::engine::call::Call;
use crate::engine::create;
use crate::engine::error::{Code, EngineError, Result};
use crate::engine::fault::Subject;
use crate::engine::image::Image;
use crate::engine::options::IfExists;
use crate::engine::{scope, session};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Created {
  id: String,
  #[serde(default, deserialize_with = "inspect::null_as_default")]
  warnings: Vec<String>,
}

/// What `create` came to: a container of ours, or one that was there under the name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
  Made,
  Reused,
}

impl Container {
  /// Creates it; an image that is missing is ensured first.
  pub async fn create(&self) -> Result<()> {
    self.make(None).await.map(drop)
  }

  /// Creates it. `stdin` says that input will come, and end with the first who attaches.
  pub(super) async fn make(&self, stdin: Option<bool>) -> Result<Origin> {
    let _making = self.begin_making()?;
    match self.post(stdin).await {
      Err(error) if error.is(Code::ImageNotFound) => {
        let Some(image) = self.image() else { return Err(error) };
        image.ensure_quietly().await?;
        self.post(stdin).await
      }
      outcome => outcome,
    }
  }

  async fn post(&self, stdin: Option<bool>) -> Result<Origin> {
    let (options, making) = (self.options(), self.making());
    let image = self.image().and_then(Image::runnable).ok_or_else(|| {
      EngineError::new(Code::ImageNotFound, "the image has no name and has not been built yet")
    })?;
    let mut body = create::body(&image, making, options)?;
    if stdin == Some(true) {
      for key in ["AttachStdin", "OpenStdin", "StdinOnce"] {
        body[key] = true.into();
      }
    }
    session::mark(self.engine(), &mut body).await?;
    let mark = lost::mark(&mut body);
    let tty = body.get("Tty").and_then(serde_json::Value::as_bool).unwrap_or_default();
    for _ in 0..3 {
      let subject = Subject::Container { id: None, name: making.name.clone() };
      let call = Call::post("cannot create", subject, "/containers/create")
        .query_if("name", making.name.as_ref())
        .query_if("platform", options.platform.as_ref())
        .json(&body)?;
      match self.create_once(call, mark.clone()).await {
        Ok(created) => {
          let mut state = self.state();
          state.id = Some(created.id);
          state.warnings = created.warnings;
          state.tty = Some(tty);
          return Ok(Origin::Made);
        }
        Err(error) if error.is(Code::NameConflict) => {
          if self.resolve_conflict(error).await? {
            return Ok(Origin::Reused);
          }
        }
        Err(error) if error.is(Code::ImageNotFound) => {
          return Err(error.with(|facts| facts.image = Some(image)));
        }
        Err(error) => return Err(error),
      }
    }
    let text = format!(
      "the name {} is taken anew each time it is freed",
      making.name.as_deref().unwrap_or_default()
    );
    Err(EngineError::new(Code::NameConflict, text))
  }

  /// Once sent, the engine carries it out whether or not we wait: who stops waiting must still learn
  /// of the container, to remove it.
  async fn create_once(&self, call: Call, mark: Option<String>) -> Result<Created> {
    let engine = self.engine().clone();
    let underway = session::underway(&engine).await?;
    let request = tokio::spawn({
      let engine = engine.clone();
      async move {
        let created = call.read::<Created>(&engine).await;
        if let (Err(error), Some(mark)) = (&created, &mark)
          && lost::may_be(error)
        {
          lost::remove(&engine, mark).await;
        }
        drop(underway);
        created
      }
    });
    scope::unless_abandoned(request, move |outcome| async move {
      if let Ok(created) = outcome {
        let _ = removal::remove(&engine, &created.id, true, true).await;
      }
    })
    .await
  }

  /// Takes over or removes who has the name; false: try again.
  async fn resolve_conflict(&self, error: EngineError) -> Result<bool> {
    let Some(name) = self.making().name.clone() else { return Err(error) };
    let subject = Subject::Container { id: None, name: Some(name.clone()) };
    match self.options().if_exists {
      IfExists::Error => Err(error),
      IfExists::Reuse => match inspect::read(self.engine(), &subject, &name).await {
        Ok(found) => {
          let mut state = self.state();
          state.tty = Some(found.config.tty);
          state.id = Some(found.id);
          Ok(true)
        }
        Err(gone) if gone.is(Code::ContainerNotFound) => Ok(false),
        Err(error) => Err(error),
      },
      IfExists::Replace => {
        removal::remove(self.engine(), &name, true, false).await?;
        Ok(false)
      }
    }
  }

  fn begin_making(&self) -> Result<Making<'_>> {
    let mut state = self.state();
    if state.id.is_some() || state.creating {
      let text =
        "this container has been created already; remove() it first, or make another object";
      return Err(
        EngineError::new(Code::ContainerAlreadyCreated, text)
          .with(|facts| facts.container.get_or_insert_default().id.clone_from(&state.id)),
      );
    }
    state.creating = true;
    Ok(Making(self))
  }

  /// A guard that removes what has been made, unless told to keep it, and forgets it here too.
  pub(super) fn guard(&self) -> Result<ContainerGuard> {
    Ok(ContainerGuard::new(self.engine(), &self.id()?))
  }
}

/// Whose turn it is to create.
struct Making<'a>(&'a Container);

impl Drop for Making<'_> {
  fn drop(&mut self) {
    self.0.state().creating = false;
  }
}
