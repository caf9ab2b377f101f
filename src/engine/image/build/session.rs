//! BuildKit's session: what a build asks its client for while it runs, over a connection of its own.

use std::sync::Arc;

use futures_util::FutureExt;
use tokio::task::JoinHandle;

use super::offer;
use super::options::BuildOptions;
use crate::buildkit::{CredentialLookup, Failure, Offer, OfferedFiles, Reason, Session};
use crate::engine::call::Call;
use crate::engine::error::{Code, EngineError, Result};
use crate::engine::image::Image;

/// A session for as long as this is held.
pub struct Open {
  id: String,
  failure: Failure,
  serving: JoinHandle<()>,
}

impl Drop for Open {
  fn drop(&mut self) {
    self.serving.abort();
  }
}

impl Open {
  #[must_use]
  pub fn id(&self) -> &str {
    &self.id
  }

  /// What our own side could not give, where that is why a build failed.
  #[must_use]
  pub fn failure(&self) -> Option<EngineError> {
    let (code, text) = match self.failure.last()? {
      Reason::Credentials(text) => (Code::CredentialHelper, text),
      Reason::Offer(text) => (Code::BadRequest, text),
      Reason::Context(text) => return Some(super::unpackable(&text)),
    };
    Some(EngineError::new(code, text))
  }
}

impl Image {
  pub(super) async fn open_session(
    &self,
    options: &BuildOptions,
    files: Option<OfferedFiles>,
  ) -> Result<Open> {
    let session = Session::new(Offer {
      secrets: offer::secrets(options, self.engine().environment()).await?,
      agents: offer::agents(options, self.engine().environment()).await?,
      credentials: self.lookup(),
      files,
    });
    let (id, failure) = (session.id().to_owned(), session.failure());
    let call = Call::post("cannot build", self.subject(), "/session")
      .headers(session.headers())
      .header("upgrade", "h2c")?;
    let (_, io) = call.upgrade(self.engine()).await?;
    let serving = tokio::spawn(async move {
      // It ends when the engine closes it; what its services could not give is in `failure`.
      let _ = session.serve(io).await;
    });
    Ok(Open { id, failure, serving })
  }

  fn lookup(&self) -> CredentialLookup {
    let image = self.clone();
    Arc::new(move |registry: String| {
      let image = image.clone();
      async move { image.credential_for(&registry).await.map_err(|error| error.to_string()) }
        .boxed()
    })
  }
}
