//! A volume's own directory: its owner, mode and time. Extracting into a directory, engines leave that one
//! as it is; extracting beside it, they do not.

use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;
use http::Method;
use tar::{Archive, Header};

use super::helper::{Helper, PLACE};
use crate::engine::Engine;
use crate::engine::call::Call;
use crate::engine::error::{EngineError, Result};
use crate::engine::fault::Subject;
use crate::transport::Body;

/// How a tar ends.
const TRAILER: [u8; 1024] = [0; 1024];

/// Puts the tar's entry for the directory itself in place, where it begins with one.
pub async fn restore(
  engine: &Engine,
  helper: &Helper,
  subject: Subject,
  path: PathBuf,
) -> Result<()> {
  let reading = tokio::task::spawn_blocking(move || read(&path));
  let read = reading.await.map_err(|error| EngineError::internal(error.to_string()))?;
  // The engine has read it to its end: what is no plain or gzipped tar is one that only it can read.
  let Ok(Some(tar)) = read else { return Ok(()) };
  let path = format!("/containers/{}/archive", helper.id);
  let call = Call::new(Method::PUT, "cannot restore", subject, path).query("path", "/");
  call.body(Body::full(tar), "application/x-tar").done(engine).await
}

fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
  let mut file = File::open(path)?;
  let mut magic = [0; 2];
  file.read_exact(&mut magic)?;
  file.rewind()?;
  if magic == [0x1f, 0x8b] { first(MultiGzDecoder::new(file)) } else { first(file) }
}

/// A tar of that entry alone, under the name of the helper's mount.
fn first(tar: impl Read) -> io::Result<Option<Vec<u8>>> {
  let mut archive = Archive::new(tar);
  let Some(entry) = archive.entries()?.next().transpose()? else { return Ok(None) };
  let is_root = matches!(entry.path_bytes().as_ref(), b"." | b"./");
  if !is_root || !entry.header().entry_type().is_dir() {
    return Ok(None);
  }
  let mut header: Header = entry.header().clone();
  header.set_path(PLACE.trim_start_matches('/'))?;
  header.set_cksum();
  Ok(Some([header.as_bytes().as_slice(), &TRAILER].concat()))
}
