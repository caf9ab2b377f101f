//! A task on a swarm: the same call as on one machine, run as a replicated job.

mod course;
mod logs;
mod mounts;
mod outcome;
mod round;
mod service;
mod spec;
mod unsupported;

use std::time::Duration;

use serde_json::{Value, json};

pub use outcome::{JobFailure, JobResult, Replica};

use super::Image;
use crate::credentials;
use crate::engine::error::{Code, EngineError, Result};
use crate::engine::options::{Making, RunOptions, SwarmOptions, TaskOptions};
use crate::engine::reference;
use crate::engine::stream::Consumers;
use crate::engine::unique;
use course::Course;

/// How long a registry has to tell an image's digest; without it the nodes ask for themselves.
const REGISTRY_WITHIN: Duration = Duration::from_secs(5);

/// A job, all of its options checked; nothing is sent yet.
pub struct Job {
  image: Image,
  own: TaskOptions,
  swarm: SwarmOptions,
  spec: Value,
}

impl Job {
  pub fn new(
    image: &Image,
    making: &Making,
    own: TaskOptions,
    run: &RunOptions,
    has_input: bool,
  ) -> Result<Self> {
    let swarm = own.swarm.clone().unwrap_or_default();
    if has_input {
      return Err(unsupported::not_in_a_swarm("stdin"));
    }
    let mut run = run.clone();
    run.platform = run.platform.take().or_else(|| image.options().platform.clone());
    let spec = spec::service(making, &own, &run, &swarm)?;
    Ok(Self { image: image.clone(), own, swarm, spec })
  }

  /// Runs it to its end: creates, watches, collects, removes.
  pub async fn run(mut self, consumers: Consumers) -> Result<JobResult> {
    let engine = self.image.engine().clone();
    service::check_manager(&engine).await?;
    let auth = self.resolve_image().await?;
    let name = self.own.name.clone().unwrap_or_else(|| format!("dokeres-{}", &unique()[..16]));
    let width = self.swarm.max_concurrent.unwrap_or(self.swarm.replicas).min(self.swarm.replicas);
    let plan = round::Plan { engine, spec: self.spec, name, auth, width: width as usize };
    let mut course = Course::new(plan, self.swarm.replicas as usize, &self.own, consumers);
    let outcome = match self.own.timeout {
      None => course.finish().await,
      Some(timeout) => match tokio::time::timeout(timeout.0, course.finish()).await {
        Ok(outcome) => outcome,
        Err(_) => Err(course.out_of_time(timeout.0).await),
      },
    };
    let (rounds, result) = course.end();
    for round in rounds {
      if self.own.keep && outcome.is_ok() {
        round.service.keep();
      } else {
        round.service.remove().await;
      }
    }
    let image = self.image.runnable().unwrap_or_default();
    let failure = match outcome {
      Err(error) if error.is_aborted() || error.foreign_error().is_some() => return Err(error),
      Err(error) => Some(error.with(|facts| facts.image = Some(image))),
      Ok(()) if self.own.reject => result.failure(&image),
      Ok(()) => None,
    };
    match failure {
      Some(error) => {
        let (is_whole, encoding) = (error.is(Code::ExitCode), self.own.encoding);
        Err(error.with_result(Box::new(JobFailure { result, encoding, is_whole })))
      }
      None => Ok(result),
    }
  }

  /// What the nodes are to run, and what they need to get it: as the docker CLI, by the digest that
  /// the registry has under the name, so that all run the same.
  async fn resolve_image(&mut self) -> Result<Option<String>> {
    let image = &self.image;
    if image.options().can_build() {
      image.ensure_quietly().await?;
    }
    let mut sent = image.runnable().ok_or_else(|| {
      EngineError::internal("the image has been ensured, and has neither a name nor an id")
    })?;
    let mut auth = None;
    if image.options().name.is_some() && !reference::is_id(&sent) {
      let reference = image.reference()?;
      sent = reference.to_string();
      let credential = image.credential(None, &reference).await?;
      auth = credential.as_ref().map(credentials::header);
      let asked = tokio::time::timeout(REGISTRY_WITHIN, image.distribution(None));
      // It may be of no registry; then the nodes have it, or say that they do not.
      if let Ok(Ok(told)) = asked.await {
        let told: Value = serde_json::from_str(&told).unwrap_or_default();
        let digest = told.pointer("/Descriptor/digest").and_then(Value::as_str);
        if let (Some(digest), None) = (digest, &reference.digest) {
          sent = format!("{sent}@{digest}");
        }
        self.place_by(&told);
      }
    }
    self.spec["TaskTemplate"]["ContainerSpec"]["Image"] = json!(sent);
    Ok(auth)
  }

  /// Only nodes that the image is made for are to get it.
  fn place_by(&mut self, told: &Value) {
    let placement = &mut self.spec["TaskTemplate"]["Placement"];
    let Some(platforms) = told.get("Platforms").and_then(Value::as_array) else { return };
    if placement.get("Platforms").is_some() || platforms.is_empty() {
      return;
    }
    let text = |platform: &Value, name: &str| {
      platform.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let read = |platform: &Value| {
      spec::platform(&format!("{}/{}", text(platform, "os"), text(platform, "architecture")))
    };
    placement["Platforms"] = platforms.iter().map(read).collect();
  }
}
