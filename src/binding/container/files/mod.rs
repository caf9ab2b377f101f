//! Files in and out of a container.

mod archives;

use napi::bindgen_prelude::{ClassInstance, JsObjectValue, JsValue, Null, Object, Unknown};
use napi::{Env, Result, ValueType};
use napi_derive::napi;

use crate::binding::Answer;
use crate::binding::bag::{Bag, unreadable};
use crate::binding::call::{Settled, call};
use crate::binding::container::DokeresContainer;
use crate::binding::image::bytes as view;
use crate::binding::input::{iterable, text};
use crate::binding::value::{bytes, recast, to_js};
use crate::engine::container::files::{
  Content, CopyFromOptions, CopySource, CopyToOptions, PathKind, PathStat, ReadFileOptions,
  WriteFileOptions,
};
use crate::engine::error::{Code, EngineError};
use crate::engine::options::Encoding;

/// V8 has no longer texts.
const LONGEST_TEXT: usize = 0x1fff_ffe8;

#[napi]
impl DokeresContainer {
  /// The content of a file, whether or not the container runs. Links are followed.
  /// @throws {DokeresError} `NOT_FOUND`; `CONFLICT` where it is not a file; `MAX_BUFFER` above 1 GiB
  #[napi(
    catch_unwind,
    ts_generic_types = "E extends Encoding = 'buffer'",
    ts_args_type = "path: string, options?: ReadFileOptions<E> | null",
    ts_return_type = "Promise<Output<E>>"
  )]
  pub fn read_file<'e>(
    &self,
    env: &'e Env,
    path: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let container = self.inner.clone();
    let prepare = |bag: &mut Bag| {
      let path = text(path, "path")?;
      let options: ReadFileOptions = bag.read()?;
      let as_text = options.encoding == Some(Encoding::Utf8);
      Ok(async move {
        let content = container.read_file(&path).await?;
        if as_text && content.len() > LONGEST_TEXT {
          let why = format!("{path} is longer than a string can be; read it as a Buffer");
          return Err(EngineError::new(Code::MaxBuffer, why));
        }
        Ok((content, as_text))
      })
    };
    call(env, None, options, prepare, |env, (content, as_text)| {
      Ok(Settled::Value(bytes(env, content, as_text)?))
    })
  }

  /// Writes a file, whether or not the container runs: a new one, or in the place of the one that is
  /// there; where that is a link, to where it leads. Directories are made as needed. A tar states a
  /// file's size before its content, so what a stream gives is gathered first: up to 4 MiB in memory,
  /// more in a temporary file without a name.
  /// @throws {DokeresError} `CONFLICT` where it is a directory; `FORBIDDEN` where it is read-only
  #[napi(
    catch_unwind,
    ts_args_type = "path: string, data: Input, options?: WriteFileOptions | null",
    ts_return_type = "Promise<void>"
  )]
  pub fn write_file<'e>(
    &self,
    env: &'e Env,
    path: Unknown<'e>,
    data: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let container = self.inner.clone();
    let prepare = |bag: &mut Bag| {
      let path = text(path, "path")?;
      let options: WriteFileOptions = bag.read()?;
      options.check()?;
      let content = content(env, &data)?;
      Ok(async move { container.write_file(&path, content, &options).await })
    };
    call(env, None, options, prepare, |_, ()| Ok(Settled::Nothing))
  }

  /// Copies a file or a directory into the container, whether or not it runs, by the rules of
  /// `docker cp`: into `path` where that is a directory, else as `path`; `source/.` is what is in
  /// `source`. The parent of `path` has to be there. Another container's files stream through.
  /// What the engine had taken in before a failure or an abort stays there.
  /// @throws {DokeresError} `NOT_FOUND`; `CONFLICT` where a directory would go onto a file
  #[napi(
    catch_unwind,
    ts_args_type = "source: string | ContainerPath, path: string, options?: CopyToOptions | null",
    ts_return_type = "Promise<void>"
  )]
  pub fn copy_to<'e>(
    &self,
    env: &'e Env,
    source: Unknown<'e>,
    path: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let container = self.inner.clone();
    let prepare = |bag: &mut Bag| {
      let (source, path) = (copy_source(env, source)?, text(path, "path")?);
      let options: CopyToOptions = bag.read()?;
      options.check()?;
      Ok(async move { container.copy_to(source, &path, &options).await })
    };
    call(env, None, options, prepare, |_, ()| Ok(Settled::Nothing))
  }

  /// Copies a file or a directory out of the container, whether or not it runs, by the rules of
  /// `docker cp`. Files become this process's own; modes, times and links stay. Whatever the archive
  /// holds, nothing is written outside the destination, or through a link within it. After a failure
  /// or an abort, what was not there before is gone again.
  /// @throws {DokeresError} `NOT_FOUND`; `CONFLICT` where a directory would go onto a file, or a file
  /// onto a directory; `NOT_SUPPORTED` for devices and named pipes; `PROTOCOL_ERROR` for an archive
  /// that would lead out of the destination
  #[napi(
    catch_unwind,
    ts_args_type = "path: string, destination: string, options?: CopyFromOptions | null",
    ts_return_type = "Promise<void>"
  )]
  pub fn copy_from<'e>(
    &self,
    env: &'e Env,
    path: Unknown<'e>,
    destination: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let container = self.inner.clone();
    let prepare = |bag: &mut Bag| {
      let (path, destination) = (text(path, "path")?, host_path(destination, "destination")?);
      let options: CopyFromOptions = bag.read()?;
      options.check()?;
      Ok(async move { container.copy_from(&path, destination.into(), &options).await })
    };
    call(env, None, options, prepare, |_, ()| Ok(Settled::Nothing))
  }

  /// What is at a path, whether or not the container runs. A last link is not followed.
  /// @throws {DokeresError} `NOT_FOUND`, `CONTAINER_NOT_FOUND`
  #[napi(
    catch_unwind,
    ts_args_type = "path: string, options?: Abortable | null",
    ts_return_type = "Promise<PathStat>"
  )]
  pub fn stat<'e>(
    &self,
    env: &'e Env,
    path: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let container = self.inner.clone();
    let prepare = |_: &mut Bag| {
      let path = text(path, "path")?;
      Ok(async move { container.stat(&path).await })
    };
    call(env, None, options, prepare, |env, found| stat(env, &found).map(Settled::Value))
  }
}

