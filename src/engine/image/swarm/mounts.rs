//! What of a node a task sees: services know mounts alone, so all that a container has becomes one.

use serde_json::{Map, Value, json};

use super::unsupported::not_in_a_swarm;
use crate::engine::error::{EngineError, Result};
use crate::engine::options;
use crate::engine::size::Bytes;

/// Takes all of them out of a container's body.
pub fn of(config: &mut Map<String, Value>, host: &mut Map<String, Value>) -> Result<Option<Value>> {
  let mut mounts = match host.remove("Mounts") {
    Some(Value::Array(mounts)) => mounts,
    _ => Vec::new(),
  };
  if let Some(Value::Object(volumes)) = config.remove("Volumes") {
    mounts.extend(volumes.keys().map(|path| json!({ "Type": "volume", "Target": path })));
  }
  if let Some(Value::Object(tmpfs)) = host.remove("Tmpfs") {
    for (path, given) in tmpfs {
      let given = given.as_str().unwrap_or_default().to_owned();
      mounts.push(in_memory(&path, &given)?);
    }
  }
  if let Some(size) = host.remove("ShmSize") {
    mounts.push(json!({
      "Type": "tmpfs", "Target": "/dev/shm", "TmpfsOptions": { "SizeBytes": size, "Mode": 0o1777 },
    }));
  }
  Ok((!mounts.is_empty()).then_some(Value::Array(mounts)))
}

/// `size=64m,mode=1777`: of a tmpfs's options those that services know.
fn in_memory(target: &str, given: &str) -> Result<Value> {
  let mut known = Map::new();
  for option in given.split(',').filter(|option| !option.is_empty()) {
    let (name, value) = option.split_once('=').unwrap_or((option, ""));
    let path = || format!("tmpfs.{target}");
    match name {
      "size" => {
        let size: Bytes =
          options::read(json!(value)).map_err(|error| EngineError::invalid(path(), error))?;
        known.insert("SizeBytes".into(), json!(size.0));
      }
      "mode" => {
        let mode = u32::from_str_radix(value, 8)
          .map_err(|_| EngineError::invalid(path(), format!("`{value}` is no mode")))?;
        known.insert("Mode".into(), json!(mode));
      }
      // They are so in any case.
      "rw" | "nosuid" | "nodev" | "noexec" => {}
      _ => return Err(not_in_a_swarm(&path())),
    }
  }
  Ok(json!({ "Type": "tmpfs", "Target": target, "TmpfsOptions": known }))
}
