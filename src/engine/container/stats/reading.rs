//! The engine's JSON of a sample: what is reckoned with.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Visitor};

use crate::engine::container::inspect::null_as_default;

/// A counter. Engines and cgroups have them up to 2^64 - 1, `-1` for “no limit”, or as fractions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Count(pub u64);

impl<'de> Deserialize<'de> for Count {
  fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
    struct Any;
    impl Visitor<'_> for Any {
      type Value = Count;
      fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a number")
      }
      fn visit_u64<E>(self, number: u64) -> Result<Count, E> {
        Ok(Count(number))
      }
      fn visit_i64<E>(self, number: i64) -> Result<Count, E> {
        Ok(Count(u64::try_from(number).unwrap_or(0)))
      }
      #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it saturates")]
      fn visit_f64<E>(self, number: f64) -> Result<Count, E> {
        Ok(Count(number as u64))
      }
      fn visit_unit<E>(self) -> Result<Count, E> {
        Ok(Count(0))
      }
    }
    deserializer.deserialize_any(Any)
  }
}

/// The fields that are reckoned with; every one may be missing, as all are of a container at rest.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Sample {
  pub(super) read: String,
  pub(super) preread: String,
  pub(super) id: String,
  pub(super) name: String,
  #[serde(deserialize_with = "null_as_default")]
  pub(super) cpu_stats: Cpu,
  #[serde(deserialize_with = "null_as_default")]
  pub(super) precpu_stats: Cpu,
  #[serde(deserialize_with = "null_as_default")]
  pub(super) memory_stats: MemoryStats,
  #[serde(deserialize_with = "null_as_default")]
  pub(super) networks: BTreeMap<String, Interface>,
  #[serde(deserialize_with = "null_as_default")]
  pub(super) blkio_stats: BlockStats,
  #[serde(deserialize_with = "null_as_default")]
  pub(super) storage_stats: StorageStats,
  #[serde(deserialize_with = "null_as_default")]
  pub(super) pids_stats: Pids,
  pub(super) num_procs: Count,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(default)]
pub(super) struct Pids {
  pub(super) current: Count,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Cpu {
  #[serde(rename = "cpu_usage")]
  pub(super) used: CpuUsage,
  pub(super) system_cpu_usage: Count,
  pub(super) online_cpus: Count,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct CpuUsage {
  pub(super) total_usage: Count,
  #[serde(deserialize_with = "null_as_default")]
  pub(super) percpu_usage: Vec<Count>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct MemoryStats {
  pub(super) usage: Count,
  pub(super) limit: Count,
  #[serde(deserialize_with = "null_as_default")]
  pub(super) stats: MemoryParts,
  pub(super) privateworkingset: Count,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct MemoryParts {
  /// cgroup v1 only.
  pub(super) total_inactive_file: Option<Count>,
  pub(super) inactive_file: Count,
}

/// Traffic of one network interface.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(default)]
pub(super) struct Interface {
  pub(super) rx_bytes: Count,
  pub(super) rx_packets: Count,
  pub(super) rx_errors: Count,
  pub(super) rx_dropped: Count,
  pub(super) tx_bytes: Count,
  pub(super) tx_packets: Count,
  pub(super) tx_errors: Count,
  pub(super) tx_dropped: Count,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct BlockStats {
  #[serde(deserialize_with = "null_as_default")]
  pub(super) io_service_bytes_recursive: Vec<BlockEntry>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct BlockEntry {
  pub(super) op: String,
  pub(super) value: Count,
}

/// Windows' word for block I/O.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct StorageStats {
  pub(super) read_size_bytes: Count,
  pub(super) write_size_bytes: Count,
}
