//! Paths by their text, as Go's `path/filepath` and moby's `archive` package take them apart: a trailing `/` or `/.`
//! means something. In bytes, with slashes.

/// The shortest path that means the same (`filepath.Clean`).
#[must_use]
pub fn clean(path: &[u8]) -> Vec<u8> {
  let rooted = path.first() == Some(&b'/');
  let mut parts: Vec<&[u8]> = Vec::new();
  for part in path.split(|&byte| byte == b'/') {
    match part {
      b"" | b"." => {}
      b".." if parts.last().is_some_and(|&last| last != b"..") => {
        parts.pop();
      }
      b".." if rooted => {}
      _ => parts.push(part),
    }
  }
  let joined = parts.join(&b'/');
  match (rooted, joined.is_empty()) {
    (true, _) => [b"/", joined.as_slice()].concat(),
    (false, true) => b".".to_vec(),
    (false, false) => joined,
  }
}

/// The last part (`filepath.Base`): `.` of nothing, `/` of the root.
#[must_use]
pub fn base(path: &[u8]) -> &[u8] {
  let Some(end) = path.iter().rposition(|&byte| byte != b'/') else {
    return if path.is_empty() { b"." } else { b"/" };
  };
  let path = &path[..=end];
  path.iter().rposition(|&byte| byte == b'/').map_or(path, |slash| &path[slash + 1..])
}

/// All but the last part (`filepath.Dir`).
#[must_use]
pub fn directory(path: &[u8]) -> Vec<u8> {
  let end = path.iter().rposition(|&byte| byte == b'/').map_or(0, |slash| slash + 1);
  clean(&path[..end])
}

#[must_use]
pub fn joined(directory: &[u8], name: &[u8]) -> Vec<u8> {
  clean(&[directory, b"/", name].concat())
}

fn names_contents(path: &[u8]) -> bool {
  base(path) == b"."
}

pub fn has_trailing_slash(path: &[u8]) -> bool {
  path.last() == Some(&b'/')
}

/// Whether the path says of itself that it is a directory's.
pub fn asserts_directory(path: &[u8]) -> bool {
  has_trailing_slash(path) || names_contents(path)
}

/// A cleaned path with the trailing `/` or `/.` of the original.
#[must_use]
pub fn preserved(mut cleaned: Vec<u8>, original: &[u8]) -> Vec<u8> {
  if !names_contents(&cleaned) && names_contents(original) {
    if !has_trailing_slash(&cleaned) {
      cleaned.push(b'/');
    }
    cleaned.push(b'.');
  }
  if !has_trailing_slash(&cleaned) && has_trailing_slash(original) {
    cleaned.push(b'/');
  }
  cleaned
}

/// A container's path, from its root.
#[must_use]
pub fn absolute(path: &[u8]) -> Vec<u8> {
  preserved(clean(&[b"/", path].concat()), path)
}

/// The directory, and the entry within it; `/.` stays an entry of its own.
#[must_use]
pub fn split(path: &[u8]) -> (Vec<u8>, Vec<u8>) {
  let mut cleaned = clean(path);
  if names_contents(path) {
    cleaned.extend_from_slice(b"/.");
  }
  (directory(&cleaned), base(&cleaned).to_vec())
}

/// Where a link's target is, and under which name what is there is to go on, where that is not its own.
#[must_use]
pub fn followed(path: &[u8], target: &[u8]) -> (Vec<u8>, Option<Vec<u8>>) {
  let target = preserved(target.to_vec(), path);
  let renamed = (base(path) != base(&target)).then(|| base(path).to_vec());
  (target, renamed)
}
