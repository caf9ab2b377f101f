//! The same work for many: a few at once, all that can be done is done, and what failed is told.

use futures_util::{StreamExt, stream};
use serde_json::{Value, json};

use super::error::{Code, EngineError, Result};

/// How many calls of a batch run at once, unless the caller says otherwise.
const CONCURRENCY: usize = 8;

/// What became of one of them.
pub type Outcome<T> = (String, Result<T>);

/// `concurrency`, as the caller gave it.
pub fn limit(concurrency: Option<usize>) -> Result<usize> {
  match concurrency {
    Some(0) => Err(EngineError::invalid("concurrency", "at least 1")),
    Some(count) => Ok(count),
    None => Ok(CONCURRENCY),
  }
}

/// Does `work` for each target, at most `limit` at once; a failure stops nothing.
pub async fn each<T, F: Future<Output = Result<T>>>(
  targets: Vec<String>,
  limit: usize,
  work: impl Fn(String) -> F,
) -> Vec<Outcome<T>> {
  let work = &work;
  let doing = stream::iter(targets.into_iter().enumerate()).map(|(index, target)| async move {
    let outcome = work(target.clone()).await;
    (index, (target, outcome))
  });
  let mut done: Vec<_> = doing.buffer_unordered(limit).collect().await;
  done.sort_unstable_by_key(|(index, _)| *index);
  done.into_iter().map(|(_, outcome)| outcome).collect()
}

/// What was done; `PARTIAL_FAILURE` with each outcome where some of it was not. What was `gone`
/// before its turn came needed no doing.
pub fn all_or_partial<T>(
  what: &str,
  done: &str,
  gone: Code,
  outcomes: Vec<Outcome<T>>,
) -> Result<Vec<Outcome<T>>> {
  let failure = |outcome: &Outcome<T>| {
    outcome.1.as_ref().err().filter(|error| !error.is(gone)).map(EngineError::share)
  };
  let failures: Vec<_> = outcomes.iter().map(failure).collect();
  let Some(first) = failures.iter().flatten().next().map(EngineError::share) else {
    return Ok(outcomes);
  };
  let failed = failures.iter().flatten().count();
  let results: Vec<Value> = outcomes
    .iter()
    .zip(&failures)
    .map(|((target, _), failure)| match failure {
      Some(error) => json!({ "target": target, "ok": false, "error": error }),
      None => json!({ "target": target, "ok": true }),
    })
    .collect();
  let text =
    format!("{failed} of {} {what} could not be {done}; `results` says which", outcomes.len());
  let error = EngineError::new(Code::PartialFailure, text)
    .with(|facts| facts.results = Some(Value::Array(results)));
  Err(error.caused_by(first))
}

/// The targets of a batch that went well.
pub fn targets<T>(outcomes: Vec<Outcome<T>>) -> Vec<String> {
  outcomes.into_iter().map(|(target, _)| target).collect()
}
