//! The engines of a swarm.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Availability, Fields, Kind, WHOLE, lay, member, texts};
use crate::engine::Engine;
use crate::engine::call::Call;
use crate::engine::error::{Code, EngineError, Result};
use crate::engine::fault::Subject;
use crate::engine::options::Map as Texts;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
  Worker,
  Manager,
}

/// `nodes.update(name, { … })`: what is given is changed, the rest stays.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct UpdateOptions {
  pub role: Option<Role>,
  pub availability: Option<Availability>,
  pub labels: Option<Texts>,
  pub extra: Map<String, Value>,
  pub version: Option<u64>,
}

impl UpdateOptions {
  #[must_use]
  pub fn of_role(role: Role) -> Self {
    Self { role: Some(role), ..Self::default() }
  }

  #[must_use]
  pub fn of_availability(availability: Availability) -> Self {
    Self { availability: Some(availability), ..Self::default() }
  }

  fn fields(&self) -> Value {
    let role = |role| if role == Role::Worker { "worker" } else { "manager" };
    let mut spec = Fields::default();
    spec.set("Role", self.role.map(|given| json!(role(given))));
    spec.set("Availability", self.availability.map(|given| json!(given.as_str())));
    spec.set("Labels", self.labels.as_ref().map(texts));
    spec.value()
  }
}

/// `'self'` is the node that is asked, as the docker CLI has it.
async fn resolved(engine: &Engine, name: &str) -> Result<String> {
  #[derive(Deserialize)]
  #[serde(rename_all = "PascalCase")]
  struct Info {
    swarm: Swarm,
  }
  #[derive(Deserialize)]
  struct Swarm {
    #[serde(rename = "NodeID")]
    id: String,
  }
  if name != "self" {
    return Ok(name.to_owned());
  }
  let info: Info = Call::get("cannot ask", Subject::Engine, "/info").read(engine).await?;
  if info.swarm.id.is_empty() {
    let text =
      "this engine is no node of a swarm; begin one with `swarm.init()`, or `swarm.join()`";
    let error = EngineError::new(Code::NotSupported, text);
    return Err(error.with(|facts| facts.reason = Some("not-in-a-swarm".into())));
  }
  Ok(info.swarm.id)
}

pub async fn inspect(engine: &Engine, name: &str) -> Result<String> {
  let name = resolved(engine, name).await?;
  member::inspect(engine, Kind::Node, &name).await
}

pub async fn update(engine: &Engine, name: &str, options: &UpdateOptions) -> Result<()> {
  let name = resolved(engine, name).await?;
  let written = member::update(engine, Kind::Node, &name, options.version, |spec| {
    lay(spec, &options.fields(), WHOLE);
    lay(spec, &Value::Object(options.extra.clone()), &[]);
    Ok(())
  });
  written.await.map(drop)
}
