//! A connection for events, made anew for as long as it takes.

use serde::Deserialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio::time::{Duration, Instant, sleep_until};

use super::{Event, EventsOptions, Head, Incoming};
use crate::engine::Engine;
use crate::engine::call::{Call, not_understood};
use crate::engine::container::logs::timestamp;
use crate::engine::error::{Code, EngineError, Result};
use crate::engine::fault::Subject;
use crate::engine::options::Scalar;
use crate::engine::stream::{JsonLines, Seen, Wire, engine_time, nanos_of};

/// Before the first attempt to connect again; each that fails doubles it.
pub(crate) const FIRST_PAUSE: Duration = Duration::from_millis(50);
pub(crate) const LONGEST_PAUSE: Duration = Duration::from_secs(3);

/// A connection that lasted this long was a good one.
const GOOD: Duration = Duration::from_secs(2);

pub struct Resuming {
  engine: Engine,
  filters: Option<String>,
  since: Option<String>,
  /// From when on it was asked for last, by the engine's clock.
  from: i64,
  until: Option<String>,
  reconnect: bool,
  lines: Option<JsonLines>,
  seen: Seen,
  opened: Instant,
  connected: Instant,
  pause: Duration,
  retry: Instant,
}

impl Resuming {
  pub async fn open(engine: &Engine, options: &EventsOptions) -> Result<Self> {
    let moment = |path, value: &Option<Scalar>| {
      value.as_ref().map(|value| timestamp(path, &value.0)).transpose()
    };
    let now = Instant::now();
    let mut events = Self {
      engine: engine.clone(),
      filters: options.filters.json(),
      since: moment("since", &options.since)?,
      from: 0,
      until: moment("until", &options.until)?,
      reconnect: options.reconnect.unwrap_or(options.until.is_none()),
      lines: None,
      seen: Seen::default(),
      opened: now,
      connected: now,
      pause: FIRST_PAUSE,
      retry: now,
    };
    if let Some(since) = events.since.as_deref().and_then(nanos_of) {
      events.seen.begins_at(since);
    }
    let since = events.since.clone();
    events.connect(since).await?;
    events.opened = Instant::now();
    Ok(events)
  }

  /// The next event. `None` at `until`, or, without `reconnect`, where the engine ended it.
  pub async fn next(&mut self) -> Result<Option<Incoming>> {
    loop {
      let Some(lines) = &mut self.lines else {
        self.try_again().await?;
        if self.lines.is_some() {
          return Ok(Some(Incoming::Resumed { from: self.from }));
        }
        continue;
      };
      let next = match lines.next_line().await {
        // An end before the time is no end, but the engine's; a record cut short by it is none.
        Ok(None) if self.reconnect && self.until.is_none() => Err(None),
        Ok(None) => return Ok(None),
        Ok(Some(line)) => match serde_json::from_slice::<Head>(&line) {
          Ok(head) => Ok(Event { line, head }),
          Err(error) => Err(Some(not_understood(&error.to_string()))),
        },
        Err(error) => Err(Some(error)),
      };
      match next {
        Ok(event) if self.seen.is_new(event.head.moment(), &event.line) => {
          self.pause = FIRST_PAUSE;
          return Ok(Some(Incoming::Event(event)));
        }
        Ok(_) => {}
        // What is no stream of events at all does not become one by asking again.
        Err(Some(error)) if !self.reconnect || error.is(Code::MaxBuffer) => return Err(error),
        Err(_) => {
          self.lines = None;
          self.put_off(self.connected.elapsed() > GOOD);
        }
      }
    }
  }

  fn put_off(&mut self, was_good: bool) {
    if was_good {
      self.pause = FIRST_PAUSE;
    }
    self.retry = Instant::now() + self.pause;
    self.pause = (self.pause * 2).min(LONGEST_PAUSE);
  }

  async fn try_again(&mut self) -> Result<()> {
    sleep_until(self.retry).await;
    match self.resume().await {
      Err(error) if !is_passing(&error) => Err(error),
      Err(_) => {
        self.put_off(false);
        Ok(())
      }
      Ok(()) => Ok(()),
    }
  }

  async fn resume(&mut self) -> Result<()> {
    let since = match self.seen.resume() {
      Some(since) => since,
      None => self.opening().await?,
    };
    self.from = nanos_of(&since).unwrap_or_default();
    self.connect(Some(since)).await
  }

  /// When this was opened, by the engine's clock: asked for only where nothing has come since.
  async fn opening(&mut self) -> Result<String> {
    #[derive(Deserialize)]
    struct Info {
      #[serde(rename = "SystemTime", default)]
      system_time: String,
    }
    let call = Call::get("cannot ask", Subject::Engine, "/info");
    let info: Info = call.read(&self.engine).await?;
    let now = OffsetDateTime::parse(&info.system_time, &Rfc3339)
      .unwrap_or_else(|_| std::time::SystemTime::now().into());
    let moment = (now - self.opened.elapsed()).unix_timestamp_nanos();
    let moment = i64::try_from(moment).unwrap_or_default();
    self.seen.begins_at(moment);
    Ok(engine_time(moment))
  }

  async fn connect(&mut self, since: Option<String>) -> Result<()> {
    let response = Call::get("cannot read the events of", Subject::Engine, "/events")
      .query_if("since", since)
      .query_if("until", self.until.as_ref())
      .query_if("filters", self.filters.as_ref())
      .send(&self.engine)
      .await?;
    self.lines = Some(JsonLines::new(Wire::Body(response.into_body())));
    self.connected = Instant::now();
    Ok(())
  }
}

/// Whether a failure may be over soon: an engine that is starting has no socket, then one that may
/// not be opened yet, then answers that it cannot serve.
pub(crate) fn is_passing(error: &EngineError) -> bool {
  [
    Code::EngineUnreachable,
    Code::PermissionDenied,
    Code::StreamTruncated,
    Code::Timeout,
    Code::ServerError,
    Code::ProtocolError,
    Code::TlsError,
  ]
  .into_iter()
  .any(|code| error.is(code))
}
