//! Requests and replies: one way to ask the engine, one way to read its refusal.

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::transport::{
  Body, TransportError, Upgraded, body_fault as transport_fault, read_refusal, read_whole,
};

use super::error::{Code, EngineError, Result};
use super::fault::{self, Subject};
use super::reply::message_of;
use super::{Connection, Engine};

const PATH_SEGMENT: &AsciiSet =
  &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b':').remove(b'/');

/// A request in the making: `Call::post("start", subject, format!(…)).query("t", 3).send(&engine)`.
pub struct Call {
  doing: &'static str,
  subject: Subject,
  method: Method,
  path: String,
  query: Vec<(String, String)>,
  headers: HeaderMap,
  body: Body,
  extensions: http::Extensions,
}

impl Call {
  /// `doing` begins the message of a refusal: “cannot start”.
  pub fn new(
    method: Method,
    doing: &'static str,
    subject: Subject,
    path: impl Into<String>,
  ) -> Self {
    Self {
      doing,
      subject,
      method,
      path: path.into(),
      query: Vec::new(),
      headers: HeaderMap::new(),
      body: Body::empty(),
      extensions: http::Extensions::new(),
    }
  }

  pub fn get(doing: &'static str, subject: Subject, path: impl Into<String>) -> Self {
    Self::new(Method::GET, doing, subject, path)
  }

  pub fn post(doing: &'static str, subject: Subject, path: impl Into<String>) -> Self {
    Self::new(Method::POST, doing, subject, path)
  }

  #[expect(clippy::needless_pass_by_value, reason = "numbers and flags come as they are")]
  pub fn query(mut self, name: &str, value: impl ToString) -> Self {
    self.query.push((name.to_owned(), value.to_string()));
    self
  }

  pub fn query_if(self, name: &str, value: Option<impl ToString>) -> Self {
    match value {
      Some(value) => self.query(name, value),
      None => self,
    }
  }

  pub fn header(mut self, name: &'static str, value: &str) -> Result<Self> {
    let value = value
      .parse()
      .map_err(|_| EngineError::invalid("headers", format!("`{name}` is not a header value")))?;
    self.headers.insert(name, value);
    Ok(self)
  }

  pub fn headers(mut self, headers: HeaderMap) -> Self {
    self.headers.extend(headers);
    self
  }

  pub fn json(mut self, value: &impl Serialize) -> Result<Self> {
    self.body = Body::json(value).map_err(|error| EngineError::internal(error.to_string()))?;
    self
      .headers
      .insert(http::header::CONTENT_TYPE, http::HeaderValue::from_static("application/json"));
    Ok(self)
  }

  pub fn body(mut self, body: Body, content_type: &'static str) -> Self {
    self.body = body;
    self.headers.insert(http::header::CONTENT_TYPE, http::HeaderValue::from_static(content_type));
    self
  }

  /// Sends it and takes the reply's head; an error status has become an error.
  pub async fn send(self, engine: &Engine) -> Result<Response<Incoming>> {
    let connection = engine.connection().await?;
    let (doing, subject) = (self.doing, self.subject.clone());
    let response = connection
      .client
      .send(self.into_request()?)
      .await
      .map_err(|error| connection.fault(doing, &subject, error))?;
    if response.status().is_success() || response.status() == StatusCode::NOT_MODIFIED {
      return Ok(response);
    }
    Err(refusal(connection, doing, &subject, response).await)
  }

  /// Sends it and reads the whole reply.
  pub async fn bytes(self, engine: &Engine) -> Result<Bytes> {
    self.whole(engine).await.map(|(_, bytes)| bytes)
  }

  async fn whole(self, engine: &Engine) -> Result<(HeaderMap, Bytes)> {
    let (doing, subject) = (self.doing, self.subject.clone());
    let mut response = self.send(engine).await?;
    let headers = std::mem::take(response.headers_mut());
    let connection = engine.connection().await?;
    let read = Box::pin(read_whole(response)).await;
    Ok((headers, read.map_err(|error| connection.fault(doing, &subject, error))?))
  }

  /// The reply's JSON, untouched: V8 parses it faster than we could build it, and loses no field.
  pub async fn text(self, engine: &Engine) -> Result<String> {
    let bytes = self.bytes(engine).await?;
    String::from_utf8(bytes.into()).map_err(|_| not_understood("the reply is not UTF-8"))
  }

  pub async fn read<T: DeserializeOwned>(self, engine: &Engine) -> Result<T> {
    self.read_with_headers(engine).await.map(|(_, read)| read)
  }

  pub async fn read_with_headers<T: DeserializeOwned>(
    self,
    engine: &Engine,
  ) -> Result<(HeaderMap, T)> {
    let (headers, bytes) = self.whole(engine).await?;
    let read = serde_json::from_slice(&bytes);
    Ok((headers, read.map_err(|error| not_understood(&error.to_string()))?))
  }

