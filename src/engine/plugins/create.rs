//! A plugin made here: its `config.json` and its `rootfs`, as a directory or as a tar of the two.

use std::io;
use std::path::{Path, PathBuf};

use futures_util::TryStreamExt;

use super::{inspect, remove, subject};
use crate::archive::Owner;
use crate::copy::{self, Packing};
use crate::engine::Engine;
use crate::engine::call::Call;
use crate::engine::error::{EngineError, Result};
use crate::engine::images::archive::{Upload, upload};
use crate::engine::plugins::ForceOptions;
use crate::engine::reference::Reference;
use crate::engine::scope;
use crate::transport::Body;

pub type Source = Upload;

/// Resolves to the engine's JSON of it.
pub async fn create(engine: &Engine, name: &str, source: Source) -> Result<String> {
  Reference::parse(name)?;
  let body = match source {
    Upload::File(path) if is_directory(&path).await => directory(path).await?,
    other => upload(other, "source").await?.0,
  };
  let call = Call::post("cannot create", subject(name), "/plugins/create").query("name", name);
  let call = call.body(body, "application/x-tar");
  let made = tokio::spawn({
    let engine = engine.clone();
    async move { call.done(&engine).await }
  });
  let (theirs, id) = (engine.clone(), name.to_owned());
  // Once it has all of it, the engine carries it out: who has stopped waiting leaves nothing behind.
  scope::unless_abandoned(made, move |outcome| async move {
    if outcome.is_ok() {
      let _ = remove(&theirs, &id, &ForceOptions { force: true }).await;
    }
  })
  .await?;
  inspect(engine, name).await
}

async fn is_directory(path: &Path) -> bool {
  tokio::fs::metadata(path).await.is_ok_and(|found| found.is_dir())
}

async fn directory(path: PathBuf) -> Result<Body> {
  let cannot = |why: String| EngineError::invalid("source", why);
  for part in ["config.json", "rootfs"] {
    let path = path.join(part);
    if tokio::fs::metadata(&path).await.is_err() {
      let why = "a plugin's directory has a `config.json` and a `rootfs`";
      return Err(cannot(format!("{}: no such file; {why}", path.display())));
    }
  }
  let resolving = tokio::task::spawn_blocking(move || {
    let source = copy::source(&path, true).map_err(|error| error.to_string())?;
    let ignore = copy::Ignore::new(&[]).map_err(|error| error.to_string())?;
    let owner = Owner { kept: true, ..Owner::default() };
    Ok(Packing { path: source.path, name: b".".to_vec(), ignore, owner })
  });
  let packing = resolving.await.map_err(|error| EngineError::internal(error.to_string()))?;
  let tar = copy::pack(packing.map_err(cannot)?);
  Ok(Body::stream(
    tar.map_err(|error| io::Error::other(EngineError::invalid("source", error.to_string()))),
  ))
}
