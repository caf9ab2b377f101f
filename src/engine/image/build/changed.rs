//! `rebuild: 'changed'`: an image carries a hash of what it was built from, and is built anew when
//! that differs.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::options::BuildOptions;
use super::source::{self, ContextSource, Sent};
use crate::context::{self, Context};
use crate::engine::error::{Code, EngineError, Result};
use crate::engine::image::Image;

/// The label that holds the hash.
pub const LABEL: &str = "dokeres.build.hash";

impl Image {
  /// Whether the image that is there was built from what is there now.
  pub(in crate::engine::image) async fn is_current(&self) -> Result<bool> {
    let inspected: Value = match self.inspection("cannot find")?.read(self.engine()).await {
      Ok(inspected) => inspected,
      Err(error) if error.is(Code::ImageNotFound) => return Ok(false),
      Err(error) => return Err(error),
    };
    let told = inspected.pointer("/Config/Labels").and_then(|labels| labels.get(LABEL)?.as_str());
    let hash = self.build_hash(&self.options().build).await?;
    Ok(told == Some(hash.as_str()))
  }

  /// A hash of the context, the Dockerfile and the options that make a difference to the result.
  pub(super) async fn build_hash(&self, options: &BuildOptions) -> Result<String> {
    if let Some(ContextSource::Stream(_)) = &options.context {
      let text = "a stream can be read only once, so rebuild: 'changed' cannot look at it first";
      return Err(EngineError::not_supported(text).with(|f| f.path = Some("rebuild".into())));
    }
    let Sent::Packed(packed) = source::resolve(self.options(), options.context.as_ref())? else {
      let text = "rebuild: 'changed' cannot look into a remote context";
      return Err(EngineError::not_supported(text).with(|f| f.path = Some("rebuild".into())));
    };
    let content = self.context_digest(packed).await?;
    let args: Vec<_> = options.build_args.iter().map(|(name, value)| (name, &value.0)).collect();
    let own = options.labels.iter().filter(|(name, _)| *name != LABEL);
    let labels: Vec<_> = own.map(|(name, value)| (name, &value.0)).collect();
    let all = json!({
      "content": content,
      "buildArgs": args,
      "labels": labels,
      "target": options.target,
      "network": options.network,
      "extraHosts": options.extra_hosts.joined(':'),
      "platform": self.options().platform,
      "secrets": options.secrets.keys().collect::<Vec<_>>(),
    });
    Ok(format!("{:x}", Sha256::digest(all.to_string())))
  }

  async fn context_digest(&self, context: Context) -> Result<String> {
    let digest = context::digest(context).await;
    digest.map_err(|error| self.subject().annotate(super::context_fault(&error)))
  }
}
