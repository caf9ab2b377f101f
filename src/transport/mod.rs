//! The way to the engine: addresses, TLS, ssh, and a pooled HTTP/1.1 client over them.

mod address;
mod body;
mod chunks;
mod class;
mod client;
mod config;
mod connection;
mod dial;
mod error;
mod fault;
mod file;
mod header;
mod pool;
#[cfg(target_os = "linux")]
mod socket;
mod ssh;
mod tls;
mod tls_verify;
mod upgrade;
mod whole;
mod wire;

#[cfg(all(test, unix))]
#[allow(
  clippy::unwrap_used,
  clippy::expect_used,
  clippy::panic,
  clippy::print_stderr,
  reason = "tests fail by them"
)]
mod tests;

pub use address::Address;
pub use body::{Body, BodyFault};
#[cfg(any(test, fuzzing, feature = "loops"))]
pub use chunks::Chunks;
pub use class::{Class, Timeout};
pub use client::Client;
pub use config::ClientConfig;
pub use error::TransportError;
pub use fault::body as body_fault;
pub use file::read_file;
pub use header::Prefix;
pub use ssh::SshOptions;
pub use tls::{Pem, TlsMaterial};
pub use upgrade::{Upgraded, UpgradedIo};
pub use whole::{read_refusal, read_whole};
