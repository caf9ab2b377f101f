//! What JavaScript sees: thin classes over the engine core, and the bridge that carries them.
//!
//! Each bridge problem is solved once: promises in `call`, values in `value`, options in `bag`,
//! errors in `fault`, callbacks in `callback`, streams in `stream`; `realm` is what they share.

#![expect(clippy::doc_markdown, reason = "the comments become TSDoc, whose tags have braces")]
#![expect(
  clippy::trivially_copy_pass_by_ref,
  reason = "values of JavaScript's borrow from the `Env`"
)]
#![expect(clippy::needless_pass_by_value, reason = "Node-API's arguments come by value")]
#![cfg_attr(test, allow(dead_code, reason = "Node-API registers nothing in Rust's own tests"))]

mod bag;
mod call;
mod callback;
mod connect;
mod container;
mod containers;
mod dokeres;
mod fault;
mod image;
mod images;
mod input;
mod modem;
mod monitor;
mod networks;
mod plugins;
mod progress;
mod provoked;
mod realm;
mod results;
mod session;
mod stream;
mod swarm;
mod system;
mod text;
mod value;
mod volumes;

/// What the engine core answers, beside Node-API's own `Result`.
pub type Answer<T> = std::result::Result<T, crate::engine::error::EngineError>;
