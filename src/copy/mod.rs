//! Copying files as tars: what `docker cp` does on the client's side.
//!
//! `rules` decides what goes where, as the docker CLI does; `host` looks at paths of this machine for it. `pack` makes
//! a tar of host paths, `extract` writes one to disk without ever leaving its destination, `rewrite` passes one on
//! under other names.

mod extract;
mod folder;
mod host;
mod ignore;
mod pack;
mod path;
mod rewrite;
mod rules;
mod spool;

pub use extract::{Extraction, extract};
pub use host::{destination, source, validate};
pub use ignore::Ignore;
pub use pack::{Packing, pack};
pub use path::{absolute, base, clean, directory, followed, joined, split};
pub use rewrite::{Rewriting, rewrite};
pub use rules::{Destination, Placement, Source, place};
pub use spool::unnamed_file;
