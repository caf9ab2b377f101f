//! Images as tars: straight to a file, or as a stream.

use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::Value;

use super::archive::refused;
use super::partial::{self, Partial, Writer};
use crate::engine::Engine;
use crate::engine::call::Call;
use crate::engine::error::{EngineError, Result};
use crate::engine::fault::Subject;
use crate::engine::image::message::Message;
use crate::engine::image::progress::{Meter, Shown};
use crate::engine::reference::{self, Reference};
use crate::engine::stream::{Batches, Source, Wire};

/// What a save to a file came to.
#[derive(Debug, Clone, Serialize)]
pub struct Saved {
  pub path: String,
  pub size: u64,
}

/// What is to be saved, checked without asking anyone.
pub struct Save(Vec<String>);

impl Save {
  pub fn new(names: Vec<String>) -> Result<Self> {
    if names.is_empty() {
      return Err(EngineError::invalid("names", "there is nothing to save"));
    }
    let whole = |name: String| {
      if reference::is_id(&name) { Ok(name) } else { Ok(Reference::parse(&name)?.to_string()) }
    };
    names.into_iter().map(whole).collect::<Result<_>>().map(Self)
  }

  fn call(&self) -> Call {
    let call = Call::get("cannot save", Subject::Image(self.0.join(", ")), "/images/get");
    self.0.iter().fold(call, |call, name| call.query("names", name))
  }

  async fn begin(&self, engine: &Engine) -> Result<Wire> {
    match self.call().send(engine).await {
      Ok(response) => Ok(Wire::Body(response.into_body())),
      Err(error) if error.facts().status_code == Some(404) => {
        Err(self.missing(engine, error).await)
      }
      Err(error) => Err(error),
    }
  }

  /// Of several the engine does not say which it has not.
  async fn missing(&self, engine: &Engine, error: EngineError) -> EngineError {
    for name in &self.0 {
      if let Err(error) = inspected(engine, name).await {
        return error;
      }
    }
    error
  }
}

async fn inspected(engine: &Engine, name: &str) -> Result<Value> {
  let path = format!("/images/{name}/json");
  Call::get("cannot save", Subject::image(name), path).read(engine).await
}

/// A tar of these images, as it comes.
pub async fn save(engine: &Engine, save: &Save) -> Result<Batches> {
  save.begin(engine).await.map(Source::Bytes).map(Batches::new)
}

/// A tar that is all there, beside where it is to be: who looks on may yet say no.
pub struct Written {
  partial: Partial,
  target: PathBuf,
  saved: Saved,
}

impl Written {
  /// Puts it where it belongs. There is no way back from here.
  pub async fn put(self) -> Result<Saved> {
    let put = tokio::fs::rename(&self.partial.0, &self.target).await;
    put.map_err(|error| unwritable(Path::new(&self.saved.path), &error))?;
    Ok(self.saved)
  }
}

fn unwritable(path: &Path, error: &io::Error) -> EngineError {
  EngineError::invalid("path", format!("{}: {error}", path.display()))
}

/// A tar of these images, on its way to a file: there whole, or not at all.
pub async fn write(engine: &Engine, save: &Save, path: &Path, shown: Shown) -> Result<Written> {
  let cannot = |error: io::Error| unwritable(path, &error);
  let target = partial::target(path).await.map_err(cannot)?;
  let partial = Partial::beside(&target);
  let mut file = Writer::create(&partial).await.map_err(cannot)?;
  let total = expected_size(engine, &save.0).await;
  let mut wire = save.begin(engine).await?;
  let mut meter = Meter::new("save", shown);
  let mut size = 0;
  let mut ending = Ending::default();
  while let Some(data) = wire.next().await? {
    ending.add(&data);
    size += data.len() as u64;
    file.write(data).await.map_err(cannot)?;
    meter.moved(size, if total > 0 { total.max(size) } else { 0 });
  }
  ending.check("save the images")?;
  file.finish().await.map_err(cannot)?;
  meter.moved(size, size);
  Ok(Written { partial, target, saved: Saved { path: path.display().to_string(), size } })
}

/// The last bytes of a tar. An engine that fails midway has nowhere else to say so: it appends its
/// error, and ends the body as if all were well.
#[derive(Default)]
pub(in crate::engine) struct Ending(Vec<u8>);

impl Ending {
  const LENGTH: usize = 4096;

  pub(in crate::engine) fn add(&mut self, data: &[u8]) {
    let data = data.get(data.len().saturating_sub(Self::LENGTH)..).unwrap_or(data);
    self.0.drain(..(self.0.len() + data.len()).saturating_sub(Self::LENGTH));
    self.0.extend_from_slice(data);
  }

  /// Whether the last so many bytes are all 0.
  pub(in crate::engine) fn is_zero(&self, length: usize) -> bool {
    let last = self.0.len().checked_sub(length).and_then(|first| self.0.get(first..));
    last.is_some_and(|last| last.iter().all(|byte| *byte == 0))
  }

  pub(in crate::engine) fn check(&self, doing: &str) -> Result<()> {
    let last = self.0.trim_ascii_end().rsplit(|byte| matches!(byte, b'\n' | 0)).next();
    let raw: Value = serde_json::from_slice(last.unwrap_or_default()).unwrap_or_default();
    match Message::read(&raw).failure() {
      Some((failure, _)) => Err(refused(doing, &failure)),
      None => Ok(()),
    }
  }
}

/// About what the tar will have: the sizes that the engine tells.
async fn expected_size(engine: &Engine, names: &[String]) -> u64 {
  let mut sum = 0;
  for name in names {
    let image = inspected(engine, name).await;
    sum += image.ok().and_then(|image| image.get("Size")?.as_u64()).unwrap_or(0);
  }
  sum
}
