//! What `BuildKit` tells of its progress, in records of `/build` like
//! `{"id": "moby.buildkit.trace", "aux": "<base64>"}`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bollard_buildkit_proto::moby::buildkit::v1 as proto;
use prost::Message;

/// News since the record before. A vertex that comes again replaces what was known of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trace {
  pub vertexes: Vec<Vertex>,
  pub statuses: Vec<Status>,
  pub logs: Vec<Log>,
  pub warnings: Vec<Warning>,
}

/// A step of the build.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Vertex {
  pub digest: String,
  pub name: String,
  pub cached: bool,
  pub started: bool,
  pub completed: bool,
  /// Empty unless it failed.
  pub error: String,
}

/// How far a part of a step is, such as a layer being fetched.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Status {
  pub id: String,
  pub vertex: String,
  pub name: String,
  pub current: i64,
  /// 0 where it is not known.
  pub total: i64,
  pub started: bool,
  pub completed: bool,
}

/// What a step printed: any bytes, lines and characters may be split between records.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Log {
  pub vertex: String,
  /// 1 for stdout, 2 for stderr.
  pub stream: i64,
  pub data: Vec<u8>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Warning {
  pub vertex: String,
  pub short: String,
  pub detail: Vec<String>,
}

#[derive(Debug, thiserror::Error)]
pub enum TraceError {
  #[error("BuildKit's progress is not base64: {0}")]
  Base64(#[from] base64::DecodeError),
  #[error("BuildKit's progress cannot be decoded: {0}")]
  Message(#[from] prost::DecodeError),
}

pub fn decode(base64: &str) -> Result<Trace, TraceError> {
  let bytes = STANDARD.decode(base64)?;
  Ok(proto::StatusResponse::decode(bytes.as_slice())?.into())
}

impl From<proto::StatusResponse> for Trace {
  fn from(response: proto::StatusResponse) -> Self {
    Self {
      vertexes: response.vertexes.into_iter().map(Into::into).collect(),
      statuses: response.statuses.into_iter().map(Into::into).collect(),
      logs: response.logs.into_iter().map(Into::into).collect(),
      warnings: response.warnings.into_iter().map(Into::into).collect(),
    }
  }
}

impl From<proto::Vertex> for Vertex {
  fn from(vertex: proto::Vertex) -> Self {
    let proto::Vertex { digest, name, cached, started, completed, error, .. } = vertex;
    let (started, completed) = (started.is_some(), completed.is_some());
    Self { digest, name, cached, started, completed, error }
  }
}

impl From<proto::VertexStatus> for Status {
  fn from(status: proto::VertexStatus) -> Self {
    let proto::VertexStatus { id, vertex, name, current, total, started, completed, .. } = status;
    let (started, completed) = (started.is_some(), completed.is_some());
    Self { id, vertex, name, current, total, started, completed }
  }
}

impl From<proto::VertexLog> for Log {
  fn from(log: proto::VertexLog) -> Self {
    Self { vertex: log.vertex, stream: log.stream, data: log.msg }
  }
}

impl From<proto::VertexWarning> for Warning {
  fn from(warning: proto::VertexWarning) -> Self {
    let text = |bytes: &Vec<u8>| String::from_utf8_lossy(bytes).into_owned();
    Self {
      vertex: warning.vertex,
      short: text(&warning.short),
      detail: warning.detail.iter().map(text).collect(),
    }
  }
}
