//! The next address of a network that nobody has.

use std::collections::{BTreeMap, HashSet};
use std::net::IpAddr;

use serde::Deserialize;
use serde_json::{Value, json};

use super::subnet::{Range, number};
use super::{InspectOptions, inspecting};
use crate::engine::Engine;
use crate::engine::call::Call;
use crate::engine::container::inspect::null_as_default;
use crate::engine::error::{Code, EngineError, Result};
use crate::engine::fault::Subject;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub enum Family {
  #[default]
  #[serde(rename = "ipv4")]
  V4,
  #[serde(rename = "ipv6")]
  V6,
}

/// `networks.nextFreeAddress(name, { … })`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct AddressOptions {
  pub family: Family,
  /// Of this subnet only.
  pub subnet: Option<String>,
  /// One that the engine does not give out by itself: outside of the subnet's `ipRange`.
  pub outside_range: bool,
  /// Addresses to leave alone besides.
  pub except: Vec<String>,
}

impl AddressOptions {
  /// What can be told wrong without asking.
  pub fn check(&self) -> Result<()> {
    if let Some(text) = &self.subnet
      && Range::parse(text).is_none()
    {
      let why = format!("`{text}` is not a subnet, like '10.1.0.0/16'");
      return Err(EngineError::invalid("subnet", why));
    }
    self.exceptions().map(drop)
  }

  fn exceptions(&self) -> Result<Vec<IpAddr>> {
    let read = |(index, text): (usize, &String)| {
      let wrong =
        |_| EngineError::invalid(format!("except[{index}]"), format!("`{text}` is no address"));
      text.parse().map_err(wrong)
    };
    self.except.iter().enumerate().map(read).collect()
  }
}

