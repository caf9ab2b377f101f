//! Ports of a service: on every node (`ingress`), or on those where a task runs (`host`).

use serde::Deserialize;
use serde_json::{Value, json};

use super::options::{EndpointMode, ServiceOptions};
use crate::engine::error::{EngineError, Result};
use crate::engine::options::{Scalar, parse_port};
use crate::engine::swarm::Fields;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Published {
  #[serde(default)]
  port: Option<Scalar>,
  #[serde(default)]
  mode: PublishMode,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum PublishMode {
  #[default]
  Ingress,
  Host,
}

pub fn endpoint(options: &ServiceOptions) -> Result<Option<Value>> {
  let mode = |mode| if mode == EndpointMode::Vip { "vip" } else { "dnsrr" };
  let mut endpoint = Fields::default();
  endpoint.set("Mode", options.endpoint_mode.map(|given| json!(mode(given))));
  if let Some(mapped) = &options.mapped {
    let mut ports = Vec::new();
    for (port, given) in mapped {
      let path = format!("mapped.{port}");
      add(&mut ports, &parse_port(port, &path)?, given, &path)?;
    }
    endpoint.set("Ports", Some(json!(ports)));
  }
  Ok(endpoint.some())
}

fn add(ports: &mut Vec<Value>, port: &str, given: &Value, path: &str) -> Result<()> {
  let published = match given {
    Value::Bool(false) => return Ok(()),
    Value::Bool(true) => Published { port: None, mode: PublishMode::Ingress },
    Value::Array(several) => return several.iter().try_for_each(|one| add(ports, port, one, path)),
    Value::Object(_) => serde_json::from_value(given.clone())
      .map_err(|error| EngineError::invalid(path, error.to_string()))?,
    Value::Number(number) => {
      Published { port: Some(Scalar(number.to_string())), mode: PublishMode::Ingress }
    }
    Value::String(text) => {
      Published { port: Some(Scalar(text.clone())), mode: PublishMode::Ingress }
    }
    Value::Null => return Err(bad(path)),
  };
  let number = match &published.port {
    None => 0,
    Some(text) => text.0.parse::<u16>().map_err(|_| bad(path))?,
  };
  let (target, protocol) = port.split_once('/').unwrap_or((port, "tcp"));
  let mode = if published.mode == PublishMode::Host { "host" } else { "ingress" };
  let mut entry = Fields::default();
  entry.set("Protocol", Some(json!(protocol)));
  entry.set("TargetPort", target.parse::<u16>().ok().map(|port| json!(port)));
  // None, or 0: any free one.
  entry.set("PublishedPort", (number > 0).then(|| json!(number)));
  entry.set("PublishMode", Some(json!(mode)));
  ports.push(entry.value());
  Ok(())
}

fn bad(path: &str) -> EngineError {
  let why = "a node's port is a number, true for any free one, or { port, mode: 'ingress' | 'host' }; \
             it is open at all of the node's addresses";
  EngineError::invalid(path, why)
}
