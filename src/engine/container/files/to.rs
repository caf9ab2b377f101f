//! Into a container: `docker cp HOST_PATH CONTAINER:PATH`, and from one container to another.

use std::io;
use std::path::PathBuf;

use futures_util::TryStreamExt;

use super::fault::told;
use super::from::Leaving;
use super::{CopyToOptions, PathKind, PutArchiveOptions, absolute, on_disk};
use crate::archive::{self, TarStream};
use crate::copy::{self, Destination, Packing, Rewriting, Source};
use crate::engine::container::Container;
use crate::engine::error::Result;
use crate::transport::Body;

/// What is copied into a container.
pub enum CopySource {
  /// A path of this machine.
  Host(PathBuf),
  /// A path of another container.
  Container(Container, String),
  /// A path of another container of the same engine, by its id or name.
  Named(String, String),
}

impl Container {
  pub async fn copy_to(
    &self,
    source: CopySource,
    path: &str,
    options: &CopyToOptions,
  ) -> Result<()> {
    let path = absolute(path)?;
    self.id()?;
    match source {
      CopySource::Host(source) => self.copy_from_host(source, path, options).await,
      CopySource::Container(other, source) => {
        self.copy_between(&other, &source, path, options).await
      }
      CopySource::Named(other, source) => {
        let other = Self::existing(self.engine(), &other).await?;
        self.copy_between(&other, &source, path, options).await
      }
    }
  }

  async fn copy_from_host(
    &self,
    source: PathBuf,
    path: Vec<u8>,
    options: &CopyToOptions,
  ) -> Result<()> {
    let follow = options.follow_links;
    let source = on_disk("source", move || copy::source(&source, follow)).await?;
    let placement = self.placement(&source, path).await?;
    let (ignore, owner) = (options.rules()?, options.owner());
    let packing = Packing { path: source.path, name: placement.name, ignore, owner };
    self.take_in(&placement.directory, copy::pack(packing)).await
  }

  /// A tar that goes through: at no time is more of it here than a few chunks.
  async fn copy_between(
    &self,
    other: &Self,
    source: &str,
    path: Vec<u8>,
    options: &CopyToOptions,
  ) -> Result<()> {
    let leaving = other.leave(absolute(source)?, options.follow_links).await?;
    let Leaving { source, from, mut wire } = leaving;
    let placement = self.placement(&source, path).await?;
    let (feed, tar) = archive::feed();
    let (ignore, owner) = (options.rules()?, options.owner());
    let rewriting = Rewriting { from, name: placement.name, ignore, owner };
    let stream = copy::rewrite(tar, rewriting);
    let pump = async move {
      while let Some(data) = wire.next().await? {
        if !feed.send(data).await {
          return Ok(());
        }
      }
      feed.end().await;
      Ok(())
    };
    let (pumped, taken) = tokio::join!(pump, self.take_in(&placement.directory, stream));
    // Why the tar was cut short says more than that it was.
    pumped.and(taken)
  }

  async fn take_in(&self, directory: &[u8], tar: TarStream) -> Result<()> {
    let body = Body::stream(tar.map_err(|error| io::Error::other(told(&error, "source"))));
    let refusing = PutArchiveOptions { no_overwrite_dir_non_dir: true, copy_uid_gid: false };
    self.put(directory, body, &refusing).await
  }

  async fn placement(&self, source: &Source, path: Vec<u8>) -> Result<copy::Placement> {
    let mut destination = Destination { path, is_directory: None };
    let mut found = self.look(&destination.path).await?;
    // What the engine tells of a link is where it leads in the end.
    if let Some(target) = found.as_ref().and_then(|stat| stat.target(&destination.path)) {
      found = self.look(&target).await?;
      destination.path = target;
    }
    if let Some(stat) = found {
      if stat.kind == PathKind::Device {
        return Err(self.conflict(&destination.path, "is a device, not a directory or a file"));
      }
      destination.is_directory = Some(stat.is_directory());
    }
    copy::place(source, &destination).map_err(|error| told(&error, "path"))
  }
}
