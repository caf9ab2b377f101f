//! Images from tars: loaded, imported; straight from files, or from streams.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::{StreamExt, stream};
use hyper::body::Incoming;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio_util::io::ReaderStream;

use crate::engine::Engine;
use crate::engine::call::{Call, not_understood};
use crate::engine::error::{Code, EngineError, Result};
use crate::engine::fault::{Subject, room};
use crate::engine::image::message::Message;
use crate::engine::image::progress::{Meter, Shown};
use crate::engine::reference::Reference;
use crate::engine::stream::{Input, JsonLines, Wire};
use crate::transport::Body;

/// How much of a file is read at once.
const GULP: usize = 256 << 10;

/// Where a tar comes from.
pub enum Upload {
  File(PathBuf),
  Bytes(Bytes),
  Stream(Input),
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

/// Takes the images of a tar in, as `docker load`.
pub async fn load(engine: &Engine, source: Upload, shown: Shown) -> Result<Loaded> {
  let (body, _) = upload(source, "source").await?;
  let call = Call::post("cannot load images into", Subject::Engine, "/images/load");
  let response = call.query("quiet", 0).body(body, "application/x-tar").send(engine).await?;
  let mut lines = JsonLines::new(Wire::Body(response.into_body()));
  let mut meter = Meter::new("load", shown);
  let mut loaded = Loaded::default();
  while let Some(line) = lines.next_line().await? {
    let raw = progress_of(&line)?;
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
    if reference.digest.is_some() {
      return Err(EngineError::invalid("repository", "a digest comes of the image, not before it"));
    }
    let tag = options.tag.as_deref().or(reference.tag.as_deref());
    if let Some(tag) = &options.tag {
      Reference::parse(&format!("{}:{tag}", reference.name()))
        .map_err(|error| EngineError::invalid("tag", error))?;
    }
    call = call.query("repo", reference.name()).query_if("tag", tag);
  } else if options.tag.is_some() {
    return Err(EngineError::invalid("tag", "a tag needs a `repository`"));
  }
  for change in &options.changes {
    call = call.query("changes", change);
  }
  let (body, moved) = upload(source, "source").await?;
  let mut meter = Meter::new("load", shown);
  let call = call.body(body, "application/x-tar");
  let response = watched(Box::pin(call.send(engine)), &moved, &mut meter).await?;
  let mut lines = JsonLines::new(Wire::Body(response.into_body()));
  let mut id = None;
  while let Some(line) = lines.next_line().await? {
    let raw = progress_of(&line)?;
    let message = Message::read(&raw);
    if let Some((failure, _)) = message.failure() {
      return Err(refused("import the image", &failure));
    }
    id = message.status.filter(|status| status.starts_with("sha256:")).or(id);
    moved.show(&mut meter);
  }
  let id = id.ok_or_else(|| refused("import the image", "the engine did not say which it made"))?;
  Ok(Imported { id })
}

fn progress_of(line: &[u8]) -> Result<Value> {
  serde_json::from_slice(line).map_err(|error| not_understood(&error.to_string()))
}

pub fn refused(doing: &str, failure: &str) -> EngineError {
  EngineError::new(
    Code::ServerError,
    format!("cannot {doing}: {}{}", failure.trim(), room(failure)),
  )
}

/// How much of a body has been sent; 0 in all where that is not known.
pub struct Moved {
  so_far: Arc<AtomicU64>,
  total: u64,
}

impl Moved {
  fn show(&self, meter: &mut Meter) {
    meter.moved(self.so_far.load(Ordering::Relaxed), self.total);
  }
}

/// Waits for the reply; meanwhile the meter shows how much of the body has been sent.
async fn watched(
  mut reply: BoxFuture<'_, Result<http::Response<Incoming>>>,
  moved: &Moved,
  meter: &mut Meter,
) -> Result<http::Response<Incoming>> {
  let mut tick = tokio::time::interval(Duration::from_millis(100));
  loop {
    tokio::select! {
      reply = &mut reply => return reply,
      _ = tick.tick() => moved.show(meter),
    }
  }
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
