//! Files that are read whole: configuration, certificates, keys.

use std::io;
use std::path::Path;

use tokio::io::AsyncReadExt;

/// None of them is larger, and what is (`/dev/zero`, say) is none of them.
const LARGEST: u64 = 16 << 20;

pub async fn read_file(path: &Path) -> io::Result<Vec<u8>> {
  let mut content = Vec::new();
  tokio::fs::File::open(path).await?.take(LARGEST + 1).read_to_end(&mut content).await?;
  if content.len() as u64 > LARGEST {
    return Err(io::Error::other(format!("it is larger than {} MiB", LARGEST >> 20)));
  }
  Ok(content)
}
