//! What concerns an engine as a whole: its disk, its registries, its build cache.

use serde::Deserialize;
use serde_json::json;

use super::Engine;
use super::call::Call;
use super::error::{Code, EngineError, Result};
use super::fault::Subject;
use super::image::{Auth, Image};
use super::images::list::Filters;
use super::size::Bytes;

/// What everything takes up.
pub async fn df(engine: &Engine) -> Result<String> {
  Call::get("cannot measure", Subject::Engine, "/system/df").text(engine).await
}

/// Has a registry check credentials: `docker login` without keeping them.
pub async fn auth(engine: &Engine, auth: &Auth) -> Result<String> {
  let server = auth.server_address.clone().unwrap_or_default();
  let body = json!({
    "username": auth.username,
    "password": auth.password,
    "identitytoken": auth.identity_token,
    "registrytoken": auth.registry_token,
    "serveraddress": server,
  });
  let call = Call::post("cannot log in through", Subject::Engine, "/auth").json(&body)?;
  call.text(engine).await.map_err(|error| {
    let text = error.facts().message.to_ascii_lowercase();
    let refused = ["unauthorized", "incorrect username or password", "401", "access denied"];
    if error.facts().status_code.is_some() && refused.iter().any(|word| text.contains(word)) {
      return error.with(|facts| {
        facts.code = Code::Unauthorized;
        facts.message.push_str("; check the user, the password and `serverAddress`");
      });
    }
    error
  })
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct DistributionOptions {
  pub auth: Option<Auth>,
}

/// What a registry has under a name.
pub async fn distribution(
  engine: &Engine,
  name: &str,
  options: &DistributionOptions,
) -> Result<String> {
  Image::named(engine, name)?.distribution(options.auth.as_ref()).await
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct BuildPruneOptions {
  pub all: bool,
  pub keep_storage: Option<Bytes>,
  pub filters: Filters,
}

/// The engine's own prune of what builds have left for the next.
pub async fn prune_build(engine: &Engine, options: &BuildPruneOptions) -> Result<String> {
  Call::post("cannot prune the build cache of", Subject::Engine, "/build/prune")
    .query_if("all", options.all.then_some(true))
    // Since API 1.48 it goes by the other name.
    .query_if("keep-storage", options.keep_storage.map(|bytes| bytes.0))
    .query_if("reserved-space", options.keep_storage.map(|bytes| bytes.0))
    .query_if("filters", options.filters.json())
    .text(engine)
    .await
}

/// Credentials to be checked: there must be some.
pub fn check(auth: &Auth) -> Result<()> {
  let some = [&auth.username, &auth.identity_token, &auth.registry_token];
  if some.iter().all(|part| part.is_none()) {
    return Err(EngineError::invalid("username", "a user, or a token, is expected"));
  }
  Ok(())
}
