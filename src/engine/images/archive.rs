//! Images as tars: saved, loaded, imported; straight from and to files, or as streams.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::io::AsyncWriteExt;
use tokio_util::io::ReaderStream;

use crate::engine::Engine;
use crate::engine::call::Call;
use crate::engine::error::{Code, EngineError, Result};
use crate::engine::fault::Subject;
use crate::engine::image::message::Message;
use crate::engine::image::progress::{Meter, Shown};
use crate::engine::reference::{self, Reference};
use crate::engine::scope;
use crate::engine::stream::{Batches, Input, JsonLines, Source, Wire};
use crate::transport::Body;

/// How much of a file is read at once.
const GULP: usize = 256 << 10;

/// Where a tar comes from.
pub enum Upload {
  File(PathBuf),
  Bytes(Bytes),
  Stream(Input),
}

/// What a save to a file came to.
#[derive(Debug, Clone, Serialize)]
pub struct Saved {
  pub path: String,
  pub size: u64,
}

/// What a load came to: names, or ids where an image has no name.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Loaded {
  pub images: Vec<String>,
}

/// What an import came to.
#[derive(Debug, Clone, Serialize)]
pub struct Imported {
  pub id: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ImportOptions {
  /// The name to give it.
  pub repository: Option<String>,
  pub tag: Option<String>,
  pub message: Option<String>,
  /// Instructions, `CMD ["/bin/sh"]`.
  pub changes: Vec<String>,
  pub platform: Option<String>,
}

fn saving(names: &[String]) -> Result<Call> {
  if names.is_empty() {
    return Err(EngineError::invalid("names", "there is nothing to save"));
  }
  let mut call = Call::get("cannot save", Subject::Image(names.join(", ")), "/images/get");
  for name in names {
    let name =
      if reference::is_id(name) { name.clone() } else { Reference::parse(name)?.to_string() };
    call = call.query("names", name);
  }
  Ok(call)
}

/// A tar of these images, as it comes.
pub async fn save(engine: &Engine, names: &[String]) -> Result<Batches> {
  let response = saving(names)?.send(engine).await?;
  Ok(Batches::new(Source::Bytes(Wire::Body(response.into_body()))))
}

/// A tar of these images, in a file: there whole, or not at all.
pub async fn save_to(
  engine: &Engine,
  names: &[String],
  path: &Path,
  shown: Shown,
) -> Result<Saved> {
  let call = saving(names)?;
  let total = expected_size(engine, names).await;
  let cannot =
    |error: io::Error| EngineError::invalid("path", format!("{}: {error}", path.display()));
  let partial = Partial::beside(path);
  let mut file = tokio::fs::File::create(&partial.0).await.map_err(cannot)?;
  let mut wire = Wire::Body(call.send(engine).await?.into_body());
  let mut meter = Meter::new("save", shown);
  let mut size = 0;
  while let Some(data) = wire.next().await? {
    file.write_all(&data).await.map_err(cannot)?;
    size += data.len() as u64;
    meter.moved(size, total.max(size));
  }
  file.flush().await.map_err(cannot)?;
  meter.moved(size, size);
  tokio::fs::rename(&partial.0, path).await.map_err(cannot)?;
  Ok(Saved { path: path.display().to_string(), size })
}

/// About what the tar will have: the sizes that the engine tells.
async fn expected_size(engine: &Engine, names: &[String]) -> u64 {
  let mut sum = 0;
  for name in names {
    let path = format!("/images/{name}/json");
    let inspected: Result<Value> =
      Call::get("cannot find", Subject::Image(name.clone()), path).read(engine).await;
    sum += inspected.ok().and_then(|image| image.get("Size")?.as_u64()).unwrap_or(0);
  }
  sum
}

/// A file in the making, removed unless it has been renamed by then.
struct Partial(PathBuf);

impl Partial {
  fn beside(path: &Path) -> Self {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{}.partial", &crate::engine::unique()[..8]));
    Self(name.into())
  }
}

impl Drop for Partial {
  fn drop(&mut self) {
    let path = self.0.clone();
    scope::clean_up(async move {
      // Renamed, it is not there any more.
      let _ = tokio::fs::remove_file(path).await;
    });
  }
}

/// Takes the images of a tar in, as `docker load`.
pub async fn load(engine: &Engine, source: Upload, shown: Shown) -> Result<Loaded> {
  let (body, _) = upload(source, "source").await?;
  let call = Call::post("cannot load images into", Subject::Engine, "/images/load");
  let response = call.query("quiet", 0).body(body, "application/x-tar").send(engine).await?;
  let mut lines = JsonLines::new(Wire::Body(response.into_body()));
  let mut meter = Meter::new("load", shown);
  let mut loaded = Loaded::default();
  while let Some(line) = lines.next_line().await? {
    let raw: Value = serde_json::from_slice(&line).unwrap_or_default();
    let message = Message::read(&raw);
    if let Some((failure, _)) = message.failure() {
      return Err(refused("load the images", &failure));
    }
    let words = message.stream.as_deref().unwrap_or_default();
    for word in words.lines() {
      let name =
        word.strip_prefix("Loaded image: ").or_else(|| word.strip_prefix("Loaded image ID: "));
      loaded.images.extend(name.map(|name| name.trim().to_owned()));
    }
    match (&message.id, &message.status, message.progress()) {
      (Some(id), Some(status), counted) => {
        meter.layer(id, status, counted.unwrap_or_default(), &raw);
      }
      _ => meter.note(&raw),
    }
  }
  if loaded.images.is_empty() {
    return Err(refused("load the images", "the engine found none in what it was given"));
  }
  Ok(loaded)
}

/// Makes an image of a root file system's tar, as `docker import`.
pub async fn import(
  engine: &Engine,
  source: Upload,
  options: &ImportOptions,
  shown: Shown,
) -> Result<Imported> {
  let mut call = Call::post("cannot import into", Subject::Engine, "/images/create")
    .query("fromSrc", "-")
    .query_if("message", options.message.as_ref())
    .query_if("platform", options.platform.as_ref());
  if let Some(name) = &options.repository {
    let reference = Reference::parse(name)?;
    let tag = options.tag.as_deref().or(reference.tag.as_deref());
    call = call.query("repo", reference.name()).query_if("tag", tag);
  } else if options.tag.is_some() {
    return Err(EngineError::invalid("tag", "a tag needs a `repository`"));
  }
  for change in &options.changes {
    call = call.query("changes", change);
  }
  let (body, moved) = upload(source, "source").await?;
  let response = call.body(body, "application/x-tar").send(engine).await?;
  let mut lines = JsonLines::new(Wire::Body(response.into_body()));
  let mut meter = Meter::new("load", shown);
  let mut id = None;
  while let Some(line) = lines.next_line().await? {
    let raw: Value = serde_json::from_slice(&line).unwrap_or_default();
    let message = Message::read(&raw);
    if let Some((failure, _)) = message.failure() {
      return Err(refused("import the image", &failure));
    }
    id = message.status.filter(|status| status.starts_with("sha256:")).or(id);
    let count = moved.so_far.load(Ordering::Relaxed);
    meter.moved(count, moved.total.max(count));
  }
  let id = id.ok_or_else(|| refused("import the image", "the engine did not say which it made"))?;
  Ok(Imported { id })
}

fn refused(doing: &str, failure: &str) -> EngineError {
  EngineError::new(Code::ServerError, format!("cannot {doing}: {}", failure.trim()))
}

pub struct Moved {
  so_far: Arc<AtomicU64>,
  total: u64,
}

/// The body, and how much of it has been sent.
pub(in crate::engine) async fn upload(source: Upload, option: &str) -> Result<(Body, Moved)> {
  let so_far = Arc::new(AtomicU64::new(0));
  let (bytes, total) = match source {
    Upload::Bytes(bytes) => {
      let total = bytes.len() as u64;
      (stream::iter([Ok(bytes)]).boxed(), total)
    }
    Upload::File(path) => {
      let cannot = |why| EngineError::invalid(option, format!("{}: {why}", path.display()));
      let file = tokio::fs::File::open(&path).await.map_err(cannot)?;
      let found = file.metadata().await.map_err(cannot)?;
      if found.is_dir() {
        return Err(EngineError::invalid(option, format!("{}: a directory", path.display())));
      }
      (ReaderStream::with_capacity(file, GULP).boxed(), found.len())
    }
    Upload::Stream(input) => (input.map(|item| item.map_err(io::Error::other)).boxed(), 0),
  };
  let counter = Arc::clone(&so_far);
  let body = bytes.inspect(move |item| {
    if let Ok(bytes) = item {
      counter.fetch_add(bytes.len() as u64, Ordering::Relaxed);
    }
  });
  Ok((Body::stream(body), Moved { so_far, total }))
}
