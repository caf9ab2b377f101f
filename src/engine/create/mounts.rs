//! Volumes and mounts on their way to the engine.

use serde_json::{Map, Value, json};

use crate::engine::error::{EngineError, Result};
use crate::engine::options::{Mount, MountKind, RunOptions, Volumes};

/// `Config.Volumes`: paths where the engine makes a volume without a name.
pub fn anonymous(options: &RunOptions) -> Result<Option<Value>> {
  let Volumes::Anonymous(paths) = &options.volumes else { return Ok(None) };
  let volume = |(index, path): (usize, &String)| {
    absolute(path, &format!("volumes[{index}]"))?;
    Ok((path.clone(), json!({})))
  };
  let volumes = paths.iter().enumerate().map(volume).collect::<Result<Map<_, _>>>()?;
  Ok((!volumes.is_empty()).then_some(Value::Object(volumes)))
}

/// `HostConfig.Mounts`.
pub fn of(options: &RunOptions) -> Result<Vec<Value>> {
  let mut mounts = Vec::new();
  if let Volumes::Named(volumes) = &options.volumes {
    for (name, target) in volumes {
      let path = format!("volumes.{name}");
      if name.contains(['/', '\\']) {
        let why =
          "a volume's name is expected; paths of the host are for `readonly` and `writable`";
        return Err(EngineError::invalid(path, why));
      }
      absolute(target, &path)?;
      mounts.push(json!({ "Type": "volume", "Source": name, "Target": target }));
    }
  }
  for (index, given) in options.mounts.iter().enumerate() {
    mounts.push(mount(given, &format!("mounts[{index}]"))?);
  }
  Ok(mounts)
}

fn mount(given: &Mount, path: &str) -> Result<Value> {
  absolute(&given.target, &format!("{path}.target"))?;
  let mut mount = json!({
    "Type": given.kind.as_str(), "Target": given.target, "ReadOnly": given.readonly,
  });
  if let Some(source) = &given.source {
    mount["Source"] = json!(source);
  }
  for (name, kind, is_given) in [
    ("propagation", MountKind::Bind, given.propagation.is_some()),
    ("noCopy", MountKind::Volume, given.no_copy),
    ("labels", MountKind::Volume, !given.labels.is_empty()),
    ("driver", MountKind::Volume, given.driver.is_some()),
    ("driverOptions", MountKind::Volume, !given.driver_options.is_empty()),
    ("size", MountKind::Tmpfs, given.size.is_some()),
    ("mode", MountKind::Tmpfs, given.mode.is_some()),
  ] {
    // The engine would ignore it, or refuse it in other words.
    if is_given && given.kind != kind {
      let why = format!("that is for a mount of type `{}`", kind.as_str());
      return Err(EngineError::invalid(format!("{path}.{name}"), why));
    }
  }
  match given.kind {
    MountKind::Bind if given.propagation.is_some() => {
      mount["BindOptions"] = json!({ "Propagation": given.propagation });
    }
    MountKind::Volume => mount["VolumeOptions"] = volume(given),
    MountKind::Tmpfs => {
      let size = given.size.map(|size| size.0);
      mount["TmpfsOptions"] = json!({ "SizeBytes": size, "Mode": given.mode });
    }
    MountKind::Bind | MountKind::Npipe => {}
  }
  Ok(mount)
}

fn volume(given: &Mount) -> Value {
  let texts = |map: &crate::engine::options::Map| -> Map<String, Value> {
    map.iter().map(|(name, value)| (name.clone(), json!(value.0))).collect()
  };
  let mut options = json!({ "NoCopy": given.no_copy, "Labels": texts(&given.labels) });
  if given.driver.is_some() || !given.driver_options.is_empty() {
    options["DriverConfig"] =
      json!({ "Name": given.driver, "Options": texts(&given.driver_options) });
  }
  options
}

fn absolute(target: &str, path: &str) -> Result<()> {
  if target.starts_with('/') || super::storage::is_windows_path(target) {
    return Ok(());
  }
  Err(EngineError::invalid(path, format!("`{target}` is not an absolute path in the container")))
}
