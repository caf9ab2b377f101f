//! Run options → the body of `POST /containers/create`. Pure: nothing is asked, nothing is sent.

mod isolation;
mod mounts;
mod resources;
mod storage;

pub use resources::{Resources, nano_cpus};

use serde_json::{Map, Value, json};

use crate::engine::error::{EngineError, Result};
use crate::engine::options::{
  Gpus, Healthcheck, Making, RunOptions, Test, Tmpfs, Ulimit, parse_port, publish,
};

/// The request's body for a container of `image`.
pub fn body(image: &str, making: &Making, options: &RunOptions) -> Result<Value> {
  let mut config = Map::new();
  config.insert("Image".into(), json!(image));
  let mut set = |key: &str, value: Option<Value>| {
    if let Some(value) = value {
      config.insert(key.into(), value);
    }
  };
  set("Cmd", making.command.as_ref().map(|command| json!(command.0)));
  set("Entrypoint", making.entrypoint.as_ref().map(|command| json!(command.0)));
  set("WorkingDir", options.cwd.as_ref().map(|cwd| json!(cwd)));
  set("User", options.user.as_ref().map(|user| json!(user.0)));
  set("Domainname", options.domainname.as_ref().map(|name| json!(name)));
  set("StopSignal", options.stop_signal.as_ref().map(|signal| json!(signal.0)));
  set("StopTimeout", options.stop_timeout.map(|seconds| json!(seconds)));
  set("Volumes", mounts::anonymous(options)?);
  set("NetworkingConfig", isolation::networking(options)?);
  set("MacAddress", options.mac_address.as_ref().map(|address| json!(address)));
  set("Hostname", options.hostname.as_ref().map(|name| json!(name)));
  set("Healthcheck", options.healthcheck.as_ref().map(healthcheck).transpose()?);
  if !options.env.is_empty() {
    let pairs: Vec<_> = options.env.iter().map(|(name, value)| format!("{name}={value}")).collect();
    set("Env", Some(json!(pairs)));
  }
  if !options.labels.is_empty() {
    let labels: Map<_, _> =
      options.labels.iter().map(|(name, value)| (name.clone(), json!(value.0))).collect();
    set("Labels", Some(Value::Object(labels)));
  }
  set("Tty", options.tty.then_some(json!(true)));
  if options.stdin {
    set("OpenStdin", Some(json!(true)));
  }
  let (exposed, bindings) = ports(options)?;
  if !exposed.is_empty() {
    set("ExposedPorts", Some(Value::Object(exposed)));
  }
  set("HostConfig", Some(Value::Object(host_config(options, bindings)?)));
  let mut body = Value::Object(config);
  merge(&mut body, &Value::Object(options.extra.clone()));
  Ok(body)
}

fn ports(options: &RunOptions) -> Result<(Map<String, Value>, Map<String, Value>)> {
  let (mut exposed, mut bindings) = (Map::new(), Map::new());
  for (index, port) in options.exposed.iter().enumerate() {
    exposed.insert(parse_port(&port.0, &format!("exposed[{index}]"))?, json!({}));
  }
  for (port, host) in &options.mapped {
    let path = format!("mapped.{port}");
    let port = parse_port(port, &path)?;
    if host == &Value::Bool(false) {
      continue;
    }
    bindings.insert(port.clone(), Value::Array(publish(host, &path)?));
    exposed.insert(port, json!({}));
  }
  Ok((exposed, bindings))
}

fn host_config(options: &RunOptions, bindings: Map<String, Value>) -> Result<Map<String, Value>> {
  let mut host = Map::new();
  let mut set = |key: &str, value: Option<Value>| {
    if let Some(value) = value {
      host.insert(key.into(), value);
    }
  };
  let (binds, mounts) = mounted(options)?;
  set("Binds", (!binds.is_empty()).then(|| json!(binds)));
  set("Mounts", (!mounts.is_empty()).then(|| json!(mounts)));
  set("PortBindings", (!bindings.is_empty()).then(|| Value::Object(bindings)));
  set("AutoRemove", options.remove.then_some(json!(true)));
  set("NetworkMode", options.network.as_ref().map(|network| json!(network)));
  set("ShmSize", options.shm_size.map(|size| json!(size.0)));
  set("DeviceRequests", options.gpus.as_ref().map(gpus));
  set("Init", options.init.map(|init| json!(init)));
  set("Tmpfs", options.tmpfs.as_ref().map(tmpfs));
  set("RestartPolicy", options.restart.as_deref().map(restart).transpose()?);
  let hosts = options.extra_hosts.joined(':');
  set("ExtraHosts", (!hosts.is_empty()).then(|| json!(hosts)));
  if !options.ulimits.is_empty() {
    let each = options.ulimits.iter().map(|(name, limit)| {
      let (soft, hard) = match limit {
        Ulimit::Both(limit) => (*limit, *limit),
        Ulimit::Each { soft, hard } => (*soft, *hard),
      };
      json!({ "Name": name, "Soft": soft, "Hard": hard })
    });
    set("Ulimits", Some(each.collect()));
  }
  host.extend(Resources::from(options).fields()?);
  host.extend(resources::of_devices(options)?);
  host.extend(isolation::fields(options)?);
  Ok(host)
}

