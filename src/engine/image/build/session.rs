//! BuildKit's session: what a build asks its client for while it runs, over a connection of its own.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::FutureExt;
use tokio::task::JoinHandle;

use super::options::{Agent, BuildOptions, Secret};
use crate::buildkit::{CredentialLookup, Failure, Offer, SecretSource, Session};
use crate::engine::call::Call;
use crate::engine::error::{Code, EngineError, Result};
use crate::engine::image::Image;

/// A session for as long as this is held.
pub struct Open {
  id: String,
  failure: Failure,
  serving: JoinHandle<()>,
}

impl Drop for Open {
  fn drop(&mut self) {
    self.serving.abort();
  }
}

impl Open {
  #[must_use]
  pub fn id(&self) -> &str {
    &self.id
  }

  /// What our own side could not give, where that is why a build failed.
  #[must_use]
  pub fn failure(&self) -> Option<EngineError> {
    let text = self.failure.last()?;
    let code = if text.contains("credential") { Code::CredentialHelper } else { Code::BadRequest };
    Some(EngineError::new(code, text))
  }
}

impl Image {
  pub(super) async fn open_session(&self, options: &BuildOptions) -> Result<Open> {
    let session = Session::new(Offer {
      secrets: self.secrets(options).await?,
      agents: self.agents(options).await?,
      credentials: self.lookup(),
    });
    let (id, failure) = (session.id().to_owned(), session.failure());
    let call = Call::post("cannot build", self.subject(), "/session")
      .headers(session.headers())
      .header("upgrade", "h2c")?;
    let (_, io) = call.upgrade(self.engine()).await?;
    let serving = tokio::spawn(async move {
      // It ends when the engine closes it; what its services could not give is in `failure`.
      let _ = session.serve(io).await;
    });
    Ok(Open { id, failure, serving })
  }

  fn lookup(&self) -> CredentialLookup {
    let image = self.clone();
    Arc::new(move |registry: String| {
      let image = image.clone();
      async move { image.credential_for(&registry).await.map_err(|error| error.to_string()) }
        .boxed()
    })
  }

  async fn secrets(&self, options: &BuildOptions) -> Result<BTreeMap<String, SecretSource>> {
    let mut found = BTreeMap::new();
    for (id, secret) in &options.secrets {
      let source = match secret {
        Secret::Value(value) => SecretSource::Value(value.clone().into_bytes()),
        Secret::Env(name) => {
          let value = self.engine().environment().variables.get(name).cloned().or_else(|| {
            // Set since the engine was made, perhaps.
            std::env::var(name).ok()
          });
          let missing =
            || EngineError::invalid(format!("secrets.{id}.env"), format!("`{name}` is not set"));
          SecretSource::Value(value.ok_or_else(missing)?.into_bytes())
        }
        Secret::File(path) => {
          tokio::fs::File::open(path).await.map_err(|why| {
            let text = format!("{}: {why}", path.display());
            EngineError::invalid(format!("secrets.{id}.file"), text)
          })?;
          SecretSource::File(path.clone())
        }
      };
      found.insert(id.clone(), source);
    }
    Ok(found)
  }

  async fn agents(&self, options: &BuildOptions) -> Result<BTreeMap<String, std::path::PathBuf>> {
    let mut found = BTreeMap::new();
    for (id, agent) in options.ssh.agents() {
      let path = match agent {
        Agent::Own(false) => continue,
        Agent::Socket(path) => path,
        Agent::Own(true) => {
          let own = self.engine().environment().get("SSH_AUTH_SOCK");
          let missing =
            || EngineError::invalid("ssh", "no agent: SSH_AUTH_SOCK is not set; start ssh-agent");
          own.ok_or_else(missing)?.into()
        }
      };
      if !tokio::fs::try_exists(&path).await.unwrap_or(false) {
        let text = format!("there is no agent at {}", path.display());
        return Err(EngineError::invalid(format!("ssh.{id}"), text));
      }
      found.insert(id, path);
    }
    Ok(found)
  }
}
