//! What the engine tells of a path: the header `X-Docker-Container-Path-Stat`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use serde::Deserialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::copy;
use crate::engine::call::not_understood;
use crate::engine::error::Result;

const HEADER: &str = "x-docker-container-path-stat";

/// A path within a container.
#[derive(Debug, Clone)]
pub struct PathStat {
  pub name: String,
  pub size: i64,
  /// Permissions, as `chmod` counts them.
  pub mode: u32,
  pub kind: PathKind,
  pub link_target: Option<String>,
  /// Milliseconds since 1970.
  pub modified: Option<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PathKind {
  File,
  Directory,
  Link,
  Device,
  Other,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
struct Raw {
  name: String,
  size: i64,
  mode: u32,
  mtime: String,
  link_target: String,
}

/// Go's `os.FileMode`: types and such as single bits from above.
mod go {
  pub const DIRECTORY: u32 = 1 << 31;
  pub const LINK: u32 = 1 << 27;
  pub const DEVICE: u32 = 1 << 26;
  pub const PIPE: u32 = 1 << 25;
  pub const SOCKET: u32 = 1 << 24;
  pub const SETUID: u32 = 1 << 23;
  pub const SETGID: u32 = 1 << 22;
  pub const CHAR_DEVICE: u32 = 1 << 21;
  pub const STICKY: u32 = 1 << 20;
  pub const IRREGULAR: u32 = 1 << 19;
  pub const TYPES: u32 = DIRECTORY | LINK | DEVICE | PIPE | SOCKET | CHAR_DEVICE | IRREGULAR;
}

impl PathStat {
  pub fn of(headers: &HeaderMap) -> Result<Self> {
    let header =
      headers.get(HEADER).ok_or_else(|| not_understood("it does not describe the path"))?;
    let json = STANDARD.decode(header).map_err(|error| not_understood(&error.to_string()))?;
    let raw: Raw =
      serde_json::from_slice(&json).map_err(|error| not_understood(&error.to_string()))?;
    let special = |bit: u32, own: u32| if raw.mode & bit == 0 { 0 } else { own };
    let mode = raw.mode & 0o777
      | special(go::SETUID, 0o4000)
      | special(go::SETGID, 0o2000)
      | special(go::STICKY, 0o1000);
    Ok(Self {
      kind: kind(raw.mode),
      mode,
      name: raw.name,
      size: raw.size,
      link_target: (!raw.link_target.is_empty()).then_some(raw.link_target),
      modified: milliseconds(&raw.mtime),
    })
  }

  #[must_use]
  pub fn is_directory(&self) -> bool {
    self.kind == PathKind::Directory
  }

  /// Where it leads, being a link at that path.
  pub(super) fn target(&self, path: &[u8]) -> Option<Vec<u8>> {
    let target = self.link_target.as_ref().filter(|_| self.kind == PathKind::Link)?.as_bytes();
    // Engines give the whole path, though nothing says that they have to.
    Some(if target.starts_with(b"/") {
      copy::clean(target)
    } else {
      copy::joined(&copy::split(path).0, target)
    })
  }
}

fn kind(mode: u32) -> PathKind {
  match mode & go::TYPES {
    0 => PathKind::File,
    kind if kind & go::DIRECTORY != 0 => PathKind::Directory,
    kind if kind & go::LINK != 0 => PathKind::Link,
    kind if kind & (go::DEVICE | go::CHAR_DEVICE | go::IRREGULAR) != 0 => PathKind::Device,
    _ => PathKind::Other,
  }
}

fn milliseconds(text: &str) -> Option<f64> {
  let nanos = OffsetDateTime::parse(text, &Rfc3339).ok()?.unix_timestamp_nanos();
  #[expect(clippy::cast_precision_loss, reason = "a date of JavaScript's has no more")]
  Some((nanos.div_euclid(1_000_000)) as f64)
}

#[cfg(test)]
mod tests {
  use super::*;

  #[test]
  fn reads_what_engines_tell() {
    let stat = |json: &str| {
      let mut headers = HeaderMap::new();
      headers.insert(HEADER, STANDARD.encode(json).parse().unwrap());
      PathStat::of(&headers)
    };
    let sticky = stat(r#"{"name":"tmp","size":4096,"mode":2148532735,"mtime":"2024-01-02T03:04:05.678901234Z","linkTarget":""}"#).unwrap();
    assert_eq!((sticky.mode, sticky.is_directory()), (0o1777, true));
    assert_eq!(sticky.modified, Some(1_704_164_645_678.0));
    let link =
      stat(r#"{"name":"l","size":1,"mode":134218239,"mtime":"","linkTarget":"../x"}"#).unwrap();
    assert_eq!((link.kind, link.modified), (PathKind::Link, None));
    assert_eq!(link.target(b"/a/b/l").unwrap(), b"/a/x");
    assert!(stat("nonsense").is_err());
    assert!(PathStat::of(&HeaderMap::new()).is_err());
  }
}
