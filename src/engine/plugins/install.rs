//! Installing and upgrading: what it wants is asked, granted or not, and only then is it fetched.

use std::time::Duration;

use futures_util::future::BoxFuture;
use serde::Deserialize;
use serde_json::Value;

use super::{
  EnableOptions, ForceOptions, check, enable, inspect, path, recoded, remove, set, subject,
};
use crate::credentials;
use crate::engine::Engine;
use crate::engine::call::Call;
use crate::engine::error::{Code, EngineError, Result};
use crate::engine::image::message::Message;
use crate::engine::image::progress::{Meter, Shown};
use crate::engine::image::{Auth, Image, pull_failure};
use crate::engine::options::Entries;
use crate::engine::reference::Reference;
use crate::engine::scope;
use crate::engine::stream::{JsonLines, Wire};

/// Whether a plugin gets the privileges that it wants.
pub enum Consent {
  No,
  Yes,
  Ask(Box<dyn FnOnce(Vec<Value>) -> BoxFuture<'static, Result<bool>> + Send>),
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct PrivilegeOptions {
  pub auth: Option<Auth>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct InstallOptions {
  /// The name that it has here; default: its own.
  pub alias: Option<String>,
  pub auth: Option<Auth>,
  pub settings: Entries,
  pub enable: bool,
  /// Seconds, of the enabling.
  pub timeout: Option<u32>,
}

impl Default for InstallOptions {
  fn default() -> Self {
    Self { alias: None, auth: None, settings: Entries::default(), enable: true, timeout: None }
  }
}

impl InstallOptions {
  pub fn check(&self) -> Result<()> {
    if let Some(alias) = &self.alias {
      let wrong = |error| EngineError::invalid("alias", error);
      if Reference::parse(alias).map_err(wrong)?.digest.is_some() {
        return Err(EngineError::invalid("alias", "a name has no digest"));
      }
    }
    if self.timeout.is_some() && !self.enable {
      return Err(EngineError::invalid("timeout", "it is that of enabling, which is not wanted"));
    }
    Ok(())
  }
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct UpgradeOptions {
  /// What to upgrade to; default: what it came from.
  pub remote: Option<String>,
  pub auth: Option<Auth>,
}

/// A plugin in a registry, and the header that opens it.
struct Remote {
  name: String,
  reference: Reference,
  header: String,
}

impl Remote {
  async fn new(engine: &Engine, name: &str, auth: Option<&Auth>) -> Result<Self> {
    let reference = Reference::parse(name)?;
    let credential = Image::named(engine, name)?.credential(auth, &reference).await?;
    let header = credentials::header(&credential.unwrap_or_default());
    Ok(Self { name: name.to_owned(), reference, header })
  }

  async fn privileges(&self, engine: &Engine) -> Result<Vec<Value>> {
    let call = Call::get("cannot ask the registry for", subject(&self.name), "/plugins/privileges")
      .query("remote", &self.name)
      .header("x-registry-auth", &self.header)?;
    // Go writes an empty list as `null`.
    let asked: Result<Option<Vec<Value>>> = call.read(engine).await;
    Ok(asked.map_err(|error| self.failed(error))?.unwrap_or_default())
  }

  /// The privileges, once they are granted.
  async fn granted(&self, engine: &Engine, consent: Consent) -> Result<Vec<Value>> {
    let wanted = self.privileges(engine).await?;
    let granted = match consent {
      _ if wanted.is_empty() => true,
      Consent::Yes => true,
      Consent::No => false,
      Consent::Ask(ask) => ask(wanted.clone()).await?,
    };
    if granted {
      return Ok(wanted);
    }
    let text = format!(
      "plugin {} wants privileges that were not granted: {}; say {{ grant: true }}, or decide in a callback",
      self.name,
      spoken(&wanted)
    );
    Err(EngineError::new(Code::Forbidden, text))
  }

  /// Sends a call that fetches it, and follows what the engine tells until it is there.
  async fn fetch(&self, engine: &Engine, call: Call, shown: Shown) -> Result<()> {
    let call = call.query("remote", &self.name).header("x-registry-auth", &self.header)?;
    let response = call.send(engine).await.map_err(|error| self.failed(error))?;
    let mut lines = JsonLines::new(Wire::Body(response.into_body()));
    let mut meter = Meter::new("pull", shown);
    let cut_short = |error| self.pull_failed("the engine's reply broke off", None).caused_by(error);
    while let Some(text) = lines.next_line().await.map_err(cut_short)? {
      let raw: Value = serde_json::from_slice(&text).unwrap_or_default();
      let message = Message::read(&raw);
      if let Some((failure, _)) = message.failure() {
        return Err(self.pull_failed(&failure, None));
      }
      let status = message.status.as_deref().unwrap_or_default();
      match (&message.id, message.progress()) {
        (Some(id), Some(counted)) => meter.layer(id, status, counted, &raw),
        _ => meter.note(&raw),
      }
    }
    Ok(())
  }

  /// An answer with a status is the registry's word by the engine's mouth; none is the engine's.
  fn failed(&self, error: EngineError) -> EngineError {
    let own = [Code::BadRequest, Code::NameConflict, Code::NotFound, Code::NotSupported];
    // Since Docker 27 the registry's 404 is the engine's too.
    let unresolved = error.engines_words().contains("resolving plugin reference");
    match error.facts().status_code {
      Some(status) if unresolved || !own.iter().any(|code| error.is(*code)) => {
        self.pull_failed(error.engines_words(), Some(status))
      }
      _ => error,
    }
  }

  fn pull_failed(&self, message: &str, status: Option<u16>) -> EngineError {
    let reason = pull_failure::reason(&message.replace(&self.reference.name(), "the plugin"));
    let advice = pull_failure::advice(reason);
    let text = format!("cannot pull plugin {}: {}{advice}", self.name, message.trim());
    EngineError::new(Code::PullFailed, text).with(|facts| {
      facts.reason = Some(reason.into());
      facts.status_code = status;
    })
  }
}

/// `network host, mount /data`
fn spoken(wanted: &[Value]) -> String {
  let one = |privilege: &Value| {
    let name = privilege.get("Name").and_then(Value::as_str).unwrap_or("?");
    let values = privilege.get("Value").and_then(Value::as_array).map(Vec::as_slice);
    let values: Vec<&str> = values.unwrap_or_default().iter().filter_map(Value::as_str).collect();
    format!("{name} {}", values.join(" ")).trim().to_owned()
  };
  wanted.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// What a plugin of a registry wants to be allowed.
pub async fn privileges(
  engine: &Engine,
  remote: &str,
  options: &PrivilegeOptions,
) -> Result<Value> {
  let remote = Remote::new(engine, remote, options.auth.as_ref()).await?;
  remote.privileges(engine).await.map(Value::Array)
}

/// Resolves to the engine's JSON of it. What fails, or is given up, leaves no plugin behind.
pub async fn install(
  engine: &Engine,
  remote: &str,
  consent: Consent,
  options: InstallOptions,
  shown: Shown,
) -> Result<String> {
  let name = options.alias.as_deref().unwrap_or(remote).to_owned();
  if present(engine, &name).await? {
    let text = format!("plugin {name} is there already; upgrade it, or give another `alias`");
    return Err(EngineError::new(Code::NameConflict, text));
  }
  let remote = Remote::new(engine, remote, options.auth.as_ref()).await?;
  let granted = remote.granted(engine, consent).await?;
  let mut guard = Guard { engine: engine.clone(), name: Some(name.clone()) };
  let call = Call::post("cannot install", subject(&name), "/plugins/pull")
    .query_if("name", options.alias.as_ref())
    .json(&granted)?;
  if let Err(error) = remote.fetch(engine, call, shown).await {
    if error.is(Code::NameConflict) {
      // Somebody else was quicker: it is not ours.
      guard.name = None;
    }
    return Err(error);
  }
  if !options.settings.joined('=').is_empty() {
    set(engine, &name, &options.settings).await?;
  }
  if options.enable {
    enable(engine, &name, &EnableOptions { timeout: options.timeout }).await?;
  }
  let inspected = inspect(engine, &name).await?;
  guard.name = None;
  Ok(inspected)
}

async fn present(engine: &Engine, name: &str) -> Result<bool> {
  match inspect(engine, name).await {
    Ok(_) => Ok(true),
    Err(error) if error.is(Code::NotFound) => Ok(false),
    Err(error) => Err(error),
  }
}

/// Takes back what is not finished.
struct Guard {
  engine: Engine,
  name: Option<String>,
}

impl Drop for Guard {
  fn drop(&mut self) {
    let Some(name) = self.name.take() else { return };
    let engine = self.engine.clone();
    scope::clean_up(async move {
      // An engine that was unpacking it when the connection closed may be a moment in noticing.
      for pause in [0, 150, 500] {
        tokio::time::sleep(Duration::from_millis(pause)).await;
        match remove(&engine, &name, &ForceOptions { force: true }).await {
          Err(error) if error.is(Code::NotFound) => {}
          _ => return,
        }
      }
    });
  }
}

/// Puts another version in its place; it has to be disabled for that. Resolves to the engine's JSON.
pub async fn upgrade(
  engine: &Engine,
  name: &str,
  consent: Consent,
  options: UpgradeOptions,
  shown: Shown,
) -> Result<String> {
  check(name)?;
  let remote = match options.remote {
    Some(remote) => remote,
    None => origin(engine, name).await?,
  };
  let remote = Remote::new(engine, &remote, options.auth.as_ref()).await?;
  let granted = remote.granted(engine, consent).await?;
  let call = Call::post("cannot upgrade", subject(name), path(name, "upgrade")).json(&granted)?;
  let outcome = remote.fetch(engine, call, shown).await;
  outcome.map_err(|error| recoded(error, "must be disabled", Code::Conflict))?;
  inspect(engine, name).await
}

async fn origin(engine: &Engine, name: &str) -> Result<String> {
  let json = inspect(engine, name).await?;
  let plugin: Value = serde_json::from_str(&json).unwrap_or_default();
  let origin = plugin.get("PluginReference").and_then(Value::as_str).unwrap_or_default();
  if origin.is_empty() {
    let why = "the engine does not know where it came from";
    return Err(EngineError::invalid("remote", why));
  }
  Ok(origin.to_owned())
}
