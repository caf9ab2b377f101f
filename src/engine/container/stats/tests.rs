//! Recorded samples, shortened to what counts.

use serde_json::Value;

use super::{Meter, Raw, Sample};

/// docker 20.10, cgroup v1.
const V1: &str = r#"{"read":"2026-11-21T08:21:28.44989523Z","preread":"2026-11-21T08:21:27.444778778Z",
"pids_stats":{"current":3},"blkio_stats":{"io_service_bytes_recursive":[
{"major":254,"minor":0,"op":"Read","value":8192},{"major":254,"minor":0,"op":"Write","value":4096},
{"major":254,"minor":0,"op":"Sync","value":4096},{"major":254,"minor":0,"op":"Async","value":8192},
{"major":254,"minor":0,"op":"Total","value":12288},{"major":7,"minor":0,"op":"Read","value":100}],
"io_serviced_recursive":[]},"num_procs":0,"storage_stats":{},
"cpu_stats":{"cpu_usage":{"total_usage":724221951,"percpu_usage":[1625776,722596175]},
"system_cpu_usage":40346770000000,"online_cpus":2,"throttling_data":{"periods":0}},
"precpu_stats":{"cpu_usage":{"total_usage":224221951,"percpu_usage":[1625776,222596175]},
"system_cpu_usage":40344770000000,"online_cpus":2},
"memory_stats":{"usage":4360448,"max_usage":5997696,"stats":{"cache":428672,"inactive_file":1,
"total_cache":428672,"total_inactive_file":360448,"hierarchical_memory_limit":9223372036854771712},
"limit":8000000},"name":"/st","id":"50208cc8",
"networks":{"eth0":{"rx_bytes":736,"rx_packets":8,"tx_bytes":5,"tx_packets":1},
"eth1":{"rx_bytes":64,"rx_packets":2,"tx_bytes":10,"tx_packets":1}}}"#;

/// docker 28, cgroup v2.
const V2: &str = r#"{"name":"/web","id":"0c1f","read":"2025-06-01T10:00:02.5Z","preread":"2025-06-01T10:00:01.5Z",
"pids_stats":{"current":7,"limit":18446744073709551615},"blkio_stats":{"io_service_bytes_recursive":[
{"major":259,"minor":0,"op":"read","value":1000},{"major":259,"minor":0,"op":"write","value":500},
{"major":8,"minor":0,"op":"read","value":1}],"io_serviced_recursive":null},"num_procs":0,"storage_stats":{},
"cpu_stats":{"cpu_usage":{"total_usage":9007199254740993000,"usage_in_kernelmode":1},
"system_cpu_usage":9107199254740993000,"online_cpus":8},
"precpu_stats":{"cpu_usage":{"total_usage":9007199254740992000},"system_cpu_usage":9107199254740985000,"online_cpus":8},
"memory_stats":{"usage":100000000,"stats":{"anon":60000000,"file":40000000,"inactive_file":30000000},"limit":1000000000},
"networks":{"eth0":{"rx_bytes":18446744073709551615,"tx_bytes":2},"eth1":{"rx_bytes":5}}}"#;

/// docker 20.10, of a container at rest.
const AT_REST: &str = r#"{"read":"0001-01-01T00:00:00Z","preread":"0001-01-01T00:00:00Z","pids_stats":{},
"blkio_stats":{"io_service_bytes_recursive":null},"num_procs":0,"storage_stats":{},
"cpu_stats":{"cpu_usage":{"total_usage":0},"throttling_data":{}},"precpu_stats":{"cpu_usage":{"total_usage":0}},
"memory_stats":{},"name":"/st","id":"50208cc8"}"#;

fn told(text: &str) -> Value {
  let sample = Sample::read(text.as_bytes()).unwrap();
  let told = sample.tell(Meter::default().of_one(&sample), text.as_bytes(), Raw::Parsed);
  serde_json::from_str(&told).unwrap()
}

#[test]
fn reckons_with_cgroup_v1() {
  let sample = told(V1);
  // 0.5 s of the 2 s that two processors had.
  assert_eq!(sample["cpuPercent"], 50.0);
  assert_eq!(
    sample["memory"],
    serde_json::json!({ "usage": 4_000_000, "limit": 8_000_000, "percent": 50.0 })
  );
  assert_eq!((&sample["net"]["rx"], &sample["net"]["tx"]), (&800.into(), &15.into()));
  assert_eq!(sample["net"]["interfaces"]["eth1"]["rx"], 64);
  assert_eq!(sample["block"], serde_json::json!({ "read": 8292, "write": 4096 }));
  assert_eq!((&sample["pids"], &sample["name"]), (&3.into(), &"st".into()));
  assert_eq!(sample["raw"], serde_json::from_str::<Value>(V1).unwrap());
}

#[test]
fn reckons_with_cgroup_v2_beyond_what_a_double_holds() {
  let sample = told(V2);
  // 1000 ns of 8000 ns, of 8 processors: exact, though a double cannot tell these counters apart.
  assert_eq!(sample["cpuPercent"], 100.0);
  assert_eq!(sample["memory"]["usage"], 70_000_000);
  assert!((sample["memory"]["percent"].as_f64().unwrap() - 7.0).abs() < 1e-9);
  assert_eq!(sample["block"], serde_json::json!({ "read": 1001, "write": 500 }));
  // A sum that would not fit stays at the largest.
  assert_eq!(sample["net"]["rx"], u64::MAX);
}

#[test]
fn a_container_at_rest_uses_nothing() {
  let sample = told(AT_REST);
  assert_eq!(sample["cpuPercent"], 0.0);
  assert_eq!(sample["memory"], serde_json::json!({ "usage": 0, "limit": 0, "percent": 0.0 }));
  assert_eq!(sample["net"], serde_json::json!({ "rx": 0, "tx": 0, "interfaces": {} }));
}

#[test]
fn a_streams_first_sample_has_nothing_to_be_compared_with() {
  let mut first: Value = serde_json::from_str(V1).unwrap();
  first["precpu_stats"] = serde_json::json!({ "cpu_usage": { "total_usage": 0 } });
  let first = Sample::read(first.to_string().as_bytes()).unwrap();
  let (next, rest) =
    (Sample::read(V1.as_bytes()).unwrap(), Sample::read(AT_REST.as_bytes()).unwrap());
  let mut meter = Meter::default();
  assert_eq!(meter.of_next(&first), None);
  assert_eq!(meter.of_next(&next), Some(50.0));
  assert_eq!(meter.of_next(&rest), None);
  assert_eq!(meter.of_next(&first), None);
  // An engine that never tells of the sample before: ours is taken.
  assert_eq!(meter.of_next(&first), Some(0.0));
}

#[test]
fn its_own_text_keeps_every_digit() {
  let sample = Sample::read(V1.as_bytes()).unwrap();
  let told: Value = serde_json::from_str(&sample.tell(0.0, V1.as_bytes(), Raw::Text)).unwrap();
  assert!(told["raw"].as_str().unwrap().contains("9223372036854771712"));
}
