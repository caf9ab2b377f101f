//! One file, from what is at hand or comes as a stream.

use std::io::{self, SeekFrom};

use bytes::{Bytes, BytesMut};
use futures_util::stream::BoxStream;
use futures_util::{StreamExt, TryStreamExt, stream};
use tokio::io::{AsyncSeekExt, AsyncWriteExt};
use tokio_util::io::ReaderStream;

use super::{MOST_LINKS, PutArchiveOptions, WriteFileOptions, absolute};
use crate::archive::{self, Made};
use crate::copy;
use crate::engine::container::Container;
use crate::engine::error::{EngineError, Result};
use crate::engine::stream::Input;
use crate::transport::Body;

/// What of a stream is kept in memory; a tar states a file's size before its content.
const KEPT: usize = 4 << 20;

/// How much of a file is read at once.
const GULP: usize = 256 << 10;

/// What a file is to have in it.
pub enum Content {
  Bytes(Bytes),
  Stream(Input),
}

/// Where a file is to go: the directory that is there, those to be made in it, and the name.
struct Place {
  directory: Vec<u8>,
  missing: Vec<Vec<u8>>,
  name: Vec<u8>,
}

impl Container {
  /// Writes a file: a new one, or in the place of another; a link is followed. Directories are made.
  pub async fn write_file(
    &self,
    path: &str,
    content: Content,
    options: &WriteFileOptions,
  ) -> Result<()> {
    let place = self.place_of(path).await?;
    let (size, content) = measured(content).await?;
    let mode = options.mode.unwrap_or(0o644);
    let Made { before, after } =
      archive::made(&place.missing, place.name, size, mode, options.owner());
    let ends = |bytes: Vec<u8>| stream::once(async { Ok(Bytes::from(bytes)) });
    let body = Body::stream(ends(before).chain(content).chain(ends(after)));
    let refusing = PutArchiveOptions { no_overwrite_dir_non_dir: true, copy_uid_gid: false };
    self.put(&place.directory, body, &refusing).await
  }

  async fn place_of(&self, path: &str) -> Result<Place> {
    let mut at = absolute(path)?;
    if at.ends_with(b"/") || at.ends_with(b"/.") {
      return Err(EngineError::invalid("path", "it names a directory, not a file"));
    }
    for _ in 0..MOST_LINKS {
      let Some(stat) = self.look(&at).await? else { return self.place_of_new(&at).await };
      if stat.is_directory() {
        return Err(self.conflict(&at, "is a directory"));
      }
      let Some(target) = stat.target(&at) else {
        let (directory, name) = copy::split(&at);
        return Ok(Place { directory, missing: Vec::new(), name });
      };
      at = target;
    }
    Err(self.conflict(path.as_bytes(), "leads through too many links"))
  }

  /// Of what is not there: not even its directory may be.
  async fn place_of_new(&self, path: &[u8]) -> Result<Place> {
    let (mut directory, mut name) = copy::split(path);
    let mut depth = Vec::new();
    while directory != b"/" {
      if self.look(&directory).await?.is_some() {
        break;
      }
      let (above, own) = copy::split(&directory);
      name = [own.as_slice(), b"/", &name].concat();
      depth.push(own);
      directory = above;
    }
    let mut missing: Vec<Vec<u8>> = Vec::new();
    for own in depth.into_iter().rev() {
      let within = missing.last().map_or_else(Vec::new, |above| [above.as_slice(), b"/"].concat());
      missing.push([within, own].concat());
    }
    Ok(Place { directory, missing, name })
  }
}

type Chunks = BoxStream<'static, io::Result<Bytes>>;

/// How much it is, and once more what it is.
async fn measured(content: Content) -> Result<(u64, Chunks)> {
  let mut input = match content {
    Content::Bytes(bytes) => return Ok(whole(bytes)),
    Content::Stream(input) => input,
  };
  let mut held = BytesMut::new();
  while let Some(chunk) = input.try_next().await? {
    held.extend_from_slice(&chunk);
    if held.len() > KEPT {
      return spooled(&held, input).await;
    }
  }
  Ok(whole(held.freeze()))
}

fn whole(bytes: Bytes) -> (u64, Chunks) {
  (bytes.len() as u64, stream::iter([Ok(bytes)]).boxed())
}

async fn spooled(held: &[u8], mut input: Input) -> Result<(u64, Chunks)> {
  let cannot = |why: io::Error| {
    let folder = std::env::temp_dir();
    EngineError::invalid("data", format!("it cannot be kept in {}: {why}", folder.display()))
  };
  let file = tokio::task::spawn_blocking(copy::unnamed_file).await;
  let file = file.map_err(|_| EngineError::internal("no file could be made"))?.map_err(cannot)?;
  let mut file = tokio::fs::File::from_std(file);
  file.write_all(held).await.map_err(cannot)?;
  let mut size = held.len() as u64;
  while let Some(chunk) = input.try_next().await? {
    file.write_all(&chunk).await.map_err(cannot)?;
    size += chunk.len() as u64;
  }
  file.flush().await.map_err(cannot)?;
  file.seek(SeekFrom::Start(0)).await.map_err(cannot)?;
  Ok((size, ReaderStream::with_capacity(file, GULP).boxed()))
}
