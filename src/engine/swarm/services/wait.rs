//! Until a service is what it is to be: all of its tasks run, or a job is done.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use super::options::Mode;
use super::policy::mode_of;
use crate::engine::Engine;
use crate::engine::error::{Code, EngineError, Result};
use crate::engine::images::list::Filters;
use crate::engine::size::Span;
use crate::engine::swarm::{Kind, ListOptions, member};

/// How often it is looked at.
const PAUSE: Duration = Duration::from_millis(200);

/// After so many looks at which all tasks ran they are taken for the right ones.
const STEADY: u32 = 40;

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct WaitOptions {
  pub timeout: Option<Span>,
}

/// What is read of a task.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Task {
  slot: u64,
  spec: Value,
  desired_state: String,
  status: Status,
  job_iteration: Option<Iteration>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Status {
  state: String,
  err: String,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Iteration {
  index: u64,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Service {
  #[serde(rename = "ID")]
  id: String,
  spec: Value,
  previous_spec: Option<Value>,
  update_status: Option<UpdateStatus>,
  job_status: Option<JobStatus>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct UpdateStatus {
  state: String,
  message: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct JobStatus {
  job_iteration: Iteration,
}

/// What a look at it has shown.
enum Look {
  There,
  /// All run, but perhaps not yet those of the last update.
  Nearly(String),
  NotYet(String),
  /// Nothing is left that could still bring it there.
  Failed(String),
}

/// The engine's JSON of it, once it is there.
pub async fn wait(engine: &Engine, name: &str, options: WaitOptions) -> Result<String> {
  let last = std::sync::Mutex::new(String::new());
  let looking = async {
    let (mut failed, mut steady) = (false, 0);
    loop {
      match look(engine, name).await? {
        Look::There => return member::inspect(engine, Kind::Service, name).await,
        Look::Nearly(_) if steady >= STEADY => {
          return member::inspect(engine, Kind::Service, name).await;
        }
        Look::Nearly(state) => {
          (failed, steady) = (false, steady + 1);
          *last.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = state;
        }
        // Twice, as a task may just be being replaced.
        Look::Failed(why) if failed => {
          let text = format!("service {name} has failed: {why}");
          return Err(EngineError::new(Code::ContainerExited, text));
        }
        Look::Failed(_) => failed = true,
        Look::NotYet(state) => {
          (failed, steady) = (false, 0);
          *last.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = state;
        }
      }
      tokio::time::sleep(if failed { PAUSE * 5 } else { PAUSE }).await;
    }
  };
  let Some(limit) = options.timeout else { return looking.await };
  tokio::time::timeout(limit.0, looking).await.unwrap_or_else(|_| {
    let state = last.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let text = format!("service {name} was not ready within {:?}: {state}", limit.0);
    Err(EngineError::new(Code::Timeout, text))
  })
}

async fn look(engine: &Engine, name: &str) -> Result<Look> {
  let service: Service = member::inspecting(Kind::Service, name)?.read(engine).await?;
  let mut filters = Filters::default();
  filters.0.insert("service".into(), service.id.clone().into());
  let mut tasks: Vec<Task> =
    member::listing(Kind::Task, &ListOptions { filters }).read(engine).await?;
  let mode = mode_of(&service.spec).unwrap_or(Mode::Replicated);
  let count = |path: &str| service.spec.pointer(path).and_then(Value::as_u64);
  match mode {
    Mode::ReplicatedJob | Mode::GlobalJob => {
      // Those of an earlier run tell nothing of this one.
      let current = service.job_status.map(|status| status.job_iteration).unwrap_or_default();
      tasks.retain(|task| task.job_iteration.unwrap_or_default() == current);
      let wanted = count("/Mode/ReplicatedJob/TotalCompletions");
      Ok(job(&tasks, wanted))
    }
    Mode::Replicated | Mode::Global => {
      let replicas = count("/Mode/Replicated/Replicas");
      Ok(running(&tasks, replicas, &service))
    }
  }
}

fn job(tasks: &[Task], wanted: Option<u64>) -> Look {
  let is = |states: &'static [&'static str]| {
    move |task: &&Task| states.contains(&task.status.state.as_str())
  };
  let complete = tasks.iter().filter(is(&["complete"])).count();
  let ended = ["failed", "rejected", "shutdown", "orphaned", "remove", "complete"];
  let going = tasks.iter().filter(|task| !ended.contains(&task.status.state.as_str())).count();
  let total = wanted.and_then(|wanted| usize::try_from(wanted).ok());
  if total.map_or(complete > 0 && going == 0, |total| complete >= total) {
    // Of a global one there is a task for each node, and each has its own end.
    let lost = total.is_none().then(|| failure(tasks)).flatten();
    return lost.map_or(Look::There, Look::Failed);
  }
  let of = total.map_or(String::new(), |total| format!(" of {total}"));
  let state = format!("{complete}{of} tasks are complete{}", after(tasks));
  if going == 0 && !tasks.is_empty() { Look::Failed(state) } else { Look::NotYet(state) }
}

/// Of a global job: a slot-less task that failed, and has no successor.
fn failure(tasks: &[Task]) -> Option<String> {
  let failed = tasks.iter().find(|task| {
    task.desired_state != "shutdown" && ["failed", "rejected"].contains(&task.status.state.as_str())
  })?;
  Some(failed.status.err.clone())
}

fn running(tasks: &[Task], replicas: Option<u64>, service: &Service) -> Look {
  let update = service.update_status.as_ref();
  let state = update.map_or("", |update| update.state.as_str());
  if state.ends_with("paused") {
    let message = update.map_or("", |update| update.message.as_str());
    return Look::Failed(format!("its update is paused: {message}"));
  }
  let wanted: Vec<_> = tasks.iter().filter(|task| task.desired_state == "running").collect();
  let up = wanted.iter().filter(|task| task.status.state == "running").count();
  let total = replicas.and_then(|replicas| usize::try_from(replicas).ok()).unwrap_or(wanted.len());
  let quiet = !matches!(state, "updating" | "rollback_started");
  // A global one has no tasks yet when it has just been made.
  let any = replicas.is_some() || !wanted.is_empty();
  let words = format!("{up} of {total} tasks run{}", after(tasks));
  if up != total || wanted.len() != total || !quiet || !any {
    return Look::NotYet(words);
  }
  // Until the engine has begun with an update it tells of none.
  let template = service.spec.get("TaskTemplate").unwrap_or(&Value::Null);
  let current = service.previous_spec.is_none()
    || state.ends_with("completed")
    || wanted.iter().all(|task| is_of(&task.spec, template));
  if current { Look::There } else { Look::Nearly(words) }
}

/// Whether a task is of this template, which tells its runtime besides.
fn is_of(task: &Value, template: &Value) -> bool {
  let (Value::Object(task), Value::Object(template)) = (task, template) else { return false };
  let keys = task.keys().chain(template.keys()).filter(|key| *key != "Runtime");
  keys.into_iter().all(|key| {
    let [own, wanted] = [task, template].map(|of| of.get(key).unwrap_or(&Value::Null));
    own == wanted
  })
}

/// What the latest failure was, which the engine tells by task.
fn after(tasks: &[Task]) -> String {
  let failed = tasks.iter().find(|task| !task.status.err.is_empty());
  failed.map_or(String::new(), |task| match task.slot {
    0 => format!("; a task says: {}", task.status.err),
    slot => format!("; task {slot} says: {}", task.status.err),
  })
}
