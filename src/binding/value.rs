//! Values: from JavaScript for serde to read, and to JavaScript from what Rust holds.

use napi::bindgen_prelude::{
  Array, Buffer, Date, FromNapiValue, JsObjectValue, JsValue, Object, ToNapiValue, Unknown,
};
use napi::{Env, Result, ValueType};
use serde_json::{Map, Number, Value};

use super::Answer;
use crate::engine::error::EngineError;

/// Beyond this a number of JavaScript's is not exact.
const EXACT: f64 = 9_007_199_254_740_991.0;

/// Nested deeper than this is a cycle, or might as well be.
const DEEPEST: usize = 64;

/// Anything of Rust's as a value of JavaScript's.
pub fn to_js<T: ToNapiValue>(env: &Env, value: T) -> Result<Unknown<'_>> {
  // SAFETY: the environment is this thread's own, and the value is used within its scope.
  unsafe {
    let raw = T::to_napi_value(env.raw(), value)?;
    Unknown::from_napi_value(env.raw(), raw)
  }
}

/// Reads a value as another type.
pub fn recast<'env, T: FromNapiValue, V: JsValue<'env>>(env: &Env, value: &V) -> Result<T> {
  // SAFETY: the environment is this thread's own, and the value is alive in its scope.
  unsafe { T::from_napi_value(env.raw(), value.raw()) }
}

pub fn is_absent(value: &Unknown) -> Result<bool> {
  Ok(matches!(value.get_type()?, ValueType::Undefined | ValueType::Null))
}

/// Text from bytes; what is not UTF-8 in them is shown as U+FFFD.
pub fn lossy(bytes: Vec<u8>) -> String {
  String::from_utf8(bytes)
    .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// A value as serde reads it: strict, so that nothing which JSON would silently drop or bend gets by.
pub fn from_js(value: Unknown, path: &str) -> Answer<Value> {
  convert(value, path, 0)
}

fn convert(value: Unknown, path: &str, depth: usize) -> Answer<Value> {
  if depth > DEEPEST {
    return Err(EngineError::invalid(path, "it is nested too deeply, or in a cycle"));
  }
  let read = |error: napi::Error| EngineError::invalid(path, error.reason.clone());
  match value.get_type().map_err(read)? {
    ValueType::Undefined | ValueType::Null => Ok(Value::Null),
    ValueType::Boolean => Ok(Value::Bool(own(&value).map_err(read)?)),
    ValueType::String => Ok(Value::String(own(&value).map_err(read)?)),
    ValueType::Number => number(own(&value).map_err(read)?, path),
    ValueType::Object if value.is_array().map_err(read)? => {
      let list: Array = own(&value).map_err(read)?;
      let mut items = Vec::with_capacity(list.len() as usize);
      for index in 0..list.len() {
        let at = format!("{path}[{index}]");
        match list.get::<Unknown>(index).map_err(read)? {
          Some(item) => items.push(convert(item, &at, depth + 1)?),
          None => return Err(EngineError::invalid(at, "a list must not have holes")),
        }
      }
      Ok(Value::Array(items))
    }
    ValueType::Object if value.is_date().map_err(read)? => {
      let date: Date = own(&value).map_err(read)?;
      let millis = date.value_of().map_err(read)?;
      // In seconds, and with all digits: that is how a `Date` is told from a number.
      number(millis, path)?;
      Ok(Value::String(format!("{:.3}", millis / 1000.0)))
    }
    ValueType::Object if value.is_buffer().map_err(read)? => {
      Err(EngineError::invalid(path, "a Buffer is not expected here"))
    }
    ValueType::Object => {
      let object: Object = own(&value).map_err(read)?;
      convert_object(&object, path, depth, &[])
    }
    other => Err(EngineError::invalid(path, format!("a {} is not expected here", name(other)))),
  }
}

/// An object's own properties but for `skipped`; absent and `null` are the same and are left out.
pub fn convert_object(
  object: &Object,
  path: &str,
  depth: usize,
  skipped: &[&str],
) -> Answer<Value> {
  let read = |error: napi::Error| EngineError::invalid(path, error.reason.clone());
  let mut map = Map::new();
  for key in Object::keys(object).map_err(read)? {
    if skipped.contains(&key.as_str()) {
      continue;
    }
    let at = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
    let item: Unknown = object.get_named_property(&key).map_err(read)?;
    let item = convert(item, &at, depth + 1)?;
    if !item.is_null() {
      map.insert(key, item);
    }
  }
  Ok(Value::Object(map))
}

fn own<T: FromNapiValue>(value: &Unknown) -> Result<T> {
  // SAFETY: the raw value belongs to the environment and the scope that `value` lives in.
  unsafe { T::from_napi_value(value.value().env, value.raw()) }
}

fn number(number: f64, path: &str) -> Answer<Value> {
  if number.fract() == 0.0 && number.abs() <= EXACT {
    #[expect(clippy::cast_possible_truncation, reason = "whole and within 2^53")]
    return Ok(Value::Number((number as i64).into()));
  }
  Number::from_f64(number)
    .map(Value::Number)
    .ok_or_else(|| EngineError::invalid(path, format!("{number} is not a number to go by")))
}

fn name(kind: ValueType) -> &'static str {
  match kind {
    ValueType::Function => "function",
    ValueType::Symbol => "symbol",
    ValueType::BigInt => "bigint",
    _ => "value of this type",
  }
}

/// Bytes as a `Buffer`, or as text.
pub fn bytes(env: &Env, bytes: Vec<u8>, as_text: bool) -> Result<Unknown<'_>> {
  if as_text { to_js(env, lossy(bytes)) } else { to_js(env, Buffer::from(bytes)) }
}
