//! The one place where fuzzing meets the package: `src/probes`, which is there for tests and for `--cfg fuzzing` only.
//!
//! Should the package be no `rlib` any more, its modules can be had as `#[path = "../../src/engine/mod.rs"] pub mod
//! engine;` and so on, each under the name it has there, with the package's dependencies in `Cargo.toml`.

pub use dokeres::probes::*;
