//! What of the host a container sees: paths and volumes.

use std::path::Path;

use serde_json::{Value, json};

use crate::engine::error::{EngineError, Result};
use crate::engine::options::RunOptions;

/// Paths go as mounts, which fail when the host's path is missing, where binds would make a
/// directory of root's; but only binds know `SELinux` suffixes, and only they make missing paths.
pub fn of(options: &RunOptions) -> Result<(Vec<String>, Vec<Value>)> {
  let (mut binds, mut mounts) = (Vec::new(), Vec::new());
  for (read_only, map, key) in
    [(true, &options.readonly, "readonly"), (false, &options.writable, "writable")]
  {
    for (source, target) in map {
      let path = format!("{key}.{source}");
      let (target, suffix) = split_suffix(target);
      if !target.starts_with('/') && !is_windows_path(target) {
        let why = format!("`{target}` is not an absolute path in the container");
        return Err(EngineError::invalid(path, why));
      }
      let source = Source::parse(source, &path)?;
      if suffix.is_some() || (options.create_paths && matches!(source, Source::Path(_))) {
        let mut modes = vec![if read_only { "ro" } else { "rw" }];
        modes.extend(suffix);
        binds.push(format!("{}:{target}:{}", source.as_str(), modes.join(",")));
      } else {
        let kind = if matches!(source, Source::Path(_)) { "bind" } else { "volume" };
        mounts.push(json!({
          "Type": kind, "Source": source.as_str(), "Target": target, "ReadOnly": read_only,
        }));
      }
    }
  }
  Ok((binds, mounts))
}

/// `/data:z`, `/data:Z`: the `SELinux` label that a bind asks for.
fn split_suffix(target: &str) -> (&str, Option<&str>) {
  match target.rsplit_once(':') {
    Some((path, suffix)) if matches!(suffix, "z" | "Z" | "cached" | "delegated" | "consistent") => {
      (path, Some(suffix))
    }
    _ => (target, None),
  }
}

/// A path of the host, or, where it is just a name, a volume: as docker's `-v` tells them apart.
enum Source {
  Path(String),
  Volume(String),
}

impl Source {
  fn parse(text: &str, path: &str) -> Result<Self> {
    if Path::new(text).is_absolute() || text.starts_with('/') || is_windows_path(text) {
      return Ok(Self::Path(text.to_owned()));
    }
    if text.starts_with('.') || text.contains(['/', '\\']) {
      let absolute = std::path::absolute(text)
        .map_err(|error| EngineError::invalid(path, format!("`{text}`: {error}")))?;
      return Ok(Self::Path(absolute.to_string_lossy().into_owned()));
    }
    let named = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte));
    if text.len() < 2 || !named {
      let why = format!("`{text}` is neither a path nor a volume's name");
      return Err(EngineError::invalid(path, why));
    }
    Ok(Self::Volume(text.to_owned()))
  }

  fn as_str(&self) -> &str {
    match self {
      Self::Path(text) | Self::Volume(text) => text,
    }
  }
}

pub fn is_windows_path(text: &str) -> bool {
  let bytes = text.as_bytes();
  matches!(bytes, [drive, b':', b'\\' | b'/', ..] if drive.is_ascii_alphabetic())
    || text.starts_with(r"\\")
}
