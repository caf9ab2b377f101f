//! What happens at an engine: its events, taken up again where they broke off.

mod resuming;

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use serde::Deserialize;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::Engine;
use super::container::inspect::null_as_default;
use super::error::{EngineError, Result};
use super::images::list::Filters;
use super::options::Scalar;
use super::stream::{Batches, Source};
use resuming::Resuming;

pub(crate) use resuming::{FIRST_PAUSE, LONGEST_PAUSE, is_passing};

/// The engine gives up on a listener who is not there for a moment, without a word: so what comes is
/// taken in at once, up to this many.
const AHEAD: usize = 2048;

/// What the engine filters events by, and Podman's; any other is passed over there, and all is told.
const FILTERS: [&str; 15] = [
  "config",
  "container",
  "daemon",
  "event",
  "image",
  "label",
  "network",
  "node",
  "plugin",
  "pod",
  "scope",
  "secret",
  "service",
  "type",
  "volume",
];

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct EventsOptions {
  pub since: Option<Scalar>,
  pub until: Option<Scalar>,
  pub filters: Filters,
  /// Whether to go on after the connection broke; by default where there is no `until`.
  pub reconnect: Option<bool>,
}

impl EventsOptions {
  fn check(&self) -> Result<()> {
    match self.filters.0.keys().find(|name| !FILTERS.contains(&name.as_str())) {
      None => Ok(()),
      Some(name) => {
        let text = format!("no filter of events; there are {}", FILTERS.join(", "));
        Err(EngineError::invalid(format!("filters.{name}"), text))
      }
    }
  }
}

/// One event: what Rust reads of it, and all of it.
#[derive(Debug, Clone)]
pub struct Event {
  pub line: Bytes,
  pub head: Head,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Head {
  #[serde(rename = "Type")]
  pub kind: String,
  #[serde(rename = "Action")]
  pub action: String,
  #[serde(rename = "Actor")]
  pub actor: Actor,
  time: i64,
  #[serde(rename = "timeNano")]
  time_nano: i64,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Actor {
  #[serde(rename = "ID")]
  pub id: String,
  #[serde(rename = "Attributes", deserialize_with = "null_as_default")]
  pub attributes: std::collections::BTreeMap<String, String>,
}

impl Head {
  /// Nanoseconds since 1970, by the engine's clock.
  #[must_use]
  pub fn moment(&self) -> i64 {
    if self.time_nano == 0 { self.time.saturating_mul(1_000_000_000) } else { self.time_nano }
  }
}

/// What comes of listening.
#[derive(Debug)]
pub enum Incoming {
  Event(Event),
  /// The connection had broken and is there again; what the engine still knows of since `from`, by its
  /// clock, has come or will.
  Resumed {
    from: i64,
  },
}

/// Listens; what is wrong with the options or the engine is said now, and not later.
pub async fn listen(
  engine: &Engine,
  options: &EventsOptions,
) -> Result<BoxStream<'static, Result<Incoming>>> {
  options.check()?;
  let mut events = Resuming::open(engine, options).await?;
  let (sender, receiver) = mpsc::channel(AHEAD);
  // A set ends its tasks when it is dropped.
  let mut listening = JoinSet::new();
  listening.spawn(async move {
    while let Some(next) = events.next().await.transpose() {
      let is_last = next.is_err();
      if sender.send(next).await.is_err() || is_last {
        return;
      }
    }
  });
  let state = (receiver, listening);
  Ok(
    stream::unfold(state, |(mut receiver, listening)| async move {
      let next = receiver.recv().await?;
      Some((next, (receiver, listening)))
    })
    .boxed(),
  )
}

/// The engine's JSON, an event a record.
pub async fn open(engine: &Engine, options: &EventsOptions) -> Result<Batches> {
  let events = listen(engine, options).await?.filter_map(|incoming| async {
    match incoming {
      Ok(Incoming::Event(event)) => Some(Ok(event.line)),
      Ok(Incoming::Resumed { .. }) => None,
      Err(error) => Some(Err(error)),
    }
  });
  Ok(Batches::new(Source::Items(events.boxed())))
}

impl super::container::Container {
  /// The events of this container, whatever it is called.
  pub async fn events(&self, options: &EventsOptions) -> Result<Batches> {
    let mut options = options.clone();
    if options.filters.0.contains_key("container") {
      let text = "it is this container; dokeres.events() tells of others";
      return Err(EngineError::invalid("filters.container", text));
    }
    options.filters.0.insert("container".into(), self.id()?.into());
    options.filters.0.entry("type").or_insert_with(|| "container".into());
    open(self.engine(), &options).await
  }
}
