//! A swarm: engines that run services together, and what belongs to it.

mod cluster;
pub mod data;
mod keys;
pub mod logs;
mod member;
pub mod nodes;
pub mod services;

use serde::Deserialize;
use serde_json::{Map, Value, json};

pub use cluster::{
  ChangeOptions, InitOptions, JoinOptions, LeaveOptions, change, init, inspect, join, leave,
};
pub use keys::{RotateOptions, Unlocking, join_tokens, rotate_join_tokens, unlock, unlock_key};
pub use member::{Kind, check, inspect as inspect_member, list, remove};

use super::error::{EngineError, Result};
use super::images::list::Filters;
use super::options;
use super::size::Span;

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ListOptions {
  pub filters: Filters,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct RemoveOptions {
  /// Quiet where there is none; of a node: also one that is not down.
  pub force: bool,
}

/// Whether a node takes tasks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Availability {
  Active,
  Pause,
  Drain,
}

impl Availability {
  #[must_use]
  pub fn as_str(self) -> &'static str {
    match self {
      Self::Active => "active",
      Self::Pause => "pause",
      Self::Drain => "drain",
    }
  }
}

/// Objects that are one value, not a bag of them: what is given takes the place of what was there.
const WHOLE: &[&str] = &["Labels", "Options", "Sysctls", "Mode"];

/// Lays what is given over what there is: the rest stays.
fn lay(under: &mut Value, over: &Value, whole: &[&str]) {
  let (Value::Object(under), Value::Object(over)) = (under, over) else { return };
  for (key, value) in over {
    match (under.get_mut(key), value) {
      (Some(present @ Value::Object(_)), Value::Object(_)) if !whole.contains(&key.as_str()) => {
        lay(present, value, whole);
      }
      _ => {
        under.insert(key.clone(), value.clone());
      }
    }
  }
}

/// An object in the making, of those fields that are given.
#[derive(Default)]
struct Fields(Map<String, Value>);

impl Fields {
  fn set(&mut self, key: &str, value: Option<Value>) -> &mut Self {
    if let Some(value) = value {
      self.0.insert(key.to_owned(), value);
    }
    self
  }

  /// Sets it where there is something in it.
  fn object(&mut self, key: &str, fields: Fields) -> &mut Self {
    self.set(key, fields.some())
  }

  fn some(self) -> Option<Value> {
    (!self.0.is_empty()).then_some(Value::Object(self.0))
  }

  fn value(self) -> Value {
    Value::Object(self.0)
  }
}

fn texts(map: &options::Map) -> Value {
  map.iter().map(|(name, value)| (name.clone(), json!(value.0))).collect()
}

fn nanos(span: Span) -> Value {
  json!(i64::try_from(span.0.as_nanos()).unwrap_or(i64::MAX))
}

/// A name given before the options, or among them.
fn one_name(given: Option<String>, among: Option<String>) -> Result<Option<String>> {
  match (given, among) {
    (Some(one), Some(other)) if one != other => {
      Err(EngineError::invalid("name", "it is given twice, and not the same"))
    }
    (one, other) => Ok(one.or(other)),
  }
}
