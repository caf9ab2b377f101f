//! Credentials for the registries that a build pulls from.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use bollard_buildkit_proto::moby::filesync::v1::{CredentialsRequest, CredentialsResponse};
use tokio::sync::OnceCell;

use super::call::Served;
use super::offer::CredentialLookup;
use super::session::Reason;
use super::status::{Code, Status};
use crate::credentials::Credential;

/// By host; a cell that others look into is waited for.
type Known = Mutex<HashMap<String, Arc<OnceCell<Option<Credential>>>>>;

/// Looks each host up once, however often the engine asks. What failed is tried again.
pub fn once_per_host(lookup: CredentialLookup) -> CredentialLookup {
  let known = Known::default();
  Arc::new(move |host| {
    let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
    let cell = Arc::clone(known.entry(host.clone()).or_default());
    let lookup = Arc::clone(&lookup);
    Box::pin(async move { cell.get_or_try_init(|| lookup(host)).await.cloned() })
  })
}

/// Empty where there are none, which has the engine go on anonymously.
pub async fn credentials(
  served: &Served,
  request: CredentialsRequest,
) -> Result<CredentialsResponse, Status> {
  let found = (served.offer.credentials)(request.host).await;
  let found = found.map_err(|why| served.failed(Code::Unknown, Reason::Credentials(why)))?;
  let found = found.unwrap_or_default();
  let token = found.identity_token.filter(|token| !token.is_empty());
  // A secret without a name is how the engine knows an identity token.
  Ok(match token {
    Some(secret) => CredentialsResponse { username: String::new(), secret },
    None => CredentialsResponse {
      username: found.username.unwrap_or_default(),
      secret: found.password.unwrap_or_default(),
    },
  })
}
