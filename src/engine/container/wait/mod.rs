//! Readiness: waiting for what a container says, opens, answers or becomes.
//!
//! Events and streams tell where the engine has them; what has to be asked for is asked for at a
//! bounded pace. The container's end ends the waiting, unless it is what is waited for.

pub mod condition;
mod http;
mod inside;
mod meet;
mod observe;
mod outside;
pub mod pattern;
mod reach;
pub mod read;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use futures_util::{StreamExt, future};
use serde_json::Value;
use tokio::sync::{Mutex as AsyncMutex, watch};

use super::Container;
use crate::engine::error::{Code, EngineError, Result};
use condition::{Condition, Conditions, Kind};
use observe::{Afterglow, Seen};
use pattern::Found;

/// What the conditions gave.
pub enum Met {
  Value(Value),
  Found(Found),
  Fields(Vec<(&'static str, Met)>),
  List(Vec<Met>),
}

/// One waiting: what is seen of the container, and what still stands in the way.
struct Waiting<'a> {
  container: &'a Container,
  seen: watch::Receiver<Option<Seen>>,
  /// By the condition's address: what it waits for, and what it last saw.
  open: Mutex<BTreeMap<usize, String>>,
  afterglow: AsyncMutex<Option<Afterglow>>,
}

impl Container {
  /// Waits for conditions; `timeout` bounds all of it.
  pub async fn wait_for(&self, wanted: &Conditions, timeout: Option<Duration>) -> Result<Met> {
    self.id()?;
    let (told, seen) = watch::channel(None);
    let waiting =
      Waiting { container: self, seen, open: Mutex::default(), afterglow: AsyncMutex::default() };
    tokio::select! {
      biased;
      met = waiting.within(timeout, waiting.meet(wanted)) => met,
      error = observe::observe(self, &told) => Err(error),
    }
  }
}

impl Waiting<'_> {
  fn meet<'s>(&'s self, wanted: &'s Conditions) -> BoxFuture<'s, Result<Met>> {
    Box::pin(self.within(wanted.timeout, async {
      match &wanted.kind {
        Kind::Each(singles) => {
          let each = singles.iter().map(async |one| Ok((one.key(), self.single(one).await?)));
          Ok(Met::Fields(future::try_join_all(each).await?))
        }
        Kind::All(list) => {
          let all = future::try_join_all(list.iter().map(|one| self.meet(one)));
          Ok(Met::List(all.await?))
        }
        Kind::Any(list) => self.any(list).await,
      }
    }))
  }

  /// The first that holds; where none can any more, why the first could not.
  async fn any(&self, list: &[Conditions]) -> Result<Met> {
    let numbered = list.iter().enumerate();
    let mut open: FuturesUnordered<_> =
      numbered.map(async |(index, one)| (index, self.meet(one).await)).collect();
    let mut failure = None;
    while let Some((index, outcome)) = open.next().await {
      match outcome {
        Ok(met) => {
          let mut fields = vec![("any", Met::Value(index.into()))];
          match met {
            Met::Fields(more) => fields.extend(more.into_iter().filter(|(key, _)| *key != "any")),
            other => fields.push(("all", other)),
          }
          return Ok(Met::Fields(fields));
        }
        Err(error) => failure = failure.or(Some(error)),
      }
    }
    Err(failure.unwrap_or_else(|| EngineError::internal("there was nothing to wait for")))
  }

  async fn single(&self, wanted: &Condition) -> Result<Met> {
    let key = std::ptr::from_ref(wanted).addr();
    self.note(key, wanted.to_string());
    let met = self.meet_one(wanted, key).await?;
    self.open.lock().unwrap_or_else(PoisonError::into_inner).remove(&key);
    Ok(met)
  }

  fn note(&self, key: usize, text: String) {
    self.open.lock().unwrap_or_else(PoisonError::into_inner).insert(key, text);
  }

  fn open(&self) -> String {
    let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
    open.values().cloned().collect::<Vec<_>>().join("; ")
  }

  async fn within<T>(
    &self,
    timeout: Option<Duration>,
    work: impl Future<Output = Result<T>> + Send,
  ) -> Result<T> {
    let Some(timeout) = timeout else { return work.await };
    if let Ok(outcome) = tokio::time::timeout(timeout, work).await {
      return outcome;
    }
    let mut text = format!("container {} was not ready", self.name());
    let _ = write!(text, " within {} ms: {}", timeout.as_millis(), self.open());
    Err(self.told(Code::Timeout, text).await)
  }

  /// It has ended before what was waited for.
  async fn exited(&self, wanted: &Condition) -> EngineError {
    let seen = self.seen.borrow().clone().unwrap_or_default();
    let code = seen.code();
    let why =
      if seen.oom_killed || seen.inspected.state.oom_killed { ", out of memory" } else { "" };
    let text = format!("container {} ended (exit code {code}{why}) before {wanted}", self.name());
    self.told(Code::ContainerExited, text).await
  }

  /// With the container's state and its last lines.
  async fn told(&self, code: Code, mut text: String) -> EngineError {
    let seen = self.seen.borrow().clone().unwrap_or_default();
    let mut logs = self.container.last_lines().await;
    if logs.is_empty()
      && seen.has_ended()
      && let Some(afterglow) = &mut *self.afterglow.lock().await
    {
      logs = afterglow.lines().await;
    }
    if let Some(line) = logs.last() {
      let _ = write!(text, "; its last line: {line}");
    }
    let mut facts =
      if seen.inspected.id.is_empty() { self.container.facts() } else { seen.inspected.facts() };
    if seen.has_ended() {
      facts.exit_code = Some(seen.code());
      facts.oom_killed = Some(seen.oom_killed || seen.inspected.state.oom_killed);
    }
    if seen.gone {
      facts.state = Some("removed".to_owned());
    }
    EngineError::new(code, text).with(|own| {
      own.exit_code = facts.exit_code;
      own.container = Some(facts);
      own.logs = Some(logs);
    })
  }

  fn name(&self) -> String {
    let seen = self.seen.borrow().as_ref().map(|seen| seen.inspected.name().to_owned());
    let short = || self.container.id().map(|id| id.chars().take(12).collect());
    let known = self.container.name().or(seen.filter(|name| !name.is_empty()));
    known.or_else(|| short().ok()).unwrap_or_default()
  }
}
