//! BuildKit's words: a graph whose vertexes begin, log and end in any order.

use std::collections::{BTreeSet, HashMap};
use std::sync::LazyLock;

use regex::{Captures, Regex};
use serde_json::Value;

use super::output::BuildOutput;
use crate::buildkit::trace::{self, Trace, Vertex};
use crate::engine::image::message::Message;

/// `[stage 2/5] RUN npm ci`; of ten steps and more, `[stage  2/12] RUN npm ci`.
#[expect(clippy::unwrap_used, reason = "a constant pattern")]
static STEP: LazyLock<Regex> = LazyLock::new(|| {
  Regex::new(r"(?s)^\[(?:(?<stage>[^\]]*\S) +| *)(?<step>\d+/\d+)\] (?<instruction>.*)$").unwrap()
});

/// More vertexes than a build has are not followed.
const MOST_VERTEXES: usize = 4096;

/// Output of one step without a line's end is bounded too.
const LONGEST_LINE: usize = 64 << 10;

#[derive(Default)]
pub struct Kit {
  vertexes: HashMap<String, Followed>,
  stages: BTreeSet<String>,
}

#[derive(Default)]
struct Followed {
  name: String,
  announced: bool,
  cached: bool,
  completed: bool,
  partial: Vec<u8>,
}

impl Kit {
  /// The record within a message, where it is BuildKit's.
  pub fn trace_of(message: &Message) -> Option<&str> {
    if message.id.as_deref() != Some("moby.buildkit.trace") {
      return None;
    }
    message.aux.as_ref()?.as_str()
  }

  /// A record that makes no sense says nothing: how the build ends is told by another.
  pub fn follow(&mut self, encoded: &str, raw: &Value, output: &mut BuildOutput) {
    let Ok(trace) = trace::decode(encoded) else { return };
    let Trace { vertexes, logs, warnings, .. } = trace;
    let steps = vertexes.iter().filter_map(|vertex| STEP.captures(&vertex.name)?.name("stage"));
    let room = MOST_VERTEXES.saturating_sub(self.stages.len());
    self.stages.extend(steps.take(room).map(|stage| stage.as_str().to_owned()));
    output.meter.note(raw);
    for vertex in vertexes.iter().take(MOST_VERTEXES) {
      self.vertex(vertex, output);
    }
    for log in &logs {
      self.log(&log.vertex, &log.data, output);
    }
    let told = vertexes.iter().map(|vertex| &vertex.digest);
    for digest in told.chain(logs.iter().map(|log| &log.vertex)) {
      self.rest(digest, output);
    }
    for warning in &warnings {
      output.log_line(&format!("warning: {}", warning.short));
    }
  }

  /// `None` where nothing was built by BuildKit.
  pub fn all_cached(&self) -> Option<bool> {
    if self.vertexes.is_empty() {
      return None;
    }
    let mut steps = self.vertexes.values().filter(|vertex| {
      STEP.captures(&vertex.name).is_some_and(|found| !found["instruction"].starts_with("FROM "))
    });
    Some(steps.all(|vertex| vertex.cached))
  }

  /// `2/5`, with its stage before it where there are several.
  fn id(&self, found: &Captures) -> String {
    match found.name("stage") {
      // Newer engines name the only one too, where a step mounts something.
      Some(stage) if self.stages.len() > 1 => format!("{} {}", stage.as_str(), &found["step"]),
      _ => found["step"].to_owned(),
    }
  }

  fn vertex(&mut self, vertex: &Vertex, output: &mut BuildOutput) {
    if self.vertexes.len() >= MOST_VERTEXES && !self.vertexes.contains_key(&vertex.digest) {
      return;
    }
    let found = STEP.captures(&vertex.name);
    let id = found.as_ref().map(|found| self.id(found)).unwrap_or_default();
    let followed = self.vertexes.entry(vertex.digest.clone()).or_default();
    followed.name.clone_from(&vertex.name);
    if (vertex.started || vertex.cached) && !followed.announced {
      followed.announced = true;
      output.log_line(&match &found {
        Some(found) => format!("Step {id} : {}", &found["instruction"]),
        None => vertex.name.clone(),
      });
    }
    if vertex.cached && !followed.cached {
      followed.cached = true;
      output.log_line(" ---> Using cache");
    }
    followed.completed |= vertex.completed;
    let done = followed.completed;
    if !vertex.error.is_empty()
      && !is_cancelled(&vertex.error)
      && let Some(found) = &found
    {
      output.step = Some(found["step"].to_owned());
      output.instruction = Some(found["instruction"].to_owned());
    }
    // All steps are told of at once, long before most of them begin.
    if let Some(found) = found
      && followed.announced
    {
      output.meter.step(&id, &found["instruction"], done, self.count());
    }
  }

  /// Steps that are done, and all that are known of by now.
  fn count(&self) -> (u64, u64) {
    let steps = || self.vertexes.values().filter(|vertex| STEP.is_match(&vertex.name));
    (steps().filter(|vertex| vertex.completed).count() as u64, steps().count() as u64)
  }

  /// What a step printed last need not have ended in a line's end.
  fn rest(&mut self, vertex: &str, output: &mut BuildOutput) {
    let done = self.vertexes.get_mut(vertex).filter(|followed| followed.completed);
    let rest = done.map(|followed| std::mem::take(&mut followed.partial)).unwrap_or_default();
    output.log_line(String::from_utf8_lossy(&rest).trim_end());
  }

  fn log(&mut self, vertex: &str, data: &[u8], output: &mut BuildOutput) {
    let Some(followed) = self.vertexes.get_mut(vertex) else { return };
    for piece in data.split_inclusive(|byte| *byte == b'\n') {
      followed.partial.extend_from_slice(piece);
      if piece.ends_with(b"\n") || followed.partial.len() > LONGEST_LINE {
        let line = std::mem::take(&mut followed.partial);
        output.log_line(String::from_utf8_lossy(&line).trim_end());
      }
    }
  }
}

/// One step's failure cancels the others: theirs is not the reason.
fn is_cancelled(error: &str) -> bool {
  error.ends_with("context canceled") || error.ends_with("context cancelled")
}
