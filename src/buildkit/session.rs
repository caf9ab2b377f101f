//! A session: what is offered to one build, under an id, for as long as a connection lives.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use http::{HeaderMap, HeaderName, HeaderValue};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::JoinSet;

use super::auth::once_per_host;
use super::call::{self, Served};
use super::offer::Offer;

const UUID: HeaderName = HeaderName::from_static("x-docker-expose-session-uuid");
const NAME: HeaderName = HeaderName::from_static("x-docker-expose-session-name");
const SHARED_KEY: HeaderName = HeaderName::from_static("x-docker-expose-session-sharedkey");
const METHOD: HeaderName = HeaderName::from_static("x-docker-expose-session-grpc-method");

const MOST_CALLS: u32 = 128;
const CALL_WINDOW: u32 = 64 * 1024 - 1;
/// All calls together: an agent that does not read must not keep a health check from coming in,
/// after whose failure the engine gives the session up.
const CONNECTION_WINDOW: u32 = MOST_CALLS * CALL_WINDOW;
/// As gRPC's own servers have it: an ignore file comes in the head of a call, line by line.
const LARGEST_HEAD: u32 = 16 * 1024 * 1024;

/// What a build may ask for, not yet connected.
#[derive(Debug)]
pub struct Session {
  id: String,
  served: Arc<Served>,
}

/// Why a session ended before its time.
#[derive(Debug, thiserror::Error)]
#[error("the session with BuildKit broke: {0}")]
pub struct SessionError(#[from] h2::Error);

/// The last failure on our side, of which the engine tells but the outcome.
#[derive(Debug, Clone, Default)]
pub struct Failure(Arc<Mutex<Option<Reason>>>);

/// In words for the user; holds no secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
  Credentials(String),
  Offer(String),
  /// Of the files that are sent: why they cannot be.
  Context(String),
}

impl Failure {
  pub fn last(&self) -> Option<Reason> {
    self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
  }

  pub(super) fn note(&self, why: Reason) {
    *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(why);
  }
}

impl Session {
  #[must_use]
  pub fn new(mut offer: Offer) -> Self {
    offer.credentials = once_per_host(offer.credentials);
    Self { id: random_id(), served: Arc::new(Served { offer, failure: Failure::default() }) }
  }

  /// The `session` of the build's own request.
  pub fn id(&self) -> &str {
    &self.id
  }

  /// For the request that opens the connection.
  pub fn headers(&self) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.extend(HeaderValue::try_from(&self.id).ok().map(|id| (UUID, id)));
    headers.insert(NAME, HeaderValue::from_static("dokeres"));
    let key = self.served.offer.files.as_ref().map_or("", |files| &files.key);
    headers.extend(HeaderValue::try_from(key).ok().map(|key| (SHARED_KEY, key)));
    for method in call::methods(&self.served.offer) {
      headers.append(METHOD, HeaderValue::from_static(method));
    }
    headers
  }

  /// To be taken before [`Self::serve`], and read after the build failed.
  pub fn failure(&self) -> Failure {
    self.served.failure.clone()
  }

  /// Answers the engine until it closes the connection. Dropping the future ends every call.
  pub async fn serve<T>(self, io: T) -> Result<(), SessionError>
  where
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
  {
    let handshake = h2::server::Builder::new()
      .max_concurrent_streams(MOST_CALLS)
      .initial_window_size(CALL_WINDOW)
      .initial_connection_window_size(CONNECTION_WINDOW)
      .max_header_list_size(LARGEST_HEAD)
      .handshake(io);
    let mut connection = match handshake.await {
      Ok(connection) => connection,
      Err(error) => return closed(error),
    };
    let mut calls = JoinSet::new();
    loop {
      tokio::select! {
        accepted = connection.accept() => match accepted {
          Some(Ok((request, respond))) => {
            calls.spawn(call::answer(Arc::clone(&self.served), request, respond));
          }
          Some(Err(error)) => return closed(error),
          None => return Ok(()),
        },
        Some(_) = calls.join_next() => {}
      }
    }
  }
}

/// The engine has no need to say farewell; a connection that just ends is the ordinary end.
fn closed(error: h2::Error) -> Result<(), SessionError> {
  use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
  let hung_up = error.get_io().is_some_and(|error| {
    matches!(error.kind(), BrokenPipe | ConnectionAborted | ConnectionReset | UnexpectedEof)
  });
  let farewell = error.is_go_away() && error.reason() == Some(h2::Reason::NO_ERROR);
  if hung_up || farewell { Ok(()) } else { Err(error.into()) }
}

fn random_id() -> String {
  use std::hash::{BuildHasher, RandomState};
  // Each `RandomState` is keyed anew from the system's own randomness.
  format!("{:016x}{:016x}", RandomState::new().hash_one(0), RandomState::new().hash_one(1))
}
