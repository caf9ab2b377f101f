//! Where a container's port is to be reached.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::{Container, inspect};
use crate::engine::error::{Code, EngineError, Result};
use crate::engine::options::{Scalar, parse_port};
use crate::engine::size::Span;
use crate::transport::Address;

const PATIENCE: Duration = Duration::from_secs(10);

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct PortOptions {
  /// How long to wait until the port is published.
  pub timeout: Option<Span>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HostPort {
  pub host: String,
  pub port: u16,
}

impl HostPort {
  #[must_use]
  pub fn url(&self, scheme: &str) -> String {
    let Self { host, port } = self;
    if host.contains(':') {
      format!("{scheme}://[{host}]:{port}")
    } else {
      format!("{scheme}://{host}:{port}")
    }
  }
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Inspected {
  state: inspect::RunState,
  host_config: HostConfig,
  network_settings: Settings,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct HostConfig {
  network_mode: String,
  publish_all_ports: bool,
  #[serde(deserialize_with = "inspect::null_as_default")]
  port_bindings: BTreeMap<String, Option<Vec<Binding>>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Settings {
  #[serde(deserialize_with = "inspect::null_as_default")]
  ports: BTreeMap<String, Option<Vec<Binding>>>,
}

#[derive(Deserialize, Default, Clone)]
#[serde(rename_all = "PascalCase", default)]
struct Binding {
  host_ip: String,
  host_port: String,
}

/// A port as the caller names it, `80`, `'80/tcp'`.
pub fn named(port: &Scalar) -> Result<String> {
  parse_port(&port.0, "containerPort")
}

impl Container {
  /// Waits until the port is published, and tells where.
  pub async fn port(&self, port: &str, options: &PortOptions) -> Result<HostPort> {
    let id = self.id()?;
    let patience = options.timeout.map_or(PATIENCE, |span| span.0);
    let begun = Instant::now();
    let mut pause = Duration::from_millis(10);
    loop {
      let inspected: Inspected = inspect::call(&self.subject(), &id).read(self.engine()).await?;
      if let Some(found) = self.published(port, &inspected).await? {
        return Ok(found);
      }
      if matches!(inspected.state.status.as_str(), "exited" | "dead" | "removing") {
        return Err(self.ended_unpublished(port, &inspected.state).await);
      }
      let left = patience.saturating_sub(begun.elapsed());
      if left.is_zero() {
        return Err(self.timed_out(&format!("did not publish {port}"), patience));
      }
      tokio::time::sleep(pause.min(left)).await;
      pause = (pause * 2).min(Duration::from_millis(200));
    }
  }

  async fn published(&self, port: &str, inspected: &Inspected) -> Result<Option<HostPort>> {
    let address = &self.engine().connection().await?.endpoint.address;
    let host = &inspected.host_config;
    if host.network_mode == "host" {
      // It has the host's network, and this is the host's port.
      let number = port.split('/').next().and_then(|number| number.parse().ok());
      let found = number.map(|port| HostPort { host: engines_host(address), port });
      return Ok(found.filter(|_| inspected.state.running));
    }
    let bindings = inspected.network_settings.ports.get(port).and_then(Option::as_ref);
    if let Some(found) = bindings.and_then(|bindings| reachable(bindings, address)) {
      return Ok(Some(found));
    }
    if !host.publish_all_ports && !host.port_bindings.contains_key(port) {
      let why = format!("{port} is not mapped to a port of the host; say so in `mapped`");
      return Err(EngineError::invalid("containerPort", why).with(|facts| {
        facts.container = Some(self.facts());
      }));
    }
    Ok(None)
  }

  async fn ended_unpublished(&self, port: &str, state: &inspect::RunState) -> EngineError {
    let logs = self.last_lines().await;
    let name = self.name().unwrap_or_default();
    let text = format!(
      "container {name} has ended (exit code {}), its {port} is published no longer; start() it",
      state.exit_code
    );
    EngineError::new(Code::ContainerExited, text).with(|facts| {
      let mut container = self.facts();
      container.state = Some(state.status.clone());
      container.exit_code = Some(state.exit_code);
      container.oom_killed = Some(state.oom_killed);
      facts.container = Some(container);
      facts.exit_code = Some(state.exit_code);
      facts.logs = Some(logs);
    })
  }
}

/// The binding to tell of: IPv4 first, then IPv6, whose port may be another.
fn reachable(bindings: &[Binding], address: &Address) -> Option<HostPort> {
  let is_v6 = |binding: &&Binding| binding.host_ip.contains(':');
  let binding = bindings.iter().find(|binding| !is_v6(binding)).or_else(|| bindings.first())?;
  let port = binding.host_port.parse().ok()?;
  let engine = engines_host(address);
  let ip = binding.host_ip.parse::<IpAddr>().ok();
  let host = match ip {
    // All of IPv6's addresses and none of IPv4's: the loopback is another.
    Some(IpAddr::V6(ip)) if ip.is_unspecified() && engine == LOOPBACK => "::1".to_owned(),
    Some(ip) if !ip.is_unspecified() && (!ip.is_loopback() || is_here(&engine)) => ip.to_string(),
    _ => engine,
  };
  Some(HostPort { host, port })
}

const LOOPBACK: &str = "127.0.0.1";

/// Where the engine's own host is, as seen from here.
fn engines_host(address: &Address) -> String {
  match address {
    Address::Unix(_) | Address::Pipe(_) => LOOPBACK.to_owned(),
    Address::Tcp { host, .. } | Address::Tls { host, .. } | Address::Ssh { host, .. } => {
      host.trim_start_matches('[').trim_end_matches(']').to_owned()
    }
  }
}

fn is_here(host: &str) -> bool {
  host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
  use super::*;

  fn at(bindings: &[(&str, &str)], address: &str) -> Option<(String, u16)> {
    let bindings: Vec<_> = bindings
      .iter()
      .map(|(ip, port)| Binding { host_ip: (*ip).into(), host_port: (*port).into() })
      .collect();
    let found = reachable(&bindings, &Address::parse(address).unwrap());
    found.map(|found| (found.host, found.port))
  }

  #[test]
  fn tells_where_a_port_is() {
    let all = [("::", "49154"), ("0.0.0.0", "49153")];
    let here = "unix:///run/docker.sock";
    assert_eq!(at(&all, here), Some(("127.0.0.1".into(), 49153)));
    assert_eq!(at(&all, "tcp://10.0.0.7:2375"), Some(("10.0.0.7".into(), 49153)));
    assert_eq!(at(&all, "ssh://me@build.example"), Some(("build.example".into(), 49153)));
    assert_eq!(at(&[("::", "80")], here), Some(("::1".into(), 80)));
    assert_eq!(at(&[("127.0.0.2", "80")], here), Some(("127.0.0.2".into(), 80)));
    assert_eq!(at(&[("127.0.0.1", "80")], "tcp://10.0.0.7:2375"), Some(("10.0.0.7".into(), 80)));
    assert_eq!(at(&[("192.168.1.5", "80")], here), Some(("192.168.1.5".into(), 80)));
    assert_eq!(at(&[], here), None);
    let v6 = HostPort { host: "::1".into(), port: 80 };
    assert_eq!(v6.url("https"), "https://[::1]:80");
  }
}
