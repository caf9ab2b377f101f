//! Where the engine is: an option, the environment, docker's contexts, or where engines usually are.

mod context;
mod discover;
mod environment;
mod error;
mod tls;
mod trust;

#[cfg(test)]
mod tests;

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

pub use environment::Environment;
pub use error::EndpointError;

use crate::transport::{Address, TlsMaterial};

/// What the caller said.
#[derive(Clone, Default)]
pub struct EndpointOptions {
  /// A socket's path or a URL.
  pub host: Option<String>,
  pub context: Option<String>,
  pub tls: Option<TlsMaterial>,
  pub tls_verify: Option<bool>,
}

/// Where it is, and why there.
#[derive(Clone)]
pub struct Endpoint {
  pub address: Address,
  pub tls: Option<TlsMaterial>,
  /// What decided it, for people to read.
  pub source: String,
  /// All that was considered, in order; the last is the one.
  pub tried: Vec<Tried>,
}

/// One place that was considered.
#[derive(Debug, Clone, Serialize)]
pub struct Tried {
  pub url: String,
  pub source: String,
  /// Why it is not the one.
  #[serde(skip_serializing_if = "Option::is_none")]
  pub error: Option<String>,
}

impl Serialize for Endpoint {
  fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
    let mut object = serializer.serialize_struct("Endpoint", 3)?;
    object.serialize_field("url", &self.address.to_string())?;
    object.serialize_field("source", &self.source)?;
    object.serialize_field("tried", &self.tried)?;
    object.end()
  }
}

impl Endpoint {
  fn at(address: Address, tls: Option<TlsMaterial>, source: String) -> Self {
    let tried = vec![Tried { url: address.to_string(), source: source.clone(), error: None }];
    Self { address, tls, source, tried }
  }
}

/// Finds it, in the contract's order. Only places that nobody named are asked whether an engine
/// answers there; of the others the first call will tell.
pub async fn resolve(
  options: &EndpointOptions,
  environment: &Environment,
) -> Result<Endpoint, EndpointError> {
  if let Some(host) = &options.host {
    return named(host, "the host option", options, environment).await;
  }
  if let Some(name) = &options.context {
    let source = format!("context `{name}`, the context option");
    return of_context(name, source, options, environment).await;
  }
  if let Some(host) = environment.get("DOCKER_HOST") {
    return named(host, "DOCKER_HOST", options, environment).await;
  }
  if let Some(name) = environment.get("DOCKER_CONTEXT") {
    let source = format!("context `{name}`, from DOCKER_CONTEXT");
    return of_context(name, source, options, environment).await;
  }
  if let Some((name, file)) = context::current(environment).await? {
    let source = format!("context `{name}`, currentContext of {}", file.display());
    return of_context(&name, source, options, environment).await;
  }
  discover::find(environment).await
}

/// An address that somebody gave.
async fn named(
  host: &str,
  source: &str,
  options: &EndpointOptions,
  environment: &Environment,
) -> Result<Endpoint, EndpointError> {
  let address = Address::parse(host)
    .map_err(|why| EndpointError::BadHost { origin: source.to_owned(), why })?;
  let tls = match &options.tls {
    Some(given) => Some(given.clone()),
    None => tls::of_environment(&address, options.tls_verify, environment).await,
  };
  let (address, tls) = tls::applied(address, tls, options.tls_verify);
  Ok(Endpoint::at(address, tls, source.to_owned()))
}

/// A context's address with its TLS material. The one called `default` is no context but what there
/// is without one.
async fn of_context(
  name: &str,
  source: String,
  options: &EndpointOptions,
  environment: &Environment,
) -> Result<Endpoint, EndpointError> {
  if name == context::DEFAULT {
    return match environment.get("DOCKER_HOST") {
      Some(host) => named(host, "DOCKER_HOST", options, environment).await,
      None => discover::find(environment).await,
    };
  }
  let found = context::load(name, &source, environment).await?;
  let address = Address::parse(&found.host)
    .map_err(|why| EndpointError::BadHost { origin: source.clone(), why })?;
  let material = options.tls.clone().or(found.tls);
  let (address, tls) = tls::applied(address, material, options.tls_verify);
  Ok(Endpoint::at(address, tls, source))
}
