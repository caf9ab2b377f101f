//! What can fail, in the contract's words.

use serde::{Serialize, Serializer};

macro_rules! codes {
  ($($variant:ident = $text:literal),+ $(,)?) => {
    /// What failed, in the contract's words. `as_str` is what JavaScript sees as `error.code`.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Code { $($variant),+ }

    impl Code {
      /// Every code; a test holds `header.d.ts` against it.
      pub const ALL: &'static [Code] = &[$(Code::$variant),+];

      #[must_use]
      pub fn as_str(self) -> &'static str {
        match self { $(Code::$variant => $text),+ }
      }
    }
  };
}

codes! {
  InvalidOption = "INVALID_OPTION",
  InvalidReference = "INVALID_REFERENCE",
  NoNameNorDockerfile = "NO_NAME_NOR_DOCKERFILE",
  NoName = "NO_NAME",
  NoDockerfile = "NO_DOCKERFILE",
  NoContainer = "NO_CONTAINER",
  ContainerAlreadyCreated = "CONTAINER_ALREADY_CREATED",
  EngineUnreachable = "ENGINE_UNREACHABLE",
  PermissionDenied = "PERMISSION_DENIED",
  TlsError = "TLS_ERROR",
  Timeout = "TIMEOUT",
  ImageNotFound = "IMAGE_NOT_FOUND",
  ImageUnavailable = "IMAGE_UNAVAILABLE",
  PullFailed = "PULL_FAILED",
  PushFailed = "PUSH_FAILED",
  BuildFailed = "BUILD_FAILED",
  Unauthorized = "UNAUTHORIZED",
  CredentialHelper = "CREDENTIAL_HELPER",
  ContainerNotFound = "CONTAINER_NOT_FOUND",
  NameConflict = "NAME_CONFLICT",
  PortInUse = "PORT_IN_USE",
  BindSourceMissing = "BIND_SOURCE_MISSING",
  ExecutableNotFound = "EXECUTABLE_NOT_FOUND",
  ContainerExited = "CONTAINER_EXITED",
  ExitCode = "EXIT_CODE",
  NetworkNotFound = "NETWORK_NOT_FOUND",
  VolumeNotFound = "VOLUME_NOT_FOUND",
  VolumeInUse = "VOLUME_IN_USE",
  ImageInUse = "IMAGE_IN_USE",
  Conflict = "CONFLICT",
  NotFound = "NOT_FOUND",
  BadRequest = "BAD_REQUEST",
  Forbidden = "FORBIDDEN",
  NotSupported = "NOT_SUPPORTED",
  ServerError = "SERVER_ERROR",
  StreamTruncated = "STREAM_TRUNCATED",
  ProtocolError = "PROTOCOL_ERROR",
  PartialFailure = "PARTIAL_FAILURE",
  MaxBuffer = "MAX_BUFFER",
  Internal = "INTERNAL",
}

impl Serialize for Code {
  fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(self.as_str())
  }
}
