//! Waiting for the end: the engine's wait, its verdict kept where the container will be gone.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use super::{Container, inspect};
use crate::engine::call::Call;
use crate::engine::error::{Code, EngineError, Result};
use crate::engine::fault::Subject;
use crate::engine::options::{WaitCondition, WaitOptions};
use crate::engine::{Engine, stream};

/// How long a start, a stop and the like let waits go ahead: longer than a busy engine takes to answer.
const HEAD_START: Duration = Duration::from_secs(5);

/// How it ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExitStatus {
  pub code: i64,
  pub error: Option<String>,
}

/// An end that somebody listens for already.
pub type ExitWatch = watch::Receiver<Option<Result<ExitStatus, std::sync::Arc<EngineError>>>>;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Reply {
  status_code: i64,
  #[serde(default)]
  error: Option<ReplyError>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ReplyError {
  #[serde(default)]
  message: String,
}

/// A wait that the engine has taken note of: its reply's head is here, its verdict is to come.
pub struct Waiting(stream::JsonLines);

impl Waiting {
  /// Registers the wait. When this returns, an exit from now on is not missed.
  pub async fn register(
    engine: &Engine,
    subject: &Subject,
    id: &str,
    condition: WaitCondition,
  ) -> Result<Self> {
    let response = Call::post("cannot wait for", subject.clone(), format!("/containers/{id}/wait"))
      .query("condition", condition.as_str())
      .send(engine)
      .await?;
    Ok(Self(stream::JsonLines::new(stream::Wire::Body(response.into_body()))))
  }

  pub async fn verdict(mut self) -> Result<ExitStatus> {
    let reply: Reply = self.0.next().await?.ok_or_else(|| {
      EngineError::new(Code::StreamTruncated, "the engine ended the wait without an exit code")
    })?;
    let error = reply.error.map(|error| error.message).filter(|message| !message.is_empty());
    Ok(ExitStatus { code: reply.status_code, error })
  }
}

/// A wait on its way to the engine.
struct OnItsWay(Container);

impl Drop for OnItsWay {
  fn drop(&mut self) {
    self.0.state().waits_on_their_way.send_modify(|count| *count -= 1);
  }
}

impl Container {
  /// Waits as asked; `timeout` rejects and leaves the container alone. Counts as begun when this
  /// returns, before the future is polled.
  pub fn wait(&self, options: WaitOptions) -> impl Future<Output = Result<ExitStatus>> + use<> {
    self.state().waits_on_their_way.send_modify(|count| *count += 1);
    let (container, on_its_way) = (self.clone(), OnItsWay(self.clone()));
    async move {
      let waiting = container.wait_for_exit(options.condition, on_its_way);
      let Some(timeout) = options.timeout else { return waiting.await };
      let late = |_| {
        let what = format!("did not reach `{}`", options.condition.as_str());
        Err(container.timed_out(&what, timeout.0))
      };
      tokio::time::timeout(timeout.0, waiting).await.unwrap_or_else(late)
    }
  }

  /// Lets waits that were begun before get to the engine first: they go by connections of their own,
  /// and one that comes after the end that it is for waits for ever.
  pub(super) async fn after_waits(&self) {
    let mut on_their_way = self.state().waits_on_their_way.subscribe();
    // Some engines say nothing until the end.
    let _ = tokio::time::timeout(HEAD_START, on_their_way.wait_for(|count| *count == 0)).await;
  }

  async fn wait_for_exit(
    &self,
    condition: WaitCondition,
    on_its_way: OnItsWay,
  ) -> Result<ExitStatus> {
    let (id, watch) = {
      let state = self.state();
      (state.id.clone(), state.exit.clone())
    };
    if condition != WaitCondition::NextExit
      && let Some(mut watch) = watch
    {
      drop(on_its_way);
      if let Ok(seen) = watch.wait_for(Option::is_some).await
        && let Some(seen) = &*seen
      {
        return seen.clone().map_err(|error| error.share());
      }
      return self.registered(id, condition).await?.verdict().await;
    }
    let waiting = self.registered(id, condition).await?;
    drop(on_its_way);
    waiting.verdict().await
  }

  async fn registered(&self, id: Option<String>, condition: WaitCondition) -> Result<Waiting> {
    let id = match id {
      Some(id) => id,
      None => self.id()?,
    };
    Waiting::register(self.engine(), &self.subject(), &id, condition).await
  }

  /// Listens for the removal of a container that will remove itself, so that `wait` knows its exit
  /// code even when it is asked too late.
  pub(super) async fn watch_exit(&self, id: &str) -> Result<()> {
    let waiting =
      Waiting::register(self.engine(), &self.subject(), id, WaitCondition::Removed).await?;
    let (sender, receiver) = watch::channel(None);
    self.state().exit = Some(receiver);
    tokio::spawn(async move {
      // Nobody can ask any more once the container's object is gone: then the connection goes too.
      tokio::select! {
        verdict = waiting.verdict() => { let _ = sender.send(Some(verdict.map_err(Into::into))); }
        () = sender.closed() => {}
      }
    });
    Ok(())
  }

  /// The exit code of one that is gone, where its removal was listened for.
  pub(super) async fn exit_of_removed(&self) -> Option<i64> {
    let mut watch = self.state().exit.clone()?;
    let seen = watch.wait_for(Option::is_some);
    let seen = tokio::time::timeout(Duration::from_secs(3), seen).await.ok()?.ok()?;
    seen.as_ref()?.as_ref().ok().map(|status| status.code)
  }

  pub(super) fn timed_out(&self, what: &str, after: Duration) -> EngineError {
    let id = || self.id().map(|id| id.chars().take(12).collect());
    let name = self.name().or_else(|| id().ok()).unwrap_or_default();
    let text = format!("container {name} {what} within {} ms", after.as_millis());
    EngineError::new(Code::Timeout, text).with(|facts| facts.container = Some(self.facts()))
  }

  /// What is left to say about a container that ended.
  pub async fn ended(&self) -> Option<inspect::Inspected> {
    self.inspected().await.ok()
  }
}
