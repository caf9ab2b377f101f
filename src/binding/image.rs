//! `DokeresImage`: an image that is there, can be pulled or can be built.

use napi::bindgen_prelude::{JsValue, This, Unknown};
use napi::{Env, Result};
use napi_derive::napi;
use serde_json::Value;

use super::bag::Bag;
use super::call::{Settled, call};
use super::container::DokeresContainer;
use super::fault::{Answer, thrown};
use super::input::{
  argument, consumers, is_object, making, making_in, output_sink, progress, stdin, task_bag, text,
};
use super::progress::{Onlookers, watched};
use super::results;
use super::value::to_js;
use crate::engine::container::Container;
use crate::engine::error::EngineError;
use crate::engine::image::progress::Plain;
use crate::engine::image::{BuildOptions, Image, PullOptions};
use crate::engine::options::{self, Making, RunOptions};

/// An image: a name, a way to build it, or both. Nothing is asked of the engine until a method is.
#[napi]
pub struct DokeresImage {
  inner: Image,
}

impl From<Image> for DokeresImage {
  fn from(inner: Image) -> Self {
    Self { inner }
  }
}

#[napi]
impl DokeresImage {
  /// The name as given, or null.
  #[napi(getter)]
  pub fn name(&self) -> Option<String> {
    self.inner.options().name.clone()
  }

  /// The Dockerfile's path as given, or null.
  #[napi(getter)]
  pub fn dockerfile(&self) -> Option<String> {
    self.inner.options().dockerfile.clone()
  }

  /// The files that go along with the Dockerfile, paths from its folder.
  #[napi(getter)]
  pub fn extra_files(&self) -> Vec<String> {
    self.inner.options().extra_files.clone().unwrap_or_default()
  }

