//! Bollard's typed calls: over our client, and with failures read as those of all others.

use crate::transport::{Body, Client, TransportError, read_refusal};

use super::Connection;
use super::call::not_understood;
use super::error::{EngineError, Result};
use super::fault::{self, Subject};
use super::reply::message_of;

/// Its own timeout is out of the way, ours are per class.
pub fn docker_over(client: &Client) -> Result<bollard::Docker> {
  const NEVER: u64 = u64::MAX / 4;
  let client = client.clone();
  let transport = move |request: bollard::BollardRequest| {
    let client = client.clone();
    async move {
      let failed = |error| bollard::errors::Error::from(std::io::Error::other(error));
      let response = client.send(request.map(Body::boxed)).await.map_err(failed)?;
      let status = response.status();
      if !status.is_client_error() && !status.is_server_error() {
        return Ok(response);
      }
      // Bollard would read the reason for however long that takes, however much it is.
      let body = read_refusal(response).await.map_err(failed)?;
      Err(bollard::errors::Error::DockerResponseServerError {
        status_code: status.as_u16(),
        message: message_of(&body),
      })
    }
  };
  bollard::Docker::connect_with_custom_transport(
    transport,
    Some("http://docker"),
    NEVER,
    bollard::API_DEFAULT_VERSION,
  )
  .map_err(|error| EngineError::internal(error.to_string()))
}

impl Connection {
  /// A bollard call's failure: the same reading, whichever way the call went.
  pub fn typed(
    &self,
    doing: &str,
    subject: &Subject,
    error: bollard::errors::Error,
  ) -> EngineError {
    use bollard::errors::Error as Typed;
    match error {
      Typed::DockerResponseServerError { status_code, message } => {
        fault::from_reply(doing, subject, status_code, &message)
      }
      Typed::IOError { err } => match err.downcast::<TransportError>() {
        Ok(error) => self.fault(doing, subject, error),
        Err(error) => self.fault(doing, subject, TransportError::Broken(error.to_string())),
      },
      Typed::HyperResponseError { err } => self.broken(doing, subject, &err),
      other => not_understood(&other.to_string()),
    }
  }
}
