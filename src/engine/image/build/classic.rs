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
    let dialect = of_podman(line);
    let line = dialect.as_deref().unwrap_or(line);
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

/// The steps of Podman's builder, `STEP 1/2: RUN true`, as the classic one tells them; where there are several
/// stages it counts each for itself: `[1/2] STEP 1/2: …`.
fn of_podman(line: &str) -> Option<String> {
  if line.starts_with("--> Using cache") {
    return Some(" ---> Using cache".to_owned());
  }
  let (before, rest) = line.split_once("STEP ")?;
  let (step, instruction) = rest.split_once(": ")?;
  let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
  let is_count = |text: &str| text.split_once('/').is_some_and(|(at, of)| digits(at) && digits(of));
  let stage = before.trim().strip_prefix('[').and_then(|stage| stage.strip_suffix(']'));
  let known = before.is_empty() || stage.is_some_and(is_count);
  (known && is_count(step)).then(|| format!("Step {step} : {instruction}"))
}

#[cfg(test)]
mod tests {
  use super::of_podman;

  #[test]
  fn podman_counts_its_steps_too() {
    let cases = [
      ("STEP 1/2: FROM a", Some("Step 1/2 : FROM a")),
      ("[2/2] STEP 3/4: RUN echo a: b", Some("Step 3/4 : RUN echo a: b")),
      ("--> Using cache 87a44bcad2a4", Some(" ---> Using cache")),
      ("a STEP 1/2: b", None),
      ("STEP 1: b", None),
      ("Step 1/2 : RUN echo STEP 1/2: a", None),
    ];
    for (line, told) in cases {
      assert_eq!(of_podman(line).as_deref(), told, "{line}");
    }
  }
}
