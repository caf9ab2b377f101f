//! `context`: a path, a URL, bytes, a stream, or files in memory.

use std::collections::BTreeMap;

use bytes::Bytes;
use napi::bindgen_prelude::{Buffer, JsObjectValue, JsValue, Object, Unknown};
use napi::{Env, ValueType};

use crate::binding::Answer;
use crate::binding::bag::{Bag, unreadable};
use crate::binding::input::{argument, iterable};
use crate::binding::value::{is_absent, recast};
use crate::engine::error::EngineError;
use crate::engine::image::{ContextSource, MapFile};

/// Takes the context out of a bag of options.
pub fn context(bag: &mut Bag) -> Answer<Option<ContextSource>> {
  let env = bag.env();
  let Some(value) = bag.take("context")? else { return Ok(None) };
  if let Some(text) = text(env, &value)? {
    return Ok(Some(ContextSource::Text(text)));
  }
  if let Some(bytes) = bytes(env, &value)? {
    return Ok(Some(ContextSource::Tar(bytes)));
  }
  if value.get_type().map_err(unreadable)? != ValueType::Object {
    let why = "expected a path, a URL, a Buffer, a stream, or files by their names";
    return Err(EngineError::invalid("context", why));
  }
  if let Some(input) = iterable(env, &value)? {
    return Ok(Some(ContextSource::stream(input)));
  }
  files(env, &value).map(|files| Some(ContextSource::Map(files)))
}

fn files(env: &Env, value: &Unknown) -> Answer<BTreeMap<String, MapFile>> {
  let map: Object = recast(env, value).map_err(unreadable)?;
  let mut files = BTreeMap::new();
  for name in Object::keys(&map).map_err(unreadable)? {
    let value: Unknown = map.get_named_property(&name).map_err(unreadable)?;
    let path = format!("context.{name}");
    if let Some(file) = file(env, &value, &path)? {
      files.insert(name, file);
    }
  }
  Ok(files)
}

/// A text, bytes, or `{ content, mode }`; absent is no file.
fn file(env: &Env, value: &Unknown, path: &str) -> Answer<Option<MapFile>> {
  if is_absent(value).map_err(unreadable)? {
    return Ok(None);
  }
  if let Some(content) = content(env, value)? {
    return Ok(Some(MapFile { content, mode: None }));
  }
  let expected = || EngineError::invalid(path, "expected a text, a Buffer, or { content, mode }");
  if value.get_type().map_err(unreadable)? != ValueType::Object {
    return Err(expected());
  }
  let object: Object = recast(env, value).map_err(unreadable)?;
  let inner: Unknown = object.get_named_property("content").map_err(unreadable)?;
  let content = content(env, &inner)?.ok_or_else(expected)?;
  let mode: Unknown = object.get_named_property("mode").map_err(unreadable)?;
  let mode: Option<u32> = argument(mode, &format!("{path}.mode"))?;
  if mode.is_some_and(|mode| mode > 0o7777) {
    return Err(EngineError::invalid(format!("{path}.mode"), "a mode is at most 0o7777"));
  }
  Ok(Some(MapFile { content, mode }))
}

fn content(env: &Env, value: &Unknown) -> Answer<Option<Bytes>> {
  match text(env, value)? {
    Some(text) => Ok(Some(text.into())),
    None => bytes(env, value),
  }
}

fn text(env: &Env, value: &Unknown) -> Answer<Option<String>> {
  match value.get_type().map_err(unreadable)? {
    ValueType::String => recast(env, value).map(Some).map_err(unreadable),
    _ => Ok(None),
  }
}

/// Copied: the caller may go on writing into its buffer.
pub fn bytes(env: &Env, value: &Unknown) -> Answer<Option<Bytes>> {
  let is_bytes = value.get_type().map_err(unreadable)? == ValueType::Object
    && value.is_buffer().map_err(unreadable)?;
  if !is_bytes {
    return Ok(None);
  }
  let buffer: Buffer = recast(env, value).map_err(unreadable)?;
  Ok(Some(Bytes::copy_from_slice(&buffer)))
}
