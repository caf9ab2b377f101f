//! BuildKit's words: a graph whose vertexes begin, log and end in any order.

use std::collections::HashMap;
use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use super::output::BuildOutput;
use crate::buildkit::trace::{self, Trace, Vertex};
use crate::engine::image::message::Message;

/// `[stage 2/5] RUN npm ci`
#[expect(clippy::unwrap_used, reason = "a constant pattern")]
static STEP: LazyLock<Regex> = LazyLock::new(|| {
  Regex::new(r"(?s)^\[(?<id>(?:(?<stage>\S+) )?(?<step>\d+/\d+))\] (?<instruction>.*)$").unwrap()
});

/// More vertexes than a build has are not followed.
const MOST_VERTEXES: usize = 4096;

/// Output of one step without a line's end is bounded too.
const LONGEST_LINE: usize = 64 << 10;

#[derive(Default)]
pub struct Kit {
  vertexes: HashMap<String, Followed>,
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
    for vertex in &vertexes {
      self.vertex(vertex, raw, output);
    }
    for log in &logs {
      self.log(&log.vertex, &log.data, output);
    }
    for warning in &warnings {
      output.log_line(&format!("warning: {}", warning.short));
    }
    output.meter.note(raw);
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

  fn vertex(&mut self, vertex: &Vertex, raw: &Value, output: &mut BuildOutput) {
    if self.vertexes.len() >= MOST_VERTEXES && !self.vertexes.contains_key(&vertex.digest) {
      return;
    }
    let followed = self.vertexes.entry(vertex.digest.clone()).or_default();
    followed.name.clone_from(&vertex.name);
    let found = STEP.captures(&vertex.name);
    if (vertex.started || vertex.cached) && !followed.announced {
      followed.announced = true;
      output.log_line(&match &found {
        Some(found) => format!("Step {} : {}", &found["id"], &found["instruction"]),
        None => vertex.name.clone(),
      });
    }
    if vertex.cached && !followed.cached {
      followed.cached = true;
      output.log_line(" ---> Using cache");
    }
    followed.completed |= vertex.completed;
    let done = followed.completed;
    if !vertex.error.is_empty() && !is_cancelled(&vertex.error) {
      if let Some(found) = &found {
        output.step = Some(found["step"].to_owned());
        output.instruction = Some(found["instruction"].to_owned());
      }
      let rest = std::mem::take(&mut followed.partial);
      output.log_line(&String::from_utf8_lossy(&rest));
    }
    // All steps are told of at once, long before most of them begin.
    if let Some(found) = found
      && followed.announced
    {
      output.meter.step(&found["id"], &found["instruction"], done, self.count(), raw);
    }
  }

  /// Steps that are done, and all that are known of by now.
  fn count(&self) -> (u64, u64) {
    let steps = || self.vertexes.values().filter(|vertex| STEP.is_match(&vertex.name));
    (steps().filter(|vertex| vertex.completed).count() as u64, steps().count() as u64)
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
