//! One HTTP request of a readiness check, by the same client that speaks with the engine: redirects are
//! not followed, and a reply's body is read as far as it may matter.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use serde_json::{Value, json};

use super::condition::{HttpCheck, Tls};
use super::pattern::Found;
use super::reach::Target;
use crate::engine::error::{Code, EngineError, Result};
use crate::engine::stream::Channel;
use crate::transport::{
  Address, Body, Class, Client, ClientConfig, Pem, Timeout, TlsMaterial, TransportError,
};

/// How long one request may take.
const WITHIN: Duration = Duration::from_secs(5);

/// How much of a body is looked at.
const LONGEST: usize = 1 << 20;

/// What a reply that was good enough said.
pub struct Reply {
  pub told: Value,
  pub matched: Option<Found>,
}

/// Asks once; the inner error says why it is not there yet.
pub async fn ask(check: &HttpCheck, target: &Target) -> Result<Result<Reply, String>> {
  match tokio::time::timeout(WITHIN, exchange(check, target)).await {
    Ok(outcome) => outcome,
    Err(_) => Ok(Err(format!("no reply within {} s", WITHIN.as_secs()))),
  }
}

async fn exchange(check: &HttpCheck, target: &Target) -> Result<Result<Reply, String>> {
  let client = Client::new(config(check, target));
  let mut request = http::Request::builder()
    .method(check.method.clone())
    .uri(&check.path)
    .body(Body::empty())
    .map_err(|error| EngineError::invalid("http.path", error))?;
  *request.headers_mut() = check.headers.clone();
  request.extensions_mut().insert(Class::Long);
  request.extensions_mut().insert(Timeout(WITHIN));
  let response = match client.send(request).await {
    Ok(response) => response,
    // Material that cannot be read does not get better by waiting.
    Err(TransportError::Tls(why)) if why.contains("`ca`") => {
      return Err(EngineError::new(Code::TlsError, why));
    }
    Err(error) => return Ok(Err(error.to_string())),
  };
  let (parts, mut body) = response.into_parts();
  let status = parts.status.as_u16();
  let is_wanted = if check.status.is_empty() {
    (200..400).contains(&status)
  } else {
    check.status.contains(&status)
  };
  if !is_wanted {
    return Ok(Err(format!("status {status}")));
  }
  let mut held = BytesMut::new();
  while held.len() < LONGEST
    && let Some(frame) = body.frame().await
  {
    match frame {
      Ok(frame) => held.extend_from_slice(&frame.into_data().unwrap_or_default()),
      Err(error) => return Ok(Err(error.to_string())),
    }
  }
  let held: Bytes = held.freeze();
  let matched = match &check.body {
    None => None,
    Some(pattern) => {
      let mut search = pattern.begin().await?;
      match search(Channel::Stdout, held.clone()).await? {
        Some(found) => Some(found),
        None => return Ok(Err(format!("status {status}, without {pattern} in the body"))),
      }
    }
  };
  let told = json!({
    "status": status,
    "headers": headers_told(&parts.headers),
    "body": String::from_utf8_lossy(&held),
    "url": url(check, target),
  });
  Ok(Ok(Reply { told, matched }))
}

fn url(check: &HttpCheck, target: &Target) -> String {
  let scheme = if check.tls.is_some() { "https" } else { "http" };
  let host =
    if target.host.contains(':') { format!("[{}]", target.host) } else { target.host.clone() };
  format!("{scheme}://{host}:{}{}", target.port, check.path)
}

fn config(check: &HttpCheck, target: &Target) -> ClientConfig {
  let (host, port) = (target.host.clone(), target.port);
  let Some(Tls { insecure, ca }) = &check.tls else {
    return ClientConfig::new(Address::Tcp { host, port });
  };
  // A certificate for what is reached by a loopback address is one for `localhost`, as a rule.
  let is_loopback = host.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback());
  let ca = ca.as_ref().map(|ca| {
    if ca.contains("-----BEGIN") {
      Pem::Bytes(ca.clone().into_bytes())
    } else {
      Pem::File(ca.into())
    }
  });
  let mut config = ClientConfig::new(Address::Tls { host, port });
  config.tls = Some(TlsMaterial {
    ca,
    skip_verify: *insecure,
    server_name: is_loopback.then(|| "localhost".to_owned()),
    ..TlsMaterial::default()
  });
  config
}

/// Headers of a reply as JSON; what comes more than once is joined, as everywhere.
fn headers_told(headers: &http::HeaderMap) -> Value {
  let mut told = BTreeMap::<String, String>::new();
  for (name, value) in headers {
    let value = String::from_utf8_lossy(value.as_bytes());
    let entry = told.entry(name.to_string()).or_default();
    if !entry.is_empty() {
      entry.push_str(", ");
    }
    entry.push_str(&value);
  }
  serde_json::to_value(told).unwrap_or_default()
}
