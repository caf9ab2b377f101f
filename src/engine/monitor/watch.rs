//! Watches over several containers: takes up those that start, lets go of those that end.

mod joining;
mod members;

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use bytes::Bytes;
use futures_util::stream::{self, BoxStream, SelectAll};
use futures_util::{Stream, StreamExt};
use tokio::time::sleep_until;

use super::record;
use super::sources::Told;
use super::target::{self, Target};
use crate::engine::Engine;
use crate::engine::container::follow::{Begin, is_gone};
use crate::engine::container::stats::Raw;
use crate::engine::error::{Code, EngineError, Result};
use crate::engine::events::{self, EventsOptions, Head, Incoming, is_passing};
use crate::engine::images::list::Filters;
use crate::engine::options::LogsOptions;
use joining::Unsure;
use members::Member;

/// What is told of each container.
pub struct Plan {
  pub stats: Option<Raw>,
  pub logs: Option<LogsOptions>,
  pub events: bool,
  pub shape: Shape,
}

pub enum Shape {
  Lines { prefix: bool },
  Monitor,
}

pub struct Watch {
  engine: Engine,
  plan: Plan,
  changes: Option<BoxStream<'static, Result<Incoming>>>,
  /// Who may join; `None` where nobody may.
  filters: Option<Filters>,
  members: HashMap<String, Member>,
  /// Asked about, and found not to fit.
  strangers: HashSet<String>,
  unsure: Unsure,
  streams: SelectAll<BoxStream<'static, Told>>,
  ready: VecDeque<Bytes>,
  /// The longest name so far, for prefixes that stand in line.
  width: Arc<AtomicUsize>,
}

impl Watch {
  /// Over those that run and fit, and those that will.
  pub async fn over(engine: &Engine, filters: Filters, plan: Plan) -> Result<Self> {
    Self::with(engine, filters, plan, false).await
  }

  /// The same, where `all` also over those that do not run yet.
  pub async fn with(engine: &Engine, filters: Filters, plan: Plan, all: bool) -> Result<Self> {
    // First the ear, then the look: nothing can slip in between.
    let changes = listen(engine).await?;
    let found = target::list(engine, &filters, all).await?;
    let mut watch = Self::new(engine, plan, Some(changes), Some(filters));
    for target in found {
      watch.join(target, &Begin::AsAsked);
    }
    Ok(watch)
  }

  /// Over these alone.
  pub async fn of(
    engine: &Engine,
    targets: Vec<Target>,
    plan: Plan,
    restarts: bool,
  ) -> Result<Self> {
    let changes = if restarts { Some(listen(engine).await?) } else { None };
    let mut watch = Self::new(engine, plan, changes, None);
    for target in targets {
      watch.join(target, &Begin::AsAsked);
    }
    Ok(watch)
  }

  fn new(
    engine: &Engine,
    plan: Plan,
    changes: Option<BoxStream<'static, Result<Incoming>>>,
    filters: Option<Filters>,
  ) -> Self {
    Self {
      engine: engine.clone(),
      plan,
      changes,
      filters,
      members: HashMap::new(),
      strangers: HashSet::new(),
      unsure: Unsure::default(),
      streams: SelectAll::new(),
      ready: VecDeque::new(),
      width: Arc::default(),
    }
  }

  pub fn records(self) -> impl Stream<Item = Result<Bytes>> + Send {
    stream::try_unfold(self, |mut watch| async move {
      Ok(watch.next().await?.map(|record| (record, watch)))
    })
  }

  async fn next(&mut self) -> Result<Option<Bytes>> {
    loop {
      if let Some(record) = self.ready.pop_front() {
        return Ok(Some(record));
      }
      // Those that are named end with the last of them; who may yet join is waited for.
      let may_go_on = self.filters.is_some() || !self.members.is_empty();
      tokio::select! {
        change = next_of(&mut self.changes), if self.changes.is_some() && may_go_on => match change {
          Some(change) => self.change(change?).await?,
          None => self.changes = None,
        },
        () = sleep_until(self.unsure.retry), if !self.unsure.is_empty() => self.ask_again().await?,
        told = self.streams.next(), if !self.streams.is_empty() => match told {
          Some(Ok(record)) => return Ok(Some(record)),
          Some(Err((source, target, error))) => self.failed(source, &target, error)?,
          None => {}
        },
        else => return Ok(None),
      }
    }
  }

  fn failed(&mut self, source: &'static str, target: &Target, error: EngineError) -> Result<()> {
    match self.plan.shape {
      _ if is_gone(&error) && self.filters.is_some() => Ok(()),
      Shape::Monitor => {
        self.ready.push_back(record::error(target, source, &error));
        Ok(())
      }
      // One among many whose log goes where it cannot be read from.
      Shape::Lines { .. } if self.filters.is_some() && error.is(Code::NotSupported) => Ok(()),
      Shape::Lines { .. } => Err(error),
    }
  }

  async fn change(&mut self, incoming: Incoming) -> Result<()> {
    let event = match incoming {
      Incoming::Event(event) => event,
      Incoming::Resumed { from } => return self.look_again(from).await,
    };
    let Head { action, actor, .. } = &event.head;
    if !self.members.contains_key(&actor.id) && !self.consider(&event).await? {
      return Ok(());
    }
    let Some(member) = self.members.get(&actor.id) else { return Ok(()) };
    if action == "rename"
      && let Some(name) = actor.attributes.get("name")
    {
      member.target.rename(name);
    }
    if self.plan.events {
      self.ready.push_back(record::event(&member.target, &event.line));
    }
    match action.as_str() {
      "start" => self.started(&actor.id),
      "die" => self.ended(&actor.id),
      // Podman says `remove`.
      "destroy" | "remove" => {
        self.ended(&actor.id);
        self.members.remove(&actor.id);
      }
      _ => {}
    }
    Ok(())
  }

  /// The engine was away: what has happened meanwhile is not all told.
  async fn look_again(&mut self, from: i64) -> Result<()> {
    let filters = self.filters.clone().unwrap_or_default();
    let (running, there) = match look(&self.engine, &filters).await {
      Ok(found) => found,
      Err(error) if is_passing(&error) => return Ok(()),
      Err(error) => return Err(error),
    };
    let ids = |found: &[Target]| found.iter().map(|one| one.id.clone()).collect::<HashSet<_>>();
    let (running_ids, there) = (ids(&running), ids(&there));
    let known: Vec<String> = self.members.keys().cloned().collect();
    for id in known {
      if running_ids.contains(&id) {
        self.started(&id);
      } else {
        self.ended(&id);
        // Its last words of before may not have been read.
        self.started_log(&id);
      }
      if !there.contains(&id) {
        self.members.remove(&id);
      }
    }
    if self.filters.is_some() {
      for target in running {
        self.join(target, &Begin::Started(from));
      }
    }
    Ok(())
  }
}

/// Those that run and fit, and all that are there.
async fn look(engine: &Engine, filters: &Filters) -> Result<(Vec<Target>, Vec<Target>)> {
  let running = target::list(engine, filters, false).await?;
  Ok((running, target::list(engine, &Filters::default(), true).await?))
}

async fn next_of<T>(stream: &mut Option<BoxStream<'static, T>>) -> Option<T> {
  stream.as_mut()?.next().await
}

async fn listen(engine: &Engine) -> Result<BoxStream<'static, Result<Incoming>>> {
  let mut options = EventsOptions::default();
  options.filters.0.insert("type".into(), "container".into());
  events::listen(engine, &options).await
}
