//! Streams of a whole engine: its events, and the logs and stats of several containers.

use napi::bindgen_prelude::{Array, Unknown};
use napi::{Env, JsValue, Result};
use napi_derive::napi;
use serde_json::Value;

use super::Answer;
use super::bag::unreadable;
use super::containers::ContainerCollection;
use super::dokeres::Dokeres;
use super::fault::{guarded, thrown};
use super::stream::{self, Opened};
use super::value::{from_js, recast};
use crate::engine::Engine;
use crate::engine::error::{EngineError, Result as EngineResult};
use crate::engine::events::{self, EventsOptions};
use crate::engine::images::list::Filters;
use crate::engine::monitor::{self, MergedOptions, MonitorOptions, Targets};
use crate::engine::options;

#[napi]
impl Dokeres {
  /// What happens at the engine: its events, as they come. Unless there is an `until`, it goes on after
  /// the connection broke or the engine was restarted, where it was: nothing lost that the engine still
  /// knows of, nothing twice. It listens from now on, not only once it is read.
  /// @throws {DokeresError} `INVALID_OPTION`; all else from the stream itself
  #[napi(
    catch_unwind,
    ts_args_type = "options?: EventsOptions | null",
    ts_return_type = "DokeresStream<EngineEvent>"
  )]
  pub fn events<'e>(&self, env: &'e Env, options: Unknown<'e>) -> Result<Unknown<'e>> {
    let (options, signal): (EventsOptions, _) = stream::options(env, options)?;
    let engine = self.engine().clone();
    let opener = Box::pin(async move { events::open(&engine, &options).await.map(Opened::from) });
    stream::at_once(env, opener, signal)
  }

  /// Stats, logs and events of the containers that fit the filters, in one stream. Containers that start
  /// meanwhile are taken up, those that end are let go of.
  /// @param filters as `docker ps --filter` has them; without any: all containers
  /// @throws {DokeresError} `INVALID_OPTION`; all else from the stream itself
  #[napi(
    catch_unwind,
    ts_args_type = "filters?: Filters | null, options?: MonitorOptions | null",
    ts_return_type = "DokeresStream<MonitorRecord>"
  )]
  pub fn monitor<'e>(
    &self,
    env: &'e Env,
    filters: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    monitored(env, self.engine(), filters, options)
  }

  /// `logs(containers, options)`; `index.js` makes ids of containers.
  #[napi(catch_unwind, js_name = "_logs", skip_typescript)]
  pub fn logs<'e>(
    &self,
    env: &'e Env,
    containers: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let read = || -> Answer<Targets> {
      if !containers.is_array().map_err(unreadable)? {
        return filters_of(containers).map(Targets::Filters);
      }
      let list: Array = recast(env, &containers).map_err(unreadable)?;
      let mut names = Vec::with_capacity(list.len() as usize);
      for index in 0..list.len() {
        let at = format!("containers[{index}]");
        let name: Option<Unknown> = list.get(index).map_err(unreadable)?;
        match name.map(|name| from_js(name, &at)).transpose()? {
          Some(Value::String(name)) if !name.is_empty() => names.push(name),
          _ => return Err(EngineError::invalid(at, "expected a container, its id or its name")),
        }
      }
      Ok(Targets::Named(names))
    };
    let targets = guarded(env, read)?;
    let (options, signal): (MergedOptions, _) = stream::options(env, options)?;
    let engine = self.engine().clone();
    let opener =
      Box::pin(async move { monitor::merged(&engine, targets, &options).await.map(Opened::from) });
    stream::lazy(env, opener, signal)
  }
}

#[napi]
impl ContainerCollection {
  /// `dokeres.monitor()`, where it is looked for among containers.
  /// @throws {DokeresError} `INVALID_OPTION`; all else from the stream itself
  #[napi(
    catch_unwind,
    ts_args_type = "filters?: Filters | null, options?: MonitorOptions | null",
    ts_return_type = "DokeresStream<MonitorRecord>"
  )]
  pub fn monitor<'e>(
    &self,
    env: &'e Env,
    filters: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    monitored(env, self.engine(), filters, options)
  }
}

fn monitored<'e>(
  env: &'e Env,
  engine: &Engine,
  filters: Unknown<'e>,
  options: Unknown<'e>,
) -> Result<Unknown<'e>> {
  let filters = filters_of(filters).map_err(|error| thrown(env, &error))?;
  let (options, signal): (MonitorOptions, _) = stream::options(env, options)?;
  let engine = engine.clone();
  let opener =
    Box::pin(async move { monitor::monitor(&engine, filters, &options).await.map(Opened::from) });
  stream::at_once(env, opener, signal)
}

/// `{ label: 'a=b' }`; none are all.
pub fn filters_of(filters: Unknown) -> EngineResult<Filters> {
  match from_js(filters, "filters")? {
    Value::Null => Ok(Filters::default()),
    filters @ Value::Object(_) => options::read(filters),
    _ => Err(EngineError::invalid("filters", "expected an object of filters")),
  }
}
