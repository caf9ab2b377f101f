//! A container's options → a service's specification.
//!
//! It is made of the body that would create the container: each field moves to where services have
//! it, and what is left over is what they do not have.

use serde_json::{Map, Value, json};

use super::unsupported::unsupported;
use crate::engine::create;
use crate::engine::error::{EngineError, Result};
use crate::engine::options::{Making, RunOptions, SwarmOptions, TaskOptions, spread_over};

/// A failed task's successor waits this long, so that it never runs: each replica runs once. With no
/// restart at all the swarm puts another task in the failed one's place at once.
const NEVER: u64 = 365 * 24 * 3600 * 1_000_000_000;

/// What a task that is told to stop has time for, unless the caller says otherwise.
const GRACE: u32 = 3;

/// Logs that can be read back, whole.
const READABLE: &[&str] = &["json-file", "local", "journald"];

type Fields = Map<String, Value>;

/// The specification, but for its name, its image and its mode.
pub fn service(
  making: &Making,
  own: &TaskOptions,
  run: &RunOptions,
  swarm: &SwarmOptions,
) -> Result<Value> {
  swarm.check()?;
  super::unsupported::of_this_side(run)?;
  let mut config = object(create::body("", making, run)?);
  config.remove("Image");
  let mut host = config.remove("HostConfig").map(object).unwrap_or_default();
  let mut container = Fields::new();
  for (from, to) in [
    ("Cmd", "Args"),
    ("Entrypoint", "Command"),
    ("WorkingDir", "Dir"),
    ("User", "User"),
    ("Hostname", "Hostname"),
    ("Env", "Env"),
    ("Labels", "Labels"),
    ("Tty", "TTY"),
    ("StopSignal", "StopSignal"),
    ("Healthcheck", "HealthCheck"),
  ] {
    move_to(&mut container, to, config.remove(from));
  }
  for (from, to) in [
    ("ReadonlyRootfs", "ReadOnly"),
    ("GroupAdd", "Groups"),
    ("Init", "Init"),
    ("Sysctls", "Sysctls"),
    ("CapAdd", "CapabilityAdd"),
    ("CapDrop", "CapabilityDrop"),
    ("Ulimits", "Ulimits"),
  ] {
    move_to(&mut container, to, host.remove(from));
  }
  let grace = config.remove("StopTimeout").and_then(|grace| grace.as_u64());
  container.insert(
    "StopGracePeriod".into(),
    json!(grace.unwrap_or(u64::from(GRACE)).saturating_mul(1_000_000_000)),
  );
  move_to(&mut container, "Mounts", super::mounts::of(&mut config, &mut host)?);
  move_to(&mut container, "Hosts", host.remove("ExtraHosts").as_ref().map(hosts));
  move_to(&mut container, "DNSConfig", dns(&mut host));
  let mut task = Fields::new();
  task.insert("Resources".into(), resources(&mut host));
  task.insert("RestartPolicy".into(), json!({ "Condition": "on-failure", "Delay": NEVER }));
  task.insert("Placement".into(), placement(run, swarm));
  task.insert("LogDriver".into(), log_driver(host.remove("LogConfig"))?);
  move_to(&mut task, "Networks", networks(&mut config, &mut host)?);
  if host.get("RestartPolicy").and_then(|policy| policy.get("Name")) == Some(&json!("no")) {
    host.remove("RestartPolicy");
  }
  unsupported(&config, &host, run)?;
  let labels = container.get("Labels").cloned();
  task.insert("ContainerSpec".into(), Value::Object(container));
  let mut spec = json!({ "TaskTemplate": task, "Name": own.name });
  if let Some(labels) = labels {
    spec["Labels"] = labels;
  }
  create::merge(&mut spec, &Value::Object(swarm.extra.clone()));
  Ok(spec)
}

fn object(value: Value) -> Fields {
  if let Value::Object(fields) = value { fields } else { Fields::new() }
}

fn move_to(fields: &mut Fields, name: &str, value: Option<Value>) {
  if let Some(value) = value {
    fields.insert(name.to_owned(), value);
  }
}

