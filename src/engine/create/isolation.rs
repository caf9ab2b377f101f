//! What separates a container from its host, or does not: security, devices, namespaces, names.

use serde_json::{Map, Value, json};

use crate::engine::error::{EngineError, Result};
use crate::engine::options::RunOptions;

/// Fields of `HostConfig` that are sent as they are given.
pub fn fields(options: &RunOptions) -> Result<Map<String, Value>> {
  let list = |list: &[String]| (!list.is_empty()).then(|| json!(list));
  let text = |text: &Option<String>| text.as_ref().map(|text| json!(text));
  let map = |map: &crate::engine::options::Map| {
    let texts = || map.iter().map(|(name, value)| (name.clone(), json!(value.0)));
    (!map.is_empty()).then(|| Value::Object(texts().collect()))
  };
  let groups: Vec<_> = options.group_add.iter().map(|group| group.0.clone()).collect();
  let fields = [
    ("Privileged", options.privileged.then_some(json!(true))),
    ("CapAdd", list(&options.cap_add)),
    ("CapDrop", list(&options.cap_drop)),
    ("SecurityOpt", list(&options.security_opt)),
    ("ReadonlyRootfs", options.readonly_rootfs.then_some(json!(true))),
    ("Devices", devices(&options.devices)?),
    ("DeviceCgroupRules", list(&options.device_cgroup_rules)),
    ("GroupAdd", list(&groups)),
    ("Sysctls", map(&options.sysctls)),
    ("Dns", list(&options.dns)),
    ("DnsSearch", list(&options.dns_search)),
    ("DnsOptions", list(&options.dns_options)),
    ("IpcMode", text(&options.ipc)),
    ("PidMode", text(&options.pid)),
    ("UTSMode", text(&options.uts)),
    ("UsernsMode", text(&options.userns)),
    ("CgroupnsMode", text(&options.cgroupns)),
    ("CgroupParent", text(&options.cgroup_parent)),
    ("Runtime", text(&options.runtime)),
    ("OomKillDisable", options.oom_kill_disable.map(|disable| json!(disable))),
    ("OomScoreAdj", options.oom_score_adj.map(|score| json!(score))),
    ("MemorySwappiness", options.memory_swappiness.map(|swappiness| json!(swappiness))),
    ("PublishAllPorts", options.publish_all.then_some(json!(true))),
    ("VolumesFrom", list(&options.volumes_from)),
    ("VolumeDriver", text(&options.volume_driver)),
    ("Links", list(&options.links)),
    ("StorageOpt", map(&options.storage_options)),
    ("LogConfig", log_config(options)?),
  ];
  Ok(fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect())
}

/// The engine wants the driver's name along with its options; without one it takes its default's.
fn log_config(options: &RunOptions) -> Result<Option<Value>> {
  let given: Map<_, _> =
    options.log_options.iter().map(|(name, value)| (name.clone(), json!(value.0))).collect();
  match &options.log_driver {
    Some(driver) if driver.is_empty() => {
      Err(EngineError::invalid("logDriver", "a driver's name is expected, like 'local'"))
    }
    Some(driver) => Ok(Some(json!({ "Type": driver, "Config": given }))),
    None if given.is_empty() => Ok(None),
    None => Ok(Some(json!({ "Type": "", "Config": given }))),
  }
}

/// `/dev/fuse`, `/dev/sda:/dev/xvda`, `/dev/sda:/dev/xvda:r`, as docker's `--device`.
fn devices(devices: &[String]) -> Result<Option<Value>> {
  let device = |(index, text): (usize, &String)| {
    let parts: Vec<_> = text.split(':').collect();
    let is_mode = |part: &str| !part.is_empty() && part.bytes().all(|byte| b"rwm".contains(&byte));
    let (host, container, mode) = match parts.as_slice() {
      [path] => (*path, *path, "rwm"),
      [path, mode] if is_mode(mode) => (*path, *path, *mode),
      [path, inside] => (*path, *inside, "rwm"),
      [path, inside, mode] if is_mode(mode) => (*path, *inside, *mode),
      _ => ("", "", ""),
    };
    if !host.starts_with('/') || !container.starts_with('/') {
      let why = format!("`{text}` is no device; like '/dev/fuse', '/dev/sda:/dev/xvda:rwm'");
      return Err(EngineError::invalid(format!("devices[{index}]"), why));
    }
    Ok(json!({
      "PathOnHost": host, "PathInContainer": container, "CgroupPermissions": mode,
    }))
  };
  if devices.is_empty() {
    return Ok(None);
  }
  devices.iter().enumerate().map(device).collect::<Result<Vec<_>>>().map(|list| Some(json!(list)))
}

/// What it is called and where, in the network that it joins.
pub fn networking(options: &RunOptions) -> Result<Option<Value>> {
  let mut endpoint = Map::new();
  if !options.network_aliases.is_empty() {
    endpoint.insert("Aliases".into(), json!(options.network_aliases));
  }
  let mut ipam = Map::new();
  for (key, ip, path) in
    [("IPv4Address", &options.ipv4, "ipv4"), ("IPv6Address", &options.ipv6, "ipv6")]
  {
    let Some(ip) = ip else { continue };
    let fits = ip.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_ipv4() == (path == "ipv4"));
    if !fits {
      return Err(EngineError::invalid(path, format!("`{ip}` is no such address")));
    }
    ipam.insert(key.into(), json!(ip));
  }
  if !ipam.is_empty() {
    endpoint.insert("IPAMConfig".into(), Value::Object(ipam));
  }
  if endpoint.is_empty() {
    return Ok(None);
  }
  let Some(network) = &options.network else {
    let path = if options.network_aliases.is_empty() { "ipv4" } else { "networkAliases" };
    return Err(EngineError::invalid(path, "that needs a `network` of the user's own"));
  };
  Ok(Some(json!({ "EndpointsConfig": { network.as_str(): endpoint } })))
}
