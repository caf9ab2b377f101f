//! Results with more to them than JSON: those that hold output.

use std::any::Any;

use napi::bindgen_prelude::{Array, JsObjectValue, JsValue, Object, Unknown};
use napi::{Env, Result};

use super::value::{bytes, to_js};
use crate::engine::container::exec::ExecResult;
use crate::engine::container::task::TaskResult;
use crate::engine::options::Encoding;

/// What a failure carries besides its facts.
pub fn of_failure<'env>(
  env: &'env Env,
  result: &(dyn Any + Send + Sync),
) -> Result<Option<Object<'env>>> {
  if let Some((result, encoding)) = result.downcast_ref::<(TaskResult, Encoding)>() {
    return task(env, result, *encoding).map(Some);
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

fn set_output(
  env: &Env,
  object: &mut Object,
  output: &crate::engine::stream::Capture,
  encoding: Encoding,
) -> Result<()> {
  object.set_named_property("stdout", bytes(env, output.stdout(), is_text(encoding))?)?;
  object.set_named_property("stderr", bytes(env, output.stderr(), is_text(encoding))?)
}

fn is_text(encoding: Encoding) -> bool {
  encoding == Encoding::Utf8
}
