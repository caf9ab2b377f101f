//! From an address to a stream of bytes.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::{OnceCell, Semaphore};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::address::Address;
use super::config::ClientConfig;
use super::error::TransportError;
use super::fault;
use super::ssh::{self, Remote, Said};
use super::wire::Io;

/// Fewer than the ten logins at a time after which sshd begins to turn some away (`MaxStartups`).
const SSH_LOGINS: usize = 8;

/// What dialling needs to remember.
pub(super) struct Dialler {
  tls: OnceCell<Arc<rustls::ClientConfig>>,
  logins: Arc<Semaphore>,
}

pub(super) struct Dialled {
  pub io: Box<dyn Io>,
  pub said: Option<Said>,
}

impl Dialler {
  pub fn new() -> Self {
    Self { tls: OnceCell::new(), logins: Arc::new(Semaphore::new(SSH_LOGINS)) }
  }

  pub async fn dial(&self, config: &ClientConfig) -> Result<Dialled, TransportError> {
    let limit = config.connect_timeout;
    if let Address::Ssh { user, host, port, socket } = &config.address {
      // Waiting for a turn is not part of connecting; ssh watches over the connection's time.
      let login = Arc::clone(&self.logins)
        .acquire_owned()
        .await
        .map_err(|_| TransportError::Broken("the client was closed".to_owned()))?;
      let remote = Remote { user: user.as_deref(), host, port: *port, socket: socket.as_deref() };
      let (io, said) = ssh::dial(&remote, &config.ssh, limit, login)?;
      return Ok(Dialled { io: Box::new(io), said: Some(said) });
    }
    let io = timeout(limit, self.stream(config))
      .await
      .map_err(|_| TransportError::ConnectTimeout(limit))??;
    Ok(Dialled { io, said: None })
  }

  async fn stream(&self, config: &ClientConfig) -> Result<Box<dyn Io>, TransportError> {
    match &config.address {
      Address::Unix(path) => unix(path).await,
      Address::Pipe(path) => pipe(path).await,
      Address::Tcp { host, port } => Ok(Box::new(tcp(host, *port, config.connect_timeout).await?)),
      Address::Tls { host, port } => {
        let material = config.tls.clone().unwrap_or_default();
        // A failure is not kept: the user may mend the file meanwhile.
        let tls = self.tls.get_or_try_init(|| material.client_config()).await?;
        let name = material.name(host)?;
        let stream = tcp(host, *port, config.connect_timeout).await?;
        let stream = TlsConnector::from(Arc::clone(tls)).connect(name, stream).await;
        Ok(Box::new(stream.map_err(|error| fault::handshake(&error))?))
      }
      Address::Ssh { .. } => Err(TransportError::NotSupported("ssh is no socket".to_owned())),
    }
  }
}

#[cfg(unix)]
async fn unix(path: &Path) -> Result<Box<dyn Io>, TransportError> {
  loop {
    match tokio::net::UnixStream::connect(path).await {
      #[cfg(target_os = "linux")]
      Ok(stream) => return Ok(Box::new(super::socket::Socket::new(stream))),
      #[cfg(not(target_os = "linux"))]
      Ok(stream) => return Ok(Box::new(stream)),
      // The engine's queue is full; unlike TCP's, such a connection does not wait by itself.
      Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
        tokio::time::sleep(Duration::from_millis(2)).await;
      }
      Err(error) => {
        let dangling = error.kind() == io::ErrorKind::NotFound
          && tokio::fs::symlink_metadata(path).await.is_ok_and(|found| found.is_symlink());
        return Err(fault::connect(
          &error,
          if dangling { "a link to nothing" } else { "no such socket" },
        ));
      }
    }
  }
}

#[cfg(not(unix))]
async fn unix(_: &Path) -> Result<Box<dyn Io>, TransportError> {
  Err(TransportError::NotSupported("unix sockets cannot be dialled on this platform".to_owned()))
}

#[cfg(windows)]
async fn pipe(path: &str) -> Result<Box<dyn Io>, TransportError> {
  const PIPE_BUSY: i32 = 231;
  let path = path.replace('/', "\\");
  loop {
    match tokio::net::windows::named_pipe::ClientOptions::new().open(&path) {
      Ok(stream) => return Ok(Box::new(stream)),
      // Each server end takes one client; the engine makes the next at once.
      Err(error) if error.raw_os_error() == Some(PIPE_BUSY) => {
        tokio::time::sleep(Duration::from_millis(10)).await;
      }
      Err(error) => return Err(fault::connect(&error, "no such pipe")),
    }
  }
}

#[cfg(not(windows))]
#[expect(clippy::unused_async, reason = "the other platform's has to wait")]
async fn pipe(_: &str) -> Result<Box<dyn Io>, TransportError> {
  Err(TransportError::NotSupported("named pipes are there on Windows only".to_owned()))
}

async fn tcp(host: &str, port: u16, limit: Duration) -> Result<TcpStream, TransportError> {
  let found: Vec<_> = tokio::net::lookup_host((host, port))
    .await
    .map_err(|error| fault::unresolved(host, &error))?
    .collect();
  // One that swallows packets must not use up the time of those after it.
  let share = limit / u32::try_from(found.len().max(1)).unwrap_or(u32::MAX);
  let mut failure = None;
  for address in found {
    let attempt = async {
      let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
      socket.set_nodelay(true)?;
      socket.set_keepalive(true)?;
      socket.connect(address).await
    };
    match timeout(share, attempt).await {
      Ok(Ok(stream)) => return Ok(stream),
      Ok(Err(error)) => failure = Some(fault::connect(&error, "no such host")),
      Err(_) => failure = failure.or(Some(TransportError::ConnectTimeout(limit))),
    }
  }
  Err(failure.unwrap_or_else(|| {
    fault::unresolved(host, &io::Error::new(io::ErrorKind::NotFound, "no address is known for it"))
  }))
}
