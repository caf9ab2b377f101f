//! All images of an engine: listed, removed by group, saved and loaded, cleaned up.

pub mod archive;
pub mod clean;
pub mod list;
pub(in crate::engine) mod partial;
mod plan;
pub mod prune;
pub mod remove;
pub mod save;
pub mod search;
mod usage;

pub use usage::Usage;
