//! Checkpoints: a container's processes as files, to go on from later. Engines have them as an
//! experiment, with CRIU on their machine.

use http::Method;
use serde::Deserialize;
use serde_json::json;

use super::Container;
use crate::engine::call::Call;
use crate::engine::error::{Code, EngineError, Result};

/// `start({ checkpoint, checkpointDir })`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct StartOptions {
  pub checkpoint: Option<String>,
  /// Where it was put, where that is not the engine's own place.
  pub checkpoint_dir: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct CreateOptions {
  /// Ends the container once it is written.
  pub exit: bool,
  /// Of the engine's machine; default: the engine's own place for it.
  pub dir: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct DirOptions {
  pub dir: Option<String>,
}

impl StartOptions {
  pub fn check(&self) -> Result<()> {
    match &self.checkpoint {
      Some(name) => check(name).map_err(|error| {
        error.with(|facts| {
          facts.path = Some("checkpoint".into());
        })
      }),
      None if self.checkpoint_dir.is_some() => Err(EngineError::invalid(
        "checkpointDir",
        "it is that of a `checkpoint`, and none is given",
      )),
      None => Ok(()),
    }
  }
}

/// The engine makes a directory of that name.
pub fn check(name: &str) -> Result<()> {
  let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
  if name.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric()) && name.bytes().all(fits)
  {
    return Ok(());
  }
  let why = "letters, digits, `_`, `.` and `-`, a letter or digit first";
  Err(EngineError::invalid("name", format!("`{name}` is not a checkpoint's name: {why}")))
}

impl Container {
  /// Starts it, from a checkpoint where one is given.
  pub async fn start_from(&self, options: &StartOptions) -> Result<()> {
    let Some(checkpoint) = &options.checkpoint else { return self.start().await };
    let (id, subject) = (self.id()?, self.subject());
    self.after_waits().await;
    if self.options().remove {
      self.watch_exit(&id).await?;
    }
    Call::post("cannot start from a checkpoint", subject, format!("/containers/{id}/start"))
      .query("checkpoint", checkpoint)
      .query_if("checkpoint-dir", options.checkpoint_dir.as_ref())
      .done(self.engine())
      .await
      .map_err(told)?;
    self.ready().await
  }

  pub async fn create_checkpoint(&self, name: &str, options: &CreateOptions) -> Result<()> {
    let (path, subject) = (self.checkpoints_path()?, self.subject());
    let mut body = json!({ "CheckpointID": name, "Exit": options.exit });
    if let Some(dir) = &options.dir {
      body["CheckpointDir"] = json!(dir);
    }
    let call = Call::post("cannot checkpoint", subject, path).json(&body)?;
    call.done(self.engine()).await.map_err(told)
  }

  /// The engine's `[{ Name }]`.
  pub async fn list_checkpoints(&self, options: &DirOptions) -> Result<String> {
    let (path, subject) = (self.checkpoints_path()?, self.subject());
    let call = Call::get("cannot list the checkpoints of", subject, path);
    let json = call.query_if("dir", options.dir.as_ref()).text(self.engine()).await;
    // Go writes an empty list as `null`.
    json.map(|json| if json.trim() == "null" { "[]".into() } else { json }).map_err(told)
  }

  pub async fn remove_checkpoint(&self, name: &str, options: &DirOptions) -> Result<()> {
    let path = format!("{}/{name}", self.checkpoints_path()?);
    let call = Call::new(Method::DELETE, "cannot remove a checkpoint of", self.subject(), path);
    call.query_if("dir", options.dir.as_ref()).done(self.engine()).await.map_err(told)
  }

  fn checkpoints_path(&self) -> Result<String> {
    Ok(format!("/containers/{}/checkpoints", self.id()?))
  }
}

/// The engine's words say what is missing, its status does not: it is 500, or 501, or 404.
fn told(error: EngineError) -> EngineError {
  let Some(status) = error.facts().status_code else { return error };
  let text = error.facts().message.to_ascii_lowercase();
  let says = |parts: &[&str]| parts.iter().any(|part| text.contains(part));
  let (code, advice) = if says(&["experimental"]) {
    let advice = "; set `\"experimental\": true` in the engine's daemon.json and restart it; it also needs `criu` on its machine";
    (Code::NotSupported, advice)
  } else if says(&["criu", "checkpoint/restore"]) && !says(&["does not exist", "already exists"]) {
    let advice = "; it needs a `criu` on the engine's machine that works with its kernel (`criu check`), and a container without a terminal";
    (Code::NotSupported, advice)
  } else if says(&["checkpoint with name", "checkpoint already exists"]) {
    (Code::NameConflict, "; remove it, or give another name")
  } else if says(&["checkpoint"])
    && error.code() != Code::NotSupported
    && says(&["does not exist", "not found", "no such file"])
    && status != 409
  {
    (Code::NotFound, "; checkpoints.list() tells which there are")
  } else {
    return error;
  };
  error.with(|facts| {
    facts.code = code;
    facts.message.push_str(advice);
  })
}
