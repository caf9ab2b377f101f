//! A build being followed: either builder's records become the same steps, lines and failure.

use std::collections::VecDeque;
use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use super::kit::Kit;
use crate::engine::error::{Code, EngineError, Result};
use crate::engine::fault::room;
use crate::engine::image::message::Message;
use crate::engine::image::progress::Meter;

/// The builder paints what a command writes to stderr.
#[expect(clippy::unwrap_used, reason = "a constant pattern")]
static COLOURS: LazyLock<Regex> = LazyLock::new(|| Regex::new("\x1b\\[[0-9;]*m").unwrap());

/// How many lines of a failed build an error carries.
const KEPT_LINES: usize = 1000;

/// How many lines may wait to be handed on; there are as many as one record has.
pub struct BuildOutput {
  pub(super) meter: Meter,
  pub(super) partial: String,
  pub(super) step: Option<String>,
  pub(super) instruction: Option<String>,
  pub(super) steps: u64,
  pub(super) cached: u64,
  kit: Kit,
  log: VecDeque<String>,
  said: Vec<String>,
  pub image_id: Option<String>,
}

impl BuildOutput {
  #[must_use]
  pub fn new(meter: Meter) -> Self {
    Self {
      meter,
      partial: String::new(),
      step: None,
      instruction: None,
      steps: 0,
      cached: 0,
      kit: Kit::default(),
      log: VecDeque::new(),
      said: Vec::new(),
      image_id: None,
    }
  }

  /// Takes a record; the builder's own failure is the error.
  pub fn take(&mut self, record: &[u8]) -> Result<()> {
    let raw: Value = serde_json::from_slice(record).unwrap_or_default();
    let message = Message::read(&raw);
    if let Some((failure, code)) = message.failure() {
      return Err(self.failed(&failure, code));
    }
    if let Some(trace) = Kit::trace_of(&message) {
      let mut kit = std::mem::take(&mut self.kit);
      kit.follow(trace, &raw, self);
      self.kit = kit;
      return Ok(());
    }
    if let Some(id) = message.aux.as_ref().and_then(|aux| aux.get("ID")).and_then(Value::as_str) {
      self.image_id = Some(id.to_owned());
    }
    if let Some(text) = &message.stream {
      self.classic_text(text, &raw);
    }
    if let (Some(id), Some(status)) = (&message.id, &message.status) {
      self.meter.layer(id, status, message.progress().unwrap_or_default(), &raw);
    }
    Ok(())
  }

  /// What has been said since the last time, for whoever listens.
  pub fn said(&mut self) -> Vec<String> {
    std::mem::take(&mut self.said)
  }

  /// The build is done: the last line, where it has no end, and all that is left.
  pub fn rest(&mut self) -> Vec<String> {
    self.meter.finish_all();
    if !self.partial.is_empty() {
      let rest = std::mem::take(&mut self.partial);
      self.log_line(rest.trim_end());
    }
    self.said()
  }

  pub(super) fn log_line(&mut self, line: &str) {
    let line = COLOURS.replace_all(line, "").into_owned();
    if line.is_empty() {
      return;
    }
    self.said.push(line.clone());
    self.log.push_back(line);
    if self.log.len() > KEPT_LINES {
      self.log.pop_front();
    }
  }

  /// Whether every step but those that only name a base came from the cache.
  #[must_use]
  pub fn all_cached(&self) -> bool {
    self.kit.all_cached().unwrap_or(self.steps > 0 && self.cached + 1 >= self.steps)
  }

  pub fn failed(&mut self, message: &str, exit_code: Option<i64>) -> EngineError {
    let rest = std::mem::take(&mut self.partial);
    self.log_line(rest.trim_end());
    let place = match (&self.step, &self.instruction) {
      (Some(step), Some(instruction)) => format!(" at step {step} ({instruction})"),
      _ => String::new(),
    };
    let message = message.trim();
    let text = format!("the build failed{place}: {message}{}", room(message));
    let exit_code = exit_code.or_else(|| code_in(message));
    EngineError::new(Code::BuildFailed, text).with(|facts| {
      facts.step.clone_from(&self.step);
      facts.instruction.clone_from(&self.instruction);
      facts.exit_code = exit_code;
      facts.log = Some(self.log.iter().cloned().collect());
      facts.logs = Some(self.log.iter().rev().take(20).rev().cloned().collect());
    })
  }
}

/// `The command '/bin/sh -c false' returned a non-zero code: 1`, `…: exit code: 1`, or Podman's `exit status 1`
fn code_in(message: &str) -> Option<i64> {
  let code = ["non-zero code: ", "exit code: ", "while running runtime: exit status "]
    .iter()
    .find_map(|before| message.rsplit_once(before).map(|(_, code)| code));
  let digits = code?.trim_start().split(|letter: char| !letter.is_ascii_digit()).next()?;
  digits.parse().ok()
}
