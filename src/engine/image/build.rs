//! Building with the classic builder: the context streams up, the builder's words stream down.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures_util::TryStreamExt;
use serde::Serialize;
use serde_json::json;

use super::build_output::BuildOutput;
use super::progress::{Meter, Shown};
use super::{BuildOptions, Image};
use crate::context::{self, Context, ContextError};
use crate::engine::call::{Call, body_fault};
use crate::engine::error::{Code, EngineError, Result};
use crate::engine::fault::Subject;
use crate::engine::reference::Reference;
use crate::engine::stream::{JsonLines, Wire};
use crate::transport::{Body, BodyFault};

/// What a build came to.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BuildResult {
  pub image_id: String,
  pub tags: Vec<String>,
  pub cached: bool,
}

impl Image {
  /// The build itself; `ensure` and `build` share it among their callers.
  pub(super) async fn build_now(self, options: BuildOptions, shown: Shown) -> Result<BuildResult> {
    let options = options.over(&self.options().build);
    options.check_supported()?;
    let packed = context::pack(self.context(&options)?)
      .await
      .map_err(|error| self.subject().annotate(context_fault(&error)))?;
    let tags = self.tags(&options)?;
    let call = self.build_call(&options, &packed.dockerfile, &tags);
    // A file that cannot be read fails the body; the reason is the file's, not the connection's.
    let subject = self.subject();
    let body = Body::stream(packed.stream.map_err(move |error| tell_file(error, &subject)));
    let response = call.body(body, "application/x-tar").send(self.engine()).await;
    let response = response.map_err(|error| self.as_build_failure(error))?;
    // The builder may have begun to answer before the context failed.
    let fault = response.extensions().get::<BodyFault>().cloned();

    let mut lines = JsonLines::new(Wire::Body(response.into_body()));
    let mut output = BuildOutput::new(Meter::new("build", Arc::clone(&shown)));
    loop {
      match lines.next_line().await {
        Ok(Some(record)) => {
          output.take(&record).map_err(|error| self.subject().annotate(error))?;
        }
        Ok(None) => break,
        Err(cut) => {
          if let Some(own) = fault.as_ref().and_then(BodyFault::take) {
            return Err(body_fault(own));
          }
          let error = output.failed("the engine's reply broke off", None).caused_by(cut);
          return Err(self.subject().annotate(error));
        }
      }
    }
    let Some(image_id) = output.image_id.clone() else {
      let error = output.failed("the engine ended it without an image", None);
      return Err(self.subject().annotate(error));
    };
    self.remember_built(&image_id);
    Ok(BuildResult { image_id, tags, cached: output.all_cached() })
  }

  fn tags(&self, options: &BuildOptions) -> Result<Vec<String>> {
    let names = self.options().name.iter().chain(&options.tags);
    let mut tags = Vec::new();
    for name in names {
      let tag = Reference::parse(name)?.to_string();
      if !tags.contains(&tag) {
        tags.push(tag);
      }
    }
    Ok(tags)
  }

  fn build_call(&self, options: &BuildOptions, dockerfile: &str, tags: &[String]) -> Call {
    let mut call = Call::post("cannot build", self.subject(), "/build")
      .query("dockerfile", dockerfile)
      .query("rm", 1)
      .query("forcerm", 1)
      .query_if("target", options.target.as_ref())
      .query_if("networkmode", options.network.as_ref())
      .query_if("platform", self.options().platform.as_ref())
      .query_if("nocache", options.no_cache.then_some(1))
      .query_if("pull", options.pull.then_some(1));
    for tag in tags {
      call = call.query("t", tag);
    }
    for host in options.extra_hosts.joined(':') {
      call = call.query("extrahosts", host);
    }
    if !options.build_args.is_empty() {
      call = call.query("buildargs", json!(texts(&options.build_args)));
    }
    if !options.labels.is_empty() {
      call = call.query("labels", json!(texts(&options.labels)));
    }
    if !options.cache_from.is_empty() {
      call = call.query("cachefrom", json!(options.cache_from));
    }
    call
  }

  fn context(&self, options: &BuildOptions) -> Result<Context> {
    let given = self.dockerfile().or_else(|| Some(options.root()?.join("Dockerfile")));
    let dockerfile = given.ok_or_else(|| {
      EngineError::new(Code::NoDockerfile, "there is no Dockerfile to build the image from")
    })?;
    let dockerfile = absolute(&dockerfile)?;
    let own = dockerfile.parent().map_or_else(PathBuf::new, Path::to_path_buf);
    if let (Some(extra), None) = (&self.options().extra_files, options.root()) {
      let extra = extra.iter().map(PathBuf::from).collect();
      return Ok(Context::Files { root: own, dockerfile, extra });
    }
    let root = options.root().map_or(Ok(own), |root| absolute(&root))?;
    Ok(Context::Directory { root, dockerfile })
  }

  /// A refusal of `/build` is a failed build; a connection that fails stays what it is.
  fn as_build_failure(&self, error: EngineError) -> EngineError {
    let facts = error.facts();
    let is_builders = facts.status_code.is_some()
      && matches!(
        error.code(),
        Code::BadRequest | Code::ServerError | Code::NotFound | Code::ImageNotFound
      );
    if !is_builders {
      return error;
    }
    let text = format!("the build failed: {error}");
    self.subject().annotate(EngineError::new(Code::BuildFailed, text)).caused_by(error)
  }
}

fn absolute(path: &Path) -> Result<PathBuf> {
  std::path::absolute(path)
    .map_err(|error| EngineError::invalid("dockerfile", format!("{}: {error}", path.display())))
}

fn texts(map: &crate::engine::options::Map) -> std::collections::BTreeMap<&str, &str> {
  map.iter().map(|(name, value)| (name.as_str(), value.0.as_str())).collect()
}

/// A body can only fail with an I/O error, so ours goes within one.
fn tell_file(error: io::Error, subject: &Subject) -> io::Error {
  match error.downcast::<ContextError>() {
    Ok(context) => io::Error::other(subject.annotate(context_fault(&context))),
    Err(error) => error,
  }
}

fn context_fault(error: &ContextError) -> EngineError {
  EngineError::new(Code::BuildFailed, format!("the build context cannot be packed: {error}"))
}
