//! A volume's content in a file, and back: a tar, compressed where the file's name says so.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use http::Method;
use serde::{Deserialize, Serialize};

use super::helper::{Helper, PLACE};
use super::{CreateOptions, RemoveOptions, check, create, inspect, remove, root, subject};
use crate::engine::call::{Call, body_fault};
use crate::engine::error::{Code, EngineError, Result};
use crate::engine::images::archive::{Upload, upload};
use crate::engine::images::partial::{self, Partial, Writer};
use crate::engine::images::save::Ending;
use crate::engine::reply;
use crate::engine::stream::{Wire, truncated};
use crate::engine::{Engine, scope};
use crate::transport::BodyFault;

/// How a tar ends: two blocks of nothing.
const TRAILER: usize = 1024;

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct BackupOptions {
  /// What the helper container is made of; absent: the smallest image that is there.
  pub image: Option<String>,
}

/// What a backup came to.
#[derive(Debug, Clone, Serialize)]
pub struct BackedUp {
  pub path: String,
  pub size: u64,
  pub image: String,
}

/// What a restoration came to.
#[derive(Debug, Clone, Serialize)]
pub struct Restored {
  pub volume: String,
  pub created: bool,
  pub image: String,
}

/// A tar of the volume's content, in a file: there whole, or not at all.
pub async fn backup(
  engine: &Engine,
  name: &str,
  path: &Path,
  options: &BackupOptions,
) -> Result<BackedUp> {
  let cannot =
    |error: io::Error| EngineError::invalid("path", format!("{}: {error}", path.display()));
  // The helper's mount would make one that is not there.
  inspect(engine, name).await?;
  let target = partial::target(path).await.map_err(cannot)?;
  let partial = Partial::beside(&target);
  let mut file = Writer::create(&partial).await.map_err(cannot)?;
  let helper = Helper::new(engine, name, options.image.as_deref(), true).await?;
  let call =
    Call::get("cannot back up", subject(name), format!("/containers/{}/archive", helper.id));
  let response = call.query("path", format!("{PLACE}/.")).send(engine).await?;
  let mut wire = Wire::Body(response.into_body());
  let mut packer = Packer::new(is_gzip(path));
  let (mut ending, mut size) = (Ending::default(), 0);
  while let Some(data) = wire.next().await? {
    ending.add(&data);
    let bytes;
    (packer, bytes) = packer.add(data).await.map_err(cannot)?;
    size += bytes.len() as u64;
    file.write(bytes).await.map_err(cannot)?;
  }
  ending.check("back the volume up")?;
  if !ending.is_zero(TRAILER) {
    return Err(truncated(&"the tar has no end"));
  }
  let rest = packer.finish().map_err(cannot)?;
  size += rest.len() as u64;
  file.write(rest.into()).await.map_err(cannot)?;
  file.finish().await.map_err(cannot)?;
  let image = helper.image.clone();
  // Who gives up while it goes is to find no file either.
  helper.remove().await;
  tokio::fs::rename(&partial.0, &target).await.map_err(cannot)?;
  Ok(BackedUp { path: path.display().to_string(), size, image })
}

fn is_gzip(path: &Path) -> bool {
  let ends = |end: &str| path.extension().is_some_and(|own| own.eq_ignore_ascii_case(end));
  ends("gz") || ends("tgz")
}

/// Bytes as they are, or compressed; off the runtime's threads, since that takes its time.
enum Packer {
  Plain,
  Gzip(GzEncoder<Vec<u8>>),
}

impl Packer {
  fn new(gzip: bool) -> Self {
    if gzip { Self::Gzip(GzEncoder::new(Vec::new(), Compression::default())) } else { Self::Plain }
  }

  async fn add(self, data: bytes::Bytes) -> io::Result<(Self, bytes::Bytes)> {
    let Self::Gzip(mut encoder) = self else { return Ok((self, data)) };
    let packing = tokio::task::spawn_blocking(move || {
      encoder.write_all(&data)?;
      let packed = std::mem::take(encoder.get_mut());
      Ok((Self::Gzip(encoder), packed.into()))
    });
    packing.await.map_err(io::Error::other)?
  }

  fn finish(self) -> io::Result<Vec<u8>> {
    match self {
      Self::Plain => Ok(Vec::new()),
      Self::Gzip(encoder) => encoder.finish(),
    }
  }
}

/// Puts a tar's content into a volume, over what is in it; the engine sees by itself how it is
/// compressed. A volume that is not there is made, and goes again where the tar is no good.
pub async fn restore(
  engine: &Engine,
  name: &str,
  path: PathBuf,
  options: &BackupOptions,
) -> Result<Restored> {
  check(name)?;
  let (body, _) = upload(Upload::File(path.clone()), "path").await?;
  let made = match inspect(engine, name).await {
    Ok(_) => None,
    Err(error) if error.is(Code::VolumeNotFound) => {
      let made = Made(Some((engine.clone(), name.to_owned())));
      create(engine, &CreateOptions::default().named(Some(name.to_owned()))?).await?;
      Some(made)
    }
    Err(error) => return Err(error),
  };
  let created = made.is_some();
  let helper = Helper::new(engine, name, options.image.as_deref(), false).await?;
  let archive = format!("/containers/{}/archive", helper.id);
  let call = Call::new(Method::PUT, "cannot restore", subject(name), archive)
    .query("path", PLACE)
    .body(body, "application/x-tar");
  let response = call.send(engine).await?;
  let fault = response.extensions().get::<BodyFault>().cloned();
  reply::passed(response.into_body()).await.map_err(|error| truncated(&error))?;
  if let Some(own) = fault.as_ref().and_then(BodyFault::take) {
    return Err(body_fault(own));
  }
  root::restore(engine, &helper, subject(name), path).await?;
  let image = helper.image.clone();
  helper.remove().await;
  if let Some(made) = made {
    made.keep();
  }
  Ok(Restored { volume: name.to_owned(), created, image })
}

/// A volume that goes when its maker does not get to the end. Declared before the helper that has it,
/// so that this is dropped after that; the engine refuses while it is in use, so it is tried again.
struct Made(Option<(Engine, String)>);

impl Made {
  fn keep(mut self) {
    self.0 = None;
  }
}

impl Drop for Made {
  fn drop(&mut self) {
    let Some((engine, name)) = self.0.take() else { return };
    scope::clean_up(async move {
      for _ in 0..50 {
        match remove(&engine, &name, &RemoveOptions { force: true }).await {
          Err(error) if error.is(Code::VolumeInUse) => {
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
          }
          _ => return,
        }
      }
    });
  }
}