/// Binds and mounts, of all the ways to say them.
pub fn mounted(options: &RunOptions) -> Result<(Vec<String>, Vec<Value>)> {
  let (binds, mut all) = storage::of(options)?;
  all.extend(mounts::of(options)?);
  Ok((binds, all))
}

fn gpus(gpus: &Gpus) -> Value {
  let request = match gpus {
    Gpus::Named(all) if all == "all" => json!({ "Count": -1, "Capabilities": [["gpu"]] }),
    Gpus::Named(device) => {
      let ids: Vec<_> = device.trim_start_matches("device=").split(',').collect();
      json!({ "DeviceIDs": ids, "Capabilities": [["gpu"]] })
    }
    Gpus::Count(count) => json!({ "Count": count, "Capabilities": [["gpu"]] }),
    Gpus::Devices(ids) => json!({ "DeviceIDs": ids, "Capabilities": [["gpu"]] }),
  };
  json!([request])
}

fn tmpfs(tmpfs: &Tmpfs) -> Value {
  match tmpfs {
    Tmpfs::Path(path) => json!({ path: "" }),
    Tmpfs::Paths(paths) => paths.iter().map(|path| (path.clone(), json!(""))).collect(),
    Tmpfs::Options(map) => json!(map),
  }
}

/// A restart policy as the docker CLI writes it.
pub fn restart(policy: &str) -> Result<Value> {
  let (name, count) = policy.split_once(':').unwrap_or((policy, "0"));
  let known = matches!(name, "no" | "always" | "unless-stopped" | "on-failure");
  match count.parse::<u32>() {
    Ok(count) if known && (count == 0 || name == "on-failure") => {
      Ok(json!({ "Name": name, "MaximumRetryCount": count }))
    }
    _ => Err(EngineError::invalid(
      "restart",
      "expected 'no', 'always', 'unless-stopped', 'on-failure' or 'on-failure:3'",
    )),
  }
}

pub fn healthcheck(check: &Healthcheck) -> Result<Value> {
  if check.disable {
    return Ok(json!({ "Test": ["NONE"] }));
  }
  let mut body = Map::new();
  match &check.test {
    Some(Test::Shell(line)) => body.insert("Test".into(), json!(["CMD-SHELL", line])),
    Some(Test::Words(words)) if words.is_empty() => {
      return Err(EngineError::invalid("healthcheck.test", "the command is empty"));
    }
    Some(Test::Words(words)) => {
      let spelled = matches!(words[0].as_str(), "CMD" | "CMD-SHELL" | "NONE");
      let marker: &[&str] = if spelled { &[] } else { &["CMD"] };
      let test: Vec<_> = marker.iter().copied().chain(words.iter().map(String::as_str)).collect();
      body.insert("Test".into(), json!(test))
    }
    None => None,
  };
  let spans =
    [("Interval", check.interval), ("Timeout", check.timeout), ("StartPeriod", check.start_period)];
  for (key, span) in spans {
    if let Some(span) = span {
      body.insert(key.into(), json!(u64::try_from(span.0.as_nanos()).unwrap_or(u64::MAX)));
    }
  }
  if let Some(retries) = check.retries {
    body.insert("Retries".into(), json!(retries));
  }
  Ok(Value::Object(body))
}

/// Lists of independent entries, which `extra` adds to; any other list it replaces.
const ADDITIVE: &[&str] = &[
  "Binds",
  "Mounts",
  "Env",
  "CapAdd",
  "CapDrop",
  "ExtraHosts",
  "Ulimits",
  "Devices",
  "DeviceRequests",
  "DeviceCgroupRules",
  "Dns",
  "DnsOptions",
  "DnsSearch",
  "GroupAdd",
  "Links",
  "SecurityOpt",
  "VolumesFrom",
];

/// Lays `over` upon `under`: objects merge, so `extra.HostConfig` never wipes the binds.
pub fn merge(under: &mut Value, over: &Value) {
  let (Value::Object(under), Value::Object(over)) = (under, over) else { return };
  for (key, value) in over {
    match (under.get_mut(key), value) {
      (Some(present @ Value::Object(_)), Value::Object(_)) => merge(present, value),
      (Some(Value::Array(present)), Value::Array(more)) if ADDITIVE.contains(&key.as_str()) => {
        present.extend(more.iter().cloned());
      }
      _ => {
        under.insert(key.clone(), value.clone());
      }
    }
  }
}

#[cfg(test)]
mod tests;
