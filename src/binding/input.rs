//! Arguments that several methods share: commands, streams, callbacks, positional or in a bag.

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use napi::bindgen_prelude::{Buffer, FnArgs, JsObjectValue, JsValue, Object, Unknown};
use napi::{Env, ValueType};
use serde_json::Value;

use super::bag::{Bag, unreadable};

use super::Answer;
use super::callback::{consumer, ending, input};
use super::fault::erase;
use super::realm::{Kept, Realm};
use super::value::{from_js, is_absent, recast, to_js};
use crate::engine::container::run::OutputSink;
use crate::engine::error::EngineError;
use crate::engine::options::{self, Command, Making};
use crate::engine::stream::{Consumers, Input};

/// A positional argument, read by serde; absent is `None`.
pub fn argument<T: serde::de::DeserializeOwned>(value: Unknown, path: &str) -> Answer<Option<T>> {
  let value = from_js(value, path)?;
  if value.is_null() {
    return Ok(None);
  }
  options::read(value).map(Some).map_err(|error| under(path, &error))
}

/// An error of a value on its own, told with the argument's name.
fn under(path: &str, error: &EngineError) -> EngineError {
  let message = error.to_string();
  let why = message.split_once(": ").map_or(message.as_str(), |(_, why)| why);
  EngineError::invalid(path, why)
}

pub fn text(value: Unknown, path: &str) -> Answer<String> {
  argument(value, path)?.ok_or_else(|| EngineError::invalid(path, "a text is expected"))
}

/// `name`, `command` and `entrypoint`: positional, or in the bag where there is just one object.
pub fn making(name: Unknown, command: Unknown, entrypoint: Unknown) -> Answer<Making> {
  Ok(Making {
    name: argument::<String>(name, "name")?,
    command: argument::<Command>(command, "command")?,
    entrypoint: argument::<Command>(entrypoint, "entrypoint")?,
  })
}

/// `run({ name, command, entrypoint, outputStream, … })` is `run(name, options, …)` in one object.
pub fn making_in(bag: &mut Bag) -> Answer<Making> {
  let mut part = |name| bag.take(name);
  let (name, command, entrypoint) = (part("name")?, part("command")?, part("entrypoint")?);
  let read = |value: Option<Unknown>, path: &str| {
    value.map_or(Ok(None), |value| argument::<Command>(value, path))
  };
  Ok(Making {
    name: name.map_or(Ok(None), |name| argument(name, "name"))?,
    command: read(command, "command")?,
    entrypoint: read(entrypoint, "entrypoint")?,
  })
}

/// `create(name, options)`, or `create({ name, … })`: the name, and the bag.
pub fn bag_of<'e>(
  env: &'e Env,
  name: Unknown<'e>,
  options: Unknown<'e>,
) -> napi::Result<(Unknown<'e>, Unknown<'e>)> {
  // Given both ways, the name is refused for what it is not: a text.
  let among_options = is_object(&name) && is_absent(&options)?;
  Ok(if among_options { (to_js(env, ())?, name) } else { (name, options) })
}

pub fn is_object(value: &Unknown) -> bool {
  matches!(value.get_type(), Ok(ValueType::Object))
}

/// `onStdout` and `onStderr`.
pub fn consumers(bag: &mut Bag) -> Answer<Consumers> {
  let env = bag.env();
  let mut take = |name| {
    let callback = bag.function(name)?;
    callback.map(|callback| consumer(env, callback)).transpose().map_err(unreadable)
  };
  Ok(Consumers { stdout: take("onStdout")?, stderr: take("onStderr")? })
}

/// `stdin` with content: a text, bytes, or a stream of either. A boolean stays in the bag.
pub fn stdin(bag: &mut Bag) -> Answer<Option<Input>> {
  let Some(value) = bag.peek("stdin")? else { return Ok(None) };
  let kind = value.get_type().map_err(unreadable)?;
  if kind == ValueType::Boolean {
    return Ok(None);
  }
  bag.take("stdin")?;
  let env = bag.env();
  let bytes = match kind {
    ValueType::String => recast::<String, _>(env, &value).map(Bytes::from).map_err(unreadable)?,
    ValueType::Object if value.is_buffer().map_err(unreadable)? => {
      let buffer: Buffer = recast(env, &value).map_err(unreadable)?;
      Bytes::copy_from_slice(&buffer)
    }
    ValueType::Object => return from_stream(env, &value).map(Some),
    _ => return Err(not_a_source()),
  };
  Ok(Some(stream::once(async { Ok(bytes) }).boxed()))
}

fn from_stream(env: &Env, value: &Unknown) -> Answer<Input> {
  iterable(env, value)?.ok_or_else(not_a_source)
}

/// A Node stream, or anything else that gives chunks; `None` for what does not.
pub fn iterable(env: &Env, value: &Unknown) -> Answer<Option<Input>> {
  let source = || -> napi::Result<Option<Input>> {
    let source = Realm::of(env)?.hooks.source.borrow_back(env)?;
    let pull = source.call(FnArgs::from((erase(*value),)))?;
    if is_absent(&pull)? {
      return Ok(None);
    }
    input(env, recast::<Kept, _>(env, &pull)?).map(Some)
  };
  source().map_err(unreadable)
}

fn not_a_source() -> EngineError {
  EngineError::invalid("stdin", "expected a text, a Buffer or a readable stream")
}

/// `outputStream`: a Node `Writable`.
pub fn output_sink(env: &Env, stream: Unknown) -> Answer<Option<OutputSink>> {
  if is_absent(&stream).map_err(unreadable)? {
    return Ok(None);
  }
  let writable = is_object(&stream)
    && recast::<Object, _>(env, &stream)
      .and_then(|object| object.get_named_property::<Unknown>("write"))
      .and_then(|write| write.get_type())
      .is_ok_and(|kind| kind == ValueType::Function);
  if !writable {
    return Err(EngineError::invalid("outputStream", "expected a writable stream"));
  }
  let make = || -> napi::Result<OutputSink> {
    let sink = Realm::of(env)?.hooks.sink.borrow_back(env)?;
    let sink = sink.call(FnArgs::from((erase(stream),)))?;
    Ok(OutputSink {
      consumer: consumer(env, recast::<Kept, _>(env, &sink)?)?,
      end: ending(env, recast::<Kept, _>(env, &sink)?)?,
    })
  };
  make().map(Some).map_err(unreadable)
}

/// The bag of `task`: its own options, and those that it shares with `run`.
pub fn task_bag(bag: &mut Bag) -> Answer<(options::TaskOptions, options::RunOptions)> {
  let mut rest: Value = bag.value()?;
  let own = options::take(&mut rest, options::TaskOptions::KEYS);
  let remove = rest.get("remove").cloned();
  let (mut own, mut run): (options::TaskOptions, options::RunOptions) =
    (options::read(own)?, options::read(rest)?);
  // A task removes its container itself, when all has been read of it; unless it is told not to.
  own.keep |= remove == Some(Value::Bool(false));
  run.remove = false;
  Ok((own, run))
}
