//! Ensure: there → done, else pulled, else built; once, however many ask.

use std::future::Future;
use std::sync::{Arc, LazyLock};

use super::progress::{OnBoard, Shown};
use super::{BuildOptions, BuildResult, Image, PullOptions, PullPolicy, PullResult};
use crate::engine::error::{Code, EngineError, Result};
use crate::engine::single_flight::SingleFlight;

/// What tells one piece of work from another. Two that are equal share one flight.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Key {
  engine: String,
  work: Work,
  image: String,
  /// Platform, policy, credentials, build: all that would make another outcome.
  manner: String,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Work {
  Ensure,
  Pull,
  Build,
}

#[derive(Clone)]
enum Outcome {
  /// The id of what was built where there is no name for it.
  Ensured(Option<String>),
  Pulled(PullResult),
  Built(BuildResult),
}

/// One for the whole process: every engine, every worker thread.
static FLIGHTS: LazyLock<SingleFlight<Key, Outcome>> = LazyLock::new(SingleFlight::default);

impl Image {
  /// Makes sure that the image is there.
  pub async fn ensure(&self, on_board: OnBoard<'_>) -> Result<()> {
    let image = self.clone();
    let outcome = self.fly(Work::Ensure, self.manner(), on_board, |shown| image.ensure_now(shown));
    if let Outcome::Ensured(Some(id)) = outcome.await? {
      self.remember_built(&id);
    }
    Ok(())
  }

  pub async fn ensure_quietly(&self) -> Result<()> {
    self.ensure(&|_| {}).await
  }

  pub async fn pull(&self, options: PullOptions, on_board: OnBoard<'_>) -> Result<PullResult> {
    self.reference()?;
    let image = self.clone();
    let PullOptions { platform, all_tags, auth } = &options;
    let manner = format!("{platform:?} {all_tags} {}", self.auth_key(auth.as_ref()));
    let work = |shown| async move { image.pull_now(options, shown).await.map(Outcome::Pulled) };
    match self.fly(Work::Pull, manner, on_board, work).await? {
      Outcome::Pulled(result) => Ok(result),
      _ => Err(EngineError::internal("a pull ended as something else")),
    }
  }

  pub async fn build(&self, options: BuildOptions, on_board: OnBoard<'_>) -> Result<BuildResult> {
    if !self.options().can_build() && options.context.is_none() {
      let text = "there is no Dockerfile to build the image from";
      return Err(self.subject().annotate(EngineError::new(Code::NoDockerfile, text)));
    }
    options.check()?;
    let image = self.clone();
    let manner = format!(
      "{:?} {} {options:?} {}",
      self.options().platform,
      self.options().build_identity(),
      self.auth_key(None)
    );
    let work = |shown| async move { image.build_now(options, shown).await.map(Outcome::Built) };
    match self.fly(Work::Build, manner, on_board, work).await? {
      Outcome::Built(result) => {
        self.remember_built(&result.image_id);
        Ok(result)
      }
      _ => Err(EngineError::internal("a build ended as something else")),
    }
  }

  async fn fly<F>(
    &self,
    work: Work,
    manner: String,
    on_board: OnBoard<'_>,
    start: impl FnOnce(Shown) -> F,
  ) -> Result<Outcome>
  where
    F: Future<Output = Result<Outcome>> + Send + 'static,
  {
    let engine = self.engine().connection().await?.endpoint.address.to_string();
    let image =
      self.options().name.as_ref().map_or_else(String::new, |_| self.handle().unwrap_or_default());
    let key = Key { engine, work, image, manner };
    FLIGHTS.run(key, on_board, start).await
  }

  fn manner(&self) -> String {
    let options = self.options();
    format!(
      "{:?} {:?} {} {} {} {}",
      options.platform,
      options.pull_policy,
      options.force_rebuild,
      options.shared,
      self.auth_key(None),
      options.build_identity()
    )
  }

  /// Callers with other credentials do not share: the one may see what the other may not.
  fn auth_key(&self, own: Option<&super::Auth>) -> String {
    let found = own.or(self.options().auth.as_ref()).map(|auth| {
      let super::Auth { username, password, identity_token, registry_token, server_address } = auth;
      format!("{username:?} {password:?} {identity_token:?} {registry_token:?} {server_address:?}")
    });
    // Those that are found lie where the environment says.
    found.unwrap_or_else(|| {
      let environment = self.engine().environment();
      let names = ["DOCKER_AUTH_CONFIG", "DOCKER_CONFIG", "HOME", "PATH"];
      names.map(|name| environment.get(name).unwrap_or_default()).join("\n")
    })
  }

  async fn ensure_now(self, shown: Shown) -> Result<Outcome> {
    if !self.options().shared {
      return self.ensure_here(shown).await;
    }
    let lock = self.lock().await?;
    let outcome = self.ensure_here(shown).await;
    drop(lock);
    outcome
  }

  async fn ensure_here(self, shown: Shown) -> Result<Outcome> {
    let options = self.options();
    if options.rebuild_changed && !options.force_rebuild {
      // What is in the registry under the name may have been built from anything.
      return if self.is_current().await? {
        Ok(Outcome::Ensured(None))
      } else {
        self.ensure_built(shown).await
      };
    }
    if options.force_rebuild && options.can_build() {
      return self.ensure_built(shown).await;
    }
    let policy = options.pull_policy;
    if policy != PullPolicy::Always && self.runnable().is_some() {
      let outdated = match self.present().await {
        Ok(_) => {
          policy == PullPolicy::Newer && options.name.is_some() && self.is_outdated().await?
        }
        Err(error) if error.is(Code::ImageNotFound) => true,
        Err(error) => return Err(error),
      };
      if !outdated {
        return Ok(Outcome::Ensured(self.built()));
      }
    }
    match policy {
      PullPolicy::Never => Err(self.unavailable("it is not there, and pullPolicy is 'never'")),
      PullPolicy::Build if options.can_build() => self.ensure_built(shown).await,
      PullPolicy::Build => Err(self.unavailable("it is not there, and there is no Dockerfile")),
      _ if options.name.is_none() => self.ensure_built(shown).await,
      _ => self.ensure_pulled(shown).await,
    }
  }

  async fn ensure_pulled(self, shown: Shown) -> Result<Outcome> {
    if crate::engine::reference::is_id(&self.handle()?) {
      return Err(self.unavailable("an id cannot be pulled"));
    }
    let pull = self.clone().pull_now(PullOptions::default(), Arc::clone(&shown));
    match pull.await {
      Ok(_) => Ok(Outcome::Ensured(None)),
      // Only a pull that the registry failed says “missing”; an engine that is down does not.
      Err(error) if !error.is(Code::PullFailed) => Err(error),
      Err(_) if self.options().can_build() => self.ensure_built(shown).await,
      Err(error) => {
        let reason = error.facts().reason.clone();
        let text =
          format!("it is not there, and cannot be pulled ({})", reason.as_deref().unwrap_or("?"));
        Err(self.unavailable(&text).with(|facts| facts.reason = reason).caused_by(error))
      }
    }
  }

  async fn ensure_built(self, shown: Shown) -> Result<Outcome> {
    let built = self.build_now(BuildOptions::default(), shown).await?;
    Ok(Outcome::Ensured(Some(built.image_id)))
  }

  fn unavailable(&self, why: &str) -> EngineError {
    let name = self.options().name.as_deref().unwrap_or("without a name");
    let advice =
      if self.options().can_build() { "" } else { "; give a Dockerfile to build it from" };
    let text = format!("image {name} cannot be had: {why}{advice}");
    self.subject().annotate(EngineError::new(Code::ImageUnavailable, text))
  }
}
