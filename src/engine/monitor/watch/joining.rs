//! Who joins: of a container that is not known yet, the engine is asked whether it fits.

use std::collections::HashMap;

use bytes::Bytes;
use tokio::time::{Duration, Instant};

use super::{Watch, record};
use crate::engine::container::follow::Begin;
use crate::engine::error::Result;
use crate::engine::events::{Event, is_passing};
use crate::engine::monitor::target;

/// Until the engine is asked again that did not answer.
const PAUSE: Duration = Duration::from_millis(250);

/// Those of which an event has come, and no answer whether they fit.
pub(super) struct Unsure {
  pub(super) retry: Instant,
  of: HashMap<String, Waiting>,
}

struct Waiting {
  /// When it was heard of first.
  since: i64,
  events: Vec<Bytes>,
}

impl Default for Unsure {
  fn default() -> Self {
    Self { retry: Instant::now(), of: HashMap::new() }
  }
}

impl Unsure {
  pub(super) fn is_empty(&self) -> bool {
    self.of.is_empty()
  }
}

impl Watch {
  /// Lets one that is not known yet join if it fits; whether it did.
  pub(super) async fn consider(&mut self, event: &Event) -> Result<bool> {
    let Some(filters) = &self.filters else { return Ok(false) };
    let id = &event.head.actor.id;
    if let Some(waiting) = self.unsure.of.get_mut(id) {
      waiting.events.push(event.line.clone());
      return Ok(false);
    }
    match event.head.action.as_str() {
      "start" => {}
      "destroy" | "remove" => {
        self.strangers.remove(id);
        return Ok(false);
      }
      _ if self.strangers.contains(id) => return Ok(false),
      _ => {}
    }
    match target::find(&self.engine, filters, id).await {
      Ok(Some(target)) => {
        self.strangers.remove(id);
        self.join(target, &Begin::Started(event.head.moment()));
        Ok(true)
      }
      Ok(None) => {
        self.strangers.insert(id.clone());
        Ok(false)
      }
      Err(error) if is_passing(&error) => {
        let waiting = Waiting { since: event.head.moment(), events: vec![event.line.clone()] };
        self.unsure.of.insert(id.clone(), waiting);
        self.unsure.retry = Instant::now() + PAUSE;
        Ok(false)
      }
      Err(error) => Err(error),
    }
  }

  /// Asks about those of which no answer has come.
  pub(super) async fn ask_again(&mut self) -> Result<()> {
    let filters = self.filters.clone().unwrap_or_default();
    let unsure: Vec<String> = self.unsure.of.keys().cloned().collect();
    for id in unsure {
      let found = match target::find(&self.engine, &filters, &id).await {
        Ok(found) => found,
        Err(error) if is_passing(&error) => break,
        Err(error) => return Err(error),
      };
      let Some(waiting) = self.unsure.of.remove(&id) else { continue };
      let Some(target) = found else {
        self.strangers.insert(id);
        continue;
      };
      self.join(target, &Begin::Started(waiting.since));
      if let Some(member) = self.members.get(&id).filter(|_| self.plan.events) {
        let events = waiting.events.iter().map(|line| record::event(&member.target, line));
        self.ready.extend(events);
      }
    }
    self.unsure.retry = Instant::now() + PAUSE;
    Ok(())
  }
}
