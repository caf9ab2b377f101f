//! Sizes and durations as people write them: `'512m'`, `'10s'`.

use std::time::Duration;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

/// Bytes: a number, or a number with a unit (`b k m g t`, 1024 each, as docker's `--memory` has it).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bytes(pub i64);

#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a number, or a text with a unit")]
enum NumberOrText {
  Number(f64),
  Text(String),
}

impl<'de> Deserialize<'de> for Bytes {
  fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
    let bytes = match NumberOrText::deserialize(deserializer)? {
      NumberOrText::Number(bytes) => Some(bytes),
      NumberOrText::Text(text) => parse_bytes(&text),
    };
    #[expect(clippy::cast_possible_truncation, reason = "checked against 2^53 first")]
    match bytes {
      Some(bytes) if (-1.0..=9_007_199_254_740_991.0).contains(&bytes) => Ok(Self(bytes as i64)),
      _ => Err(D::Error::custom("a size is a number of bytes, or like '512m', '2g'")),
    }
  }
}

fn parse_bytes(text: &str) -> Option<f64> {
  let text = text.trim().to_ascii_lowercase();
  let unit_at = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
  let (number, unit) = text.split_at(unit_at);
  let power = match unit.trim() {
    "" | "b" => 0,
    "k" | "kb" | "kib" => 1,
    "m" | "mb" | "mib" => 2,
    "g" | "gb" | "gib" => 3,
    "t" | "tb" | "tib" => 4,
    _ => return None,
  };
  Some((number.parse::<f64>().ok()? * 1024_f64.powi(power)).floor())
}

/// A span of time: a number of milliseconds, or like `'10s'`, `'1m30s'`, `'250ms'`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span(pub Duration);

impl<'de> Deserialize<'de> for Span {
  fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
    let millis = match NumberOrText::deserialize(deserializer)? {
      NumberOrText::Number(millis) => Some(millis),
      NumberOrText::Text(text) => parse_millis(&text),
    };
    match millis {
      Some(millis) if (0.0..=1e13).contains(&millis) => {
        Ok(Self(Duration::from_secs_f64(millis / 1000.0)))
      }
      _ => Err(D::Error::custom("a time is a number of milliseconds, or like '10s', '1m30s'")),
    }
  }
}

fn parse_millis(text: &str) -> Option<f64> {
  let mut rest = text.trim();
  let mut total = 0.0;
  while !rest.is_empty() {
    let number_end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let (number, tail) = rest.split_at(number_end);
    let unit_end = tail.find(|c: char| c.is_ascii_digit()).unwrap_or(tail.len());
    let (unit, next) = tail.split_at(unit_end);
    let factor = match unit.trim() {
      "ms" => 1.0,
      "s" => 1e3,
      "m" => 6e4,
      "h" => 3.6e6,
      "d" => 8.64e7,
      "w" => 6.048e8,
      _ => return None,
    };
    total += number.parse::<f64>().ok()? * factor;
    rest = next;
  }
  (!text.trim().is_empty()).then_some(total)
}

#[cfg(test)]
mod tests {
  use super::*;

  #[test]
  fn reads_sizes_and_times() {
    let bytes = |json: &str| serde_json::from_str::<Bytes>(json).ok().map(|bytes| bytes.0);
    assert_eq!(bytes("\"512m\""), Some(512 << 20));
    assert_eq!(bytes("\"3GB\""), Some(3 << 30));
    assert_eq!(bytes("1024"), Some(1024));
    assert_eq!(bytes("\"lots\""), None);
    let millis =
      |json: &str| serde_json::from_str::<Span>(json).ok().map(|span| span.0.as_millis());
    assert_eq!(millis("\"1m30s\""), Some(90_000));
    assert_eq!(millis("250"), Some(250));
    assert_eq!(millis("\"10\""), None);
    assert_eq!(millis("-1"), None);
  }
}
