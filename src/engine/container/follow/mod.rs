//! A log followed through its container's restarts: nothing lost, nothing twice.

mod entries;
mod line;

use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Duration, Instant, sleep_until};

use super::logs::{tail_of, timestamp};
use super::{Container, inspect};
use crate::engine::Engine;
use crate::engine::call::Call;
use crate::engine::error::{Code, EngineError, Result};
use crate::engine::events::{
  self, EventsOptions, FIRST_PAUSE, Incoming, LONGEST_PAUSE, is_passing,
};
use crate::engine::fault::Subject;
use crate::engine::options::LogsOptions;
use crate::engine::stream::{Batches, Chunk, Seen, Source, Wire, engine_time, nanos_of};

pub use entries::{Entries, Entry};
pub use line::{Line, Liner};

/// Tells of a container's starts, by counting them; no more are to come once its sender is gone.
pub type Starts = watch::Receiver<u64>;

/// What comes of following.
pub enum Step {
  Entry(Entry),
  /// The container ended; what it wrote has all come.
  RunEnded,
}

/// Where a log begins.
#[derive(Debug, Clone)]
pub enum Begin {
  AsAsked,
  /// With what the container has written since it was started, at this moment by the engine's clock.
  Started(i64),
}

/// One container's log.
pub struct Log {
  pub engine: Engine,
  pub subject: Subject,
  pub id: String,
  pub options: LogsOptions,
  pub begin: Begin,
  /// Whether a failure that may be over soon is waited out already at the beginning.
  pub patient: bool,
}

struct Following {
  log: Log,
  starts: Option<Starts>,
  entries: Option<Entries>,
  tty: Option<bool>,
  seen: Seen,
  since: Option<String>,
  run_ended: bool,
  pause: Duration,
  retry: Instant,
}

/// The log's entries; with `starts`, on through the container's restarts.
pub fn follow(log: Log, starts: Option<Starts>) -> BoxStream<'static, Result<Step>> {
  Following::new(log, starts).steps()
}

impl Following {
  fn new(log: Log, starts: Option<Starts>) -> Self {
    Self {
      log,
      starts,
      entries: None,
      tty: None,
      seen: Seen::default(),
      since: None,
      run_ended: false,
      pause: FIRST_PAUSE,
      retry: Instant::now(),
    }
  }

  fn steps(self) -> BoxStream<'static, Result<Step>> {
    stream::try_unfold(self, |mut following| async move {
      Ok(following.next().await?.map(|step| (step, following)))
    })
    .boxed()
  }

  async fn next(&mut self) -> Result<Option<Step>> {
    loop {
      let Some(entries) = &mut self.entries else {
        if !self.again().await? {
          return Ok(None);
        }
        continue;
      };
      match entries.next().await {
        Ok(Some(entry)) => {
          self.pause = FIRST_PAUSE;
          if self.seen.is_new(entry.time, entry.whole()) {
            return Ok(Some(Step::Entry(entry)));
          }
        }
        Ok(None) => {
          self.entries = None;
          self.run_ended = true;
          return Ok(Some(Step::RunEnded));
        }
        Err(error) if self.starts.is_some() && is_passing(&error) => {
          self.entries = None;
          self.put_off();
        }
        Err(error) => return Err(error),
      }
    }
  }

  fn put_off(&mut self) {
    self.retry = Instant::now() + self.pause;
    self.pause = (self.pause * 2).min(LONGEST_PAUSE);
  }

  /// Opens the log, again where it has been; false where there is no more to come.
  async fn again(&mut self) -> Result<bool> {
    if self.run_ended {
      let Some(starts) = &mut self.starts else { return Ok(false) };
      if starts.changed().await.is_err() {
        return Ok(false);
      }
      self.run_ended = false;
    }
    sleep_until(self.retry).await;
    if let Some(starts) = &mut self.starts {
      starts.mark_unchanged();
    }
    let (is_first, started) = (self.tty.is_none(), self.log.patient || self.tty.is_some());
    match self.open().await {
      Ok(entries) => self.entries = Some(entries),
      Err(error) if !is_first && is_gone(&error) => return Ok(false),
      Err(error) if started && self.starts.is_some() && is_passing(&error) => self.put_off(),
      Err(error) => return Err(error),
    }
    Ok(true)
  }

  async fn open(&mut self) -> Result<Entries> {
    let tail = self.log.options.tail.as_ref().map(|tail| tail_of(&tail.0)).transpose()?;
    let Some(tty) = self.tty else {
      let found = inspect::read(&self.log.engine, &self.log.subject, &self.log.id).await?;
      let tty = found.config.tty;
      let since = match self.log.begin {
        Begin::AsAsked => self.log.options.since.as_ref().map(|since| since.0.clone()),
        Begin::Started(at) => started_after(&found.state.finished_at, at),
      };
      self.since = since.map(|since| timestamp("since", &since)).transpose()?;
      if let Some(since) = self.since.as_deref().and_then(nanos_of) {
        self.seen.begins_at(since);
      }
      let since = self.since.clone();
      let entries = if tail.as_deref() == Some("0") {
        // What comes after the last entry: that entry is the only thing to hold on to.
        let mut last = self.log.request(tty, since.as_deref(), Some("1"), false).await?;
        while let Some(entry) = last.next().await? {
          self.seen.is_new(entry.time, entry.whole());
        }
        let since = self.seen.resume().or(since);
        self.log.request(tty, since.as_deref(), None, true).await?
      } else {
        self.log.request(tty, since.as_deref(), tail.as_deref(), true).await?
      };
      self.tty = Some(tty);
      return Ok(entries);
    };
    let since = self.seen.resume().or_else(|| self.since.clone());
    self.log.request(tty, since.as_deref(), None, true).await
  }
}

