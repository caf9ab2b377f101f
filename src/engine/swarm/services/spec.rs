//! Service options → the engine's `ServiceSpec`, or those parts of it that are given. Pure: nothing
//! is asked, nothing is sent.

use serde_json::{Value, json};

use super::options::{Network, ServiceOptions};
use super::{policy, ports};
use crate::engine::create::{healthcheck, mounted};
use crate::engine::error::{EngineError, Result};
use crate::engine::options::{RunOptions, Scalar, Ulimit};
use crate::engine::swarm::{Fields, texts};

/// What secrets and configs have become, which takes asking.
#[derive(Debug, Clone, Default)]
pub struct Resolved {
  pub image: Option<String>,
  pub secrets: Option<Value>,
  pub configs: Option<Value>,
}

/// `present` is the spec that it is to be laid over; none of a new service.
pub fn fields(
  options: &ServiceOptions,
  resolved: &Resolved,
  present: Option<&Value>,
) -> Result<Value> {
  let mut task = Fields::default();
  task.object("ContainerSpec", container(options, resolved)?);
  task.set("RestartPolicy", options.restart.as_ref().map(policy::restart).transpose()?);
  task.set("Placement", policy::placement(options)?);
  task.set("Resources", policy::resources(options)?);
  task.set("Networks", options.networks.as_ref().map(|list| list.iter().map(network).collect()));
  let mut logs = Fields::default();
  logs.set("Name", options.log_driver.as_ref().map(|driver| json!(driver)));
  logs.set("Options", options.log_options.as_ref().map(texts));
  task.object("LogDriver", logs);
  let mut spec = Fields::default();
  spec.set("Name", options.name.as_ref().map(|name| json!(name)));
  spec.set("Labels", options.labels.as_ref().map(texts));
  spec.object("TaskTemplate", task);
  spec.set("Mode", policy::mode(options, present)?);
  spec.set("UpdateConfig", options.update_config.as_ref().map(policy::rolling));
  spec.set("RollbackConfig", options.rollback_config.as_ref().map(policy::rolling));
  spec.set("EndpointSpec", ports::endpoint(options)?);
  Ok(spec.value())
}

/// One at a time is the engine's default, which it forgets where anything else is said.
pub fn complete(spec: &mut Value) {
  for key in ["UpdateConfig", "RollbackConfig"] {
    if let Some(Value::Object(rolling)) = spec.get_mut(key) {
      rolling.entry("Parallelism").or_insert_with(|| json!(1));
    }
  }
}

fn container(options: &ServiceOptions, resolved: &Resolved) -> Result<Fields> {
  let text = |text: &Option<String>| text.as_ref().map(|text| json!(text));
  let scalar = |scalar: &Option<Scalar>| scalar.as_ref().map(|scalar| json!(scalar.0));
  let flag = |flag: Option<bool>| flag.map(|flag| json!(flag));
  let list = |list: &Option<Vec<String>>| list.as_ref().map(|list| json!(list));
  let mut spec = Fields::default();
  spec.set("Image", text(&resolved.image));
  spec.set("Command", options.entrypoint.as_ref().map(|command| json!(command.0)));
  spec.set("Args", options.command.as_ref().map(|command| json!(command.0)));
  if let Some(env) = &options.env {
    let pairs: Vec<_> = env.iter().map(|(name, value)| format!("{name}={value}")).collect();
    spec.set("Env", Some(json!(pairs)));
  }
  spec.set("Labels", options.container_labels.as_ref().map(texts));
  spec.set("Dir", text(&options.cwd)).set("User", scalar(&options.user));
  let groups = |groups: &Vec<Scalar>| groups.iter().map(|group| json!(group.0)).collect();
  spec.set("Groups", options.group_add.as_ref().map(groups));
  spec.set("Hostname", text(&options.hostname)).set("Init", flag(options.init));
  spec.set("TTY", flag(options.tty)).set("OpenStdin", flag(options.stdin));
  spec.set("ReadOnly", flag(options.readonly_rootfs));
  spec.set("StopSignal", scalar(&options.stop_signal));
  let grace = options.stop_timeout.map(|seconds| json!(u64::from(seconds) * 1_000_000_000));
  spec.set("StopGracePeriod", grace);
  spec.set("Healthcheck", options.healthcheck.as_ref().map(healthcheck).transpose()?);
  if let Some(hosts) = &options.extra_hosts {
    // As lines of a hosts file, the other way round than for a container.
    let lines: Vec<_> = hosts.split(':').iter().map(|(host, ip)| format!("{ip} {host}")).collect();
    spec.set("Hosts", Some(json!(lines)));
  }
  let mut dns = Fields::default();
  dns.set("Nameservers", list(&options.dns)).set("Search", list(&options.dns_search));
  dns.set("Options", list(&options.dns_options));
  spec.object("DNSConfig", dns);
  spec.set("Sysctls", options.sysctls.as_ref().map(texts));
  spec.set("CapabilityAdd", list(&options.cap_add));
  spec.set("CapabilityDrop", list(&options.cap_drop));
  if let Some(ulimits) = &options.ulimits {
    let each = ulimits.iter().map(|(name, limit)| {
      let (soft, hard) = match limit {
        Ulimit::Both(limit) => (*limit, *limit),
        Ulimit::Each { soft, hard } => (*soft, *hard),
      };
      json!({ "Name": name, "Soft": soft, "Hard": hard })
    });
    spec.set("Ulimits", Some(each.collect()));
  }
  spec.set("Mounts", mounts(options)?);
  spec.set("Secrets", resolved.secrets.clone()).set("Configs", resolved.configs.clone());
  Ok(spec)
}

fn mounts(options: &ServiceOptions) -> Result<Option<Value>> {
  if options.mounts.is_none() && options.readonly.is_none() && options.writable.is_none() {
    return Ok(None);
  }
  let given = RunOptions {
    mounts: options.mounts.clone().unwrap_or_default(),
    readonly: options.readonly.clone().unwrap_or_default(),
    writable: options.writable.clone().unwrap_or_default(),
    ..RunOptions::default()
  };
  let (binds, mounts) = mounted(&given)?;
  if let Some(bind) = binds.first() {
    let key = if bind.contains(":ro,") { "readonly" } else { "writable" };
    let path = format!("{key}.{}", bind.split(':').next().unwrap_or_default());
    let text = format!("`{bind}`: a service's mounts have no suffixes like `:z`");
    return Err(EngineError::not_supported(text).with(|facts| facts.path = Some(path)));
  }
  Ok(Some(json!(mounts)))
}

fn network(given: &Network) -> Value {
  match given {
    Network::Named(name) => json!({ "Target": name }),
    Network::Full(bag) => {
      let mut network = Fields::default();
      network.set("Target", Some(json!(bag.name)));
      network.set("Aliases", (!bag.aliases.is_empty()).then(|| json!(bag.aliases)));
      network.set("DriverOpts", (!bag.driver_opts.is_empty()).then(|| texts(&bag.driver_opts)));
      network.value()
    }
  }
}
