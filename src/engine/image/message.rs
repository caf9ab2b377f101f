//! A line of what the engine tells while it pulls or builds.

use serde::Deserialize;
use serde_json::Value;

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Message {
  /// The layer that it is about.
  pub id: Option<String>,
  pub status: Option<String>,
  /// The builder's own words.
  pub stream: Option<String>,
  pub aux: Option<Value>,
  progress_detail: Option<Detail>,
  error: Option<String>,
  error_detail: Option<ErrorDetail>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Detail {
  current: Option<u64>,
  total: Option<u64>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ErrorDetail {
  code: Option<i64>,
  message: Option<String>,
}

impl Message {
  /// Reads one; what is not one says nothing.
  #[must_use]
  pub fn read(raw: &Value) -> Self {
    Self::deserialize(raw).unwrap_or_default()
  }

  /// How far its layer is: current and total, in bytes.
  #[must_use]
  pub fn progress(&self) -> Option<(Option<u64>, Option<u64>)> {
    self.progress_detail.as_ref().map(|detail| (detail.current, detail.total))
  }

  /// The failure that it tells of, with an exit code where a command's is the cause. Engines send
  /// `error`, `errorDetail` or both.
  #[must_use]
  pub fn failure(&self) -> Option<(String, Option<i64>)> {
    let detail = self.error_detail.as_ref();
    let message = detail.and_then(|detail| detail.message.clone()).filter(|text| !text.is_empty());
    let code = detail.and_then(|detail| detail.code).filter(|code| *code != 0);
    let told = detail.is_some() || self.error.is_some();
    told.then(|| (message.or_else(|| self.error.clone()).unwrap_or_default(), code))
  }
}
