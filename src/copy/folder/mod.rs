//! A directory of this machine, worked in by names alone: whatever these are, nothing leads out of it.

#[cfg(unix)]
mod unix;
#[cfg(unix)]
pub use unix::Folder;

#[cfg(not(unix))]
mod other;
#[cfg(not(unix))]
pub use other::Folder;

use std::fs::FileTimes;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::archive::Moment;

/// What is there under a name; links are not followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
  Nothing,
  Directory,
  Other,
}

fn times(moment: Moment) -> Option<FileTimes> {
  let time: SystemTime = match u64::try_from(moment.seconds) {
    Ok(seconds) => UNIX_EPOCH.checked_add(Duration::new(seconds, moment.nanos))?,
    Err(_) => UNIX_EPOCH
      .checked_sub(Duration::from_secs(moment.seconds.unsigned_abs()))?
      .checked_add(Duration::new(0, moment.nanos))?,
  };
  Some(FileTimes::new().set_accessed(time).set_modified(time))
}
