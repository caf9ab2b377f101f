//! The one place where fuzzing meets the package: `src/probes`, which is there for tests and for `--cfg fuzzing` only.

pub use dokeres::probes::*;