impl Log {
  async fn request(
    &self,
    tty: bool,
    since: Option<&str>,
    tail: Option<&str>,
    follow: bool,
  ) -> Result<Entries> {
    let Self { engine, subject, id, options, .. } = self;
    let until = options.until.as_ref().map(|until| timestamp("until", &until.0)).transpose()?;
    let path = format!("/containers/{id}/logs");
    let response = Call::get("cannot read the logs of", subject.clone(), path)
      .query("stdout", u8::from(options.stdout))
      .query("stderr", u8::from(options.stderr))
      .query("follow", u8::from(follow && options.follow))
      .query("timestamps", 1)
      .query_if("tail", tail)
      .query_if("since", since)
      .query_if("until", until)
      .send(engine)
      .await?;
    Ok(Entries::new(Wire::Body(response.into_body()), tty))
  }
}

/// Since when a container has written that was started at a moment: its last end before that, as the
/// engine tells of a start when something may have been written already. Where it has ended since, that
/// is not known any more, and a second must do.
fn started_after(finished: &str, at: i64) -> Option<String> {
  let end = OffsetDateTime::parse(finished, &Rfc3339).ok()?;
  let end = i64::try_from(end.unix_timestamp_nanos()).ok().filter(|end| *end > 0)?;
  Some(engine_time(if end < at { end } else { at - 1_000_000_000 }))
}

/// Whether the failure says that there is no such container, or soon will not be.
pub fn is_gone(error: &EngineError) -> bool {
  error.is(Code::ContainerNotFound) || error.is(Code::Conflict)
}

impl Container {
  /// `logs({ follow: true, restarts: true })`.
  pub(super) async fn logs_through_restarts(&self, options: &LogsOptions) -> Result<Batches> {
    let (engine, id) = (self.engine().clone(), self.id()?);
    let mut listening = EventsOptions::default();
    let filters = serde_json::json!({ "container": [id], "type": ["container"], "event": ["start", "destroy", "remove"] });
    listening.filters =
      serde_json::from_value(filters).map_err(|error| EngineError::internal(error.to_string()))?;
    let mut events = events::listen(&engine, &listening).await?;
    let timestamps = options.timestamps;
    let (count, starts) = watch::channel(0);
    let mut watching = JoinSet::new();
    watching.spawn(async move {
      while let Some(Ok(incoming)) = events.next().await {
        match incoming {
          // `remove` is Podman's word.
          Incoming::Event(event) if matches!(event.head.action.as_str(), "destroy" | "remove") => {
            return;
          }
          // A start may have been missed while the engine was away.
          Incoming::Event(_) | Incoming::Resumed { .. } => count.send_modify(|count| *count += 1),
        }
      }
    });
    let (subject, options) = (self.subject(), options.clone());
    let log = Log { engine, subject, id, options, begin: Begin::AsAsked, patient: false };
    let mut following = Following::new(log, Some(starts));
    // What `tail` leaves out is what was written before the stream was open, not what comes after.
    following.again().await?;
    let state = (following.steps(), watching);
    let chunks = stream::unfold(state, move |(mut steps, watching)| async move {
      loop {
        let chunk = match steps.next().await? {
          Ok(Step::Entry(entry)) => {
            let data = if timestamps { entry.whole().clone() } else { entry.data() };
            Ok(Chunk { channel: entry.channel, data, is_whole: true })
          }
          Ok(Step::RunEnded) => continue,
          Err(error) => Err(error),
        };
        return Some((chunk, (steps, watching)));
      }
    });
    Ok(Batches::new(Source::Chunks(chunks.boxed())))
  }
}
