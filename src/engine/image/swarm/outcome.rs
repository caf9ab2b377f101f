//! What a job came to: each replica for itself, and all of them as one task.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::engine::container::task::signal_of;
use crate::engine::error::{Code, ContainerFacts, EngineError};
use crate::engine::options::Encoding;
use crate::engine::stream::Capture;

/// The exit code of a program that SIGKILL ended.
const KILLED: i64 = 137;

/// One replica: the run of it that counts.
#[derive(Debug, Clone)]
pub struct Replica {
  /// From 0.
  pub index: usize,
  pub task: String,
  pub node: (String, String),
  pub container: (String, String),
  pub exit_code: i64,
  pub output: Capture,
  pub started_at: String,
  pub finished_at: String,
}

/// A job's result.
#[derive(Debug, Clone, Default)]
pub struct JobResult {
  /// Those that have ended, by their index.
  pub replicas: Vec<Replica>,
  pub service: (String, String),
}

/// What comes with the failure of a job.
#[derive(Debug)]
pub struct JobFailure {
  pub result: JobResult,
  pub encoding: Encoding,
  /// Whether each replica has come to its end: then all together are a result.
  pub is_whole: bool,
}

impl Replica {
  /// Swarms do not tell: of one that was killed it is not known by whom.
  #[must_use]
  pub fn oom_killed(&self) -> Option<bool> {
    (self.exit_code != KILLED).then_some(false)
  }

  #[must_use]
  pub fn signal(&self) -> Option<&'static str> {
    signal_of(self.exit_code)
  }

  #[must_use]
  pub fn duration_ms(&self) -> f64 {
    between(&self.started_at, &self.finished_at)
  }
}

impl JobResult {
  /// The replica that stands for all: the first that failed, else the first.
  #[must_use]
  pub fn leading(&self) -> Option<&Replica> {
    self.replicas.iter().find(|replica| replica.exit_code != 0).or(self.replicas.first())
  }

  #[must_use]
  pub fn exit_code(&self) -> i64 {
    self.leading().map_or(0, |replica| replica.exit_code)
  }

  #[must_use]
  pub fn started_at(&self) -> &str {
    let starts = self.replicas.iter().map(|replica| replica.started_at.as_str());
    starts.min_by_key(|text| moment(text)).unwrap_or_default()
  }

  #[must_use]
  pub fn finished_at(&self) -> &str {
    let ends = self.replicas.iter().map(|replica| replica.finished_at.as_str());
    ends.max_by_key(|text| moment(text)).unwrap_or_default()
  }

  #[must_use]
  pub fn duration_ms(&self) -> f64 {
    between(self.started_at(), self.finished_at())
  }

  #[must_use]
  pub fn oom_killed(&self) -> Option<bool> {
    let each = self.replicas.iter().map(Replica::oom_killed);
    each.collect::<Option<Vec<_>>>().map(|_| false)
  }

  /// The failure that a replica's exit code is.
  #[must_use]
  pub fn failure(&self, image: &str) -> Option<EngineError> {
    let failed = self.replicas.iter().filter(|replica| replica.exit_code != 0);
    let leading = self.leading().filter(|replica| replica.exit_code != 0)?;
    let text = format!(
      "{} of {} replicas of the task in {image} failed: replica {} on {} exited with {}",
      failed.count(),
      self.replicas.len(),
      leading.index,
      leading.node.1,
      leading.exit_code
    );
    Some(EngineError::new(Code::ExitCode, text).with(|facts| {
      facts.exit_code = Some(leading.exit_code);
      facts.logs = Some(leading.output.last_lines());
      facts.image = Some(image.to_owned());
      facts.container = Some(ContainerFacts {
        id: Some(leading.container.0.clone()),
        name: Some(leading.container.1.clone()),
        state: Some("exited".into()),
        exit_code: Some(leading.exit_code),
        oom_killed: None,
      });
    }))
  }
}

fn moment(text: &str) -> Option<OffsetDateTime> {
  OffsetDateTime::parse(text, &Rfc3339).ok()
}

/// Of two nodes' clocks the later may show less.
fn between(start: &str, end: &str) -> f64 {
  let span = moment(end).zip(moment(start)).map(|(end, start)| end - start);
  span.map_or(0.0, |span| (span.as_seconds_f64() * 1e3).max(0.0))
}
