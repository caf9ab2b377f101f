//! A context that is a tar already: in memory, in a file, or a stream. It is looked at just enough to tell a mistake
//! from an archive, and then sent as it is; only zstd, which older engines do not know, is unpacked on the way.

use std::io::{self, Cursor, Read};
use std::path::PathBuf;
use std::pin::Pin;

use bytes::{Bytes, BytesMut};
use futures_util::stream::BoxStream;
use futures_util::{StreamExt, TryStreamExt, stream};
use tokio::io::AsyncRead;
use tokio_util::io::{ReaderStream, StreamReader, SyncIoBridge};

use super::ContextError;
use super::error::unreadable;
use super::header::{Sink, Stop};
use crate::archive::{self, BLOCK};

/// How much of a file is read at once.
const GULP: usize = 256 << 10;

/// By their first bytes: gzip, bzip2, xz. Every engine unpacks these.
const COMPRESSED: [&[u8]; 3] = [&[0x1f, 0x8b], b"BZh", &[0xfd, b'7', b'z', b'X', b'Z', 0]];
const ZSTD: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];

/// A tar, from wherever it comes.
pub enum Archive {
  Bytes(Bytes),
  File(PathBuf),
  Stream(BoxStream<'static, io::Result<Bytes>>),
}

type Reader = Pin<Box<dyn AsyncRead + Send>>;

impl Archive {
  pub async fn open(self) -> Result<BoxStream<'static, io::Result<Bytes>>, ContextError> {
    let what = match &self {
      Self::Bytes(_) => "the context's buffer".to_owned(),
      Self::File(path) => path.display().to_string(),
      Self::Stream(_) => "the context's stream".to_owned(),
    };
    let mut rest: BoxStream<'static, io::Result<Bytes>> = match self {
      Self::Bytes(bytes) => stream::iter([Ok(bytes)]).boxed(),
      Self::File(path) => {
        let file = tokio::fs::File::open(&path).await.map_err(|why| unreadable(&path, why))?;
        ReaderStream::with_capacity(file, GULP).boxed()
      }
      Self::Stream(stream) => stream,
    };
    let mut head = BytesMut::new();
    while head.len() < BLOCK
      && let Some(chunk) = rest.try_next().await.map_err(ContextError::Source)?
    {
      head.extend_from_slice(&chunk);
    }
    let head = head.freeze();
    let zstd = head.starts_with(ZSTD);
    if !zstd && !COMPRESSED.iter().any(|magic| head.starts_with(magic)) && !is_tar(&head) {
      return Err(ContextError::NotAnArchive { what });
    }
    let whole = stream::iter([Ok(head)]).chain(rest);
    if !zstd {
      return Ok(whole.boxed());
    }
    let (sink, unpacked) = archive::sink();
    let reader: Reader = Box::pin(StreamReader::new(whole));
    let bridge = SyncIoBridge::new(reader);
    tokio::task::spawn_blocking(move || unpack(bridge, sink));
    Ok(unpacked.map_err(io::Error::from).boxed())
  }
}

/// A header's checksum is right only in a tar. All zeroes: a tar without any entry.
fn is_tar(head: &[u8]) -> bool {
  let Some(block) = head.get(..BLOCK) else { return false };
  if block.iter().all(|byte| *byte == 0) {
    return true;
  }
  let sum: u32 = block
    .iter()
    .enumerate()
    .map(|(at, byte)| if (148..156).contains(&at) { u32::from(b' ') } else { u32::from(*byte) })
    .sum();
  let stated = String::from_utf8_lossy(&block[148..156]);
  u32::from_str_radix(stated.trim_matches(['\0', ' ']), 8).is_ok_and(|stated| stated == sum)
}

fn unpack(source: impl Read, mut sink: Sink) {
  let outcome = unpack_into(source, &mut sink);
  sink.finish_as_is(outcome);
}

fn unpack_into(source: impl Read, sink: &mut Sink) -> Result<(), Stop> {
  let failed = |why: String| Stop::Failed(ContextError::Source(io::Error::other(why)));
  let mut source = source;
  // A zstd file is one frame or several.
  loop {
    let mut first = [0];
    if source.read(&mut first).map_err(ContextError::Source)? == 0 {
      return Ok(());
    }
    let mut frame = Cursor::new(first).chain(&mut source);
    let mut decoder = ruzstd::decoding::StreamingDecoder::new(&mut frame)
      .map_err(|error| failed(format!("zstd: {error}")))?;
    loop {
      let count = sink.fill(u64::MAX, |room| decoder.read(room).map_err(ContextError::Source))?;
      if count == 0 {
        break;
      }
    }
  }
}

#[cfg(test)]
mod tests {
  use super::*;

  #[tokio::test]
  async fn tells_archives_from_mistakes() {
    let mut header = tar::Header::new_gnu();
    header.set_size(0);
    header.set_cksum();
    let tar = [header.as_bytes().as_slice(), &[0; 1024]].concat();
    let open = |bytes: Vec<u8>| Archive::Bytes(bytes.into()).open();
    let sent: Vec<Bytes> = open(tar.clone()).await.unwrap().try_collect().await.unwrap();
    assert_eq!(sent.concat(), tar);
    for mistake in [&b"FROM alpine\n"[..], &[b'x'; 600], b""] {
      assert!(matches!(open(mistake.to_vec()).await, Err(ContextError::NotAnArchive { .. })));
    }
  }

  #[tokio::test]
  async fn unpacks_zstd() {
    let mut header = tar::Header::new_gnu();
    header.set_size(0);
    header.set_cksum();
    let tar = [header.as_bytes().as_slice(), &[0; 1024]].concat();
    let packed = ruzstd::encoding::compress_to_vec(
      tar.as_slice(),
      ruzstd::encoding::CompressionLevel::Fastest,
    );
    let twice = [packed.clone(), packed.clone()].concat();
    let sent: Vec<Bytes> =
      Archive::Bytes(twice.into()).open().await.unwrap().try_collect().await.unwrap();
    assert_eq!(sent.concat(), [tar.clone(), tar].concat());
    let cut = packed[..packed.len() - 5].to_vec();
    let outcome: Result<Vec<Bytes>, _> =
      Archive::Bytes(cut.into()).open().await.unwrap().try_collect().await;
    assert!(outcome.is_err());
  }
}
