//! Ports: `'80/tcp'` on the container's side, `8080`, `'127.0.0.1:0'` or `true` on the host's.

use serde_json::{Map, Value, json};

use crate::engine::error::{EngineError, Result};

/// A container's port with its protocol, `80/tcp`.
pub type Port = String;

/// `80`, `80/tcp`, `53/udp` → with the protocol spelled out.
pub fn parse_port(text: &str, path: &str) -> Result<Port> {
  let (number, protocol) = text.split_once('/').unwrap_or((text, "tcp"));
  let is_port = number.parse::<u16>().is_ok_and(|port| port > 0);
  if !is_port || !matches!(protocol, "tcp" | "udp" | "sctp") {
    return Err(EngineError::invalid(
      path,
      format!("`{text}` is not a port; like '80/tcp', '53/udp'"),
    ));
  }
  Ok(format!("{number}/{protocol}"))
}

/// The host's side of one mapped port, as the engine's `PortBindings` want it.
pub fn publish(value: &Value, path: &str) -> Result<Vec<Value>> {
  let bad = || {
    EngineError::invalid(
      path,
      "a host port is a number (0: any free one), like '127.0.0.1:8080', or true for any free one",
    )
  };
  match value {
    Value::Bool(true) => Ok(vec![binding("", "")]),
    Value::Number(number) => {
      let port = number.as_u64().and_then(|port| u16::try_from(port).ok()).ok_or_else(bad)?;
      Ok(vec![binding("", &port.to_string())])
    }
    Value::String(text) => {
      let (ip, port) = match text.rsplit_once(':') {
        Some((ip, port)) => (ip.trim_start_matches('[').trim_end_matches(']'), port),
        None => ("", text.as_str()),
      };
      if !ip.is_empty() && ip.parse::<std::net::IpAddr>().is_err() {
        return Err(bad());
      }
      if !port.is_empty() && port.parse::<u16>().is_err() {
        return Err(bad());
      }
      Ok(vec![binding(ip, port)])
    }
    Value::Array(several) => {
      let each = several.iter().map(|one| publish(one, path));
      Ok(each.collect::<Result<Vec<_>>>()?.concat())
    }
    _ => Err(bad()),
  }
}

fn binding(ip: &str, port: &str) -> Value {
  let mut map = Map::new();
  if !ip.is_empty() {
    map.insert("HostIp".into(), json!(ip));
  }
  map.insert("HostPort".into(), json!(port));
  Value::Object(map)
}
