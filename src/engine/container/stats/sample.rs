//! One sample: read from the engine's JSON, reckoned as the docker CLI does, told as ours.

use std::collections::BTreeMap;

use serde::Serialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::Raw;
use super::reading::{Count, Cpu, Interface, Sample};

#[expect(clippy::cast_precision_loss, reason = "for ratios")]
fn ratio(part: u64, whole: u64) -> f64 {
  if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// What a sample is compared with.
#[derive(Default)]
pub struct Meter {
  before: Option<Cpu>,
}

impl Meter {
  /// CPU percent of a sample that brings its predecessor along.
  #[must_use]
  pub fn of_one(&self, sample: &Sample) -> f64 {
    if sample.is_running() { sample.cpu_percent(&sample.precpu_stats) } else { 0.0 }
  }

  /// CPU percent of the next sample of a stream; `None` where there is nothing to compare it with:
  /// it is the first, and would tell of all the time since the machine started, or of no container
  /// that runs.
  pub fn of_next(&mut self, sample: &Sample) -> Option<f64> {
    if !sample.is_running() {
      self.before = None;
      return None;
    }
    let own = &sample.precpu_stats;
    let has_own = own.system_cpu_usage.0 > 0 || sample.is_windows() && moment(&sample.preread) > 0;
    let before = if has_own { Some(own.clone()) } else { self.before.take() };
    self.before = Some(sample.cpu_stats.clone());
    before.map(|before| sample.cpu_percent(&before))
  }
}

impl Sample {
  pub fn read(line: &[u8]) -> Result<Self, String> {
    serde_json::from_slice(line).map_err(|error| error.to_string())
  }

  /// Of a container at rest the engine writes the year 1.
  fn is_running(&self) -> bool {
    moment(&self.read) > 0
  }

  fn is_windows(&self) -> bool {
    self.num_procs.0 > 0
  }

  fn cpu_percent(&self, before: &Cpu) -> f64 {
    let used = self.cpu_stats.used.total_usage.0.saturating_sub(before.used.total_usage.0);
    if self.is_windows() {
      // In units of 100 ns, of which each processor has had that many.
      let passed = moment(&self.read).saturating_sub(moment(&self.preread));
      let possible = u64::try_from(passed / 100).unwrap_or(0).saturating_mul(self.num_procs.0);
      return ratio(used, possible) * 100.0;
    }
    let passed = self.cpu_stats.system_cpu_usage.0.saturating_sub(before.system_cpu_usage.0);
    #[expect(clippy::cast_precision_loss, reason = "a number of processors")]
    let cpus = self.online_cpus() as f64;
    ratio(used, passed) * cpus * 100.0
  }

  fn online_cpus(&self) -> u64 {
    match (self.cpu_stats.online_cpus.0, self.num_procs.0) {
      (0, 0) => self.cpu_stats.used.percpu_usage.len() as u64,
      (0, windows) => windows,
      (online, _) => online,
    }
  }

  /// Without what the kernel keeps of files and would give up at once.
  fn memory_used(&self) -> u64 {
    let memory = &self.memory_stats;
    if self.is_windows() {
      return memory.privateworkingset.0;
    }
    let cache = [memory.stats.total_inactive_file, Some(memory.stats.inactive_file)];
    let cache = cache.into_iter().flatten().find(|cache| *cache < memory.usage);
    memory.usage.0 - cache.unwrap_or_default().0
  }

  fn block(&self) -> Block {
    let mut block = Block {
      read: self.storage_stats.read_size_bytes.0,
      write: self.storage_stats.write_size_bytes.0,
    };
    for entry in &self.blkio_stats.io_service_bytes_recursive {
      // `Read` of cgroup v1, `read` of v2; v1 has sums beside them, which are not to be counted.
      match entry.op.bytes().next() {
        Some(b'r' | b'R') => block.read = block.read.saturating_add(entry.value.0),
        Some(b'w' | b'W') => block.write = block.write.saturating_add(entry.value.0),
        _ => {}
      }
    }
    block
  }

  /// The sample as JSON: what was reckoned, and the engine's own as it came.
  #[must_use]
  pub fn tell(&self, cpu_percent: f64, line: &[u8], raw: Raw) -> String {
    let (usage, limit) = (self.memory_used(), self.memory_stats.limit.0);
    let sum = |count: fn(&Interface) -> Count| {
      self.networks.values().fold(0_u64, |sum, one| sum.saturating_add(count(one).0))
    };
    let told = Told {
      id: &self.id,
      name: self.name.trim_start_matches('/'),
      read: &self.read,
      cpu_percent,
      online_cpus: self.online_cpus(),
      memory: Memory { usage, limit, percent: ratio(usage, limit) * 100.0 },
      net: Net {
        rx: sum(|one| one.rx_bytes),
        tx: sum(|one| one.tx_bytes),
        interfaces: self
          .networks
          .iter()
          .map(|(name, one)| (name.as_str(), Traffic::of(one)))
          .collect(),
      },
      block: self.block(),
      pids: self.pids_stats.current.0,
    };
    // All of it is plain, and fails to be written in no case.
    let told = serde_json::to_string(&told).unwrap_or_default();
    let line = String::from_utf8_lossy(line);
    let raw = match raw {
      Raw::No => String::new(),
      Raw::Parsed => format!(",\"raw\":{}", line.trim()),
      Raw::Text => format!(",\"raw\":{}", serde_json::Value::from(line.trim())),
    };
    let open = told.strip_suffix('}').unwrap_or_default();
    format!("{open}{raw}}}")
  }
}

/// Nanoseconds since 1970; of the year 1, or of what is no time, something below that.
fn moment(text: &str) -> i128 {
  OffsetDateTime::parse(text, &Rfc3339).map_or(-1, OffsetDateTime::unix_timestamp_nanos)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Told<'a> {
  id: &'a str,
  name: &'a str,
  read: &'a str,
  cpu_percent: f64,
  online_cpus: u64,
  memory: Memory,
  net: Net<'a>,
  block: Block,
  pids: u64,
}

#[derive(Serialize)]
struct Memory {
  usage: u64,
  limit: u64,
  percent: f64,
}

#[derive(Serialize)]
struct Net<'a> {
  rx: u64,
  tx: u64,
  interfaces: BTreeMap<&'a str, Traffic>,
}

#[derive(Serialize)]
struct Block {
  read: u64,
  write: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Traffic {
  rx: u64,
  tx: u64,
  rx_packets: u64,
  tx_packets: u64,
  rx_errors: u64,
  tx_errors: u64,
  rx_dropped: u64,
  tx_dropped: u64,
}

impl Traffic {
  fn of(one: &Interface) -> Self {
    Self {
      rx: one.rx_bytes.0,
      tx: one.tx_bytes.0,
      rx_packets: one.rx_packets.0,
      tx_packets: one.tx_packets.0,
      rx_errors: one.rx_errors.0,
      tx_errors: one.tx_errors.0,
      rx_dropped: one.rx_dropped.0,
      tx_dropped: one.tx_dropped.0,
    }
  }
}
