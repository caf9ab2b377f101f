//! The classic builder's words: text, with steps announced in it.

use serde_json::Value;

use super::output::BuildOutput;

/// How the builder's own lines begin.
const OWN: [&str; 2] = [" ---> ", "Removing intermediate container "];

impl BuildOutput {
  pub(super) fn classic_text(&mut self, text: &str, raw: &Value) {
    self.meter.note(raw);
    // What a command printed last need not have ended in a line's end.
    if !self.partial.is_empty() && OWN.iter().any(|start| text.starts_with(start)) {
      let line = std::mem::take(&mut self.partial);
      self.classic_line(&line);
    }
    for piece in text.split_inclusive('\n') {
      self.partial.push_str(piece);
      if piece.ends_with('\n') {
        let line = std::mem::take(&mut self.partial);
        self.classic_line(line.trim_end());
      }
    }
    // Output without a line's end is bounded too.
    if self.partial.len() > 64 << 10 {
      let line = std::mem::take(&mut self.partial);
      self.classic_line(&line);
    }
  }

  fn classic_line(&mut self, line: &str) {
    if let Some((step, instruction)) =
      line.strip_prefix("Step ").and_then(|rest| rest.split_once(" : "))
    {
      if let Some((at, of)) = step.split_once('/') {
        let (at, of): (u64, u64) = (at.parse().unwrap_or(0), of.parse().unwrap_or(0));
        self.steps = of;
        self.meter.finish_steps();
        self.meter.step(step, instruction, false, (at.saturating_sub(1), of));
      }
      self.step = Some(step.to_owned());
      self.instruction = Some(instruction.to_owned());
    } else if line.trim() == "---> Using cache" {
      self.cached += 1;
    }
    self.log_line(line);
  }
}
