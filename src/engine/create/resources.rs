//! What a container may use: the same fields for creating one and for updating it.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::engine::error::{EngineError, Result};
use crate::engine::options::RunOptions;
use crate::engine::size::Bytes;

/// What is given is sent, a zero too; what is absent is the engine's to decide.
#[derive(Debug, Clone, Default)]
pub struct Resources {
  pub cpus: Option<f64>,
  pub memory: Option<Bytes>,
  pub memory_swap: Option<Bytes>,
  pub memory_reservation: Option<Bytes>,
  pub kernel_memory: Option<Bytes>,
  pub cpu_shares: Option<i64>,
  pub cpu_period: Option<i64>,
  pub cpu_quota: Option<i64>,
  pub cpu_realtime_period: Option<i64>,
  pub cpu_realtime_runtime: Option<i64>,
  pub cpuset_cpus: Option<String>,
  pub cpuset_mems: Option<String>,
  pub blkio_weight: Option<u16>,
  pub pids_limit: Option<i64>,
}

impl From<&RunOptions> for Resources {
  fn from(options: &RunOptions) -> Self {
    Self {
      cpus: options.cpus,
      memory: options.memory,
      memory_swap: options.memory_swap,
      memory_reservation: options.memory_reservation,
      kernel_memory: options.kernel_memory,
      cpu_shares: options.cpu_shares,
      cpu_period: options.cpu_period,
      cpu_quota: options.cpu_quota,
      cpuset_cpus: options.cpuset_cpus.clone(),
      cpuset_mems: options.cpuset_mems.clone(),
      blkio_weight: options.blkio_weight,
      pids_limit: options.pids_limit,
      ..Self::default()
    }
  }
}

impl Resources {
  /// The engine's fields. They lie flat in `HostConfig`, and in the body of an update.
  pub fn fields(&self) -> Result<Map<String, Value>> {
    let bytes = |bytes: Option<Bytes>| bytes.map(|bytes| json!(bytes.0));
    let number = |number: Option<i64>| number.map(|number| json!(number));
    let text = |text: &Option<String>| text.as_ref().map(|text| json!(text));
    let fields = [
      ("Memory", bytes(self.memory)),
      ("MemorySwap", bytes(self.memory_swap)),
      ("MemoryReservation", bytes(self.memory_reservation)),
      ("KernelMemory", bytes(self.kernel_memory)),
      ("NanoCpus", self.cpus.map(nano_cpus).transpose()?),
      ("CpuShares", number(self.cpu_shares)),
      ("CpuPeriod", number(self.cpu_period)),
      ("CpuQuota", number(self.cpu_quota)),
      ("CpuRealtimePeriod", number(self.cpu_realtime_period)),
      ("CpuRealtimeRuntime", number(self.cpu_realtime_runtime)),
      ("CpusetCpus", text(&self.cpuset_cpus)),
      ("CpusetMems", text(&self.cpuset_mems)),
      ("BlkioWeight", self.blkio_weight.map(|weight| json!(weight))),
      ("PidsLimit", number(self.pids_limit)),
    ];
    let given = fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Ok(given.collect())
  }
}

/// Limits of single devices, which an update does not know.
pub fn of_devices(options: &RunOptions) -> Result<Map<String, Value>> {
  let bytes = |map: &BTreeMap<String, Bytes>| each(map, |bytes| json!(bytes.0));
  let count = |map: &BTreeMap<String, u32>| each(map, |count| json!(count));
  let weights = each(&options.blkio_weight_device, |weight| json!(weight));
  let fields = [
    ("BlkioWeightDevice", "blkioWeightDevice", "Weight", weights),
    ("BlkioDeviceReadBps", "deviceReadBps", "Rate", bytes(&options.device_read_bps)),
    ("BlkioDeviceWriteBps", "deviceWriteBps", "Rate", bytes(&options.device_write_bps)),
    ("BlkioDeviceReadIOps", "deviceReadIops", "Rate", count(&options.device_read_iops)),
    ("BlkioDeviceWriteIOps", "deviceWriteIops", "Rate", count(&options.device_write_iops)),
  ];
  let mut host = Map::new();
  for (field, option, unit, devices) in fields {
    if let Some((device, _)) = devices.iter().find(|(device, _)| !device.starts_with('/')) {
      let why = format!("`{device}` is no device of the host; like '/dev/sda'");
      return Err(EngineError::invalid(format!("{option}.{device}"), why));
    }
    if !devices.is_empty() {
      let limit = |(device, value)| json!({ "Path": device, unit: value });
      host.insert(field.into(), devices.into_iter().map(limit).collect());
    }
  }
  Ok(host)
}

fn each<T>(map: &BTreeMap<String, T>, value: impl Fn(&T) -> Value) -> Vec<(String, Value)> {
  map.iter().map(|(device, own)| (device.clone(), value(own))).collect()
}

pub fn nano_cpus(cpus: f64) -> Result<Value> {
  if !(0.0..1e6).contains(&cpus) {
    return Err(EngineError::invalid("cpus", "expected a number of CPUs, like 0.5; 0: no limit"));
  }
  #[expect(clippy::cast_possible_truncation, reason = "below 1e15")]
  Ok(json!((cpus * 1e9).round() as i64))
}
