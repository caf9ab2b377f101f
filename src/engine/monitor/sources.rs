//! What flows from one container among several.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use tokio::sync::watch;

use super::record;
use super::target::Target;
use crate::engine::Engine;
use crate::engine::container::follow::{Liner, Log, Step, follow, is_gone};
use crate::engine::container::stats::{self, Raw};
use crate::engine::error::{EngineError, Result};
use crate::engine::events::{FIRST_PAUSE, is_passing};

/// A record, or what went wrong with one source of one container.
pub type Told = Result<Bytes, (&'static str, Arc<Target>, EngineError)>;

/// A container's lines.
pub fn lines(
  log: Log,
  starts: Option<watch::Receiver<u64>>,
  target: &Arc<Target>,
  is_typed: bool,
  width: Option<Arc<AtomicUsize>>,
) -> BoxStream<'static, Told> {
  let mut liner = Liner::default();
  let of = Arc::clone(target);
  let told = move |step: Result<Step>| {
    let tell = |line| {
      let shown = width.as_ref().map(|width| {
        let width = width.load(Ordering::Relaxed);
        format!("{:width$} | ", of.name())
      });
      Ok(record::line(&of, &line, is_typed, shown))
    };
    let told: Vec<Told> = match step {
      Ok(Step::Entry(entry)) => liner.feed(&entry).map(tell).into_iter().collect(),
      Ok(Step::RunEnded) => liner.rest().map(tell).collect(),
      Err(error) => vec![Err(("logs", Arc::clone(&of), error))],
    };
    stream::iter(told)
  };
  follow(log, starts).map(told).flatten().boxed()
}

/// A container's samples, for as long as it is there: a connection that broke is made again.
pub fn samples(engine: Engine, target: Arc<Target>, raw: Raw) -> BoxStream<'static, Told> {
  let state = (None::<BoxStream<'static, Result<Bytes>>>, engine, target);
  stream::unfold(state, move |(mut open, engine, target)| async move {
    loop {
      let next = match &mut open {
        Some(samples) => samples.next().await,
        None => match stats::samples(&engine, &target.subject(), &target.id, raw).await {
          Ok(samples) => {
            open = Some(samples);
            continue;
          }
          Err(error) => Some(Err(error)),
        },
      };
      match next? {
        Ok(sample) => {
          let record = record::stats(&target, &sample);
          return Some((Ok(record), (open, engine, target)));
        }
        Err(error) if is_gone(&error) => return None,
        Err(error) if is_passing(&error) => {
          open = None;
          tokio::time::sleep(FIRST_PAUSE * 10).await;
        }
        Err(error) => {
          let told = Err(("stats", Arc::clone(&target), error));
          // Told once; what ends it is the container's end.
          let nothing: BoxStream<'static, Result<Bytes>> = stream::empty().boxed();
          return Some((told, (Some(nothing), engine, target)));
        }
      }
    }
  })
  .boxed()
}
