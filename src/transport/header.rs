//! A request as it goes over the wire: origin-form target, our headers, the user's.

use http::header::{HOST, HeaderName, USER_AGENT};
use http::uri::PathAndQuery;
use http::{HeaderValue, Request, Uri};

use super::address::{Address, bracketed};
use super::body::Body;
use super::config::ClientConfig;

const AGENT: &str = concat!("dokeres/", env!("CARGO_PKG_VERSION"));

const AUTH: [HeaderName; 2] =
  [HeaderName::from_static("x-registry-auth"), HeaderName::from_static("x-registry-config")];

/// What `Host` says; behind a socket there is no name, and the engine wants one all the same.
pub(super) fn host_of(address: &Address) -> HeaderValue {
  match address {
    Address::Tcp { host, port } | Address::Tls { host, port } => {
      HeaderValue::try_from(format!("{}:{port}", bracketed(host)))
        .unwrap_or(HeaderValue::from_static("docker"))
    }
    _ => HeaderValue::from_static("docker"),
  }
}

/// What goes before each path.
#[derive(Debug, Clone, Default)]
pub struct Prefix {
  /// Of a proxy's, like `/engine`, or nothing.
  pub path: String,
  /// Of the API, like `/v1.41`, or nothing: the engine's own. A path that has one keeps it.
  pub version: String,
}

impl Prefix {
  /// A path that would not be one stays without.
  fn before(&self, target: PathAndQuery) -> PathAndQuery {
    if self.path.is_empty() && self.version.is_empty() {
      return target;
    }
    let text = target.as_str();
    let rest = text.strip_prefix("/v").unwrap_or_default();
    let has_version = rest.starts_with(|first: char| first.is_ascii_digit());
    let version = if has_version { "" } else { &self.version };
    PathAndQuery::try_from(format!("{}{version}{text}", self.path)).unwrap_or(target)
  }
}

pub(super) fn prepare(request: &mut Request<Body>, host: &HeaderValue, config: &ClientConfig) {
  let target =
    request.uri().path_and_query().cloned().unwrap_or_else(|| PathAndQuery::from_static("/"));
  *request.uri_mut() = Uri::from(config.prefix.before(target));
  *request.version_mut() = http::Version::HTTP_11;
  let headers = request.headers_mut();
  for name in &AUTH {
    if let Some(value) = headers.get_mut(name) {
      url_safe(value);
    }
  }
  let own = &config.headers;
  for name in own.keys() {
    if !headers.contains_key(name) {
      for value in own.get_all(name) {
        headers.append(name, value.clone());
      }
    }
  }
  if !headers.contains_key(HOST) {
    headers.insert(HOST, host.clone());
  }
  if !headers.contains_key(USER_AGENT) {
    headers.insert(USER_AGENT, HeaderValue::from_static(AGENT));
  }
}

/// The engine decodes base64url; bollard and some users write the standard alphabet.
fn url_safe(value: &mut HeaderValue) {
  if !value.as_bytes().iter().any(|byte| matches!(byte, b'+' | b'/')) {
    return;
  }
  let swapped: Vec<u8> = value
    .as_bytes()
    .iter()
    .map(|byte| match byte {
      b'+' => b'-',
      b'/' => b'_',
      other => *other,
    })
    .collect();
  if let Ok(mut swapped) = HeaderValue::from_bytes(&swapped) {
    swapped.set_sensitive(true);
    *value = swapped;
  }
}
