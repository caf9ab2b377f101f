//! The few calls that a job needs of a swarm: its service, the service's tasks, the nodes.

use std::collections::HashMap;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::engine::call::Call;
use crate::engine::container::inspect::null_as_default;
use crate::engine::container::removal;
use crate::engine::error::{Code, EngineError, Result};
use crate::engine::fault::Subject;
use crate::engine::{Engine, scope};

/// How long a removed service's tasks are waited for beyond the time that they have for their end.
const GONE_WITHIN: Duration = Duration::from_secs(15);

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Task {
  #[serde(rename = "ID")]
  pub id: String,
  #[serde(default, rename = "ServiceID")]
  pub service: String,
  /// Engines leave out a zero.
  #[serde(default)]
  pub slot: u64,
  #[serde(default, rename = "NodeID")]
  pub node: String,
  #[serde(default)]
  pub created_at: String,
  pub status: Status,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Status {
  #[serde(default)]
  pub timestamp: String,
  pub state: State,
  #[serde(default)]
  pub err: String,
  #[serde(default, rename = "ContainerStatus", deserialize_with = "null_as_default")]
  pub container: ContainerStatus,
}

#[derive(Debug, Clone, Default, Deserialize)]
pub struct ContainerStatus {
  #[serde(default, rename = "ContainerID")]
  pub id: String,
  #[serde(default, rename = "ExitCode")]
  pub exit_code: i64,
}

/// In the order in which a task goes through them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
  New,
  Allocated,
  Pending,
  Assigned,
  Accepted,
  Preparing,
  Ready,
  Starting,
  Running,
  Complete,
  Shutdown,
  Failed,
  Rejected,
  Remove,
  Orphaned,
}

/// A node, as far as a task's result tells of it.
#[derive(Debug, Clone)]
pub struct Node {
  pub hostname: String,
  pub is_down: bool,
}

/// A service that goes when its maker does not get to the end.
pub struct Service {
  engine: Engine,
  pub id: String,
  pub name: String,
  armed: bool,
}

impl Service {
  /// Once sent, the swarm carries it out whether or not we wait; see `Container::create_once`.
  pub async fn create(
    engine: &Engine,
    name: &str,
    spec: &Value,
    auth: Option<&str>,
  ) -> Result<Self> {
    let mut call = Call::post("cannot create a service on", Subject::Engine, "/services/create");
    if let Some(auth) = auth {
      call = call.header("x-registry-auth", auth)?;
    }
    let call = call.json(spec)?;
    let request = tokio::spawn({
      let (engine, name) = (engine.clone(), name.to_owned());
      async move {
        let made: Value = call.read(&engine).await?;
        let id = made.get("ID").and_then(Value::as_str).unwrap_or_default().to_owned();
        Ok(Self { engine, id, name, armed: true })
      }
    });
    let made = scope::unless_abandoned(request, |outcome| async {
      if let Ok(service) = outcome {
        service.remove().await;
      }
    });
    made.await.map_err(|error| refused(error, name))
  }

  /// The service stays.
  pub fn keep(mut self) {
    self.armed = false;
  }

  /// Removes it now, and waits until its containers have ended.
  pub async fn remove(mut self) {
    self.armed = false;
    // The work's own outcome is what the caller is told; a removal that fails changes none of it.
    let _ = remove(&self.engine, &self.id).await;
  }
}

impl Drop for Service {
  fn drop(&mut self) {
    if !self.armed {
      return;
    }
    let (engine, id) = (self.engine.clone(), self.id.clone());
    scope::clean_up(async move {
      let _ = remove(&engine, &id).await;
    });
  }
}

/// Jobs go otherwise than services do: of one that is merely removed the tasks run on, and those that
/// wait go on waiting. Told to run none it ends them all.
async fn remove(engine: &Engine, id: &str) -> Result<()> {
  if empty(engine, id).await.is_ok() {
    let _ = ended(engine, id).await;
  }
  let path = format!("/services/{id}");
  let removed =
    Call::new(http::Method::DELETE, "cannot remove a service of", Subject::Engine, path)
      .done(engine)
      .await;
  clear(engine, id).await?;
  match removed {
    Err(error) if error.is(Code::NotFound) => Ok(()),
    outcome => outcome,
  }
}

