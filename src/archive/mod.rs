//! Tars, as a format: what contexts of builds and copies of files are sent and read as.
//!
//! `writer` and `reader` are the format, `pipe` the bounded way between a thread that works on files and the
//! connection, `disk` what a file of this machine is as an entry.
//!
//! Headers are the `tar` crate's. Reading is not: engines are not to be trusted with what they send, and that crate
//! takes an archive that was cut off for one that ended, reserves what an entry claims to announce, and splits PAX
//! records at newlines, which the values of attributes may have.

mod disk;
mod entry;
mod error;
mod pax;
mod pipe;
mod reader;
mod writer;

#[cfg(test)]
mod tests;

pub use disk::{add_capabilities, described, shared};
pub use entry::{Entry, Kind, Moment, Owner};
pub use error::{ArchiveError, Result, refused, shown, unreadable};
pub use pipe::{BLOCK, Feed, Interrupted, Sink, Source as TarSource, Stop, TarStream, feed, sink};
pub use reader::{Reader, read_file};
pub use writer::{Made, made, write};
