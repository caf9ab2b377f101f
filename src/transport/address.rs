//! Where an engine listens: the one form every other layer speaks of.

use std::fmt;
use std::path::PathBuf;

/// What docker takes where a URL names no port.
const PLAIN_PORT: u16 = 2375;
const TLS_PORT: u16 = 2376;

const FORMS: &str = "give a socket's absolute path, unix:///path, npipe:////./pipe/name, tcp://host:port, \
                     http://host:port, https://host:port or ssh://[user@]host[:port][/socket]";

/// An engine's address, parsed and checked, not yet dialled.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Address {
  /// `unix:///run/docker.sock`
  Unix(PathBuf),
  /// `npipe:////./pipe/docker_engine`, kept as `//./pipe/docker_engine`
  Pipe(String),
  /// `tcp://host:2375`, `http://host:2375`: in the clear
  Tcp { host: String, port: u16 },
  /// `https://host:2376`, `tcp://` with TLS material
  Tls { host: String, port: u16 },
  /// `ssh://user@host:22/path`; what is absent is left to the user's ssh configuration
  Ssh { user: Option<String>, host: String, port: Option<u16>, socket: Option<String> },
}

impl Address {
  /// Reads what a user writes in `DOCKER_HOST` or `host`; the error says which forms there are.
  pub fn parse(text: &str) -> Result<Self, String> {
    let text = text.trim();
    read(text).map_err(|why| format!("`{text}` is not an engine's address: {why}; {FORMS}"))
  }
}

fn read(text: &str) -> Result<Address, String> {
  if text.contains('\0') {
    return Err("it contains a NUL byte".to_owned());
  }
  if let Some(pipe) = pipe_path(text) {
    return Ok(Address::Pipe(pipe));
  }
  if text.starts_with('/') {
    return Ok(Address::Unix(text.into()));
  }
  let Some((scheme, rest)) = text.split_once("://") else {
    return Err("it is neither an absolute path nor a URL".to_owned());
  };
  match scheme.to_ascii_lowercase().as_str() {
    "unix" if rest.is_empty() => Err("it names no socket".to_owned()),
    "unix" => Ok(Address::Unix(rest.into())),
    "npipe" => pipe_path(rest).map(Address::Pipe).ok_or_else(|| "it names no pipe".to_owned()),
    "tcp" | "http" => network(rest, PLAIN_PORT).map(|(host, port)| Address::Tcp { host, port }),
    "https" => network(rest, TLS_PORT).map(|(host, port)| Address::Tls { host, port }),
    "ssh" => remote(rest),
    _ => Err(format!("`{scheme}` is no scheme we know")),
  }
}

/// `\\.\pipe\name` in either slash; kept in the slashes that URLs have.
fn pipe_path(text: &str) -> Option<String> {
  let path = text.replace('\\', "/");
  let name = path.strip_prefix("//")?.split_once("/pipe/").map(|(_, name)| name)?;
  (!name.is_empty()).then_some(path)
}

fn network(rest: &str, default: u16) -> Result<(String, u16), String> {
  let (authority, path) = split_path(rest);
  if !matches!(path, "" | "/") {
    return Err(format!("a path (`{path}`) means nothing there"));
  }
  if authority.contains('@') {
    return Err("a user means nothing there".to_owned());
  }
  let (host, port) = host_and_port(authority)?;
  Ok((host, port.unwrap_or(default)))
}

fn remote(rest: &str) -> Result<Address, String> {
  let (authority, path) = split_path(rest);
  let (user, authority) = match authority.rsplit_once('@') {
    Some((user, authority)) => (Some(user), authority),
    None => (None, authority),
  };
  if user.is_some_and(|user| user.contains(':')) {
    return Err("a password cannot be given to ssh; use a key or an agent".to_owned());
  }
  let user = user.filter(|user| !user.is_empty()).map(str::to_owned);
  let (host, port) = host_and_port(authority)?;
  // ssh would read such a word as an option, `-oProxyCommand=…` for one.
  if host.starts_with('-') || user.as_deref().is_some_and(|user| user.starts_with('-')) {
    return Err("neither host nor user may begin with `-`".to_owned());
  }
  let socket = (!matches!(path, "" | "/")).then(|| path.to_owned());
  Ok(Address::Ssh { user, host, port, socket })
}

fn split_path(rest: &str) -> (&str, &str) {
  rest.find(['/', '?', '#']).map_or((rest, ""), |at| rest.split_at(at))
}

fn host_and_port(authority: &str) -> Result<(String, Option<u16>), String> {
  let (host, port) = if let Some(rest) = authority.strip_prefix('[') {
    let (host, after) = rest.split_once(']').ok_or("its `[` is never closed")?;
    match after.strip_prefix(':') {
      Some(port) => (host, Some(port)),
      None if after.is_empty() => (host, None),
      None => return Err(format!("`{after}` is no port")),
    }
  } else {
    match authority.split_once(':') {
      Some((_, port)) if port.contains(':') => {
        return Err("an IPv6 address goes in brackets, as in tcp://[::1]:2375".to_owned());
      }
      Some((host, port)) => (host, Some(port)),
      None => (authority, None),
    }
  };
  if host.is_empty() {
    return Err("it names no host".to_owned());
  }
  if host.contains(|letter: char| letter.is_whitespace() || letter.is_control()) {
    return Err("its host has a blank in it".to_owned());
  }
  let port = port.map(|port| match port.parse::<u16>() {
    Ok(number) if number > 0 && port.bytes().all(|digit| digit.is_ascii_digit()) => Ok(number),
    _ => Err(format!("`{port}` is no port")),
  });
  Ok((host.to_owned(), port.transpose()?))
}

impl fmt::Display for Address {
  fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match self {
      Self::Unix(path) => write!(f, "unix://{}", path.display()),
      Self::Pipe(path) => write!(f, "npipe://{path}"),
      Self::Tcp { host, port } => write!(f, "tcp://{}:{port}", bracketed(host)),
      Self::Tls { host, port } => write!(f, "https://{}:{port}", bracketed(host)),
      Self::Ssh { user, host, port, socket } => {
        f.write_str("ssh://")?;
        if let Some(user) = user {
          write!(f, "{user}@")?;
        }
        f.write_str(&bracketed(host))?;
        if let Some(port) = port {
          write!(f, ":{port}")?;
        }
        f.write_str(socket.as_deref().unwrap_or_default())
      }
    }
  }
}

/// An IPv6 address has colons of its own, so a URL sets it in brackets.
pub(super) fn bracketed(host: &str) -> String {
  if host.contains(':') { format!("[{host}]") } else { host.to_owned() }
}
