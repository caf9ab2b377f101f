//! A task's output: its log, read from whichever node has it, by way of the manager.

use std::time::Duration;

use super::service::Task;
use crate::engine::Engine;
use crate::engine::call::Call;
use crate::engine::error::{Code, EngineError, Result};
use crate::engine::fault::Subject;
use crate::engine::stream::{
  Batches, Capture, Channel, Consumers, Output, Source, TAIL_LINES, Tail, Wire,
};

/// A log that brings nothing for so long has lost its node.
const SILENCE: Duration = Duration::from_secs(20);

/// A node that has just joined may not serve logs yet.
const TRIES: u32 = 5;

/// How the engine tells, among the output, of a log that it cannot have.
const FAILED: &[u8] = b"Error grabbing logs: ";

/// What the output of all replicas together may take, each stream.
pub struct Budget {
  limit: Option<u64>,
  held: (u64, u64),
}

impl Budget {
  #[must_use]
  pub fn new(limit: Option<u64>) -> Self {
    Self { limit, held: (0, 0) }
  }
}

/// The whole output of a task that has ended.
pub async fn read(
  engine: &Engine,
  task: &Task,
  tty: bool,
  budget: &mut Budget,
  consumers: &mut Consumers,
) -> Result<Capture> {
  let mut left = TRIES;
  loop {
    let mut captured = Capture::within(budget.limit, budget.held);
    let mut given = 0;
    match drain(engine, task, tty, &mut captured, consumers, &mut given).await {
      Ok(()) => {
        budget.held = captured.held();
        return Ok(captured);
      }
      // What has been handed on cannot be taken back.
      Err(error) if error.is(Code::StreamTruncated) && given == 0 && left > 0 => {
        left -= 1;
        tokio::time::sleep(Duration::from_millis(300)).await;
      }
      Err(error) => return Err(error),
    }
  }
}

async fn drain(
  engine: &Engine,
  task: &Task,
  tty: bool,
  captured: &mut Capture,
  consumers: &mut Consumers,
  given: &mut usize,
) -> Result<()> {
  let mut batches = open(engine, task, tty, None).await?;
  loop {
    let next = tokio::time::timeout(SILENCE, batches.next());
    let Some(batch) = next.await.map_err(|_| lost(task, "its node is silent"))?? else {
      return Ok(());
    };
    for (channel, piece) in batch.pieces() {
      if channel == Channel::Engine || tty && piece.starts_with(FAILED) {
        return Err(lost(task, String::from_utf8_lossy(piece).trim()));
      }
    }
    captured.add(&batch)?;
    if !consumers.is_empty() {
      *given += batch.data.len();
      consumers.take(&batch).await?;
    }
  }
}

/// The last lines of one that still runs, for an error; none where they cannot be had.
pub async fn last_lines(engine: &Engine, task: &Task, tty: bool) -> Vec<String> {
  let read = async {
    let mut batches = open(engine, task, tty, Some(TAIL_LINES)).await?;
    let mut tail = Tail::new(TAIL_LINES);
    while let Some(batch) = batches.next().await? {
      tail.feed(&batch.data);
    }
    Ok::<_, EngineError>(tail.into_lines())
  };
  match tokio::time::timeout(Duration::from_secs(2), read).await {
    Ok(Ok(lines)) => lines,
    _ => Vec::new(),
  }
}

async fn open(engine: &Engine, task: &Task, tty: bool, tail: Option<usize>) -> Result<Batches> {
  let path = format!("/tasks/{}/logs", task.id);
  let response = Call::get("cannot read the logs of a task of", Subject::Engine, path)
    .query("stdout", 1)
    .query("stderr", 1)
    .query_if("tail", tail)
    .send(engine)
    .await?;
  let output = Output::telling(Wire::Body(response.into_body()), tty);
  Ok(Batches::new(Source::Output(output)))
}

fn lost(task: &Task, why: &str) -> EngineError {
  let text = format!("the output of task {} cannot be had whole: {why}", task.id);
  EngineError::new(Code::StreamTruncated, text)
}