/// What we read of `GET /networks/…`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Network {
  id: String,
  name: String,
  driver: String,
  scope: String,
  #[serde(rename = "IPAM", deserialize_with = "null_as_default")]
  ipam: Ipam,
  #[serde(deserialize_with = "null_as_default")]
  containers: BTreeMap<String, Endpoint>,
  /// Of a swarm's: virtual addresses, and tasks on other machines.
  #[serde(deserialize_with = "null_as_default")]
  services: BTreeMap<String, Value>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Ipam {
  #[serde(deserialize_with = "null_as_default")]
  config: Vec<Pool>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Pool {
  subnet: String,
  gateway: String,
  #[serde(rename = "IPRange")]
  ip_range: String,
  #[serde(deserialize_with = "null_as_default")]
  auxiliary_addresses: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Endpoint {
  #[serde(rename = "IPv4Address")]
  v4: String,
  #[serde(rename = "IPv6Address")]
  v6: String,
}

/// The lowest address that is free. `taken` ones are not, whatever the engine says.
pub async fn next_free(
  engine: &Engine,
  name: &str,
  options: &AddressOptions,
  taken: &[IpAddr],
) -> Result<IpAddr> {
  let mut network: Network = inspecting(name, &InspectOptions::default())?.read(engine).await?;
  if network.scope == "swarm" {
    let verbose = InspectOptions { verbose: true, scope: None };
    network = inspecting(name, &verbose)?.read(engine).await?;
  }
  let mut taken: HashSet<IpAddr> = taken.iter().copied().collect();
  taken.extend(reserved_by_stopped(engine, &network).await?);
  find(name, &network, options, taken)
}

/// Containers that do not run have no address, but may have been promised one.
async fn reserved_by_stopped(engine: &Engine, network: &Network) -> Result<Vec<IpAddr>> {
  // One that was never started knows its network by the name only.
  let filters = json!({ "network": [network.id, network.name] }).to_string();
  let all: Vec<Value> =
    Call::get("cannot list the containers of", Subject::Engine, "/containers/json")
      .query("all", 1)
      .query("filters", filters)
      .read(engine)
      .await?;
  let mut found = Vec::new();
  for container in &all {
    let networks = container.pointer("/NetworkSettings/Networks").and_then(Value::as_object);
    for endpoint in networks.into_iter().flat_map(|networks| networks.values()) {
      // Those of its other networks do no harm.
      found.extend(addresses_in(endpoint));
    }
  }
  Ok(found)
}

/// Every address in a piece of the engine's JSON, with or without the length of its prefix.
fn addresses_in(value: &Value) -> Vec<IpAddr> {
  match value {
    Value::String(text) => address(text).into_iter().collect(),
    Value::Array(values) => values.iter().flat_map(addresses_in).collect(),
    Value::Object(values) => values.values().flat_map(addresses_in).collect(),
    _ => Vec::new(),
  }
}

fn address(text: &str) -> Option<IpAddr> {
  text.split('/').next()?.parse().ok()
}

pub fn find(
  name: &str,
  network: &Network,
  options: &AddressOptions,
  mut taken: HashSet<IpAddr>,
) -> Result<IpAddr> {
  taken.extend(options.exceptions()?);
  let endpoints = network.containers.values();
  taken.extend(endpoints.flat_map(|one| [address(&one.v4), address(&one.v6)]).flatten());
  taken.extend(network.services.values().flat_map(addresses_in));
  let wanted = options.subnet.as_deref().and_then(Range::parse);
  let mut pools = Vec::new();
  for pool in &network.ipam.config {
    let Some(subnet) = Range::parse(&pool.subnet) else { continue };
    let asked_for = wanted.is_none_or(|wanted| wanted == subnet);
    if asked_for && (wanted.is_some() || subnet.v6 == (options.family == Family::V6)) {
      pools.push((pool, subnet));
    }
  }
  if pools.is_empty() {
    return Err(without_subnet(name, network, options));
  }
  for (pool, subnet) in pools {
    if let Some(address) = free_in(pool, subnet, options.outside_range, &taken) {
      return Ok(address);
    }
  }
  let text = format!(
    "network {name} has no free address left; disconnect or remove containers, or make it larger"
  );
  Err(EngineError::new(Code::Conflict, text))
}

fn free_in(pool: &Pool, subnet: Range, outside: bool, taken: &HashSet<IpAddr>) -> Option<IpAddr> {
  let own = Range::parse(&pool.ip_range).filter(|own| own.v6 == subnet.v6);
  let range = own.unwrap_or(subnet);
  let mut not: HashSet<u128> = subnet.reserved().into_iter().collect();
  not.extend(pool.auxiliary_addresses.values().filter_map(|text| address(text)).map(number));
  // The engine does not always tell which gateway it took: the first that it could.
  let first = || (range.first..=range.last).find(|number| !not.contains(number));
  let gateway = address(&pool.gateway).map(number).or_else(first);
  not.extend(gateway);
  let is_free = |number: u128| {
    let address = subnet.address(number);
    !not.contains(&number) && !taken.contains(&address)
  };
  // At most one step for each that is taken, however large the subnet.
  let first_free = |first: u128, last: u128| (first..=last).find(|number| is_free(*number));
  let found = match (outside, own) {
    (false, _) => first_free(range.first, range.last),
    (true, Some(own)) => {
      let below = own.first.checked_sub(1).and_then(|last| first_free(subnet.first, last));
      below.or_else(|| own.last.checked_add(1).and_then(|first| first_free(first, subnet.last)))
    }
    // It gives out all of them.
    (true, None) => None,
  };
  found.map(|number| subnet.address(number))
}

fn without_subnet(name: &str, network: &Network, options: &AddressOptions) -> EngineError {
  let has: Vec<_> = network.ipam.config.iter().map(|pool| pool.subnet.as_str()).collect();
  match (&options.subnet, has.as_slice()) {
    (_, []) => EngineError::not_supported(format!(
      "network {name} (driver {}) has no addresses of its own to give",
      network.driver
    )),
    (Some(subnet), has) => EngineError::invalid(
      "subnet",
      format!("network {name} has no subnet {subnet}, but {}", has.join(", ")),
    ),
    (None, has) => EngineError::not_supported(format!(
      "network {name} has no {} subnet, but {}; create it with one",
      if options.family == Family::V6 { "IPv6" } else { "IPv4" },
      has.join(", ")
    )),
  }
}
