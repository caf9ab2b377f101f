//! What must hold whatever comes in: each probe takes any bytes, and panics where something does not hold.
//!
//! They are here once, for three that use them: fuzzing (`fuzz/`), property tests, and the fuzzers' corpora, which
//! run with Rust's ordinary tests.

#![allow(
  clippy::unwrap_used,
  clippy::expect_used,
  clippy::panic,
  clippy::missing_panics_doc,
  reason = "to panic is what a probe is for"
)]

mod bytes;
mod http;
mod names;
mod options;
mod streams;
#[cfg(unix)]
mod tars;
#[cfg(test)]
mod tests;
#[cfg(unix)]
mod trees;

pub use http::{chunks, http};
pub use names::{ignore, reference};
pub use options::options;
pub use streams::{demux, ndjson};
#[cfg(unix)]
pub use tars::{extract, pack};

/// A runtime of this thread's own, which probes share: to make one takes longer than most of them.
fn block_on<T>(work: impl Future<Output = T>) -> T {
  thread_local! {
    static RUNTIME: tokio::runtime::Runtime =
      tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
  }
  RUNTIME.with(|runtime| runtime.block_on(work))
}
