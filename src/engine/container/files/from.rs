//! Out of a container: `docker cp CONTAINER:PATH HOST_PATH`.

use std::path::PathBuf;

use super::{CopyFromOptions, absolute, on_disk, worked_on};
use crate::copy::{self, Extraction, Source};
use crate::engine::container::Container;
use crate::engine::error::Result;
use crate::engine::stream::Wire;

/// What is copied out of a container.
pub(super) struct Leaving {
  pub source: Source,
  /// What the entries of its tar begin with.
  pub from: Vec<u8>,
  pub wire: Wire,
}

impl Container {
  pub async fn copy_from(
    &self,
    path: &str,
    destination: PathBuf,
    options: &CopyFromOptions,
  ) -> Result<()> {
    let path = absolute(path)?;
    let ignore = options.rules()?;
    self.id()?;
    let destination = on_disk("destination", move || copy::validate(&destination)).await?;
    let Leaving { source, from, wire } = self.leave(path, options.follow_links).await?;
    let work = move |tar| {
      let destination = copy::destination(destination)?;
      let placement = copy::place(&source, &destination)?;
      copy::extract(tar, &Extraction { from, placement, ignore })
    };
    worked_on(wire, "destination", work).await
  }

  /// Begins to copy something out.
  pub(super) async fn leave(&self, mut path: Vec<u8>, follow: bool) -> Result<Leaving> {
    let mut renamed = None;
    if follow
      && let Some(stat) = self.look(&path).await?
      && let Some(target) = stat.target(&path)
    {
      (path, renamed) = copy::followed(&path, &target);
    }
    let (stat, wire) = self.open_archive(&path).await?;
    let from = copy::split(&path).1;
    let source = Source { is_directory: stat.is_directory(), path, renamed };
    Ok(Leaving { source, from, wire })
  }
}
