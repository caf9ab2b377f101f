//! `dokeres.swarm.tasks`: the containers of services, before, while and after they run.

use napi::bindgen_prelude::Unknown;
use napi::{Env, Result};
use napi_derive::napi;

use super::{logged, named};
use crate::binding::bag::Bag;
use crate::binding::call::{Settled, call};
use crate::engine::Engine;
use crate::engine::swarm::{self, Kind, ListOptions};

/// All tasks of a swarm: `dokeres.swarm.tasks`.
#[napi]
pub struct TaskCollection {
  engine: Engine,
}

impl TaskCollection {
  #[must_use]
  pub fn new(engine: &Engine) -> Self {
    Self { engine: engine.clone() }
  }
}

#[napi]
impl TaskCollection {
  /// The engine's list of tasks.
  #[napi(
    catch_unwind,
    ts_args_type = "options?: SwarmListOptions | null",
    ts_return_type = "Promise<TaskInspect[]>"
  )]
  pub fn list<'e>(&self, env: &'e Env, options: Unknown<'e>) -> Result<Unknown<'e>> {
    let engine = self.engine.clone();
    let prepare = |bag: &mut Bag| {
      let options: ListOptions = bag.read()?;
      Ok(async move { swarm::list(&engine, Kind::Task, &options).await })
    };
    call(env, None, options, prepare, |_, json| Ok(Settled::Json(json)))
  }

  /// The engine's JSON of a task.
  /// @throws {DokeresError} `NOT_FOUND`
  #[napi(
    catch_unwind,
    ts_args_type = "id: string, options?: Abortable | null",
    ts_return_type = "Promise<TaskInspect>"
  )]
  pub fn inspect<'e>(
    &self,
    env: &'e Env,
    id: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let engine = self.engine.clone();
    let prepare = |_: &mut Bag| {
      let name = named(Kind::Task, id, "id")?;
      Ok(async move { swarm::inspect_member(&engine, Kind::Task, &name).await })
    };
    call(env, None, options, prepare, |_, json| Ok(Settled::Json(json)))
  }

  /// What a task writes.
  /// @throws {DokeresError} `INVALID_OPTION`; all else from the stream itself
  #[napi(
    catch_unwind,
    ts_args_type = "id: string, options?: ServiceLogsOptions | null",
    ts_return_type = "DokeresStream<LogChunk>"
  )]
  pub fn logs<'e>(
    &self,
    env: &'e Env,
    id: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    logged(env, &self.engine, Kind::Task, id, options)
  }
}
