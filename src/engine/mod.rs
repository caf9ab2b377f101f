//! The engine core: everything that dokeres does, without a word of JavaScript in it.

pub mod batch;
pub(crate) mod call;
pub mod container;
pub mod containers;
pub(crate) mod create;
pub mod diagnose;
pub mod error;
pub mod events;
pub mod exchange;
pub mod fault;
pub mod image;
pub mod images;
pub mod json;
pub mod monitor;
pub mod networks;
pub mod options;
pub mod panics;
pub mod plugins;
pub mod reaper;
pub mod reference;
mod reply;
pub mod request;
pub mod scope;
pub mod session;
mod single_flight;
pub mod size;
pub mod stream;
pub mod swarm;
pub mod system;
mod typed;
pub mod volumes;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::OnceCell;

use crate::endpoint::{self, Endpoint, EndpointError, EndpointOptions, Environment};
use crate::transport::{Client, ClientConfig, Prefix, SshOptions};

use self::error::{Code, EngineError, Result};
use self::session::{Session, SessionOptions};

/// What `new Dokeres(…)` was given.
#[derive(Clone, Default)]
pub struct EngineOptions {
  pub endpoint: EndpointOptions,
  pub ssh: SshOptions,
  pub headers: http::HeaderMap,
  pub prefix: Prefix,
  pub connect_timeout: Option<Duration>,
  pub timeout: Option<Duration>,
  pub max_connections: Option<usize>,
  pub session: Option<SessionOptions>,
}

/// An engine, not yet connected. Cheap to clone; clones share one connection pool.
#[derive(Clone)]
pub struct Engine(Arc<Inner>);

struct Inner {
  options: EngineOptions,
  environment: Environment,
  connection: OnceCell<Connection>,
  usage: Mutex<images::Usage>,
  joining: tokio::sync::Mutex<()>,
  session: Option<Session>,
}

/// The way to an engine, once its address is known.
pub struct Connection {
  pub endpoint: Endpoint,
  pub client: Client,
  pub docker: bollard::Docker,
}

impl Engine {
  /// Does no I/O. The environment is read here, so that a later change of it changes nothing.
  #[must_use]
  pub fn new(options: EngineOptions) -> Self {
    let environment = Environment::current();
    let session = options.session.clone().map(Session::new);
    Self(Arc::new(Inner {
      options,
      environment,
      connection: OnceCell::new(),
      usage: Mutex::default(),
      joining: tokio::sync::Mutex::default(),
      session,
    }))
  }

  /// The connection: its endpoint is resolved by the first call; a failure to is not remembered.
  pub async fn connection(&self) -> Result<&Connection> {
    self.0.connection.get_or_try_init(|| self.resolve()).await
  }

  /// The endpoint as far as it is known without I/O.
  #[must_use]
  pub fn resolved(&self) -> Option<&Endpoint> {
    self.0.connection.get().map(|connection| &connection.endpoint)
  }

  #[must_use]
  pub fn environment(&self) -> &Environment {
    &self.0.environment
  }

  #[must_use]
  pub fn options(&self) -> &EngineOptions {
    &self.0.options
  }

  /// What marks the containers that it makes, where that was asked for.
  #[must_use]
  pub fn session(&self) -> Option<&Session> {
    self.0.session.as_ref()
  }

  /// What has been learnt of when images were used.
  #[must_use]
  pub fn usage(&self) -> images::Usage {
    self.0.usage.lock().unwrap_or_else(PoisonError::into_inner).clone()
  }

  pub fn remember_usage(&self, usage: images::Usage) {
    *self.0.usage.lock().unwrap_or_else(PoisonError::into_inner) = usage;
  }

  /// For one at a time to join a network, or to leave it: of running containers that do so at once
  /// engines of 20.10 lock up, and with them all that have to do with networks.
  pub async fn joining(&self) -> tokio::sync::MutexGuard<'_, ()> {
    self.0.joining.lock().await
  }

  async fn resolve(&self) -> Result<Connection> {
    let options = &self.0.options;
    let endpoint = endpoint::resolve(&options.endpoint, &self.0.environment)
      .await
      .map_err(|error| unresolved(&error))?;
    let mut config = ClientConfig::new(endpoint.address.clone());
    config.tls.clone_from(&endpoint.tls);
    config.ssh = options.ssh.clone();
    config.headers = options.headers.clone();
    config.prefix = options.prefix.clone();
    if let Some(timeout) = options.connect_timeout {
      config.connect_timeout = timeout;
    }
    if let Some(timeout) = options.timeout {
      config.response_timeout = Some(timeout);
    }
    if let Some(count) = options.max_connections {
      config.max_connections = count;
    }
    let client = Client::new(config);
    let docker = typed::docker_over(&client)?;
    Ok(Connection { endpoint, client, docker })
  }
}

fn unresolved(error: &EndpointError) -> EngineError {
  let (code, path) = match error {
    EndpointError::NotFound { .. } => (Code::EngineUnreachable, None),
    EndpointError::NoSuchContext { .. } | EndpointError::BadContext { .. } => {
      (Code::InvalidOption, Some("context"))
    }
    // No option, but a file.
    EndpointError::BadConfig { .. } => (Code::InvalidOption, None),
    EndpointError::BadHost { .. } => (Code::InvalidOption, Some("host")),
  };
  EngineError::new(code, error.to_string()).with(|facts| {
    facts.path = path.map(str::to_owned);
    if let EndpointError::NotFound { tried } = error {
      facts.endpoint = Some(serde_json::json!({ "url": null, "source": null, "tried": tried }));
    }
  })
}

/// A word that no other call of this or another process comes up with.
fn unique() -> String {
  use std::hash::{BuildHasher, RandomState};
  // Each `RandomState` is keyed anew from the system's own randomness.
  format!("{:016x}{:016x}", RandomState::new().hash_one(0), RandomState::new().hash_one(1))
}
