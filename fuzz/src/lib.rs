//! The one place where fuzzing meets the package, which is no library: its modules by their paths, of which
//! `src/probes` is there for tests and for `--cfg fuzzing` only.

#![allow(dead_code, reason = "the package uses what the probes do not")]

#[path = "../../src/archive/mod.rs"]
pub mod archive;
#[path = "../../src/buildkit/mod.rs"]
pub mod buildkit;
#[path = "../../src/context/mod.rs"]
pub mod context;
#[path = "../../src/copy/mod.rs"]
pub mod copy;
#[path = "../../src/credentials/mod.rs"]
pub mod credentials;
#[path = "../../src/endpoint/mod.rs"]
pub mod endpoint;
#[path = "../../src/engine/mod.rs"]
pub mod engine;
#[path = "../../src/probes/mod.rs"]
pub mod probes;
#[path = "../../src/transport/mod.rs"]
pub mod transport;

pub use probes::*;
