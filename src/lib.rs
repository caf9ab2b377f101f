//! dokeres: run things in containers from Node.
//!
//! Layers import one way: `binding` (what JavaScript sees) → `engine` (what dokeres does) →
//! `buildkit`, `copy`, `context`, `credentials`, `endpoint` → `archive`, `transport`. Only `binding` knows Node-API.

pub mod archive;
pub mod buildkit;
pub mod context;
pub mod copy;
pub mod credentials;
pub mod endpoint;
pub mod engine;
#[cfg(any(test, fuzzing))]
pub mod probes;
pub mod transport;

#[cfg(feature = "binding")]
mod binding;

// Run by `bench/loops.rs`; here it is read by clippy.
#[cfg(test)]
#[allow(dead_code, reason = "no test runs it")]
#[path = "../bench/instructions.rs"]
mod instructions;
