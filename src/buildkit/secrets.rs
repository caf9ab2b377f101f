//! The secrets of `RUN --mount=type=secret`.

use std::borrow::Cow;
use std::io;
use std::path::Path;

use bollard_buildkit_proto::moby::buildkit::secrets::v1::{GetSecretRequest, GetSecretResponse};
use tokio::fs::File;
use tokio::io::AsyncReadExt;

use super::call::Served;
use super::offer::SecretSource;
use super::session::Reason;
use super::status::{Code, Status};

/// As much as `BuildKit` takes.
pub const LARGEST_SECRET: usize = 500 * 1024;

pub async fn get(served: &Served, request: GetSecretRequest) -> Result<GetSecretResponse, Status> {
  let id = request.id;
  // No failure of ours: a mount that is not required does without.
  let unknown = || Status::new(Code::NotFound, format!("there is no secret `{id}`"));
  let data = match served.offer.secrets.get(&id).ok_or_else(unknown)? {
    SecretSource::Value(value) => Cow::Borrowed(value),
    SecretSource::File(path) => Cow::Owned(read(path).await.map_err(|error| {
      let why = format!("the secret `{id}` cannot be read from {}: {error}", path.display());
      // Not NOT_FOUND, which the engine would take for a secret that may be missing.
      served.failed(Code::FailedPrecondition, Reason::Offer(why))
    })?),
  };
  if data.len() > LARGEST_SECRET {
    let why = format!("the secret `{id}` is larger than the 500 KiB that BuildKit takes");
    return Err(served.failed(Code::FailedPrecondition, Reason::Offer(why)));
  }
  Ok(GetSecretResponse { data: data.into_owned() })
}

/// A byte more than the limit tells that there is too much of it; the rest is not needed for that.
async fn read(path: &Path) -> io::Result<Vec<u8>> {
  let mut data = Vec::new();
  let limit = LARGEST_SECRET as u64 + 1;
  File::open(path).await?.take(limit).read_to_end(&mut data).await?;
  Ok(data)
}
