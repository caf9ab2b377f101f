use std::sync::Arc;

use console::measure_text_width;
use serde_json::Value;

use super::super::{Layer, Progress};
use super::picture::{State, View, bar, fitting, picture, state};
use super::screen::Drawn;
use super::words::{clean, size, span};
use super::{Bars, Desk};

fn layer(id: &str, status: &str, current: u64, total: u64) -> Layer {
  Layer { id: id.into(), status: status.into(), current, total }
}

fn progress(phase: &'static str, layers: Vec<Layer>) -> Progress {
  Progress {
    phase,
    layers,
    current: 45,
    total: 100,
    percent: Some(45.0),
    bytes_per_second: Some(12_345_678.0),
    eta_seconds: Some(7.2),
    raw: Value::Null,
  }
}

fn lines(progress: &Progress, columns: usize, rows: usize) -> Vec<String> {
  picture(progress, &View { rows, columns, colour: false, tick: Some(0) })
}

#[test]
fn sizes_have_three_digits_in_thousands() {
  for (bytes, text) in [
    (0.0, "0B"),
    (999.0, "999B"),
    (999.7, "1.00kB"),
    (1234.0, "1.23kB"),
    (9_996.0, "10.0kB"),
    (12_345_678.0, "12.3MB"),
    (99_960_000.0, "100MB"),
    (999_600_000.0, "1.00GB"),
    (f64::NAN, "0B"),
  ] {
    assert_eq!(size(bytes, ""), text, "{bytes}");
  }
  assert_eq!(size(12e6, " "), "12.0 MB");
}

#[test]
fn spans_are_short() {
  assert_eq!(span(7.2).as_deref(), Some("8s"));
  assert_eq!(span(65.0).as_deref(), Some("1m05s"));
  assert_eq!(span(7380.0).as_deref(), Some("2h03m"));
  assert_eq!(span(1e9), None);
  assert_eq!(span(f64::NAN), None);
}

#[test]
fn foreign_text_has_no_power_over_the_terminal() {
  assert_eq!(clean("a\x1b[2Jb\x1b]0;title\x07c"), "abc");
  assert_eq!(clean("RUN a \\\r\n\t b\x08\x7f\u{9b}5A\u{202e}c"), "RUN a \\ bc");
  assert_eq!(clean(&"x".repeat(1 << 20)).len(), 1000);
  let hostile = progress("pull", vec![layer("\x1b[31ma\nb", "Down\x1b[1Aload\u{85}\n\n", 0, 0)]);
  assert_eq!(lines(&hostile, 80, 24)[0], "a b: Download");
}

#[test]
fn a_pull_looks_like_the_docker_cli() {
  let layers = vec![
    layer("a3ed95caeb02", "Downloading", 12_300_000, 45_600_000),
    layer("b3ed95caeb02", "Pull complete", 1000, 1000),
    layer("c3ed95caeb02", "Waiting", 0, 0),
    layer("d3ed95caeb02", "Downloading", 5_000_000, 0),
    layer("sha256:0123456789abcdef", "Extracting", 100, 100),
  ];
  assert_eq!(
    lines(&progress("pull", layers.clone()), 80, 24),
    [
      "a3ed95caeb02: Downloading [==========>                           ] 12.3MB/45.6MB",
      "b3ed95caeb02: Pull complete",
      "c3ed95caeb02: Waiting",
      "d3ed95caeb02: Downloading 5.00MB",
      "0123456789ab: Extracting",
      "pull  45%  12.3 MB/s  ETA 8s",
    ]
  );
  let narrow = lines(&progress("pull", layers), 40, 24);
  assert_eq!(narrow[0], "a3ed95caeb02: Downloading 12.3MB/45.6MB");
}

#[test]
fn bars_begin_empty_and_end_full() {
  assert_eq!(bar(0, 10, 5), ">    ");
  assert_eq!(bar(9, 10, 5), "====>");
  assert_eq!(bar(10, 10, 5), "=====");
  assert_eq!(bar(u64::MAX, u64::MAX, 5), "=====");
}

#[test]
fn a_build_is_its_steps() {
  let layers = vec![
    layer("1/3", "FROM node", 1, 1),
    layer("2/3", "RUN npm\n ci", 0, 1),
    layer("sha256:0123456789abcdef", "downloading", 1, 2),
    layer("web 1/2", "FROM nginx", 1, 1),
  ];
  let drawn = lines(&progress("build", layers.clone()), 80, 24);
  assert_eq!(drawn[0], "✔ [1/3] FROM node");
  assert_eq!(drawn[1], "⠋ [2/3] RUN npm ci");
  assert!(drawn[2].starts_with("0123456789ab: downloading ["), "{}", drawn[2]);
  assert_eq!(drawn[3], "✔ [web 1/2] FROM nginx");
  assert_eq!(drawn[4], "build  2/5 steps");
  let left =
    picture(&progress("build", layers), &View { rows: 9, columns: 80, colour: false, tick: None });
  assert_eq!(left[1], "- [2/3] RUN npm ci");
}