  pub async fn done(self, engine: &Engine) -> Result<()> {
    self.bytes(engine).await.map(drop)
  }

  /// Takes the connection over, for both directions.
  pub async fn upgrade(self, engine: &Engine) -> Result<(HeaderMap, crate::transport::UpgradedIo)> {
    let connection = engine.connection().await?;
    let (doing, subject) = (self.doing, self.subject.clone());
    let upgraded = connection
      .client
      .upgrade(self.into_request()?)
      .await
      .map_err(|error| connection.fault(doing, &subject, error))?;
    match upgraded {
      Upgraded::Stream { headers, io } => Ok((headers, io)),
      Upgraded::Refused(response) => Err(refusal(connection, doing, &subject, response).await),
    }
  }

  fn into_request(self) -> Result<Request<Body>> {
    let mut target = utf8_percent_encode(&self.path, PATH_SEGMENT).to_string();
    if !self.query.is_empty() {
      let mut query = url::form_urlencoded::Serializer::new(String::new());
      target.push('?');
      target.push_str(&query.extend_pairs(&self.query).finish());
    }
    let mut request = Request::builder()
      .method(self.method)
      .uri(target)
      .body(self.body)
      .map_err(|error| EngineError::internal(error.to_string()))?;
    *request.headers_mut() = self.headers;
    *request.extensions_mut() = self.extensions;
    Ok(request)
  }
}

async fn refusal(
  connection: &Connection,
  doing: &str,
  subject: &Subject,
  response: Response<Incoming>,
) -> EngineError {
  let status = response.status().as_u16();
  match Box::pin(read_refusal(response)).await {
    Ok(body) if body.starts_with(b"Client sent an HTTP request to an HTTPS server") => {
      let why =
        "it wants TLS; set DOCKER_TLS_VERIFY and DOCKER_CERT_PATH, or give ca, cert and key";
      connection.fault(doing, subject, TransportError::Tls(why.to_owned()))
    }
    Ok(body) => fault::from_reply(doing, subject, status, &message_of(&body)),
    Err(error) => connection.fault(doing, subject, error),
  }
}

pub fn not_understood(why: &str) -> EngineError {
  EngineError::new(
    Code::ProtocolError,
    format!("the engine's reply could not be understood: {why}"),
  )
}

/// What to do about a socket that may not be opened.
pub const JOIN_THE_GROUP: &str = "add your user to the `docker` group (or whichever has the socket) and log in again, or use a rootless engine";

impl Connection {
  /// A failure of the connection, told with the endpoint, why it was chosen and all that was tried.
  pub fn fault(&self, doing: &str, subject: &Subject, error: TransportError) -> EngineError {
    let endpoint = &self.endpoint;
    let at = format!("{} (from {})", endpoint.address, endpoint.source);
    let what = || format!("{doing} {}", subject.named());
    let (code, text) = match error {
      TransportError::Body(error) => return body_fault(error),
      TransportError::Unreachable(_) | TransportError::ConnectTimeout(_) => (
        Code::EngineUnreachable,
        format!("no engine at {at}: {error}; is it running, and is that the address?"),
      ),
      TransportError::Broken(_) => (Code::EngineUnreachable, format!("{}: {error} ({at})", what())),
      TransportError::PermissionDenied(_) => {
        (Code::PermissionDenied, format!("may not open {at}: {error}; {JOIN_THE_GROUP}"))
      }
      TransportError::Tls(_) => (Code::TlsError, format!("no TLS connection with {at}: {error}")),
      TransportError::ResponseTimeout(_) | TransportError::Silence(_) => {
        let text = format!("{}: {error} from {at}; raise `timeout` if it needs longer", what());
        (Code::Timeout, text)
      }
      TransportError::Protocol(_) => {
        (Code::ProtocolError, format!("{at} does not speak the engine's API: {error}"))
      }
      TransportError::TooLarge(_) => (Code::MaxBuffer, format!("{}: {error}", what())),
      TransportError::NotSupported(_) => (Code::NotSupported, format!("{at}: {error}")),
    };
    subject.annotate(EngineError::new(code, text).with(|facts| {
      facts.endpoint = serde_json::to_value(endpoint).ok();
    }))
  }

  /// The connection ended within a reply.
  pub fn broken(&self, doing: &str, subject: &Subject, error: &hyper::Error) -> EngineError {
    self.fault(doing, subject, transport_fault(error))
  }
}

/// A body's failure is its producer's own, where that is ours.
pub fn body_fault(error: std::io::Error) -> EngineError {
  match error.downcast::<EngineError>() {
    Ok(error) => error,
    Err(error) => EngineError::new(Code::BadRequest, format!("the request's body failed: {error}")),
  }
}
