//! A bag of options: its callbacks, streams and signal taken out by name, the rest read by serde.

use napi::bindgen_prelude::{JsObjectValue, JsValue, Object, Unknown};
use napi::{Env, ValueType};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::Answer;
use super::realm::Kept;
use super::value::{convert_object, is_absent, recast};
use crate::engine::error::EngineError;
use crate::engine::options;

pub struct Bag<'env> {
  env: &'env Env,
  object: Option<Object<'env>>,
  taken: Vec<&'static str>,
  read: bool,
}

impl<'env> Bag<'env> {
  pub fn new(env: &'env Env, options: Unknown<'env>) -> Answer<Self> {
    let kind = options.get_type().map_err(unreadable)?;
    let object = match kind {
      ValueType::Undefined | ValueType::Null => None,
      ValueType::Object if !options.is_array().map_err(unreadable)? => {
        Some(recast(env, &options).map_err(unreadable)?)
      }
      other => {
        return Err(EngineError::invalid(
          "",
          format!("expected an object of options, not a {other}"),
        ));
      }
    };
    Ok(Self { env, object, taken: Vec::new(), read: false })
  }

  #[must_use]
  pub fn env(&self) -> &'env Env {
    self.env
  }

  /// Takes a value out; it is not read again with the rest.
  pub fn take(&mut self, name: &'static str) -> Answer<Option<Unknown<'env>>> {
    self.taken.push(name);
    let Some(object) = &self.object else { return Ok(None) };
    let value: Unknown = object.get_named_property(name).map_err(unreadable)?;
    Ok(if is_absent(&value).map_err(unreadable)? { None } else { Some(value) })
  }

  /// Looks at a value and leaves it where it is.
  pub fn peek(&self, name: &str) -> Answer<Option<Unknown<'env>>> {
    let Some(object) = &self.object else { return Ok(None) };
    let value: Unknown = object.get_named_property(name).map_err(unreadable)?;
    Ok(if is_absent(&value).map_err(unreadable)? { None } else { Some(value) })
  }

  pub fn function(&mut self, name: &'static str) -> Answer<Option<Kept>> {
    let Some(value) = self.take(name)? else { return Ok(None) };
    match value.get_type().map_err(unreadable)? {
      ValueType::Function => recast(self.env, &value).map(Some).map_err(unreadable),
      other => Err(EngineError::invalid(name, format!("expected a function, not a {other}"))),
    }
  }

  /// `signal`, where it is an `AbortSignal`; `kill` also knows one that is a text.
  pub fn signal(&mut self) -> Answer<Option<Unknown<'env>>> {
    let Some(value) = self.peek("signal")? else { return Ok(None) };
    if value.get_type().map_err(unreadable)? != ValueType::Object {
      return Ok(None);
    }
    let object: Object = recast(self.env, &value).map_err(unreadable)?;
    if !object.has_named_property("aborted").unwrap_or(false) {
      return Err(EngineError::invalid("signal", "expected an AbortSignal"));
    }
    self.taken.push("signal");
    Ok(Some(value))
  }

  /// The rest as it is.
  pub fn value(&mut self) -> Answer<Value> {
    self.read = true;
    match &self.object {
      Some(object) => convert_object(object, "", 0, &self.taken),
      None => Ok(Value::Object(serde_json::Map::new())),
    }
  }

  /// The rest as a struct of options; what does not fit is an error with its path.
  pub fn read<T: DeserializeOwned>(&mut self) -> Answer<T> {
    options::read(self.value()?)
  }

  /// Nothing may be left over that nobody has read.
  pub fn finish(&mut self) -> Answer<()> {
    if self.read {
      return Ok(());
    }
    let rest = self.value()?;
    match rest.as_object().and_then(|rest| rest.keys().next()) {
      Some(key) => Err(EngineError::invalid(key.clone(), "there is no such option")),
      None => Ok(()),
    }
  }
}

pub fn unreadable(error: napi::Error) -> EngineError {
  EngineError::invalid("", error.reason.clone())
}
