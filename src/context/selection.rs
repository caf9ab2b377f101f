//! What a builder that asks for paths needs to be shown of a directory: rather too much than too little, since it
//! takes what it wants out of it by itself.

use std::path::Path;

use super::dockerignore::clean;

/// Of a whole directory.
#[derive(Debug, Default, PartialEq, Eq)]
pub enum Selection {
  #[default]
  All,
  Some {
    /// With all that is below them.
    paths: Vec<Vec<u8>>,
    /// How names begin, with all that is below those.
    starts: Vec<Vec<u8>>,
  },
}

/// What makes a path a pattern.
const MAGIC: &[u8] = b"*?[\\!";

impl Selection {
  /// `root` is where links are looked for: what one leads to may be anywhere, so then it is all.
  pub fn new(asked: &[Vec<u8>], root: Option<&Path>) -> Self {
    let (mut paths, mut starts) = (Vec::new(), Vec::new());
    for path in asked {
      let path = clean(path);
      let path = path.strip_prefix(b"/").unwrap_or(&path);
      if path.is_empty() || path == b"." || path.starts_with(b"..") {
        return Self::All;
      }
      let Some(at) = path.iter().position(|byte| MAGIC.contains(byte)) else {
        if root.is_some_and(|root| passes_link(root, path)) {
          return Self::All;
        }
        paths.push(path.to_vec());
        continue;
      };
      // Links in the directories that a pattern matches would have to be looked for.
      let (start, rest) = path.split_at(at);
      if rest.contains(&b'/') || root.is_some_and(|root| meets_link(root, start)) {
        return Self::All;
      }
      starts.push(start.to_vec());
    }
    if paths.is_empty() && starts.is_empty() { Self::All } else { Self::Some { paths, starts } }
  }

  pub fn has(&self, name: &[u8]) -> bool {
    let Self::Some { paths, starts } = self else { return true };
    paths.iter().any(|path| path == name || is_below(name, path))
      || starts.iter().any(|start| name.starts_with(start))
  }

  /// Whether there may be something in this directory.
  pub fn enters(&self, directory: &[u8]) -> bool {
    let Self::Some { paths, starts } = self else { return true };
    self.has(directory) || paths.iter().chain(starts).any(|path| is_below(path, directory))
  }
}

pub fn is_below(name: &[u8], directory: &[u8]) -> bool {
  name.strip_prefix(directory).is_some_and(|rest| rest.first() == Some(&b'/'))
}

/// Whether the path, or one of the directories that it is in, is a link; or cannot be looked at.
fn passes_link(root: &Path, path: &[u8]) -> bool {
  let Ok(path) = std::str::from_utf8(path) else { return true };
  Path::new(path).ancestors().filter(|part| !part.as_os_str().is_empty()).any(|part| {
    match root.join(part).symlink_metadata() {
      Ok(metadata) => metadata.is_symlink(),
      Err(why) => why.kind() != std::io::ErrorKind::NotFound,
    }
  })
}

/// The same of all that begins like this.
fn meets_link(root: &Path, start: &[u8]) -> bool {
  let slash = start.iter().rposition(|&byte| byte == b'/');
  let (directory, start) = slash.map_or((&b""[..], start), |at| (&start[..at], &start[at + 1..]));
  if !directory.is_empty() && passes_link(root, directory) {
    return true;
  }
  let directory = std::str::from_utf8(directory).unwrap_or_default();
  let Ok(entries) = root.join(directory).read_dir() else { return true };
  entries.into_iter().any(|entry| {
    entry.is_err()
      || entry.is_ok_and(|entry| {
        entry.file_name().as_encoded_bytes().starts_with(start)
          && entry.file_type().is_ok_and(|kind| kind.is_symlink())
      })
  })
}