/// A path of this machine.
fn host_path(value: Unknown, name: &str) -> Answer<String> {
  let path = text(value, name)?;
  if path.is_empty() || path.contains('\0') {
    return Err(EngineError::invalid(name, "expected a path"));
  }
  Ok(path)
}

fn copy_source(env: &Env, source: Unknown) -> Answer<CopySource> {
  let expected = || EngineError::invalid("source", "expected a path, or { container, path }");
  match source.get_type().map_err(unreadable)? {
    ValueType::String => {
      return host_path(source, "source").map(|path| CopySource::Host(path.into()));
    }
    ValueType::Object => {}
    _ => return Err(expected()),
  }
  let object: Object = recast(env, &source).map_err(unreadable)?;
  for key in Object::keys(&object).map_err(unreadable)? {
    if !matches!(key.as_str(), "container" | "path") {
      return Err(EngineError::invalid(format!("source.{key}"), "there is no such option"));
    }
  }
  let path: Unknown = object.get_named_property("path").map_err(unreadable)?;
  let path = text(path, "source.path")?;
  let container: Unknown = object.get_named_property("container").map_err(unreadable)?;
  match container.get_type().map_err(unreadable)? {
    ValueType::String => Ok(CopySource::Named(text(container, "source.container")?, path)),
    ValueType::Object => {
      let container: ClassInstance<DokeresContainer> = recast(env, &container).map_err(|_| {
        EngineError::invalid("source.container", "expected a DokeresContainer, or an id or name")
      })?;
      Ok(CopySource::Container(container.inner.clone(), path))
    }
    _ => Err(expected()),
  }
}

fn content(env: &Env, data: &Unknown) -> Answer<Content> {
  let expected =
    || EngineError::invalid("data", "expected a text, a Buffer, or a stream of either");
  match data.get_type().map_err(unreadable)? {
    ValueType::String => {
      let text: String = recast(env, data).map_err(unreadable)?;
      Ok(Content::Bytes(text.into()))
    }
    ValueType::Object => match view(env, data)? {
      Some(bytes) => Ok(Content::Bytes(bytes)),
      None => iterable(env, data)?.map(Content::Stream).ok_or_else(expected),
    },
    _ => Err(expected()),
  }
}

fn stat<'env>(env: &'env Env, found: &PathStat) -> Result<Unknown<'env>> {
  let mut object = Object::new(env)?;
  object.set_named_property("name", found.name.as_str())?;
  #[expect(clippy::cast_precision_loss, reason = "JavaScript's numbers")]
  object.set_named_property("size", found.size as f64)?;
  object.set_named_property("mode", found.mode)?;
  object.set_named_property("isDirectory", found.kind == PathKind::Directory)?;
  object.set_named_property("isFile", found.kind == PathKind::File)?;
  object.set_named_property("isSymbolicLink", found.kind == PathKind::Link)?;
  object.set_named_property("linkTarget", found.link_target.as_deref())?;
  match found.modified {
    Some(time) => object.set_named_property("mtime", env.create_date(time)?)?,
    None => object.set_named_property("mtime", Null)?,
  }
  to_js(env, object.to_unknown())
}
