//! Which credentials go to which registry: those of the image, where they are meant for it, else
//! those that the docker CLI would send.

use super::{Auth, Image};
use crate::credentials::{self, Credential, CredentialError};
use crate::engine::error::{Code, EngineError, Result};
use crate::engine::reference::Reference;

impl Image {
  /// For a call of its own that may have brought some along.
  pub(in crate::engine) async fn credential(
    &self,
    auth: Option<&Auth>,
    reference: &Reference,
  ) -> Result<Option<Credential>> {
    match auth.or(self.options().auth.as_ref()) {
      Some(auth) => Ok(Some(auth.credential(&reference.registry))),
      None => self.credential_for(&reference.registry).await,
    }
  }

  /// `X-Registry-Auth` of the image's registry, for others to pull it with.
  pub async fn registry_auth(&self, auth: Option<&Auth>) -> Result<Option<String>> {
    let credential = self.credential(auth, &self.reference()?).await?;
    Ok(credential.as_ref().map(credentials::header))
  }

  /// For any registry that a build asks.
  pub(super) async fn credential_for(&self, registry: &str) -> Result<Option<Credential>> {
    if let Some(auth) = &self.options().auth {
      let own = self.reference().map(|reference| reference.registry).unwrap_or_default();
      let meant = auth.server_address.as_deref().unwrap_or(&own);
      if credentials::same(meant, registry) {
        return Ok(Some(auth.credential(registry)));
      }
    }
    let found = credentials::find(registry, self.engine().environment()).await;
    found.map_err(|error| self.subject().annotate(helper_failed(&error)))
  }
}

pub fn helper_failed(error: &CredentialError) -> EngineError {
  EngineError::new(Code::CredentialHelper, error.to_string())
}
