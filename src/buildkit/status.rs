//! How a call ends, in gRPC's terms.

use http::{HeaderMap, HeaderName, HeaderValue};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

const GRPC_STATUS: HeaderName = HeaderName::from_static("grpc-status");
const GRPC_MESSAGE: HeaderName = HeaderName::from_static("grpc-message");

/// gRPC leaves printable ASCII as it is, all but its escape.
const MESSAGE: &AsciiSet = &CONTROLS.add(b'%');

/// Trailers have to fit into a header block; ids that we repeat were chosen by the other side.
const LONGEST_MESSAGE: usize = 1000;

/// The codes that we have a use for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
  Unknown = 2,
  InvalidArgument = 3,
  NotFound = 5,
  ResourceExhausted = 8,
  FailedPrecondition = 9,
  Unimplemented = 12,
  Unavailable = 14,
}

/// Why a call failed. Never holds a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
  code: Code,
  message: String,
}

impl Status {
  pub fn new(code: Code, message: impl Into<String>) -> Self {
    Self { code, message: message.into() }
  }
}

/// The trailers that end a call.
pub fn trailers(ended: Result<(), Status>) -> HeaderMap {
  let mut trailers = HeaderMap::with_capacity(2);
  let Err(Status { code, message }) = ended else {
    trailers.insert(GRPC_STATUS, HeaderValue::from_static("0"));
    return trailers;
  };
  trailers.insert(GRPC_STATUS, HeaderValue::from(code as u16));
  let message: String = message.chars().take(LONGEST_MESSAGE).collect();
  let message = utf8_percent_encode(&message, MESSAGE).to_string();
  trailers.extend(HeaderValue::try_from(message).ok().map(|message| (GRPC_MESSAGE, message)));
  trailers
}
