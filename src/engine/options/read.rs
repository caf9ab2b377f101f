//! Options from what JavaScript gave; what does not fit is told in its words.

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::engine::error::{EngineError, Result};

/// Reads a bag of options; what does not fit is `INVALID_OPTION` with its path.
pub fn read<T: DeserializeOwned>(bag: Value) -> Result<T> {
  serde_path_to_error::deserialize(bag).map_err(|error| {
    let path = error.path().to_string();
    let message = error.inner().to_string();
    // serde names an unknown field within its message, and the path leads to its parent only.
    let unknown = message.strip_prefix("unknown field `").and_then(|rest| rest.split('`').next());
    let path = match (unknown, path.as_str()) {
      (Some(field), ".") => field.to_owned(),
      (Some(field), parent) if !parent.ends_with(field) => format!("{parent}.{field}"),
      (_, ".") => String::new(),
      (_, path) => path.to_owned(),
    };
    let message = if is_secret(&path) { without_values(&message) } else { message };
    EngineError::invalid(path, in_javascript(&message))
  })
}

/// Serde speaks of Rust's types; who reads this writes JavaScript.
fn in_javascript(message: &str) -> String {
  let message = match message.strip_prefix("unknown field ") {
    Some(rest) => return unknown_option(rest),
    None => message.to_owned(),
  };
  let Some((found, expected)) = message.rsplit_once("expected ") else { return message };
  let expected = match expected {
    "a map" => "an object",
    "a sequence" => "a list",
    "u8" | "u16" | "u32" | "u64" | "usize" | "i32" | "i64" => "a whole number",
    "f32" | "f64" => "a number",
    other if other.starts_with("struct ") => "an object",
    other => other,
  };
  format!("{found}expected {expected}")
}

/// `rest`: what was given and all there are, in backticks. Where one of these was meant, it is enough.
fn unknown_option(rest: &str) -> String {
  let mut names = rest.split('`').skip(1).step_by(2);
  let given = names.next().unwrap_or_default();
  let near = if given.len() < 4 { 1 } else { 2 };
  match names.map(|name| (distance(given, name), name)).min() {
    Some((far, name)) if far <= near => {
      format!("there is no such option; did you mean `{name}`?")
    }
    _ => format!("unknown option {rest}"),
  }
}

/// How many letters have to be put in, left out, changed or swapped, whatever their case.
fn distance(one: &str, other: &str) -> usize {
  strsim::osa_distance(&one.to_lowercase(), &other.to_lowercase())
}

/// Serde quotes what it found: of credentials and secrets that must not be told.
fn is_secret(path: &str) -> bool {
  ["auth", "secrets", "token", "key", "data"]
    .contains(&path.split(['.', '[']).next().unwrap_or_default())
}

fn without_values(message: &str) -> String {
  match message.split_once("expected ") {
    Some((_, expected)) => format!("expected {expected}"),
    None => "not as it should be".to_owned(),
  }
}

#[cfg(test)]
mod tests {
  use serde::Deserialize;
  use serde_json::json;

  use super::*;

  #[test]
  fn tells_what_does_not_fit_in_words_of_javascript() {
    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields, default)]
    #[derive(Default)]
    struct Inner {
      #[serde(rename = "count")]
      _count: u32,
    }
    #[derive(Debug, Default, Deserialize)]
    #[serde(deny_unknown_fields, default)]
    struct Outer {
      #[serde(rename = "inner")]
      _inner: Inner,
      #[serde(rename = "list")]
      _list: Vec<String>,
    }
    let told = |value| read::<Outer>(value).unwrap_err().to_string();
    assert!(told(json!({ "inner": true })).ends_with("expected an object"));
    assert!(told(json!({ "list": 7 })).ends_with("expected a list"));
    assert!(told(json!({ "inner": { "count": "x" } })).ends_with("expected a whole number"));
    let meant = "`inner.cuont`: there is no such option; did you mean `count`?";
    assert!(told(json!({ "inner": { "cuont": 1 } })).ends_with(meant));
    let other = "unknown option `memory`, expected `count`";
    assert!(told(json!({ "inner": { "memory": 1 } })).ends_with(other));
  }
}
