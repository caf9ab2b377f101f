//! A raw exchange: any request as it is, and the reply's head and bytes as they come.
//!
//! An error's status is a reply like any other here: whoever asked knows what it expects.

use std::time::Duration;

use http::{HeaderMap, Request, StatusCode};
use tokio::io::split;

use super::Engine;
use super::container::Stdin;
use super::error::{EngineError, Result};
use super::fault::Subject;
use super::stream::{Batches, Source, Wire};
use crate::transport::{Body, Timeout, Upgraded};

const DOING: &str = "cannot call";

pub struct Exchange {
  pub method: http::Method,
  /// Path and query, encoded.
  pub target: String,
  pub headers: HeaderMap,
  pub body: Body,
  /// Whether the connection is to be taken over for both directions.
  pub upgrade: bool,
  /// For the reply's head, whatever kind of call it is.
  pub timeout: Option<Duration>,
}

pub struct Answer {
  pub status: StatusCode,
  pub headers: HeaderMap,
  pub output: Batches,
  /// Where the connection was taken over.
  pub input: Option<Stdin>,
}

impl Exchange {
  pub async fn send(self, engine: &Engine) -> Result<Answer> {
    let connection = engine.connection().await?;
    let upgrade = self.upgrade;
    let request = self.into_request()?;
    let client = &connection.client;
    let told = |error| connection.fault(DOING, &Subject::Engine, error);
    let response = if upgrade {
      match client.upgrade(request).await.map_err(told)? {
        Upgraded::Refused(response) => response,
        Upgraded::Stream { headers, io } => {
          let (read, write) = split(io);
          let output = Batches::new(Source::Bytes(Wire::io(read)));
          let input = Some(Stdin::new(write));
          return Ok(Answer { status: StatusCode::SWITCHING_PROTOCOLS, headers, output, input });
        }
      }
    } else {
      client.send(request).await.map_err(told)?
    };
    let (head, body) = response.into_parts();
    let output = Batches::new(Source::Bytes(Wire::Body(body)));
    Ok(Answer { status: head.status, headers: head.headers, output, input: None })
  }

  fn into_request(self) -> Result<Request<Body>> {
    let mut request = Request::builder()
      .method(self.method)
      .uri(&self.target)
      .body(self.body)
      .map_err(|error| EngineError::invalid("path", error.to_string()))?;
    *request.headers_mut() = self.headers;
    if let Some(limit) = self.timeout {
      request.extensions_mut().insert(Timeout(limit));
    }
    Ok(request)
  }
}
