//! What lets others into a swarm, and a manager into its own after a restart.

use serde::Deserialize;
use serde_json::{Value, json};

use super::cluster::inspecting;
use super::member::{Versioned, change as changing};
use crate::engine::Engine;
use crate::engine::call::Call;
use crate::engine::error::{Code, EngineError, Result};
use crate::engine::fault::Subject;

/// What lets others in: the engine's `{ Worker, Manager }`.
pub async fn join_tokens(engine: &Engine) -> Result<Value> {
  #[derive(Deserialize)]
  #[serde(rename_all = "PascalCase")]
  struct Inspected {
    join_tokens: Value,
  }
  let inspected: Inspected = inspecting().read(engine).await?;
  Ok(inspected.join_tokens)
}

/// Which keys to make anew; the old ones are worth nothing afterwards.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct RotateOptions {
  pub worker: bool,
  pub manager: bool,
}

impl Default for RotateOptions {
  fn default() -> Self {
    Self { worker: true, manager: true }
  }
}

/// The new ones.
pub async fn rotate_join_tokens(engine: &Engine, options: RotateOptions) -> Result<Value> {
  let mut which = Vec::new();
  which.extend(options.worker.then_some("rotateWorkerToken"));
  which.extend(options.manager.then_some("rotateManagerToken"));
  rotate(engine, &which).await?;
  join_tokens(engine).await
}

async fn rotate(engine: &Engine, which: &[&str]) -> Result<()> {
  if which.is_empty() {
    return Ok(());
  }
  let done = changing(
    engine,
    None,
    || Ok(inspecting()),
    |_, _| {
      let call = Call::post("cannot rotate the keys of", Subject::Swarm, "/swarm/update");
      Ok(which.iter().fold(call, |call, which| call.query(which, true)))
    },
  );
  done.await.map(drop)
}

/// `swarm.unlockKey({ rotate })`.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Unlocking {
  /// A new one, first.
  pub rotate: bool,
}

/// The engine's `{ UnlockKey }`: what a manager of an `autolock` swarm wants after it was restarted.
pub async fn unlock_key(engine: &Engine, options: Unlocking) -> Result<String> {
  if options.rotate {
    let present: Versioned = inspecting().read(engine).await?;
    if present.spec.pointer("/EncryptionConfig/AutoLockManagers") != Some(&json!(true)) {
      let text = "cannot rotate the key of the swarm: it is not locked; say `autolock: true` first";
      return Err(EngineError::new(Code::Conflict, text));
    }
    rotate(engine, &["rotateManagerUnlockKey"]).await?;
  }
  let call = Call::get("cannot read the key of", Subject::Swarm, "/swarm/unlockkey");
  call.text(engine).await
}

pub async fn unlock(engine: &Engine, key: &str) -> Result<()> {
  let call = Call::post("cannot unlock", Subject::Swarm, "/swarm/unlock");
  call.json(&json!({ "UnlockKey": key }))?.done(engine).await
}
