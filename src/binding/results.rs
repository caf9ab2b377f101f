//! Results with more to them than JSON: those that hold output.

use std::any::Any;

use napi::bindgen_prelude::{Array, JsObjectValue, JsValue, Object, Unknown};
use napi::{Env, Result};

use super::value::{bytes, to_js};
use crate::engine::container::exec::ExecResult;
use crate::engine::container::task::TaskResult;
use crate::engine::image::swarm::{JobFailure, JobResult, Replica};
use crate::engine::options::Encoding;
use crate::engine::stream::Capture;

/// What a failure carries besides its facts.
pub fn of_failure<'env>(
  env: &'env Env,
  result: &(dyn Any + Send + Sync),
) -> Result<Option<Object<'env>>> {
  if let Some((result, encoding)) = result.downcast_ref::<(TaskResult, Encoding)>() {
    return task(env, result, *encoding).map(Some);
  }
  if let Some(failed) = result.downcast_ref::<JobFailure>() {
    if failed.is_whole {
      return job(env, &failed.result, failed.encoding).map(Some);
    }
    let mut object = Object::new(env)?;
    object.set_named_property("replicas", replicas(env, &failed.result, failed.encoding)?)?;
    return Ok(Some(object));
  }
  if let Some((result, encoding)) = result.downcast_ref::<(ExecResult, Encoding)>() {
    let mut object = Object::new(env)?;
    set_output(env, &mut object, &result.output, *encoding)?;
    return Ok(Some(object));
  }
  Ok(None)
}

pub fn task<'env>(env: &'env Env, result: &TaskResult, encoding: Encoding) -> Result<Object<'env>> {
  let mut object = Object::new(env)?;
  object.set_named_property("exitCode", result.exit_code)?;
  object.set_named_property("signal", result.signal())?;
  object.set_named_property("oomKilled", result.oom_killed)?;
  set_output(env, &mut object, &result.output, encoding)?;
  object.set_named_property(
    "output",
    bytes(env, result.output.output().to_vec(), is_text(encoding))?,
  )?;
  object.set_named_property("startedAt", result.started_at.as_str())?;
  object.set_named_property("finishedAt", result.finished_at.as_str())?;
  object.set_named_property("durationMs", result.duration_ms)?;
  let mut container = Object::new(env)?;
  container.set_named_property("id", result.id.as_str())?;
  container.set_named_property("name", result.name.as_str())?;
  object.set_named_property("container", container)?;
  Ok(object)
}

/// All replicas as one task, and each for itself.
pub fn job<'env>(env: &'env Env, result: &JobResult, encoding: Encoding) -> Result<Object<'env>> {
  let all = |side: fn(&Capture) -> Vec<u8>| {
    let each = result.replicas.iter().map(|replica| side(&replica.output));
    bytes(env, each.collect::<Vec<_>>().concat(), is_text(encoding))
  };
  let mut object = Object::new(env)?;
  object.set_named_property("exitCode", result.exit_code())?;
  object.set_named_property("signal", result.leading().and_then(Replica::signal))?;
  object.set_named_property("oomKilled", result.oom_killed())?;
  object.set_named_property("stdout", all(Capture::stdout)?)?;
  object.set_named_property("stderr", all(Capture::stderr)?)?;
  object.set_named_property("output", all(|output| output.output().to_vec())?)?;
  object.set_named_property("startedAt", result.started_at())?;
  object.set_named_property("finishedAt", result.finished_at())?;
  object.set_named_property("durationMs", result.duration_ms())?;
  if let Some(leading) = result.leading() {
    object.set_named_property("container", named(env, "name", &leading.container)?)?;
  }
  object.set_named_property("service", named(env, "name", &result.service)?)?;
  object.set_named_property("replicas", replicas(env, result, encoding)?)?;
  Ok(object)
}

fn replicas<'env>(env: &'env Env, result: &JobResult, encoding: Encoding) -> Result<Array<'env>> {
  let each = result.replicas.iter().map(|replica| self::replica(env, replica, encoding));
  Array::from_vec(env, each.collect::<Result<Vec<_>>>()?)
}

fn replica<'env>(env: &'env Env, own: &Replica, encoding: Encoding) -> Result<Object<'env>> {
  let mut object = Object::new(env)?;
  object.set_named_property("index", u32::try_from(own.index).unwrap_or(u32::MAX))?;
  object.set_named_property("node", named(env, "hostname", &own.node)?)?;
  object.set_named_property("exitCode", own.exit_code)?;
  object.set_named_property("signal", own.signal())?;
  object.set_named_property("oomKilled", own.oom_killed())?;
  set_output(env, &mut object, &own.output, encoding)?;
  let output = bytes(env, own.output.output().to_vec(), is_text(encoding))?;
  object.set_named_property("output", output)?;
  object.set_named_property("startedAt", own.started_at.as_str())?;
  object.set_named_property("finishedAt", own.finished_at.as_str())?;
  object.set_named_property("durationMs", own.duration_ms())?;
  object.set_named_property("container", named(env, "name", &own.container)?)?;
  let mut task = Object::new(env)?;
  task.set_named_property("id", own.task.as_str())?;
  object.set_named_property("task", task)?;
  Ok(object)
}

/// An id, and the name that goes with it.
fn named<'env>(env: &'env Env, name: &str, pair: &(String, String)) -> Result<Object<'env>> {
  let mut object = Object::new(env)?;
  object.set_named_property("id", pair.0.as_str())?;
  object.set_named_property(name, pair.1.as_str())?;
  Ok(object)
}

/// `[stdout, stderr]`, as the original gave it, with names on it besides.
pub fn exec<'env>(
  env: &'env Env,
  result: &ExecResult,
  encoding: Encoding,
) -> Result<Unknown<'env>> {
  let mut pair: Array = env.create_array(2)?;
  pair.set(0, bytes(env, result.output.stdout(), is_text(encoding))?)?;
  pair.set(1, bytes(env, result.output.stderr(), is_text(encoding))?)?;
  let mut named: Object = super::value::recast(env, &pair)?;
  let (stdout, stderr) = (named.get_element::<Unknown>(0)?, named.get_element::<Unknown>(1)?);
  named.set_named_property("stdout", stdout)?;
  named.set_named_property("stderr", stderr)?;
  named.set_named_property("exitCode", result.exit_code)?;
  to_js(env, pair.to_unknown())
}

fn set_output(env: &Env, object: &mut Object, output: &Capture, encoding: Encoding) -> Result<()> {
  object.set_named_property("stdout", bytes(env, output.stdout(), is_text(encoding))?)?;
  object.set_named_property("stderr", bytes(env, output.stderr(), is_text(encoding))?)
}

fn is_text(encoding: Encoding) -> bool {
  encoding == Encoding::Utf8
}
