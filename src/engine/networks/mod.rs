//! All networks of an engine: made, joined, left, and the addresses that are free in them.

mod address;
mod create;
pub mod prune;
mod subnet;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::net::IpAddr;

use http::Method;
use serde::Deserialize;
use serde_json::{Map, Value, json};

pub use address::{AddressOptions, Family, next_free};
pub use create::{CreateOptions, create};

use super::Engine;
use super::call::Call;
use super::error::{Code, EngineError, Result};
use super::fault::Subject;
use super::images::list::Filters;
use super::options::Scalar;

/// How often an address is sought anew that somebody else was quicker to take.
const ATTEMPTS: usize = 32;

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ListOptions {
  pub filters: Filters,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct InspectOptions {
  /// The services and tasks of a swarm's network as well.
  pub verbose: bool,
  /// Where two have the name: `local`, `global`, `swarm`.
  pub scope: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct RemoveOptions {
  /// Quiet where there is none.
  pub force: bool,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct DisconnectOptions {
  /// Also of a container that is gone, or does not answer for it.
  pub force: bool,
}

/// `networks.connect(name, container, { … })`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ConnectOptions {
  pub ipv4: Option<String>,
  pub ipv6: Option<String>,
  pub link_local_ips: Vec<String>,
  pub aliases: Vec<String>,
  pub links: Vec<String>,
  pub mac_address: Option<String>,
  pub driver_opts: BTreeMap<String, Scalar>,
  pub gw_priority: Option<i64>,
}

/// A network's path: its name is one word of it, or it would lead somewhere else.
fn path_of(name: &str) -> Result<String> {
  if name.is_empty() || name.contains(['/', '\\']) || name.starts_with('.') {
    let why = format!("`{name}` is not a network's name or id");
    return Err(EngineError::invalid("name", why));
  }
  Ok(format!("/networks/{name}"))
}

/// Checks a name without asking anyone.
pub fn check(name: &str) -> Result<()> {
  path_of(name).map(drop)
}

fn subject(name: &str) -> Subject {
  Subject::Network(name.to_owned())
}

pub async fn list(engine: &Engine, options: &ListOptions) -> Result<String> {
  listing(&options.filters).text(engine).await
}

fn listing(filters: &Filters) -> Call {
  Call::get("cannot list the networks of", Subject::Engine, "/networks")
    .query_if("filters", filters.json())
}

pub async fn inspect(engine: &Engine, name: &str, options: &InspectOptions) -> Result<String> {
  inspecting(name, options)?.text(engine).await
}

fn inspecting(name: &str, options: &InspectOptions) -> Result<Call> {
  Ok(
    Call::get("cannot inspect", subject(name), path_of(name)?)
      .query_if("verbose", options.verbose.then_some(true))
      .query_if("scope", options.scope.as_ref()),
  )
}

pub async fn remove(engine: &Engine, name: &str, options: &RemoveOptions) -> Result<()> {
  let call = Call::new(Method::DELETE, "cannot remove", subject(name), path_of(name)?);
  match call.done(engine).await {
    Err(error) if options.force && error.is(Code::NetworkNotFound) => Ok(()),
    outcome => outcome,
  }
}

/// An address of its family, or `'next'`.
fn check_address(path: &str, text: Option<&String>, fits: fn(&IpAddr) -> bool) -> Result<()> {
  match text.map(String::as_str) {
    None | Some("next") => Ok(()),
    Some(text) if text.parse().is_ok_and(|address| fits(&address)) => Ok(()),
    Some(text) => {
      let why = format!("`{text}` is not an {path} address, nor 'next'");
      Err(EngineError::invalid(path, why))
    }
  }
}

impl ConnectOptions {
  /// What can be told wrong without asking.
  pub fn check(&self) -> Result<()> {
    check_address("ipv4", self.ipv4.as_ref(), IpAddr::is_ipv4)?;
    check_address("ipv6", self.ipv6.as_ref(), IpAddr::is_ipv6)
  }

  fn wants_next(&self) -> bool {
    [&self.ipv4, &self.ipv6].into_iter().any(|text| text.as_deref() == Some("next"))
  }

  fn config(&self, ipv4: Option<&str>, ipv6: Option<&str>) -> Value {
    let mut ipam = Map::new();
    let mut set = |key: &str, value: Option<Value>| {
      value.map(|value| ipam.insert(key.into(), value));
    };
    set("IPv4Address", ipv4.map(|address| json!(address)));
    set("IPv6Address", ipv6.map(|address| json!(address)));
    set("LinkLocalIPs", (!self.link_local_ips.is_empty()).then(|| json!(self.link_local_ips)));
    let mut config = Map::new();
    let mut set = |key: &str, value: Option<Value>| {
      value.map(|value| config.insert(key.into(), value));
    };
    set("IPAMConfig", (!ipam.is_empty()).then_some(Value::Object(ipam)));
    set("Aliases", (!self.aliases.is_empty()).then(|| json!(self.aliases)));
    set("Links", (!self.links.is_empty()).then(|| json!(self.links)));
    set("MacAddress", self.mac_address.as_ref().map(|address| json!(address)));
    set("DriverOpts", (!self.driver_opts.is_empty()).then(|| json!(texts(&self.driver_opts))));
    set("GwPriority", self.gw_priority.map(|priority| json!(priority)));
    Value::Object(config)
  }
}

fn texts(map: &BTreeMap<String, Scalar>) -> BTreeMap<&String, &String> {
  map.iter().map(|(name, value)| (name, &value.0)).collect()
}

/// Joins a container to a network. `'next'` is the next free address; where somebody takes it between
/// the look and the connecting, the one after it.
pub async fn connect(
  engine: &Engine,
  name: &str,
  container: &str,
  options: &ConnectOptions,
) -> Result<()> {
  let _one_at_a_time = engine.joining().await;
  let mut taken: Vec<IpAddr> = Vec::new();
  loop {
    let (mut ipv4, mut ipv6) = (options.ipv4.clone(), options.ipv6.clone());
    for (address, family) in [(&mut ipv4, Family::V4), (&mut ipv6, Family::V6)] {
      if address.as_deref() == Some("next") {
        let wanted = AddressOptions { family, ..AddressOptions::default() };
        *address = Some(next_free(engine, name, &wanted, &taken).await?.to_string());
      }
    }
    let body = json!({
      "Container": container,
      "EndpointConfig": options.config(ipv4.as_deref(), ipv6.as_deref()),
    });
    let path = format!("{}/connect", path_of(name)?);
    let call = Call::post("cannot connect a container to", subject(name), path).json(&body)?;
    match call.done(engine).await {
      Err(error) if options.wants_next() && is_taken(&error) && taken.len() < ATTEMPTS => {
        taken.extend(
          [ipv4, ipv6].into_iter().flatten().filter_map(|text| text.parse::<IpAddr>().ok()),
        );
      }
      outcome => return outcome.map_err(|error| advised(error, options)),
    }
  }
}

/// The engine's words for an address that another has; also read of a port's, whose words they are.
fn is_taken(error: &EngineError) -> bool {
  let text = error.facts().message.to_ascii_lowercase();
  text.contains("address already in use") || text.contains("address is already")
}

fn advised(error: EngineError, options: &ConnectOptions) -> EngineError {
  // Not a port's: nothing is published here.
  let error = if is_taken(&error) && error.is(Code::PortInUse) {
    error.with(|facts| {
      facts.code = Code::Conflict;
      let words = facts.message.split("; map to another port").next().unwrap_or_default();
      facts.message = format!("{words}; take another address, or 'next'");
    })
  } else {
    error
  };
  if options.ipv4.is_none() && options.ipv6.is_none() {
    return error;
  }
  error.with(|facts| {
    if facts.message.contains("user configured subnets") {
      facts.message.push_str("; create the network with a `subnet`");
    }
  })
}

pub async fn disconnect(
  engine: &Engine,
  name: &str,
  container: &str,
  options: &DisconnectOptions,
) -> Result<()> {
  let _one_at_a_time = engine.joining().await;
  let body = json!({ "Container": container, "Force": options.force });
  let path = format!("{}/disconnect", path_of(name)?);
  let call = Call::post("cannot disconnect a container from", subject(name), path);
  call.json(&body)?.done(engine).await
}
