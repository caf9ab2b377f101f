//! From what the system, rustls and hyper say to a `TransportError` that a user can act on.

use std::error::Error as StdError;
use std::io::{self, ErrorKind};

use rustls::{AlertDescription, CertificateError, Error as TlsError, InvalidMessage};

use super::error::TransportError;

/// A socket that could not be opened; `absent` says what is not there.
pub(super) fn connect(error: &io::Error, absent: &str) -> TransportError {
  let kind = error.kind();
  let text = match kind {
    ErrorKind::PermissionDenied => {
      return TransportError::PermissionDenied(io::Error::new(kind, "permission denied"));
    }
    ErrorKind::NotFound | ErrorKind::NotADirectory => absent.to_owned(),
    ErrorKind::ConnectionRefused => "connection refused: nothing listens there".to_owned(),
    ErrorKind::ConnectionReset => "the connection was reset".to_owned(),
    ErrorKind::TimedOut => "no answer to the attempt to connect".to_owned(),
    ErrorKind::HostUnreachable => "the host cannot be reached".to_owned(),
    ErrorKind::NetworkUnreachable => "the network cannot be reached".to_owned(),
    ErrorKind::InvalidInput => "the path is too long for a socket".to_owned(),
    _ => error.to_string(),
  };
  TransportError::Unreachable(io::Error::new(kind, text))
}

pub(super) fn unresolved(host: &str, error: &io::Error) -> TransportError {
  // getaddrinfo's own words follow this prefix of std's.
  let text = error.to_string();
  let why = text.trim_start_matches("failed to lookup address information: ");
  TransportError::Unreachable(io::Error::new(
    error.kind(),
    format!("cannot resolve `{host}`: {why}"),
  ))
}

pub(super) fn handshake(error: &io::Error) -> TransportError {
  match inner_tls(error) {
    Some(tls) => told(tls),
    None if matches!(error.kind(), ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset) => {
      TransportError::Tls(
        "the server closed the connection within the TLS handshake; does it speak TLS at that port?".to_owned(),
      )
    }
    None => TransportError::Tls(format!("the TLS handshake failed: {error}")),
  }
}

/// rustls's own words, and what to do about them.
fn told(error: &TlsError) -> TransportError {
  let hint = match error {
    TlsError::InvalidMessage(InvalidMessage::InvalidContentType) => {
      "the server speaks plain HTTP there, not TLS; use tcp:// or http://, or its TLS port (2376 as a rule)"
    }
    TlsError::InvalidCertificate(reason) => match reason {
      CertificateError::UnknownIssuer => {
        "the server's certificate comes from an authority that is not trusted; give that as `ca`"
      }
      CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
        "the server's certificate is for another name; use that name in the address"
      }
      CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
        "the server's certificate has expired"
      }
      CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
        "the server's certificate is not valid yet; is this machine's clock right?"
      }
      CertificateError::Other(other) if other.to_string().contains("CaUsedAsEndEntity") => {
        "the server presents an authority's own certificate; have it present one that the authority issued"
      }
      _ => "the server's certificate is not acceptable",
    },
    TlsError::AlertReceived(alert) => match alert {
      AlertDescription::CertificateRequired => {
        "the server wants a client certificate; give `cert` and `key`"
      }
      AlertDescription::BadCertificate
      | AlertDescription::UnknownCA
      | AlertDescription::CertificateUnknown
      | AlertDescription::CertificateExpired
      | AlertDescription::CertificateRevoked
      | AlertDescription::UnsupportedCertificate
      | AlertDescription::AccessDenied => {
        "the server does not accept our client certificate, or wants one: check `cert` and `key`"
      }
      AlertDescription::ProtocolVersion => "the server speaks no TLS as new as 1.2",
      _ => "the server ended the TLS connection",
    },
    _ => return TransportError::Tls(error.to_string()),
  };
  TransportError::Tls(format!("{error}: {hint}"))
}

/// A connection that failed before the response's head was complete.
pub(super) fn exchange(error: &hyper::Error) -> TransportError {
  if let Some(tls) = chain(error).find_map(|cause| {
    cause.downcast_ref::<TlsError>().or_else(|| cause.downcast_ref().and_then(inner_tls))
  }) {
    return told(tls);
  }
  if error.is_parse() {
    return TransportError::Protocol(format!(
      "the answer is not HTTP as we know it: {}",
      whole(error)
    ));
  }
  if error.is_user() {
    return TransportError::Protocol(format!("the request cannot be sent: {}", whole(error)));
  }
  if error.is_incomplete_message() {
    return TransportError::Broken("closed by the engine's side before it had answered".to_owned());
  }
  let io = chain(error).find_map(|cause| cause.downcast_ref::<io::Error>());
  TransportError::Broken(io.map_or_else(|| whole(error), ToString::to_string))
}

/// A reply that failed after its head was there.
#[must_use]
pub fn body(error: &hyper::Error) -> TransportError {
  match chain(error).find_map(|cause| cause.downcast_ref::<io::Error>()) {
    Some(io) if matches!(io.kind(), ErrorKind::InvalidData | ErrorKind::InvalidInput) => {
      TransportError::Protocol(format!("the answer is not HTTP as we know it: {io}"))
    }
    Some(io) if io.kind() != ErrorKind::UnexpectedEof => TransportError::Broken(io.to_string()),
    _ if error.is_parse() => {
      TransportError::Protocol(format!("the answer is not HTTP as we know it: {}", whole(error)))
    }
    _ => TransportError::Broken("closed by the engine's side within its answer".to_owned()),
  }
}

/// Whether it is the connection that failed, rather than what went over it.
pub(super) fn is_hang_up(error: &hyper::Error) -> bool {
  error.is_canceled()
    || error.is_incomplete_message()
    || error.is_closed()
    || chain(error)
      .filter_map(|cause| cause.downcast_ref::<io::Error>())
      .any(|error| super::wire::is_hang_up(error) || error.kind() == ErrorKind::UnexpectedEof)
}

/// rustls reports through `io::Error`, which shows its content to nobody who asks for its source.
fn inner_tls(error: &io::Error) -> Option<&TlsError> {
  error.get_ref().and_then(|inner| inner.downcast_ref())
}

fn whole(error: &hyper::Error) -> String {
  let mut text = error.to_string();
  for cause in chain(error).skip(1) {
    text = format!("{text}: {cause}");
  }
  text
}

fn chain<'a>(
  error: &'a (dyn StdError + 'static),
) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
  std::iter::successors(Some(error), |&error| error.source())
}
