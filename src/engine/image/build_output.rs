//! The classic builder's words: steps, the image's id, and what went wrong where.

use std::collections::VecDeque;
use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use super::message::Message;
use super::progress::Meter;
use crate::engine::error::{Code, EngineError};

/// The builder paints what a command writes to stderr.
#[expect(clippy::unwrap_used, reason = "a constant pattern")]
static COLOURS: LazyLock<Regex> = LazyLock::new(|| Regex::new("\x1b\\[[0-9;]*m").unwrap());

/// How many lines of a failed build an error carries.
const KEPT_LINES: usize = 1000;

/// A build being followed.
pub struct BuildOutput {
  meter: Meter,
  log: VecDeque<String>,
  partial: String,
  step: Option<String>,
  instruction: Option<String>,
  steps: u64,
  cached: u64,
  pub image_id: Option<String>,
}

impl BuildOutput {
  #[must_use]
  pub fn new(meter: Meter) -> Self {
    Self {
      meter,
      log: VecDeque::new(),
      partial: String::new(),
      step: None,
      instruction: None,
      steps: 0,
      cached: 0,
      image_id: None,
    }
  }

  /// Takes a record; the builder's own failure is the error.
  pub fn take(&mut self, record: &[u8]) -> Result<(), EngineError> {
    let raw: Value = serde_json::from_slice(record).unwrap_or_default();
    let message = Message::read(&raw);
    if let Some((failure, code)) = message.failure() {
      return Err(self.failed(&failure, code));
    }
    if let Some(id) = message.aux.as_ref().and_then(|aux| aux.get("ID")).and_then(Value::as_str) {
      self.image_id = Some(id.to_owned());
    }
    if let Some(text) = &message.stream {
      self.text(text, &raw);
    }
    if let (Some(id), Some(status)) = (&message.id, &message.status) {
      let (current, total) = message.progress().unwrap_or_default();
      self.meter.layer(id, status, current, total, &raw);
    }
    Ok(())
  }

  fn text(&mut self, text: &str, raw: &Value) {
    self.partial.push_str(text);
    while let Some(end) = self.partial.find('\n') {
      let line: String = self.partial.drain(..=end).collect();
      self.line(line.trim_end(), raw);
    }
    // Output without a line's end is bounded too.
    if self.partial.len() > 64 << 10 {
      let line = std::mem::take(&mut self.partial);
      self.line(&line, raw);
    }
  }

  fn line(&mut self, line: &str, raw: &Value) {
    let line = &*COLOURS.replace_all(line, "");
    if line.is_empty() {
      return;
    }
    if let Some((step, instruction)) =
      line.strip_prefix("Step ").and_then(|rest| rest.split_once(" : "))
    {
      if let Some((at, of)) = step.split_once('/') {
        let (at, of) = (at.parse().unwrap_or(0), of.parse().unwrap_or(0));
        self.steps = of;
        self.meter.layer("build", instruction, Some(at), Some(of), raw);
      }
      self.step = Some(step.to_owned());
      self.instruction = Some(instruction.to_owned());
    } else {
      if line.trim() == "---> Using cache" {
        self.cached += 1;
      }
      self.meter.note(raw);
    }
    self.log.push_back(line.to_owned());
    if self.log.len() > KEPT_LINES {
      self.log.pop_front();
    }
  }

  /// Whether every step but the first, which only names the base, came from the cache.
  #[must_use]
  pub fn all_cached(&self) -> bool {
    self.steps > 0 && self.cached + 1 >= self.steps
  }

  pub fn failed(&mut self, message: &str, exit_code: Option<i64>) -> EngineError {
    if !self.partial.is_empty() {
      let rest = std::mem::take(&mut self.partial);
      self.log.push_back(rest.trim_end().to_owned());
    }
    let place = match (&self.step, &self.instruction) {
      (Some(step), Some(instruction)) => format!("step {step} ({instruction}): "),
      _ => String::new(),
    };
    let message = message.trim();
    let exit_code = exit_code.or_else(|| code_in(message));
    EngineError::new(Code::BuildFailed, format!("the build failed at {place}{message}")).with(
      |facts| {
        facts.step.clone_from(&self.step);
        facts.instruction.clone_from(&self.instruction);
        facts.exit_code = exit_code;
        facts.log = Some(self.log.iter().cloned().collect());
        facts.logs = Some(self.log.iter().rev().take(20).rev().cloned().collect());
      },
    )
  }
}

/// `The command '/bin/sh -c false' returned a non-zero code: 1`
fn code_in(message: &str) -> Option<i64> {
  message.rsplit_once("non-zero code: ").and_then(|(_, code)| code.trim().parse().ok())
}
