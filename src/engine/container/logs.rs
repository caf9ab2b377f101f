//! Logs: as they are recorded, followed or not.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::Container;
use crate::engine::call::Call;
use crate::engine::error::{EngineError, Result};
use crate::engine::options::{LogsOptions, Scalar};
use crate::engine::size::Span;
use crate::engine::stream::{Batches, Output, Source, TAIL_LINES, Tail, Wire};

impl Container {
  pub async fn logs(&self, options: &LogsOptions) -> Result<Batches> {
    let id = self.id()?;
    if !options.stdout && !options.stderr {
      return Err(EngineError::invalid("stdout", "logs need stdout, stderr or both"));
    }
    if options.restarts {
      if !options.follow || options.until.is_some() {
        let text = "only logs that are followed, and without an end, go on through restarts";
        return Err(EngineError::invalid("restarts", text));
      }
      return self.logs_through_restarts(options).await;
    }
    let tty = self.has_tty().await?;
    let moment = |path, value: &Option<Scalar>| {
      value.as_ref().map(|value| timestamp(path, &value.0)).transpose()
    };
    let response =
      Call::get("cannot read the logs of", self.subject(), format!("/containers/{id}/logs"))
        .query("stdout", u8::from(options.stdout))
        .query("stderr", u8::from(options.stderr))
        .query("follow", u8::from(options.follow))
        .query("timestamps", u8::from(options.timestamps))
        .query_if("tail", options.tail.as_ref().map(|tail| tail_of(&tail.0)).transpose()?)
        .query_if("since", moment("since", &options.since)?)
        .query_if("until", moment("until", &options.until)?)
        .send(self.engine())
        .await?;
    let output = Output::new(Wire::Body(response.into_body()), tty);
    Ok(Batches::new(Source::Output(output)))
  }

  /// The last lines, for an error; none where they cannot be had.
  pub async fn last_lines(&self) -> Vec<String> {
    let read = async {
      let options =
        LogsOptions { tail: Some(Scalar(TAIL_LINES.to_string())), ..LogsOptions::default() };
      let mut batches = self.logs(&options).await?;
      let mut tail = Tail::new(TAIL_LINES);
      while let Some(batch) = batches.next().await? {
        tail.feed(&batch.data);
      }
      Ok::<_, EngineError>(tail.into_lines())
    };
    match tokio::time::timeout(Duration::from_secs(2), read).await {
      Ok(Ok(lines)) => lines,
      _ => Vec::new(),
    }
  }
}

pub fn tail_of(text: &str) -> Result<String> {
  if text == "all" || text.parse::<u64>().is_ok() {
    return Ok(text.to_owned());
  }
  Err(EngineError::invalid("tail", "expected a number of lines or 'all'"))
}

/// Unix seconds, an RFC 3339 time, or how long ago (`'10m'`): as `docker logs --since` takes them.
pub fn timestamp(path: &str, text: &str) -> Result<String> {
  // A `Date` is a whole millisecond, and what happens in it is not after it.
  let is_date =
    text.trim_end_matches('Z').rsplit_once('.').is_some_and(|(_, rest)| rest.len() == 3);
  let whole = is_date && path.ends_with("until");
  if text.parse::<f64>().is_ok() {
    return Ok(if whole { format!("{text}999999") } else { text.to_owned() });
  }
  if let Ok(moment) = OffsetDateTime::parse(text, &Rfc3339) {
    let rest = if whole { 999_999 } else { 0 };
    let nanos = moment.unix_timestamp_nanos() + rest;
    return Ok(format!(
      "{}.{:09}",
      nanos.div_euclid(1_000_000_000),
      nanos.rem_euclid(1_000_000_000)
    ));
  }
  let ago = serde_json::from_value::<Span>(text.into()).map_err(|_| {
    EngineError::invalid(
      path,
      "expected seconds since 1970, a Date, an RFC 3339 time, or like '10m'",
    )
  })?;
  let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
  let then = now.saturating_sub(ago.0);
  Ok(format!("{}.{:09}", then.as_secs(), then.subsec_nanos()))
}

#[cfg(test)]
mod tests {
  use super::timestamp;

  #[test]
  fn reads_times() {
    assert_eq!(timestamp("since", "12.5").unwrap(), "12.5");
    assert_eq!(timestamp("since", "1970-01-01T00:01:00.25Z").unwrap(), "60.250000000");
    assert_eq!(timestamp("since", "1970-01-01T00:01:00.250Z").unwrap(), "60.250000000");
    assert_eq!(timestamp("until", "60.250").unwrap(), "60.250999999");
    assert_eq!(timestamp("until", "1970-01-01T00:01:00.250Z").unwrap(), "60.250999999");
    assert!(timestamp("since", "10m").is_ok());
    assert!(timestamp("since", "yesterday").is_err());
  }
}
