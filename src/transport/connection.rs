//! One connection, dialled and driven, and one exchange over it.

use std::io;
use std::time::Duration;

use http::header::UPGRADE;
use http::{Method, Request, Response};
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::task::AbortHandle;

use super::body::{Body, BodyFault};
use super::dial::Dialled;
use super::error::TransportError;
use super::fault;
use super::ssh::Said;
use super::wire::{WeakWire, Wire};

/// How much hyper reads at once. What an idle connection has reserved after that is untouched: address
/// space, not memory. By itself it would read more only after reads that fill what it has, which those
/// whose chunks are made one never do.
const READ: usize = 128 << 10;

/// A connection; dropping it closes it, whatever it is in the middle of.
pub(super) struct Connection {
  sender: SendRequest<Body>,
  wire: WeakWire,
  said: Option<Said>,
  answered: bool,
  driver: Driver,
}

/// Ends the task that moves the connection's bytes, and with it the connection.
pub(super) struct Driver(Option<AbortHandle>);

impl Driver {
  /// Leaves the task to end by itself.
  pub fn release(mut self) {
    self.0 = None;
  }
}

impl Drop for Driver {
  fn drop(&mut self) {
    if let Some(task) = self.0.take() {
      task.abort();
    }
  }
}

/// What is left of an exchange that failed.
pub(super) struct Failure {
  pub error: TransportError,
  /// The connection had been good before, so its end says nothing of the engine.
  pub stale: bool,
  pub sent: Sent,
}

/// Whether the engine may have the request.
pub(super) enum Sent {
  /// Certainly not, and here it is back.
  Returned(Box<Request<Body>>),
  /// Certainly not.
  Nothing,
  Maybe,
}

impl Connection {
  pub async fn over(dialled: Dialled) -> Result<Self, TransportError> {
    let wire = Wire::new(dialled.io);
    let (sender, connection) = http1::Builder::new()
      .read_buf_exact_size(Some(READ))
      .handshake(TokioIo::new(wire.clone()))
      .await
      .map_err(|error| fault::exchange(&error))?;
    let task = tokio::spawn(async move {
      // Whoever waits for the response is given the error; idle, there is nobody to tell.
      let _ = connection.with_upgrades().await;
    });
    Ok(Self {
      sender,
      wire: wire.downgrade(),
      said: dialled.said,
      answered: false,
      driver: Driver(Some(task.abort_handle())),
    })
  }

  pub fn is_closed(&self) -> bool {
    self.sender.is_closed()
  }

  /// Whether it can take another request, once it can tell.
  pub async fn is_reusable(&mut self) -> bool {
    self.sender.ready().await.is_ok()
  }

  /// Whether a request has been answered over it.
  pub fn has_answered(&self) -> bool {
    self.answered
  }

  /// For whoever takes the connection over: what drives it, and the wire while it is open.
  pub fn into_parts(self) -> (Driver, WeakWire) {
    (self.driver, self.wire)
  }

  /// Sends a request and waits for the response's head.
  pub async fn exchange(
    &mut self,
    request: Request<Body>,
    limit: Option<Duration>,
  ) -> Result<Response<Incoming>, Failure> {
    let body = request.body().fault();
    let before = self.wire.written();
    self.wire.expect(request.method() != Method::HEAD && !request.headers().contains_key(UPGRADE));
    let sent = self.sender.try_send_request(request);
    let result = match limit {
      None => sent.await,
      Some(limit) => tokio::time::timeout(limit, sent).await.map_err(|_| Failure {
        error: TransportError::ResponseTimeout(limit),
        stale: false,
        sent: Sent::Maybe,
      })?,
    };
    match result {
      Ok(mut response) => {
        self.answered = true;
        if let Some(body) = body {
          response.extensions_mut().insert(body);
        }
        Ok(response)
      }
      Err(mut error) => {
        let sent = match error.take_message() {
          Some(request) => Sent::Returned(Box::new(request)),
          None if self.wire.written() == before => Sent::Nothing,
          None => Sent::Maybe,
        };
        let error = error.into_error();
        Err(self.explain(&error, body.as_ref(), sent).await)
      }
    }
  }

  async fn explain(
    &mut self,
    error: &hyper::Error,
    body: Option<&BodyFault>,
    sent: Sent,
  ) -> Failure {
    if let Some(error) = body.and_then(BodyFault::take) {
      return Failure { error: TransportError::Body(error), stale: false, sent: Sent::Maybe };
    }
    let hung_up = fault::is_hang_up(error);
    let error = match &mut self.said {
      // ssh starts whether or not it gets there, so this is where a failed login shows.
      Some(said) if !self.answered && (hung_up || error.is_parse()) => {
        unreachable_by_ssh(&said.all().await)
      }
      _ => fault::exchange(error),
    };
    Failure { error, stale: hung_up && self.answered, sent }
  }
}

fn unreachable_by_ssh(said: &str) -> TransportError {
  let said = said.trim_start_matches("ssh: ");
  let why = if said.is_empty() { "it ended without a word" } else { said };
  TransportError::Unreachable(io::Error::new(io::ErrorKind::NotConnected, format!("ssh: {why}")))
}
