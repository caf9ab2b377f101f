//! Building: the context streams up, the builder's words stream down.

mod bases;
mod builder;
mod changed;
mod classic;
mod files;
mod kit;
mod offer;
mod options;
mod output;
mod request;
mod session;
mod source;

use std::io;

use futures_util::TryStreamExt;
use serde::Serialize;

pub use options::BuildOptions;
pub use source::{ContextSource, is_text};

use super::Image;
use super::progress::{Meter, Shown};
use crate::buildkit::OfferedFiles;
use crate::context::{self, Context, ContextError, Packed};
use crate::engine::call::{Call, body_fault};
use crate::engine::error::{Code, EngineError, Result};
use crate::engine::fault::Subject;
use crate::engine::stream::{JsonLines, Wire};
use crate::transport::{Body, BodyFault};
use output::BuildOutput;
use request::Script;
use source::Sent;

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
    let mut options = options.over(&self.options().build);
    options.check()?;
    if self.options().rebuild_changed {
      let hash = self.build_hash(&options).await?;
      options.labels.insert(changed::LABEL.into(), crate::engine::options::Scalar(hash));
    }
    let tags = self.tags(&options)?;
    let kit = builder::choose(self.engine(), &options).await?;
    let sent = source::resolve(self.options(), options.context.as_ref())?;
    let mut call = self.build_call(&options, &tags);
    let (sent, session) = if kit {
      let (sent, files) = self.share(sent).await?;
      (sent, Some(self.open_session(&options, files).await?))
    } else {
      (sent, None)
    };
    call = match &session {
      Some(session) => call.query("version", 2).query("session", session.id()),
      None => self.with_credentials(call, &options, Script::of(&sent)).await?,
    };
    let response = self.send(call, sent).await?;
    // The builder may have begun to answer before the context failed.
    let fault = response.extensions().get::<BodyFault>().cloned();
    let mut lines = JsonLines::new(Wire::Body(response.into_body()));
    let mut output = BuildOutput::new(Meter::new("build", shown.clone()));
    loop {
      match lines.next_line().await {
        Ok(Some(record)) => {
          let taken = output.take(&record);
          for line in output.said() {
            shown.line(&line).await;
          }
          taken.map_err(|error| self.as_told(error, session.as_ref()))?;
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
    for line in output.rest() {
      shown.line(&line).await;
    }
    let Some(image_id) = output.image_id.clone() else {
      let error = output.failed("the engine ended it without an image", None);
      return Err(self.subject().annotate(error));
    };
    self.remember_built(&image_id);
    Ok(BuildResult { image_id, tags, cached: output.all_cached() })
  }

  /// The builder's failure; where it is our own side of the session that failed, that one.
  fn as_told(&self, error: EngineError, session: Option<&session::Open>) -> EngineError {
    let own = session.and_then(session::Open::failure);
    let error = self.subject().annotate(error);
    match own {
      Some(own) if own.is(Code::BuildFailed) => self.subject().annotate(own).caused_by(error),
      Some(own) => error.caused_by(own),
      None => error,
    }
  }

  /// `BuildKit` has files sent one by one; only a tar goes as it is.
  async fn share(&self, sent: Sent) -> Result<(Sent, Option<OfferedFiles>)> {
    match sent {
      Sent::Packed(context) if !matches!(context, Context::Tar { .. }) => {
        let shared = context::share(context)
          .await
          .map_err(|error| self.subject().annotate(context_fault(&error)))?;
        Ok((Sent::Shared { dockerfile: shared.dockerfile.clone() }, Some(files::offer(shared))))
      }
      sent => Ok((sent, None)),
    }
  }

  async fn send(&self, call: Call, sent: Sent) -> Result<http::Response<hyper::body::Incoming>> {
    let call = match sent {
      Sent::Remote { url, dockerfile } => {
        call.query("remote", url).query_if("dockerfile", dockerfile)
      }
      Sent::Shared { dockerfile } => {
        call.query("remote", files::REMOTE).query("dockerfile", dockerfile)
      }
      Sent::Packed(context) => {
        let Packed { dockerfile, stream } = context::pack(context)
          .await
          .map_err(|error| self.subject().annotate(context_fault(&error)))?;
        // A file that cannot be read fails the body; the reason is the file's, not the connection's.
        let subject = self.subject();
        let body = Body::stream(stream.map_err(move |error| tell_file(error, &subject)));
        call.query("dockerfile", dockerfile).body(body, "application/x-tar")
      }
    };
    call.send(self.engine()).await.map_err(|error| self.as_build_failure(error))
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

/// A body can only fail with an I/O error, so ours goes within one.
fn tell_file(error: io::Error, subject: &Subject) -> io::Error {
  match error.downcast::<ContextError>() {
    Ok(context) => io::Error::other(subject.annotate(context_fault(&context))),
    Err(error) => error,
  }
}

fn context_fault(error: &ContextError) -> EngineError {
  // What a caller's own stream threw is the caller's to have back.
  if let ContextError::Source(why) = error
    && let Some(own) = why.get_ref().and_then(|own| own.downcast_ref::<EngineError>())
  {
    return own.share();
  }
  unpackable(&error.to_string())
}

fn unpackable(why: &str) -> EngineError {
  EngineError::new(Code::BuildFailed, format!("the build context cannot be packed: {why}"))
}
