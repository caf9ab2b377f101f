//! Where engines usually are, each asked once whether one answers.

use std::path::PathBuf;

use super::{Endpoint, EndpointError, Environment, Tried};
use crate::transport::Address;

/// The first place where an engine answers.
pub async fn find(environment: &Environment) -> Result<Endpoint, EndpointError> {
  let mut tried = Vec::new();
  for (address, source) in places(environment) {
    let error = probe(&address).await.err();
    let answers = error.is_none();
    tried.push(Tried { url: address.to_string(), source: source.to_owned(), error });
    if answers {
      return Ok(Endpoint { address, tls: None, source: source.to_owned(), tried });
    }
  }
  Err(EndpointError::NotFound { tried })
}

#[cfg(windows)]
fn places(_: &Environment) -> Vec<(Address, &'static str)> {
  [
    ("//./pipe/docker_engine", "the default pipe"),
    ("//./pipe/dockerDesktopLinuxEngine", "Docker Desktop's pipe"),
    ("//./pipe/podman-machine-default", "Podman's pipe"),
  ]
  .map(|(pipe, source)| (Address::Pipe(pipe.to_owned()), source))
  .into()
}

#[cfg(not(windows))]
fn places(environment: &Environment) -> Vec<(Address, &'static str)> {
  let mut places: Vec<(PathBuf, &'static str)> = Vec::new();
  places.push((environment.root.join("var/run/docker.sock"), "the default socket"));
  let own = environment.get("XDG_RUNTIME_DIR").map(PathBuf::from);
  let of_user = environment.uid.map(|uid| environment.root.join(format!("run/user/{uid}")));
  let runtime: Vec<_> = own.into_iter().chain(of_user).collect();
  places
    .extend(runtime.iter().map(|dir| (dir.join("docker.sock"), "the rootless engine's socket")));
  if let Some(home) = &environment.home {
    let at_home = [
      (".docker/run/docker.sock", "Docker Desktop's socket"),
      (".docker/desktop/docker.sock", "Docker Desktop's socket"),
      (".colima/default/docker.sock", "Colima's socket"),
      (".config/colima/default/docker.sock", "Colima's socket"),
      (".orbstack/run/docker.sock", "OrbStack's socket"),
      (".rd/docker.sock", "Rancher Desktop's socket"),
      (".lima/docker/sock/docker.sock", "Lima's socket"),
      (".lima/default/sock/docker.sock", "Lima's socket"),
    ];
    places.extend(at_home.map(|(path, source)| (home.join(path), source)));
  }
  let podman = "Podman's socket";
  places.extend(runtime.iter().map(|dir| (dir.join("podman/podman.sock"), podman)));
  places.push((environment.root.join("run/podman/podman.sock"), podman));
  let mut seen = std::collections::HashSet::new();
  places.retain(|(path, _)| seen.insert(path.clone()));
  places.into_iter().map(|(path, source)| (Address::Unix(path), source)).collect()
}

/// Asks for `/_ping`, by hand: a client with its pool would be much for one question.
#[cfg(unix)]
async fn probe(address: &Address) -> Result<(), String> {
  use std::time::Duration;

  use tokio::io::{AsyncReadExt, AsyncWriteExt};
  use tokio::net::UnixStream;

  let Address::Unix(path) = address else { return Err("not a socket".to_owned()) };
  match tokio::fs::symlink_metadata(path).await {
    Err(_) => return Err("not there".to_owned()),
    Ok(link) if link.is_symlink() && tokio::fs::metadata(path).await.is_err() => {
      return Err("a link that leads nowhere".to_owned());
    }
    Ok(_) => {}
  }
  let asked = async {
    let mut stream = UnixStream::connect(path).await?;
    stream.write_all(b"GET /_ping HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n\r\n").await?;
    let mut head = [0; 5];
    stream.read_exact(&mut head).await?;
    Ok::<_, std::io::Error>(head == *b"HTTP/")
  };
  match tokio::time::timeout(Duration::from_secs(1), asked).await {
    Ok(Ok(true)) => Ok(()),
    Ok(Ok(false)) => Err("what answers is no engine".to_owned()),
    // It may be there and not for us: then the first call says so, and what to do.
    Ok(Err(error)) if error.kind() == std::io::ErrorKind::PermissionDenied => Ok(()),
    Ok(Err(error)) => Err(error.to_string()),
    Err(_) => Err("no answer within a second".to_owned()),
  }
}

#[cfg(not(unix))]
async fn probe(address: &Address) -> Result<(), String> {
  let Address::Pipe(path) = address else { return Err("not a pipe".to_owned()) };
  let there = tokio::fs::metadata(path).await;
  there.map(drop).map_err(|_| "not there".to_owned())
}
