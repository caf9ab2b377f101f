use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bollard_buildkit_proto::google::protobuf::Timestamp;
use bollard_buildkit_proto::moby::buildkit::v1 as proto;
use prost::Message;

use super::super::trace::{Log, Status, Trace, TraceError, Vertex, Warning, decode};

fn sent() -> proto::StatusResponse {
  let now = Some(Timestamp { seconds: 1, nanos: 2 });
  proto::StatusResponse {
    vertexes: vec![proto::Vertex {
      digest: "sha256:1".to_owned(),
      inputs: vec!["sha256:0".to_owned()],
      name: "[2/2] RUN false".to_owned(),
      cached: true,
      started: now,
      error: "exit code: 1".to_owned(),
      ..proto::Vertex::default()
    }],
    statuses: vec![proto::VertexStatus {
      id: "sha256:2".to_owned(),
      vertex: "sha256:1".to_owned(),
      name: "extracting".to_owned(),
      current: 5,
      total: 10,
      completed: now,
      ..proto::VertexStatus::default()
    }],
    logs: vec![proto::VertexLog {
      vertex: "sha256:1".to_owned(),
      stream: 2,
      msg: b"half \xc3".to_vec(),
      ..proto::VertexLog::default()
    }],
    warnings: vec![proto::VertexWarning {
      vertex: "sha256:1".to_owned(),
      short: b"short \xff".to_vec(),
      detail: vec![b"one".to_vec(), b"two".to_vec()],
      ..proto::VertexWarning::default()
    }],
  }
}

#[test]
fn decodes_all_that_the_engine_tells() {
  let vertex = "sha256:1".to_owned();
  let expected = Trace {
    vertexes: vec![Vertex {
      digest: vertex.clone(),
      name: "[2/2] RUN false".to_owned(),
      cached: true,
      started: true,
      completed: false,
      error: "exit code: 1".to_owned(),
    }],
    statuses: vec![Status {
      id: "sha256:2".to_owned(),
      vertex: vertex.clone(),
      name: "extracting".to_owned(),
      current: 5,
      total: 10,
      started: false,
      completed: true,
    }],
    logs: vec![Log { vertex: vertex.clone(), stream: 2, data: b"half \xc3".to_vec() }],
    warnings: vec![Warning {
      vertex,
      short: "short \u{fffd}".to_owned(),
      detail: vec!["one".to_owned(), "two".to_owned()],
    }],
  };
  assert_eq!(decode(&STANDARD.encode(sent().encode_to_vec())).unwrap(), expected);
  assert_eq!(decode("").unwrap(), Trace::default());
}

#[test]
fn garbage_is_an_error() {
  assert!(matches!(decode("no base64!"), Err(TraceError::Base64(_))));
  assert!(matches!(decode("é"), Err(TraceError::Base64(_))));
  assert!(matches!(decode("//8="), Err(TraceError::Message(_))));
}

#[test]
fn whatever_is_cut_or_changed_is_no_panic() {
  let bytes = sent().encode_to_vec();
  for end in 0..bytes.len() {
    let _ = decode(&STANDARD.encode(&bytes[..end]));
    for change in [0x00, 0x7f, 0xff] {
      let mut changed = bytes.clone();
      changed[end] = change;
      let _ = decode(&STANDARD.encode(changed));
    }
  }
}