/// `host:ip`, as containers have it → `ip host`, as services do.
fn hosts(list: &Value) -> Value {
  let turned = |entry: &Value| {
    let text = entry.as_str().unwrap_or_default();
    text.split_once(':').map_or(json!(text), |(host, ip)| json!(format!("{ip} {host}")))
  };
  list.as_array().into_iter().flatten().map(turned).collect()
}

fn dns(host: &mut Fields) -> Option<Value> {
  let mut config = Fields::new();
  for (from, to) in [("Dns", "Nameservers"), ("DnsSearch", "Search"), ("DnsOptions", "Options")] {
    move_to(&mut config, to, host.remove(from));
  }
  (!config.is_empty()).then_some(Value::Object(config))
}

fn resources(host: &mut Fields) -> Value {
  let mut limits = Fields::new();
  for (from, to) in [("Memory", "MemoryBytes"), ("NanoCpus", "NanoCPUs"), ("PidsLimit", "Pids")] {
    move_to(&mut limits, to, host.remove(from));
  }
  let mut reserved = Fields::new();
  move_to(&mut reserved, "MemoryBytes", host.remove("MemoryReservation"));
  json!({ "Limits": limits, "Reservations": reserved })
}

fn placement(run: &RunOptions, swarm: &SwarmOptions) -> Value {
  let spread = |text: &String| json!({ "Spread": { "SpreadDescriptor": spread_over(text) } });
  let preferences: Vec<_> = swarm.placement.preferences.iter().map(spread).collect();
  let mut placement = json!({ "Constraints": swarm.constraints, "Preferences": preferences });
  if let Some(most) = swarm.placement.max_replicas_per_node {
    placement["MaxReplicas"] = json!(most);
  }
  if let Some(platform) = &run.platform {
    placement["Platforms"] = json!([self::platform(platform)]);
  }
  placement
}

/// `linux/arm64`, as the scheduler compares it with what nodes are.
pub fn platform(text: &str) -> Value {
  let mut parts = text.split('/');
  let os = parts.next().unwrap_or_default();
  // Nodes tell the machine's own name for arm of 32 bits; the CLI leaves it open for that.
  let architecture = parts.next().filter(|name| *name != "arm").unwrap_or_default();
  json!({ "OS": os, "Architecture": architecture })
}

/// Named always: a node's default may be one that cannot be read, or that drops what is old.
fn log_driver(config: Option<Value>) -> Result<Value> {
  let config = config.map(object).unwrap_or_default();
  let driver = config.get("Type").and_then(Value::as_str).filter(|driver| !driver.is_empty());
  let driver = driver.unwrap_or("json-file");
  if !READABLE.contains(&driver) {
    let text = format!("the logs of `{driver}` cannot be read, and a swarm's output comes by them");
    return Err(
      EngineError::not_supported(text).with(|facts| facts.path = Some("logDriver".into())),
    );
  }
  Ok(json!({ "Name": driver, "Options": config.get("Config") }))
}

fn networks(config: &mut Fields, host: &mut Fields) -> Result<Option<Value>> {
  let Some(mode) = host.remove("NetworkMode") else { return Ok(None) };
  let name = mode.as_str().unwrap_or_default();
  if name.starts_with("container:") {
    return Err(super::unsupported::not_in_a_swarm("network"));
  }
  let mut network = json!({ "Target": name });
  if let Some(Value::Object(mut networking)) = config.remove("NetworkingConfig") {
    let mut endpoint = networking
      .remove("EndpointsConfig")
      .and_then(|all| all.get(name).cloned())
      .map(object)
      .unwrap_or_default();
    if let Some(aliases) = endpoint.remove("Aliases") {
      network["Aliases"] = aliases;
    }
    if let Some(addresses) = endpoint.get("IPAMConfig") {
      let path = if addresses.get("IPv4Address").is_some() { "ipv4" } else { "ipv6" };
      return Err(super::unsupported::not_in_a_swarm(path));
    }
  }
  Ok((name != "default").then(|| json!([network])))
}
