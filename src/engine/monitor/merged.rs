//! The logs of several containers as one.

use std::sync::Arc;

use futures_util::StreamExt;
use futures_util::stream;

use super::options::{MergedOptions, Targets};
use super::target::{self, Target};
use super::watch::{Plan, Shape, Watch};
use crate::engine::Engine;
use crate::engine::error::Result;
use crate::engine::stream::{Batches, Source};

/// How many containers are asked for at once.
const AT_ONCE: usize = 16;

/// Their lines as they come. Those that are named end when all of them have, unless they are followed
/// through restarts; those that fit filters are followed for ever, new ones among them.
pub async fn merged(engine: &Engine, targets: Targets, options: &MergedOptions) -> Result<Batches> {
  options.check()?;
  let plan = Plan {
    stats: None,
    logs: Some(options.log()),
    events: false,
    shape: Shape::Lines { prefix: options.prefix },
  };
  let watch = match targets {
    Targets::Filters(filters) if options.follow && options.restarts != Some(false) => {
      Watch::with(engine, filters, plan, options.all).await?
    }
    Targets::Filters(filters) => {
      let found = target::list(engine, &filters, options.all).await?;
      Watch::of(engine, found, plan, false).await?
    }
    Targets::Named(names) => {
      let found = named(engine, names).await?;
      Watch::of(engine, found, plan, options.restarts == Some(true)).await?
    }
  };
  Ok(Batches::new(Source::Items(watch.records().boxed())))
}

async fn named(engine: &Engine, names: Vec<String>) -> Result<Vec<Target>> {
  let engine = Arc::new(engine.clone());
  let found = names.into_iter().map(|name| {
    let engine = Arc::clone(&engine);
    async move { target::named(&engine, &name).await }
  });
  let found: Vec<Result<Target>> = stream::iter(found).buffered(AT_ONCE).collect().await;
  found.into_iter().collect()
}