async fn empty(engine: &Engine, id: &str) -> Result<()> {
  let mut left = 5;
  loop {
    let service: Value =
      Call::get("cannot find a service of", Subject::Engine, format!("/services/{id}"))
        .read(engine)
        .await?;
    let mut spec = service.get("Spec").cloned().unwrap_or_default();
    spec["Mode"] = json!({ "ReplicatedJob": { "TotalCompletions": 0, "MaxConcurrent": 0 } });
    let version = service.pointer("/Version/Index").and_then(Value::as_u64).unwrap_or_default();
    let path = format!("/services/{id}/update");
    let updated = Call::post("cannot end a service of", Subject::Engine, path)
      .query("version", version)
      .json(&spec)?
      .done(engine)
      .await;
    match updated {
      // The swarm itself may have written to it in between.
      Err(error) if left > 0 && error.to_string().contains("out of sequence") => left -= 1,
      outcome => return outcome,
    }
  }
}

/// Waits until nothing of it runs any more, where that can be known.
async fn ended(engine: &Engine, id: &str) -> Result<()> {
  let begun = tokio::time::Instant::now();
  let mut pause = Duration::from_millis(20);
  while begun.elapsed() < GONE_WITHIN {
    let left = tasks(engine, &[id]).await?;
    let left = left.into_iter().filter(|task| task.status.state <= State::Running);
    let left: Vec<_> = left.filter(|task| !task.node.is_empty()).collect();
    let nodes = if left.is_empty() { HashMap::new() } else { nodes(engine).await? };
    if left.iter().all(|task| nodes.get(&task.node).is_none_or(|node| node.is_down)) {
      break;
    }
    tokio::time::sleep(pause).await;
    pause = (pause * 2).min(Duration::from_millis(250));
  }
  Ok(())
}

/// A job's containers that have ended stay for its history, which nobody reads when the job is gone.
/// Those of other nodes cannot be reached from here.
async fn clear(engine: &Engine, id: &str) -> Result<()> {
  let marked = json!({ "label": [format!("com.docker.swarm.service.id={id}")] });
  let listed: Vec<Value> =
    Call::get("cannot list the containers of", Subject::Engine, "/containers/json")
      .query("all", 1)
      .query("filters", marked)
      .read(engine)
      .await?;
  for container in listed.iter().filter_map(|container| container.get("Id")?.as_str()) {
    // The swarm may be about to remove it as well.
    let _ = removal::remove(engine, container, true, true).await;
  }
  Ok(())
}

pub async fn tasks(engine: &Engine, services: &[&str]) -> Result<Vec<Task>> {
  Call::get("cannot list the tasks of", Subject::Engine, "/tasks")
    .query("filters", json!({ "service": services }))
    .read(engine)
    .await
}

pub async fn nodes(engine: &Engine) -> Result<HashMap<String, Node>> {
  let listed: Vec<Value> =
    Call::get("cannot list the nodes of", Subject::Engine, "/nodes").read(engine).await?;
  let text = |node: &Value, path: &str| {
    node.pointer(path).and_then(Value::as_str).unwrap_or_default().to_owned()
  };
  let read = |node: &Value| {
    let hostname = text(node, "/Description/Hostname");
    (text(node, "/ID"), Node { hostname, is_down: text(node, "/Status/State") == "down" })
  };
  Ok(listed.iter().map(read).collect())
}

/// Jobs are known to engines from API 1.41 on, and managers alone take them.
pub async fn check_manager(engine: &Engine) -> Result<()> {
  let (headers, info) =
    Call::get("cannot ask", Subject::Engine, "/info").read_with_headers::<Value>(engine).await?;
  let version = headers.get("api-version").and_then(|text| text.to_str().ok());
  let minor = version.and_then(|text| text.strip_prefix("1.")?.parse::<u32>().ok());
  let refuse = |text: String| {
    Err(EngineError::not_supported(text).with(|facts| facts.path = Some("swarm".into())))
  };
  if minor.is_some_and(|minor| minor < 41) {
    return refuse(format!(
      "jobs on a swarm need an engine of API 1.41 (Docker 20.10), this one has {}",
      version.unwrap_or_default()
    ));
  }
  let is = |path: &str, wanted: &Value| info.pointer(path) == Some(wanted);
  if is("/Swarm/ControlAvailable", &json!(true)) {
    return Ok(());
  }
  if is("/Swarm/LocalNodeState", &json!("active")) {
    return refuse(
      "this engine is a worker of its swarm; connect to a manager, or promote this one".into(),
    );
  }
  refuse(
    "this engine is not in a swarm: dokeres.swarm.init() makes one of it, dokeres.swarm.join() \
     lets it into another"
      .into(),
  )
}

fn refused(error: EngineError, name: &str) -> EngineError {
  let words = error.to_string();
  if error.is(Code::Conflict) && words.contains("name conflicts") {
    let text = format!("a service has the name {name} already; give another, or remove that one");
    return EngineError::new(Code::NameConflict, text).caused_by(error);
  }
  error
}
