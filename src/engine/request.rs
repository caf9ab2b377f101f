//! Any call of the engine's API, for what has no method of its own.

use std::collections::BTreeMap;

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Engine;
use super::call::Call;
use super::error::{Code, EngineError, Result};
use super::fault::Subject;
use super::options::{Map, Scalar};

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Request {
  #[serde(default)]
  pub method: Option<String>,
  pub path: String,
  #[serde(default)]
  pub query: BTreeMap<String, Value>,
  #[serde(default)]
  pub body: Option<Value>,
  #[serde(default)]
  pub headers: Map,
}

pub enum Reply {
  Json(String),
  Text(String),
  Nothing,
}

pub async fn get(engine: &Engine, path: &str) -> Result<String> {
  Call::get("cannot ask", Subject::Engine, path).text(engine).await
}

/// The headers with which an engine answers a ping.
pub async fn greeting(engine: &Engine) -> Result<HeaderMap> {
  let response = Call::get("cannot reach", Subject::Engine, "/_ping").send(engine).await?;
  Ok(response.headers().clone())
}

/// What the engine says of itself before anything else.
pub async fn ping(engine: &Engine) -> Result<Value> {
  let headers = greeting(engine).await?;
  let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
  // Podman says it only so: `Libpod/4.3.1 (linux)`.
  let system = || header("server")?.strip_suffix(')')?.rsplit_once('(').map(|(_, system)| system);
  Ok(json!({
    "apiVersion": header("api-version"),
    "osType": header("ostype").or_else(system),
    "builderVersion": header("builder-version"),
    "experimental": header("docker-experimental") == Some("true"),
    "swarm": header("swarm"),
  }))
}

/// Sends it; JSON in, JSON out.
pub async fn send(engine: &Engine, request: Request) -> Result<Reply> {
  let method = request.method.as_deref().unwrap_or("GET").to_ascii_uppercase();
  let method = Method::from_bytes(method.as_bytes())
    .map_err(|_| EngineError::invalid("method", format!("`{method}` is not a method")))?;
  if !request.path.starts_with('/') {
    return Err(EngineError::invalid("path", "a path starts with a slash, like '/info'"));
  }
  let (path, inline) = match request.path.split_once('?') {
    Some((path, query)) => (path.to_owned(), Some(query.to_owned())),
    None => (request.path, None),
  };
  let mut call =
    Call::new(method, "cannot call", Subject::Engine, path).headers(headers(&request.headers)?);
  for (name, value) in url::form_urlencoded::parse(inline.unwrap_or_default().as_bytes()) {
    call = call.query(&name, value);
  }
  for (name, value) in &request.query {
    call = match value {
      Value::String(text) => call.query(name, text),
      Value::Bool(_) | Value::Number(_) => call.query(name, value),
      // Filters and the like are JSON within the query, as the engine wants them.
      other => call.query(name, other),
    };
  }
  if let Some(body) = &request.body {
    call = call.json(body)?;
  }
  let body = call.bytes(engine).await.map_err(by_its_status)?;
  if body.is_empty() {
    return Ok(Reply::Nothing);
  }
  let is_json = serde_json::from_slice::<serde::de::IgnoredAny>(&body).is_ok();
  let text = String::from_utf8_lossy(&body).into_owned();
  Ok(if is_json { Reply::Json(text) } else { Reply::Text(text) })
}

/// Whoever names a path is told that there is nothing there, as of any other.
fn by_its_status(error: EngineError) -> EngineError {
  let has_no_such_call = error.is(Code::NotSupported) && error.facts().status_code == Some(404);
  if has_no_such_call { error.with(|facts| facts.code = Code::NotFound) } else { error }
}

pub fn headers(map: &BTreeMap<String, Scalar>) -> Result<HeaderMap> {
  let mut headers = HeaderMap::new();
  for (name, value) in map {
    let path = format!("headers.{name}");
    let key = HeaderName::from_bytes(name.as_bytes())
      .map_err(|_| EngineError::invalid(&path, "not a header's name"))?;
    // The value may be a secret: it is not told.
    let value = HeaderValue::from_str(&value.0)
      .map_err(|_| EngineError::invalid(&path, "not a header's value"))?;
    headers.insert(key, value);
  }
  Ok(headers)
}
