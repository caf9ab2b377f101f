//! The client: which connection a request goes over, for how long, and whether to try again.

use std::sync::Arc;
use std::time::Duration;

use http::header::{CONNECTION, UPGRADE};
use http::request::Parts;
use http::{HeaderValue, Method, Request, Response};
use hyper::body::Incoming;
use tokio::sync::Semaphore;

use super::body::Body;
use super::class::{Class, Timeout};
use super::config::ClientConfig;
use super::connection::{Connection, Failure, Sent};
use super::dial::Dialler;
use super::error::TransportError;
use super::header;
use super::pool::Pool;
use super::upgrade::{self, Upgraded};
use super::whole::Patience;

/// A pooled HTTP/1.1 client of one engine. Clones share the pool; the last one to go closes it.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
  config: ClientConfig,
  host: HeaderValue,
  dialler: Dialler,
  pool: Arc<Pool>,
  short: Semaphore,
}

impl Client {
  /// Does no I/O.
  #[must_use]
  pub fn new(config: ClientConfig) -> Self {
    let most = config.max_connections.clamp(1, Semaphore::MAX_PERMITS);
    Self(Arc::new(Inner {
      host: header::host_of(&config.address),
      dialler: Dialler::new(),
      pool: Arc::default(),
      short: Semaphore::new(most),
      config,
    }))
  }

  #[must_use]
  pub fn config(&self) -> &ClientConfig {
    &self.0.config
  }

  /// Sends a request and gives the response as soon as its head is there, whatever its status.
  ///
  /// Dropping the future, or the response's body before its end, closes the connection.
  pub async fn send(
    &self,
    mut request: Request<Body>,
  ) -> Result<Response<Incoming>, TransportError> {
    let (class, limit) = self.terms(&request);
    header::prepare(&mut request, &self.0.host, &self.0.config);
    // Held until the head is there, not the body's end: a reader who pauses within one short
    // reply must not keep all others out, and by then the engine has done its work.
    let _permit = match class {
      Class::Short => self.0.short.acquire().await.ok(),
      Class::Long => None,
    };
    let (mut response, connection) = self.exchange(request, limit).await?;
    self.0.pool.settle(connection);
    if let Some(limit) = limit {
      response.extensions_mut().insert(Patience(limit));
    }
    Ok(response)
  }

  /// Asks to take the connection over for both directions, as attach, exec and session do.
  ///
  /// `Upgrade` is `tcp` unless the request says otherwise.
  pub async fn upgrade(&self, mut request: Request<Body>) -> Result<Upgraded, TransportError> {
    // Dialogues are always in nobody's way; a limit counts where the caller sets one.
    let limit = request.extensions().get::<Timeout>().map(|timeout| timeout.0);
    let headers = request.headers_mut();
    headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    if !headers.contains_key(UPGRADE) {
      headers.insert(UPGRADE, HeaderValue::from_static("tcp"));
    }
    header::prepare(&mut request, &self.0.host, &self.0.config);
    let (response, connection) = self.exchange(request, limit).await?;
    upgrade::take_over(response, connection, &self.0.pool).await
  }

  fn terms(&self, request: &Request<Body>) -> (Class, Option<Duration>) {
    let extensions = request.extensions();
    let class = extensions.get::<Class>().copied();
    let class = class.unwrap_or_else(|| Class::of(request.method(), request.uri().path()));
    let limit = match (extensions.get::<Timeout>(), class) {
      (Some(timeout), _) => Some(timeout.0),
      (None, Class::Short) => self.0.config.response_timeout,
      (None, Class::Long) => None,
    };
    (class, limit)
  }

  async fn exchange(
    &self,
    request: Request<Body>,
    limit: Option<Duration>,
  ) -> Result<(Response<Incoming>, Connection), TransportError> {
    let mut connection = self.connection().await?;
    let spare = if connection.has_answered() { Spare::of(&request) } else { None };
    let failure = match connection.exchange(request, limit).await {
      Ok(response) => return Ok((response, connection)),
      Err(failure) => failure,
    };
    drop(connection);
    let request = again(failure, spare)?;
    // Straight to the engine: the others at rest are likely to be as dead.
    let mut connection = self.dial().await?;
    match connection.exchange(request, limit).await {
      Ok(response) => Ok((response, connection)),
      Err(failure) => Err(failure.error),
    }
  }

  /// One at rest; else the first to come of a new one and one that has just become free.
  async fn connection(&self) -> Result<Connection, TransportError> {
    if let Some(rested) = self.0.pool.take_soon().await {
      return Ok(rested);
    }
    tokio::select! {
      biased;
      dialled = self.dial() => dialled,
      returned = self.0.pool.returned() => Ok(returned),
    }
  }

  async fn dial(&self) -> Result<Connection, TransportError> {
    Connection::over(self.0.dialler.dial(&self.0.config).await?).await
  }

  #[cfg(all(test, unix))]
  pub(super) fn resting(&self) -> usize {
    self.0.pool.len()
  }
}

/// What it takes to ask the same once more.
struct Spare(Parts, Body);

impl Spare {
  fn of(request: &Request<Body>) -> Option<Self> {
    let body = request.body().replay()?;
    let (mut parts, ()) = Request::new(()).into_parts();
    parts.method.clone_from(request.method());
    parts.uri.clone_from(request.uri());
    parts.headers.clone_from(request.headers());
    Some(Self(parts, body))
  }
}

/// The request, where a connection that had rested was found dead and asking again cannot make
/// the engine do anything twice.
fn again(failure: Failure, spare: Option<Spare>) -> Result<Request<Body>, TransportError> {
  let Failure { error, stale, sent } = failure;
  if !stale {
    return Err(error);
  }
  match (sent, spare) {
    (Sent::Returned(request), _) => Ok(*request),
    (Sent::Nothing, Some(Spare(parts, body))) => Ok(Request::from_parts(parts, body)),
    (Sent::Maybe, Some(Spare(parts, body)))
      if matches!(parts.method, Method::GET | Method::HEAD) =>
    {
      Ok(Request::from_parts(parts, body))
    }
    _ => Err(error),
  }
}