  /// Makes sure that the image is there: present, else pulled, else built. Any number of calls that
  /// need the same image, from any thread of the process, share one pull or build. Resolves to this.
  /// @throws {DokeresError} `IMAGE_UNAVAILABLE` with the pull's error as `cause`, `BUILD_FAILED`,
  /// `ENGINE_UNREACHABLE`
  #[napi(ts_args_type = "options?: EnsureOptions | null", ts_return_type = "Promise<DokeresImage>")]
  pub fn ensure<'e>(
    &self,
    env: &'e Env,
    this: This<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let image = self.inner.clone();
    let prepare = |bag: &mut Bag| {
      let onlookers = onlookers(bag)?;
      Ok(async move {
        watched(onlookers, |on_board| async move { image.ensure(&on_board).await }).await
      })
    };
    call(env, Some(this.object.to_unknown()), options, prepare, |_, ()| Ok(Settled::This))
  }

  /// Resolves to this where the image is there.
  /// @throws {DokeresError} `IMAGE_NOT_FOUND` where it is not
  #[napi(ts_args_type = "options?: Abortable | null", ts_return_type = "Promise<DokeresImage>")]
  pub fn check<'e>(
    &self,
    env: &'e Env,
    this: This<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let image = self.inner.clone();
    let work = async move { image.check().await };
    call(env, Some(this.object.to_unknown()), options, |_| Ok(work), |_, ()| Ok(Settled::This))
  }

  /// Whether the image is there. False only for “not there”: an engine that cannot tell rejects.
  #[napi(ts_args_type = "options?: Abortable | null", ts_return_type = "Promise<boolean>")]
  pub fn exists<'e>(&self, env: &'e Env, options: Unknown<'e>) -> Result<Unknown<'e>> {
    let image = self.inner.clone();
    let work = async move { image.exists().await };
    call(env, None, options, |_| Ok(work), |env, there| Ok(Settled::Value(to_js(env, there)?)))
  }

  /// The engine's JSON of the image, every field.
  /// @throws {DokeresError} `IMAGE_NOT_FOUND`
  #[napi(ts_args_type = "options?: Abortable | null", ts_return_type = "Promise<ImageInspect>")]
  pub fn inspect<'e>(&self, env: &'e Env, options: Unknown<'e>) -> Result<Unknown<'e>> {
    let image = self.inner.clone();
    let work = async move { image.inspect().await };
    call(env, None, options, |_| Ok(work), |_, json| Ok(Settled::Json(json)))
  }

  /// Gives the image another name. Resolves to this.
  #[napi(
    ts_args_type = "reference: string, options?: Abortable | null",
    ts_return_type = "Promise<DokeresImage>"
  )]
  pub fn tag<'e>(
    &self,
    env: &'e Env,
    this: This<'e>,
    reference: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let image = self.inner.clone();
    let prepare = |_: &mut Bag| {
      let reference = text(reference, "reference")?;
      Ok(async move { image.tag(&reference).await })
    };
    call(env, Some(this.object.to_unknown()), options, prepare, |_, ()| Ok(Settled::This))
  }

  /// Removes the image; one that is not there is removed already. Resolves to this.
  /// @throws {DokeresError} `IMAGE_IN_USE`
  #[napi(
    ts_args_type = "options?: ImageRemoveOptions | null",
    ts_return_type = "Promise<DokeresImage>"
  )]
  pub fn remove<'e>(
    &self,
    env: &'e Env,
    this: This<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let image = self.inner.clone();
    let prepare = |bag: &mut Bag| {
      let options: options::ImageRemoveOptions = bag.read()?;
      Ok(async move { image.remove(options.force).await })
    };
    call(env, Some(this.object.to_unknown()), options, prepare, |_, ()| Ok(Settled::This))
  }

  /// Pulls the image. Resolves when it is there.
  /// @throws {DokeresError} `PULL_FAILED` with `reason`, `NO_NAME`
  #[napi(ts_args_type = "options?: PullOptions | null", ts_return_type = "Promise<PullResult>")]
  pub fn pull<'e>(&self, env: &'e Env, options: Unknown<'e>) -> Result<Unknown<'e>> {
    let image = self.inner.clone();
    let prepare = |bag: &mut Bag| {
      let onlookers = onlookers(bag)?;
      let options: PullOptions = bag.read()?;
      Ok(async move {
        watched(onlookers, |on_board| async move { image.pull(options, &on_board).await }).await
      })
    };
    call(env, None, options, prepare, |env, result| {
      Ok(Settled::Value(to_js(env, serde_json::to_value(&result)?)?))
    })
  }

  /// Builds the image. Resolves when it is there.
  /// @throws {DokeresError} `BUILD_FAILED` with `step`, `instruction`, `exitCode` and `log`,
  /// `NO_DOCKERFILE`
  #[napi(ts_args_type = "options?: BuildOptions | null", ts_return_type = "Promise<BuildResult>")]
  pub fn build<'e>(&self, env: &'e Env, options: Unknown<'e>) -> Result<Unknown<'e>> {
    let image = self.inner.clone();
    let prepare = |bag: &mut Bag| {
      let onlookers = onlookers(bag)?;
      let options: BuildOptions = bag.read()?;
      Ok(async move {
        watched(onlookers, |on_board| async move { image.build(options, &on_board).await }).await
      })
    };
    call(env, None, options, prepare, |env, result| {
      Ok(Settled::Value(to_js(env, serde_json::to_value(&result)?)?))
    })
  }

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

  /// Runs a command to its end: ensures the image, creates, starts, drains, removes.
  /// @throws {DokeresError} `EXIT_CODE` with all fields of the result, `TIMEOUT`, `MAX_BUFFER`,
  /// `EXECUTABLE_NOT_FOUND`, and all of `run`
  #[napi(
    ts_args_type = "command?: Command | null, options?: TaskOptions | null",
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
      let (own, mut run) = task_bag(bag)?;
      run.remove = false;
      let making = Making {
        name: own.name.clone(),
        command: argument(command, "command")?,
        entrypoint: own.entrypoint.clone(),
      };
      let container = Container::of_image(&image, making, run)?;
      let encoding = own.encoding;
      Ok(async move { Ok((container.task(&own, input, consumers).await?, encoding)) })
    };
    call(env, None, options, prepare, |env, (result, encoding)| {
      Ok(Settled::Value(results::task(env, &result, encoding)?.to_unknown()))
    })
  }

  fn made(&self, bag: &mut Bag, making: Making) -> Answer<(Container, Value)> {
    let value = bag.value()?;
    let options: RunOptions = options::read(value.clone())?;
    Ok((Container::of_image(&self.inner, making, options)?, value))
  }
}

/// `onProgress` and `progress`.
fn onlookers(bag: &mut Bag) -> Answer<Onlookers> {
  let listener = progress(bag)?;
  let drawn: Option<String> = match bag.take("progress")? {
    Some(value) => argument(value, "progress")?,
    None => None,
  };
  let plain = match drawn.as_deref() {
    None => None,
    Some("plain") => Some(Plain::default()),
    Some("tty") => {
      return Err(
        EngineError::not_supported("drawing progress as bars is not there yet; use 'plain'")
          .with(|facts| facts.path = Some("progress".into())),
      );
    }
    Some(_) => return Err(EngineError::invalid("progress", "expected 'tty' or 'plain'")),
  };
  Ok(Onlookers { listener, plain })
}
