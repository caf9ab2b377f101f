//! Several containers at once, in one stream: their logs, what they use, what happens to them.

mod merged;
mod options;
mod record;
mod sources;
mod target;
mod watch;

use futures_util::StreamExt;

use super::Engine;
use super::error::Result;
use super::images::list::Filters;
use super::stream::{Batches, Source};

pub use merged::merged;
pub use options::{MergedOptions, MonitorOptions, Targets};
use watch::{Plan, Shape, Watch};

/// Stats, logs and events of the containers that fit, those among them that start meanwhile.
pub async fn monitor(
  engine: &Engine,
  filters: Filters,
  options: &MonitorOptions,
) -> Result<Batches> {
  let plan = Plan {
    stats: options.stats.then_some(options.raw),
    logs: options.logs.then(|| options.log()),
    events: options.events,
    shape: Shape::Monitor,
  };
  let watch = Watch::over(engine, filters, plan).await?;
  Ok(Batches::new(Source::Items(watch.records().boxed())))
}
