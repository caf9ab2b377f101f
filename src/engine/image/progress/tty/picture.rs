//! One picture of progress, as lines.

use std::collections::BTreeMap;

use console::{measure_text_width, style, truncate_str};

use super::super::{Layer, Progress};
use super::words::{clean, size, span};

const SPINNER: [char; 10] = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
/// `12.3MB/45.6MB`: bars end where the longest of these begins, so that they are of one length.
const SIZES: usize = 13;
const SHORTEST_BAR: usize = 8;
const LONGEST_BAR: usize = 50;
const LONGEST_ID: usize = 40;

/// What there is to draw on.
pub struct View {
  pub rows: usize,
  pub columns: usize,
  pub colour: bool,
  /// None for what stays, and moves no more.
  pub tick: Option<usize>,
}

/// In order of interest, for where not all fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum State {
  Active,
  Waiting,
  Done,
}

/// A step of a build, among others.
struct Step<'a> {
  stage: &'a str,
  at: u64,
  of: u64,
}

/// A line a layer, as many as fit, and one for the whole.
pub fn picture(progress: &Progress, view: &View) -> Vec<String> {
  let build = progress.phase == "build";
  let states: Vec<_> = progress.layers.iter().map(|layer| state(layer, build)).collect();
  let rows = view.rows.saturating_sub(1);
  let shown = fitting(&states, rows);
  let mut lines: Vec<_> = shown
    .iter()
    .map(|&index| match step(&progress.layers[index], build) {
      Some(step) => step_line(&step, &progress.layers[index], states[index], view),
      None => layer_line(&progress.layers[index], states[index], view),
    })
    .collect();
  let hidden = states.len() - shown.len();
  if hidden > 0 && rows > 0 {
    let done = |indices: &mut dyn Iterator<Item = usize>| {
      indices.filter(|index| states[*index] == State::Done).count()
    };
    let hidden_done = done(&mut (0..states.len())) - done(&mut shown.iter().copied());
    let text = format!("… and {hidden} more, {hidden_done} done");
    lines.push(style(text).dim().force_styling(view.colour).to_string());
  }
  lines.push(total_line(progress, &states, view));
  lines
}

/// Which layers to show in so many rows, one of which tells of the others.
pub(super) fn fitting(states: &[State], rows: usize) -> Vec<usize> {
  if states.len() <= rows {
    return (0..states.len()).collect();
  }
  let mut chosen: Vec<_> = (0..states.len()).collect();
  // Of those that are done, the last were done just now.
  chosen.sort_by_key(|&index| match states[index] {
    State::Done => (State::Done, states.len() - index),
    state => (state, index),
  });
  chosen.truncate(rows.saturating_sub(1));
  chosen.sort_unstable();
  chosen
}

pub(super) fn state(layer: &Layer, build: bool) -> State {
  let status = layer.status.to_ascii_lowercase();
  let says = |words: &[&str]| words.iter().any(|word| status.starts_with(word));
  let complete = layer.total > 0 && layer.current >= layer.total;
  if step(layer, build).is_some() {
    return if complete { State::Done } else { State::Active };
  }
  if says(&["pull complete", "already exists", "pushed", "layer already", "mounted from", "loaded"])
    || status == "done"
  {
    State::Done
  } else if says(&["waiting", "pulling fs layer", "preparing", "download complete"]) {
    State::Waiting
  } else if says(&["downloading", "verifying", "extracting", "pushing"]) || !complete {
    State::Active
  } else {
    State::Done
  }
}

/// `2/5`, or `stage 2/5`; or `build`, whose current and total are the step's.
fn step(layer: &Layer, build: bool) -> Option<Step<'_>> {
  if !build {
    return None;
  }
  if layer.id == "build" {
    return Some(Step { stage: "", at: layer.current, of: layer.total });
  }
  let (stage, step) = layer.id.rsplit_once(' ').unwrap_or(("", &layer.id));
  let (at, of) = step.split_once('/')?;
  Some(Step { stage, at: at.parse().ok()?, of: of.parse().ok()? })
}

fn step_line(step: &Step<'_>, layer: &Layer, state: State, view: &View) -> String {
  let colour = view.colour;
  let mark = match (state, view.tick) {
    (State::Done, _) => style('✔').green().force_styling(colour),
    (_, Some(tick)) => style(SPINNER[tick % SPINNER.len()]).cyan().force_styling(colour),
    (_, None) => style('-').force_styling(colour),
  };
  let place = clean(&format!("{} {}/{}", step.stage, step.at, step.of));
  format!("{mark} [{place}] {}", clean(&layer.status))
}

#[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
fn layer_line(layer: &Layer, state: State, view: &View) -> String {
  let (id, status) = (short(&layer.id), clean(&layer.status));
  if state == State::Done {
    return format!("{id}: {}", style(status).green().force_styling(view.colour));
  }
  let head = format!("{id}: {status}");
  if layer.current >= layer.total {
    let unknown = layer.total == 0 && layer.current > 0;
    return if unknown { format!("{head} {}", size(layer.current as f64, "")) } else { head };
  }
  let sizes = format!("{}/{}", size(layer.current as f64, ""), size(layer.total as f64, ""));
  let taken = measure_text_width(&head) + " [] ".len() + SIZES;
  match view.columns.saturating_sub(taken).min(LONGEST_BAR) {
    0..SHORTEST_BAR => format!("{head} {sizes}"),
    width => {
      let bar = style(bar(layer.current, layer.total, width)).cyan().force_styling(view.colour);
      format!("{head} [{bar}] {sizes}")
    }
  }
}

/// Ids are told apart by their first digits.
fn short(id: &str) -> String {
  let id = clean(id);
  match id.strip_prefix("sha256:") {
    Some(digits) => digits.chars().take(12).collect(),
    None => truncate_str(&id, LONGEST_ID, "…").into_owned(),
  }
}

/// `=====>    `
pub(super) fn bar(current: u64, total: u64, width: usize) -> String {
  let filled = u128::from(current.min(total)) * width as u128 / u128::from(total.max(1));
  let filled = usize::try_from(filled).unwrap_or(width);
  let head = if filled < width { ">" } else { "" };
  format!("{:<width$}", "=".repeat(filled) + head)
}

fn total_line(progress: &Progress, states: &[State], view: &View) -> String {
  let mut parts = vec![style(progress.phase).bold().force_styling(view.colour).to_string()];
  if progress.phase == "build" {
    parts.extend(steps_done(progress, states));
    return parts.join("  ");
  }
  let ended = progress.total > 0 && progress.current >= progress.total;
  parts.extend(progress.percent.map(|percent| format!("{:.0}%", percent.floor())));
  parts.extend(
    progress.bytes_per_second.filter(|speed| *speed >= 1.0).map(|speed| size(speed, " ") + "/s"),
  );
  let left = progress.eta_seconds.filter(|_| !ended && view.tick.is_some());
  parts.extend(left.and_then(span).map(|span| format!("ETA {span}")));
  parts.join("  ")
}

/// `2/5 steps`: of bytes and steps together, the sums would say nothing.
fn steps_done(progress: &Progress, states: &[State]) -> Option<String> {
  let (mut done, mut steps) = (0, BTreeMap::new());
  for (layer, state) in progress.layers.iter().zip(states) {
    let Some(step) = step(layer, true) else { continue };
    let before = if layer.id == "build" { step.at.saturating_sub(1) } else { 0 };
    done += before + u64::from(*state == State::Done);
    steps.insert(step.stage, step.of);
  }
  let of: u64 = steps.values().sum();
  (of > 0).then(|| format!("{done}/{of} steps"))
}
