//! Containers of an image: made, run, or run to their end.

use napi::bindgen_prelude::{JsValue, Unknown};
use napi::{Env, Result};
use napi_derive::napi;
use serde_json::Value;

use super::DokeresImage;
use crate::binding::Answer;
use crate::binding::bag::Bag;
use crate::binding::call::{Settled, call};
use crate::binding::container::{DokeresContainer, waiting};
use crate::binding::fault::thrown;
use crate::binding::input::{
  argument, consumers, is_object, making, making_in, output_sink, stdin, task_bag,
};
use crate::binding::results;
use crate::binding::value::to_js;
use crate::engine::container::Container;
use crate::engine::container::task::TaskResult;
use crate::engine::image::swarm::{Job, JobResult};
use crate::engine::options::{self, Making, RunOptions, TaskOptions};

/// A task, in a container of this engine's or in a swarm's.
enum Work {
  Here(Box<(Container, TaskOptions)>),
  OnSwarm(Box<Job>),
}

enum Ran {
  Here(TaskResult),
  OnSwarm(JobResult),
}

#[napi]
impl DokeresImage {
  /// A container of this image, not yet created.
  /// @throws {DokeresError} `INVALID_OPTION`
  #[napi(
    ts_args_type = "name?: string | null, options?: ContainerOptions | null, command?: Command | null, entrypoint?: Command | null"
  )]
  pub fn container(
    &self,
    env: &Env,
    name: Unknown,
    options: Unknown,
    command: Unknown,
    entrypoint: Unknown,
  ) -> Result<DokeresContainer> {
    let (bag, rest) = if is_object(&name) { (name, None) } else { (options, Some(name)) };
    let read = || -> Answer<DokeresContainer> {
      let mut bag = Bag::new(env, bag)?;
      let making = match rest {
        Some(name) => making(name, command, entrypoint)?,
        None => making_in(&mut bag)?,
      };
      let (container, value) = self.made(&mut bag, making)?;
      Ok(DokeresContainer::new(container, value))
    };
    read().map_err(|error| thrown(env, &error))
  }

  /// Runs a container of this image: ensures the image, creates and starts. Resolves to it, started.
  /// One object with `name`, `command`, `entrypoint` and `outputStream` in it does as well.
  /// @throws {DokeresError} `NAME_CONFLICT`, `PORT_IN_USE`, `BIND_SOURCE_MISSING`,
  /// `EXECUTABLE_NOT_FOUND`, and all of `ensure`
  #[napi(
    ts_args_type = "name?: string | null | RunCall, options?: RunOptions | null, command?: Command | null, entrypoint?: Command | null, outputStream?: Writable | null",
    ts_return_type = "Promise<DokeresContainer>"
  )]
  pub fn run<'e>(
    &self,
    env: &'e Env,
    name: Unknown<'e>,
    options: Unknown<'e>,
    command: Unknown<'e>,
    entrypoint: Unknown<'e>,
    output_stream: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let in_one = is_object(&name);
    let prepare = |bag: &mut Bag<'e>| {
      let (making, output) = if in_one {
        (making_in(bag)?, bag.take("outputStream")?.unwrap_or(output_stream))
      } else {
        (making(name, command, entrypoint)?, output_stream)
      };
      let sink = output_sink(env, output)?;
      let (container, value) = self.made(bag, making)?;
      Ok(async move {
        container.run(sink).await?;
        Ok((container, value))
      })
    };
    call(env, None, if in_one { name } else { options }, prepare, |env, (container, value)| {
      Ok(Settled::Value(to_js(env, DokeresContainer::new(container, value))?))
    })
  }

  /// Runs a command to its end: ensures the image, creates, starts, drains, removes. With `swarm`
  /// it runs as a job on the nodes of a swarm's.
  /// @throws {DokeresError} `EXIT_CODE` with all fields of the result, `TIMEOUT`, `MAX_BUFFER`,
  /// `EXECUTABLE_NOT_FOUND`, and all of `run`
  #[napi(
    ts_args_type = "command?: Command | null, options?: (TaskOptions & { swarm?: null }) | null",
    ts_return_type = "Promise<TaskResult>"
  )]
  pub fn task<'e>(
    &self,
    env: &'e Env,
    command: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let image = self.inner.clone();
    let prepare = |bag: &mut Bag<'e>| {
      let (input, consumers) = (stdin(bag)?, consumers(bag)?);
      let wait_for = waiting::in_bag(bag)?;
      let (own, mut run) = task_bag(bag)?;
      run.wait_for = wait_for.map(|(conditions, _)| conditions);
      let making = Making {
        name: own.name.clone(),
        command: argument(command, "command")?,
        entrypoint: own.entrypoint.clone(),
      };
      let encoding = own.encoding;
      let work = if own.swarm.is_some() {
        Work::OnSwarm(Box::new(Job::new(&image, &making, own, &run, input.is_some())?))
      } else {
        Work::Here(Box::new((Container::of_image(&image, making, run)?, own)))
      };
      Ok(async move {
        let result = match work {
          Work::Here(here) => {
            let (container, own) = *here;
            Ran::Here(Box::pin(container.task(&own, input, consumers)).await?)
          }
          Work::OnSwarm(job) => Ran::OnSwarm(job.run(consumers).await?),
        };
        Ok((result, encoding))
      })
    };
    call(env, None, options, prepare, |env, (result, encoding)| {
      let result = match result {
        Ran::Here(result) => results::task(env, &result, encoding)?,
        Ran::OnSwarm(result) => results::job(env, &result, encoding)?,
      };
      Ok(Settled::Value(result.to_unknown()))
    })
  }

  fn made(&self, bag: &mut Bag, making: Making) -> Answer<(Container, Value)> {
    let wait_for = waiting::in_bag(bag)?;
    let mut value = bag.value()?;
    let mut options: RunOptions = options::read(value.clone())?;
    if let Some((conditions, shown)) = wait_for {
      options.wait_for = Some(conditions);
      value["waitFor"] = shown;
    }
    Ok((Container::of_image(&self.inner, making, options)?, value))
  }
}
