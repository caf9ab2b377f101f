//! The engine's own calls: look at a path, a tar of it, a tar into it.

use http::Method;

use super::fault::at;
use super::{PathStat, PutArchiveOptions, absolute, shown};
use crate::engine::call::{Call, body_fault};
use crate::engine::container::Container;
use crate::engine::error::{Code, Result};
use crate::engine::images::archive::{Upload, upload};
use crate::engine::reply;
use crate::engine::stream::{Batches, Source, Wire, truncated};
use crate::transport::{Body, BodyFault};

impl Container {
  /// What is there; `None` where nothing is, or the container itself is not there: the engine tells these apart only
  /// where its reply has a body.
  pub(super) async fn look(&self, path: &[u8]) -> Result<Option<PathStat>> {
    match self.on_path(Method::HEAD, "cannot look at", path)?.send(self.engine()).await {
      Ok(response) => PathStat::of(response.headers()).map(Some),
      Err(error) => match error.facts().status_code {
        None => Err(error),
        Some(404) => Ok(None),
        Some(_) => match self.open_archive(path).await {
          Ok((stat, _)) => Ok(Some(stat)),
          Err(error) if error.is(Code::NotFound) => Ok(None),
          Err(error) => Err(error),
        },
      },
    }
  }

  /// What is there, and a tar of it.
  pub(super) async fn open_archive(&self, path: &[u8]) -> Result<(PathStat, Wire)> {
    let call = self.on_path(Method::GET, "cannot read from", path)?;
    let response = call.send(self.engine()).await.map_err(|error| at(&shown(path), error))?;
    let stat = PathStat::of(response.headers())?;
    Ok((stat, Wire::Body(response.into_body())))
  }

  /// A tar of what is at a path, as it comes.
  pub async fn get_archive(&self, path: &str) -> Result<Batches> {
    let (_, wire) = self.open_archive(&absolute(path)?).await?;
    Ok(Batches::new(Source::Bytes(wire)))
  }

  /// A tar of the whole file system, as it comes.
  pub async fn export_rootfs(&self) -> Result<Batches> {
    let path = format!("/containers/{}/export", self.id()?);
    let response = Call::get("cannot export", self.subject(), path).send(self.engine()).await?;
    Ok(Batches::new(Source::Bytes(Wire::Body(response.into_body()))))
  }

  /// Extracts a tar in a directory.
  pub async fn put_archive(
    &self,
    path: &str,
    tar: Upload,
    options: &PutArchiveOptions,
  ) -> Result<()> {
    let path = absolute(path)?;
    self.id()?;
    let (body, _) = upload(tar, "tar").await?;
    self.put(&path, body, options).await
  }

  pub(super) async fn put(
    &self,
    directory: &[u8],
    body: Body,
    options: &PutArchiveOptions,
  ) -> Result<()> {
    let flag = |set: bool| set.then_some("1");
    let call = self
      .on_path(Method::PUT, "cannot write into", directory)?
      .query_if("noOverwriteDirNonDir", flag(options.no_overwrite_dir_non_dir))
      .query_if("copyUIDGID", flag(options.copy_uid_gid))
      .body(body, "application/x-tar");
    let response = call.send(self.engine()).await.map_err(|error| at(&shown(directory), error))?;
    let fault = response.extensions().get::<BodyFault>().cloned();
    let ended = reply::passed(response.into_body()).await.map_err(|error| truncated(&error));
    match fault.as_ref().and_then(BodyFault::take) {
      Some(own) => Err(body_fault(own)),
      None => ended.map(drop),
    }
  }

  fn on_path(&self, method: Method, doing: &'static str, path: &[u8]) -> Result<Call> {
    let id = self.id()?;
    let call = Call::new(method, doing, self.subject(), format!("/containers/{id}/archive"));
    Ok(call.query("path", shown(path)))
  }
}
