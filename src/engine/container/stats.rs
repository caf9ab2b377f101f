//! What a container uses, computed as the docker CLI computes it.

mod reading;
mod sample;
#[cfg(test)]
mod tests;

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use serde::Deserialize;

use super::Container;
use crate::engine::Engine;
use crate::engine::call::{Call, not_understood};
use crate::engine::error::Result;
use crate::engine::fault::Subject;
use crate::engine::stream::{Batches, JsonLines, Source, Wire};

pub use reading::Sample;
pub use sample::Meter;

/// Whether the engine's own JSON comes with a sample.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Raw {
  No,
  #[default]
  Parsed,
  /// As the text that it was: JavaScript's numbers are exact up to 2^53 only.
  Text,
}

impl<'de> Deserialize<'de> for Raw {
  fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
    match serde_json::Value::deserialize(deserializer)? {
      serde_json::Value::Bool(true) => Ok(Self::Parsed),
      serde_json::Value::Bool(false) => Ok(Self::No),
      serde_json::Value::String(text) if text == "text" => Ok(Self::Text),
      _ => Err(serde::de::Error::custom("expected true, false or 'text'")),
    }
  }
}

/// `stats` and `statsStream`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct StatsOptions {
  pub raw: Raw,
}

impl Container {
  /// One sample. The engine takes two, a second or so apart, for there to be a rate; of a container
  /// that does not run it says at once that it uses nothing.
  pub async fn stats(&self, options: &StatsOptions) -> Result<String> {
    let id = self.id()?;
    let line = call(&self.subject(), &id).query("stream", 0).bytes(self.engine()).await?;
    let sample = Sample::read(&line).map_err(|error| not_understood(&error))?;
    Ok(sample.tell(Meter::default().of_one(&sample), &line, options.raw))
  }

  /// A sample a second for as long as it is there; none while it does not run.
  pub async fn stats_stream(&self, options: &StatsOptions) -> Result<Batches> {
    let samples = samples(self.engine(), &self.subject(), &self.id()?, options.raw).await?;
    Ok(Batches::new(Source::Items(samples)))
  }
}

/// A container's samples as records.
pub async fn samples(
  engine: &Engine,
  subject: &Subject,
  id: &str,
  raw: Raw,
) -> Result<BoxStream<'static, Result<Bytes>>> {
  let response = call(subject, id).query("stream", 1).send(engine).await?;
  let state = (JsonLines::new(Wire::Body(response.into_body())), Meter::default());
  let samples = stream::try_unfold(state, move |(mut lines, mut meter)| async move {
    while let Some(line) = lines.next_line().await? {
      let sample = Sample::read(&line).map_err(|error| not_understood(&error))?;
      if let Some(cpu) = meter.of_next(&sample) {
        return Ok(Some((Bytes::from(sample.tell(cpu, &line, raw)), (lines, meter))));
      }
    }
    Ok(None)
  });
  Ok(samples.boxed())
}

fn call(subject: &Subject, id: &str) -> Call {
  Call::get("cannot read the stats of", subject.clone(), format!("/containers/{id}/stats"))
}