#[test]
fn the_classic_builder_tells_of_one_step_at_a_time() {
  let drawn = |at| lines(&progress("build", vec![layer("build", "RUN x", at, 3)]), 80, 24);
  assert_eq!(drawn(2), ["⠋ [2/3] RUN x", "build  1/3 steps"]);
  assert_eq!(drawn(3), ["✔ [3/3] RUN x", "build  3/3 steps"]);
}

#[test]
fn what_does_not_fit_is_counted() {
  let status = |index| match index {
    0..12 => "Pull complete",
    12..15 => "Downloading",
    _ => "Waiting",
  };
  let layers = (0..40).map(|index| layer(&format!("{index:012}"), status(index), 0, 9)).collect();
  let drawn = lines(&progress("pull", layers), 80, 11);
  assert_eq!(drawn.len(), 11);
  assert!(drawn[0].starts_with("000000000012: Downloading ["), "{}", drawn[0]);
  assert_eq!(drawn[9], "… and 31 more, 12 done");
  assert_eq!(drawn[10], "pull  45%  12.3 MB/s  ETA 8s");
}

#[test]
fn the_active_are_shown_first_and_in_their_order() {
  use State::{Active, Done, Waiting};
  let states = [Done, Waiting, Active, Done, Active];
  assert_eq!(fitting(&states, 5), [0, 1, 2, 3, 4]);
  assert_eq!(fitting(&states, 4), [1, 2, 4]);
  assert_eq!(fitting(&states, 2), [2]);
  assert_eq!(fitting(&states, 0), [0; 0]);
  assert_eq!(fitting(&[Done, Done, Done], 2), [2]);
}

#[test]
fn extracting_is_not_done() {
  let of = |status, current| state(&layer("a", status, current, 9), false);
  assert_eq!(of("Extracting", 9), State::Active);
  assert_eq!(of("Download complete", 9), State::Waiting);
  assert_eq!(of("Pushed", 9), State::Done);
  assert_eq!(of("Loading layer", 8), State::Active);
  assert_eq!(of("Loading layer", 9), State::Done);
}

#[test]
fn lines_are_cut_to_the_window() {
  let long = ["日本語日本語".to_owned(), "\x1b[32mgreen\x1b[0m and more".to_owned()];
  let drawn = Drawn::default().replaced_by(&long, &Drawn::new(&long, (9, 8)));
  let rows: Vec<_> = drawn.split("\r\n").collect();
  assert!(rows[0].ends_with("\r\x1b[2K日本語…"), "{:?}", rows[0]);
  assert_eq!(rows[1], "\x1b[2K\x1b[32mgreen\x1b[0m a…");
  assert_eq!(rows[2..4], ["\x1b[2K日本語…", rows[1]]);
  assert_eq!(rows[4..], ["\x1b[J\x1b[?7h\x1b[?25h"]);
  assert!(rows.iter().all(|row| measure_text_width(row) <= 9));
  // More than the window has rows: the last.
  let drawn = Drawn::default().replaced_by(&[], &Drawn::new(&long, (1, 80)));
  assert!(!drawn.contains("日本語"));
}

#[test]
fn a_narrowed_window_has_wrapped_what_was_drawn() {
  let drawn = Drawn::new(&["x".repeat(50), "y".repeat(20), String::new()], (9, 79));
  assert_eq!(drawn.height(79), 3);
  assert_eq!(drawn.height(49), 3);
  assert_eq!(drawn.height(24), 4);
  assert!(drawn.replaced_by(&[], &Drawn::new(&[], (9, 24))).contains("\x1b[4A\x1b[J"));
}

#[test]
fn the_latest_picture_of_each_phase_is_drawn() {
  let desk = Arc::new(Desk::default());
  let mut bars = Bars { desk: Arc::clone(&desk), thread: None, drawn: None };
  for (phase, percent) in [("pull", 1.0), ("pull", 2.0), ("build", 3.0), ("build", 4.0)] {
    bars.show(&Progress { percent: Some(percent), ..progress(phase, Vec::new()) });
  }
  let (passed, current, over) = desk.fetch();
  assert_eq!(passed.iter().map(|one| one.percent).collect::<Vec<_>>(), [Some(2.0)]);
  assert_eq!((current.unwrap().percent, over), (Some(4.0), false));
  drop(bars);
  let (passed, current, over) = desk.fetch();
  assert!(passed.is_empty() && current.is_some() && over);
}
