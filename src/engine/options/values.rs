//! The small shapes that options share.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// A text, number or boolean where the engine wants a text: `env: { PORT: 80 }`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scalar(pub String);

impl<'de> Deserialize<'de> for Scalar {
  fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
    match Value::deserialize(deserializer)? {
      Value::String(text) => Ok(Self(text)),
      Value::Number(number) => Ok(Self(number.to_string())),
      Value::Bool(truth) => Ok(Self(truth.to_string())),
      other => Err(serde::de::Error::custom(format_args!(
        "expected a text, a number or a boolean, not {}",
        kind(&other)
      ))),
    }
  }
}

impl fmt::Display for Scalar {
  fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str(&self.0)
  }
}

/// `{ name: value }`, values as texts; sorted, so that the same options make the same request.
pub type Map = BTreeMap<String, Scalar>;

/// A map, or the list of `name<separator>value` that the docker CLI takes.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged, expecting = "expected a map or a list of texts")]
pub enum Entries {
  Map(Map),
  List(Vec<String>),
}

impl Default for Entries {
  fn default() -> Self {
    Self::Map(Map::new())
  }
}

impl Entries {
  #[must_use]
  pub fn joined(&self, separator: char) -> Vec<String> {
    match self {
      Self::Map(map) => {
        map.iter().map(|(name, value)| format!("{name}{separator}{value}")).collect()
      }
      Self::List(list) => list.clone(),
    }
  }

  #[must_use]
  pub fn split(&self, separator: char) -> BTreeMap<String, String> {
    match self {
      Self::Map(map) => map.iter().map(|(name, value)| (name.clone(), value.0.clone())).collect(),
      Self::List(list) => list
        .iter()
        .map(|entry| {
          let (name, value) = entry.split_once(separator).unwrap_or((entry, ""));
          (name.to_owned(), value.to_owned())
        })
        .collect(),
    }
  }
}

pub fn kind(value: &Value) -> &'static str {
  match value {
    Value::Null => "null",
    Value::Bool(_) => "a boolean",
    Value::Number(_) => "a number",
    Value::String(_) => "a text",
    Value::Array(_) => "a list",
    Value::Object(_) => "an object",
  }
}
