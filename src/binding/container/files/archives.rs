//! Raw tars, in and out of a container.

use napi::bindgen_prelude::Unknown;
use napi::{Env, Result};
use napi_derive::napi;

use crate::binding::Answer;
use crate::binding::bag::Bag;
use crate::binding::call::{Settled, call};
use crate::binding::container::DokeresContainer;
use crate::binding::fault::{guarded, thrown};
use crate::binding::images::upload;
use crate::binding::input::text;
use crate::binding::stream::{self, Opened};
use crate::engine::container::files::PutArchiveOptions;

#[napi]
impl DokeresContainer {
  /// A tar of what is at a path, as the engine makes it.
  /// @throws {DokeresError} `INVALID_OPTION`; all else from the stream itself
  #[napi(
    catch_unwind,
    ts_args_type = "path: string, options?: Abortable | null",
    ts_return_type = "DokeresStream<Buffer>"
  )]
  pub fn get_archive<'e>(
    &self,
    env: &'e Env,
    path: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let read = || Ok((text(path, "path")?, signal(env, options)?));
    let (path, signal) = guarded(env, read)?;
    let container = self.inner.clone();
    let opener = Box::pin(async move { container.get_archive(&path).await.map(Opened::from) });
    stream::lazy(env, opener, signal)
  }

  /// Extracts a tar (a path, bytes, or a stream; gzip and the like are unpacked by the engine) in a
  /// directory of the container, which has to be there.
  /// @throws {DokeresError} `NOT_FOUND`, `BAD_REQUEST`, `FORBIDDEN` where it is read-only
  #[napi(
    catch_unwind,
    ts_args_type = "path: string, tar: string | Uint8Array | Readable | AsyncIterable<Uint8Array>, options?: PutArchiveOptions | null",
    ts_return_type = "Promise<void>"
  )]
  pub fn put_archive<'e>(
    &self,
    env: &'e Env,
    path: Unknown<'e>,
    tar: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let container = self.inner.clone();
    let prepare = |bag: &mut Bag| {
      let path = text(path, "path")?;
      let options: PutArchiveOptions = bag.read()?;
      let tar = upload(env, tar, "tar")?;
      Ok(async move { container.put_archive(&path, tar, &options).await })
    };
    call(env, None, options, prepare, |_, ()| Ok(Settled::Nothing))
  }

  /// A tar of its whole file system, running or not; volumes are no part of it.
  /// @throws {DokeresError} `INVALID_OPTION`; all else from the stream itself
  #[napi(
    catch_unwind,
    ts_args_type = "options?: Abortable | null",
    ts_return_type = "DokeresStream<Buffer>"
  )]
  pub fn export_rootfs<'e>(&self, env: &'e Env, options: Unknown<'e>) -> Result<Unknown<'e>> {
    let signal = signal(env, options).map_err(|error| thrown(env, &error))?;
    let container = self.inner.clone();
    let opener = Box::pin(async move { container.export_rootfs().await.map(Opened::from) });
    stream::lazy(env, opener, signal)
  }
}

/// Of a method that has no other option.
fn signal<'e>(env: &'e Env, options: Unknown<'e>) -> Answer<Option<Unknown<'e>>> {
  let mut bag = Bag::new(env, options)?;
  let signal = bag.signal()?;
  bag.finish()?;
  Ok(signal)
}
