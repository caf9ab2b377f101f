//! How a container's port is reached from here.

use std::net::IpAddr;
use std::time::Duration;

use serde::Deserialize;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

use crate::engine::Engine;
use crate::engine::call::Call;
use crate::engine::container::inspect::Inspected;
use crate::engine::error::Result;
use crate::engine::fault::Subject;
use crate::transport::Address;

const CONNECT: Duration = Duration::from_secs(2);

/// How long a connection must hold to count. The engine's proxy accepts before it knows whether
/// anybody listens in the container, and closes at once if not.
const HOLD: Duration = Duration::from_millis(150);

/// An address to connect to, and how it came about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
  pub host: String,
  pub port: u16,
  pub via: Via,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Via {
  /// As the caller said.
  Given,
  Published,
  /// The container's own address, or the host's for one that has its network.
  Direct,
}

impl Via {
  #[must_use]
  pub fn as_str(self) -> &'static str {
    match self {
      Self::Given => "given",
      Self::Published => "published",
      Self::Direct => "direct",
    }
  }
}

/// Where the engine is, seen from here.
#[derive(Debug, Clone)]
pub struct Place {
  /// The host whose ports are the published ones; none for one that is known by a name that only
  /// ssh's own configuration resolves, say.
  host: String,
  /// Containers' own addresses are reachable, and nobody else's.
  shares_network: bool,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Info {
  kernel_version: String,
  #[serde(deserialize_with = "crate::engine::container::inspect::null_as_default")]
  security_options: Vec<String>,
}

impl Place {
  pub async fn of(engine: &Engine) -> Result<Self> {
    let address = &engine.connection().await?.endpoint.address;
    let host = match address {
      Address::Unix(_) | Address::Pipe(_) => "127.0.0.1".to_owned(),
      Address::Tcp { host, .. } | Address::Tls { host, .. } | Address::Ssh { host, .. } => {
        host.clone()
      }
    };
    // A machine of its own (Docker Desktop), or a network of its own (rootless): its containers'
    // addresses mean nothing here, or, worse, mean another engine's containers.
    let shares_network = matches!(address, Address::Unix(_)) && {
      let call = Call::get("cannot ask", Subject::Engine, "/info");
      let info: Info = call.read(engine).await.unwrap_or_default();
      let kernel = tokio::fs::read_to_string("/proc/sys/kernel/osrelease").await;
      let rootless = info.security_options.iter().any(|option| option.contains("rootless"));
      !rootless && kernel.is_ok_and(|kernel| kernel.trim() == info.kernel_version)
    };
    Ok(Self { host, shares_network })
  }

  fn is_local(&self) -> bool {
    self.host == "localhost" || self.host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
  }

  /// The addresses by which a port may be reached, the best first.
  #[must_use]
  pub fn targets(&self, seen: &Inspected, port: u16) -> Vec<Target> {
    if seen.host_config.network_mode == "host" {
      return vec![Target { host: self.host.clone(), port, via: Via::Direct }];
    }
    let settings = &seen.network_settings;
    let published = settings.ports.get(&format!("{port}/tcp")).into_iter().flatten().flatten();
    let mut targets: Vec<_> = published
      .filter_map(|binding| {
        let port = binding.host_port.parse().ok().filter(|port| *port > 0)?;
        Some(Target { host: self.host_of(&binding.host_ip)?, port, via: Via::Published })
      })
      .collect();
    // One published port may be told for each family of addresses; the older is the surer.
    targets.sort_by_key(|target| target.host.contains(':'));
    targets.dedup();
    if targets.is_empty() && self.shares_network {
      let own = std::iter::once(&settings.ip_address)
        .chain(settings.networks.values().map(|network| &network.ip_address));
      for host in own.filter(|ip| !ip.is_empty()) {
        let target = Target { host: host.clone(), port, via: Via::Direct };
        if !targets.contains(&target) {
          targets.push(target);
        }
      }
    }
    targets
  }

  /// A binding's address, seen from here; none where it is for the engine's own machine only.
  fn host_of(&self, bound: &str) -> Option<String> {
    match bound.parse::<IpAddr>() {
      Ok(IpAddr::V6(ip)) if ip.is_unspecified() && self.is_local() => Some("::1".into()),
      Ok(ip) if ip.is_unspecified() => Some(self.host.clone()),
      Ok(ip) if ip.is_loopback() && !self.is_local() => None,
      Ok(ip) => Some(ip.to_string()),
      Err(_) => Some(self.host.clone()),
    }
  }
}

/// Connects, and sees whether that lasts; the error says why not.
pub async fn connects(target: &Target) -> Result<(), String> {
  let connecting = TcpStream::connect((target.host.as_str(), target.port));
  let mut stream = match tokio::time::timeout(CONNECT, connecting).await {
    Ok(Ok(stream)) => stream,
    Ok(Err(error)) => return Err(error.to_string()),
    Err(_) => return Err("no answer".to_owned()),
  };
  if target.via == Via::Direct {
    return Ok(());
  }
  match tokio::time::timeout(HOLD, stream.read(&mut [0; 1])).await {
    Ok(Ok(0)) => Err("closed at once".to_owned()),
    Ok(Err(error)) => Err(error.to_string()),
    _ => Ok(()),
  }
}
