//! What a task on one machine can have, and a swarm's cannot: told before anything is sent.

use serde_json::{Map, Value};

use crate::engine::error::{EngineError, Result};
use crate::engine::options::{IfExists, RunOptions};

/// Fields whose option has another name than their own in small letters.
const NAMES: &[(&str, &str)] = &[
  ("PortBindings", "mapped"),
  ("ExposedPorts", "exposed"),
  ("OpenStdin", "stdin"),
  ("DeviceRequests", "gpus"),
  ("IpcMode", "ipc"),
  ("PidMode", "pid"),
  ("UTSMode", "uts"),
  ("UsernsMode", "userns"),
  ("CgroupnsMode", "cgroupns"),
  ("PublishAllPorts", "publishAll"),
  ("StorageOpt", "storageOptions"),
  ("RestartPolicy", "restart"),
  ("BlkioDeviceReadBps", "deviceReadBps"),
  ("BlkioDeviceWriteBps", "deviceWriteBps"),
  ("BlkioDeviceReadIOps", "deviceReadIops"),
  ("BlkioDeviceWriteIOps", "deviceWriteIops"),
];

#[must_use]
pub fn not_in_a_swarm(path: &str) -> EngineError {
  let text = format!("a swarm's tasks have no `{path}`; leave it out, or run it on one machine");
  EngineError::not_supported(text).with(|facts| facts.path = Some(path.to_owned()))
}

/// What is done on this side of a single container.
pub fn of_this_side(run: &RunOptions) -> Result<()> {
  let asked = [
    ("ifExists", run.if_exists != IfExists::Error),
    ("startRetries", run.start_retries > 0),
    ("waitFor", run.wait_for.is_some()),
    ("createPaths", run.create_paths),
  ];
  match asked.iter().find(|(_, is_asked)| *is_asked) {
    Some((path, _)) => Err(not_in_a_swarm(path)),
    None => Ok(()),
  }
}

/// Refuses what is left of a container's body when all has moved that can.
pub fn unsupported(
  config: &Map<String, Value>,
  host: &Map<String, Value>,
  run: &RunOptions,
) -> Result<()> {
  let raw_host = run.extra.get("HostConfig").and_then(Value::as_object);
  for (fields, raw, prefix) in
    [(host, raw_host, "extra.HostConfig"), (config, Some(&run.extra), "extra")]
  {
    let Some(field) = fields.keys().next() else { continue };
    if raw.is_some_and(|raw| raw.contains_key(field)) {
      return Err(not_in_a_swarm(&format!("{prefix}.{field}")));
    }
    let path = match field.as_str() {
      // With `createPaths` refused before, it is a suffix (`:z`) that makes one.
      "Binds" if !run.writable.is_empty() => "writable".to_owned(),
      "Binds" => "readonly".to_owned(),
      known => NAMES.iter().find(|(name, _)| *name == known).map_or_else(
        || known[..1].to_ascii_lowercase() + &known[1..],
        |(_, option)| (*option).to_owned(),
      ),
    };
    return Err(not_in_a_swarm(&path));
  }
  Ok(())
}
