//! All containers of an engine: listed, stopped and removed by image or group, cleaned up.

pub mod clean;
pub mod cleanup;
pub mod group;
pub mod list;
pub mod many;
pub mod prune;
