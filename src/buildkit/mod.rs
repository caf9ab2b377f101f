//! The client's half of a `BuildKit` build: what the engine may ask for while it builds, and what
//! it tells of its progress.
//!
//! On a connection taken over from `POST /session` the roles are reversed: the engine is the gRPC
//! client and calls us. gRPC itself is a few lines over `h2`, which spares us a server framework.

mod agent;
mod auth;
mod call;
mod files;
mod filesync;
mod fsutil;
mod grpc;
mod offer;
mod secrets;
mod session;
mod status;
pub mod trace;

pub use agent::reach as reach_agent;
pub use files::{Asked, Content, Entry, Files, Kind};
pub use offer::{CredentialLookup, Offer, OfferedFiles, SecretSource};
pub use secrets::LARGEST_SECRET;
pub use session::{Failure, Reason, Session, SessionError};

#[cfg(all(test, unix))]
#[allow(clippy::unwrap_used, clippy::expect_used, reason = "tests fail by them")]
mod tests;
