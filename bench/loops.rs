//! The hot loops as a program. It is made of the package's modules by their paths, as the package is no library
//! that a program could use; so of all these only what the loops come to is compiled to the end.

#![allow(dead_code, unused_imports, reason = "the package uses what the loops do not")]

#[path = "../src/archive/mod.rs"]
mod archive;
#[path = "../src/buildkit/mod.rs"]
mod buildkit;
#[path = "../src/context/mod.rs"]
mod context;
#[path = "../src/copy/mod.rs"]
mod copy;
#[path = "../src/credentials/mod.rs"]
mod credentials;
#[path = "../src/endpoint/mod.rs"]
mod endpoint;
#[path = "../src/engine/mod.rs"]
mod engine;
mod instructions;
#[path = "../src/transport/mod.rs"]
mod transport;

fn main() -> Result<(), Box<dyn std::error::Error>> {
  instructions::loops()
}
