//! Where a build's context comes from, as callers say it, and what the packer makes of it.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use futures_util::StreamExt;
use sha2::{Digest, Sha256};

use crate::context::{Archive, Context, Dockerfile, MapFile};
use crate::engine::error::{Code, EngineError, Result};
use crate::engine::image::ImageOptions;
use crate::engine::stream::Input;

/// `context`, in each of its forms.
#[derive(Clone)]
pub enum ContextSource {
  /// A directory, a tar, or a remote: what it is shows when it is built.
  Text(String),
  Tar(Bytes),
  Map(BTreeMap<String, MapFile>),
  /// A tar that comes once.
  Stream(Arc<Mutex<Option<Input>>>),
}

/// What is sent, or where the engine finds it by itself.
pub enum Sent {
  Packed(Context),
  Remote {
    url: String,
    dockerfile: Option<String>,
  },
  /// Over the session; the Dockerfile's name there.
  Shared {
    dockerfile: String,
  },
}

/// Tells one source from another: builds of different ones never share a flight.
impl fmt::Debug for ContextSource {
  fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match self {
      Self::Text(text) => write!(f, "Text({text})"),
      Self::Tar(bytes) => write!(f, "Tar({})", fingerprint(bytes)),
      Self::Map(files) => {
        let prints = files.iter().map(|(name, file)| (name, fingerprint(&file.content), file.mode));
        f.debug_list().entries(prints).finish()
      }
      Self::Stream(stream) => write!(f, "Stream({:p})", Arc::as_ptr(stream)),
    }
  }
}

/// A short text that two different contents do not share.
pub fn fingerprint(content: &[u8]) -> String {
  format!("{:x}", Sha256::digest(content))
}

impl ContextSource {
  #[must_use]
  pub fn stream(input: Input) -> Self {
    Self::Stream(Arc::new(Mutex::new(Some(input))))
  }

  #[must_use]
  pub fn is_remote(&self) -> bool {
    matches!(self, Self::Text(text) if is_remote(text))
  }
}

/// What to send for an image with these options.
pub fn resolve(options: &ImageOptions, context: Option<&ContextSource>) -> Result<Sent> {
  let dockerfile = options.dockerfile.as_deref();
  let within = || match dockerfile {
    Some(text) if is_text(text) => Err(EngineError::invalid(
      "dockerfile",
      "a Dockerfile's text goes with a directory; here it is a path within the context",
    )),
    other => Ok(other.unwrap_or("Dockerfile").to_owned()),
  };
  let directory = matches!(context, Some(ContextSource::Text(text)) if !is_remote(text));
  if context.is_some() && !directory && options.extra_files.is_some() {
    let why = "files are picked from a directory; this context says itself what is in it";
    return Err(EngineError::invalid("extraFiles", why));
  }
  let archive = |archive| Ok(Sent::Packed(Context::Tar { archive, dockerfile: within()? }));
  match context {
    None => own_directory(options),
    Some(ContextSource::Text(url)) if is_remote(url) => {
      let dockerfile = dockerfile.map(|_| within()).transpose()?;
      Ok(Sent::Remote { url: url.clone(), dockerfile })
    }
    Some(ContextSource::Text(path)) => {
      let root = absolute(Path::new(path), "context")?;
      if root.is_file() {
        return archive(Archive::File(root));
      }
      if let Some(extra) = &options.extra_files {
        let dockerfile = within().map(PathBuf::from)?;
        let extra = extra.iter().map(PathBuf::from).collect();
        return Ok(Sent::Packed(Context::Files { root, dockerfile, extra }));
      }
      let dockerfile = match dockerfile {
        Some(text) if is_text(text) => Dockerfile::Text(text.to_owned()),
        Some(path) => Dockerfile::Path(path.into()),
        None => Dockerfile::Path(root.join("Dockerfile")),
      };
      Ok(Sent::Packed(Context::Directory { root, dockerfile }))
    }
    Some(ContextSource::Tar(bytes)) => archive(Archive::Bytes(bytes.clone())),
    Some(ContextSource::Map(files)) => {
      // A Dockerfile's text stands beside files in memory as one of them.
      let mut files = files.clone();
      let dockerfile = match dockerfile {
        Some(text) if is_text(text) => {
          files.insert("Dockerfile".into(), MapFile::from(text));
          "Dockerfile".to_owned()
        }
        _ => within()?,
      };
      Ok(Sent::Packed(Context::Map { files, dockerfile }))
    }
    Some(ContextSource::Stream(stream)) => {
      let stream = stream.lock().unwrap_or_else(PoisonError::into_inner).take();
      let stream = stream.ok_or_else(|| {
        EngineError::invalid("context", "this stream has been read by an earlier build")
      })?;
      archive(Archive::Stream(stream.map(|item| item.map_err(std::io::Error::other)).boxed()))
    }
  }
}

/// Without a context it is the Dockerfile's own directory, or just the files that were named.
fn own_directory(options: &ImageOptions) -> Result<Sent> {
  let dockerfile = options.dockerfile.as_deref().ok_or_else(|| {
    EngineError::new(Code::NoDockerfile, "there is no Dockerfile to build the image from")
  })?;
  if is_text(dockerfile) {
    if options.extra_files.is_some() {
      let why = "a Dockerfile's text has no folder to take files from; give a `context`";
      return Err(EngineError::invalid("extraFiles", why));
    }
    let files = BTreeMap::from([("Dockerfile".to_owned(), MapFile::from(dockerfile))]);
    return Ok(Sent::Packed(Context::Map { files, dockerfile: "Dockerfile".into() }));
  }
  let dockerfile = absolute(Path::new(dockerfile), "dockerfile")?;
  let root = dockerfile.parent().map_or_else(PathBuf::new, Path::to_path_buf);
  Ok(Sent::Packed(match &options.extra_files {
    Some(extra) => {
      Context::Files { root, dockerfile, extra: extra.iter().map(PathBuf::from).collect() }
    }
    None => Context::Directory { root, dockerfile: Dockerfile::Path(dockerfile) },
  }))
}

/// A path has no line's end in it.
#[must_use]
pub fn is_text(dockerfile: &str) -> bool {
  dockerfile.contains('\n')
}

fn absolute(path: &Path, option: &str) -> Result<PathBuf> {
  std::path::absolute(path)
    .map_err(|error| EngineError::invalid(option, format!("{}: {error}", path.display())))
}

/// As the docker CLI tells addresses from paths.
fn is_remote(text: &str) -> bool {
  ["http://", "https://", "git://", "ssh://", "git@", "github.com/"]
    .iter()
    .any(|prefix| text.starts_with(prefix))
}
