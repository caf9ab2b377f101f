//! What a client is made of.

use std::time::Duration;

use http::HeaderMap;

use super::address::Address;
use super::header::Prefix;
use super::ssh::SshOptions;
use super::tls::TlsMaterial;

/// Everything that `Client::new` needs to know.
#[derive(Clone)]
pub struct ClientConfig {
  pub address: Address,
  pub tls: Option<TlsMaterial>,
  pub ssh: SshOptions,
  pub connect_timeout: Duration,
  /// For the response's head of calls of class `Short`.
  pub response_timeout: Option<Duration>,
  /// How many calls of class `Short` may be under way at a time.
  pub max_connections: usize,
  /// The user's own, added to each request that does not have them.
  pub headers: HeaderMap,
  pub prefix: Prefix,
}

impl ClientConfig {
  #[must_use]
  pub fn new(address: Address) -> Self {
    Self {
      address,
      tls: None,
      ssh: SshOptions::default(),
      connect_timeout: Duration::from_secs(5),
      response_timeout: Some(Duration::from_secs(60)),
      max_connections: 64,
      headers: HeaderMap::new(),
      prefix: Prefix::default(),
    }
  }
}
