//! How a service's tasks are replaced, restarted, placed and limited.

use serde_json::{Value, json};

use super::options::{
  Condition, FailureAction, Generic, Mode, Order, Reserve, Restart, RestartBag, Rolling,
  ServiceOptions,
};
use crate::engine::create::nano_cpus;
use crate::engine::error::{EngineError, Result};
use crate::engine::swarm::{Fields, nanos};

const MODES: [(Mode, &str); 4] = [
  (Mode::Replicated, "Replicated"),
  (Mode::Global, "Global"),
  (Mode::ReplicatedJob, "ReplicatedJob"),
  (Mode::GlobalJob, "GlobalJob"),
];

/// Which mode a spec is of.
pub fn mode_of(spec: &Value) -> Option<Mode> {
  let mode = spec.get("Mode")?;
  let is = |(_, key): &&(Mode, &str)| mode.get(*key).is_some_and(Value::is_object);
  MODES.iter().find(is).map(|(mode, _)| *mode)
}

/// How many: a new service has one, one that is there what it has.
pub fn mode(options: &ServiceOptions, present: Option<&Value>) -> Result<Option<Value>> {
  let given = (options.mode, options.replicas, options.max_concurrent);
  if given == (None, None, None) && present.is_some() {
    return Ok(None);
  }
  let before = present.and_then(mode_of);
  let mode = options.mode.or(before).unwrap_or(Mode::Replicated);
  if options.replicas.is_some() && matches!(mode, Mode::Global | Mode::GlobalJob) {
    return Err(EngineError::invalid("replicas", "a global service has one task on each node"));
  }
  if options.max_concurrent.is_some() && mode != Mode::ReplicatedJob {
    let why = "only a service of `mode: 'replicated-job'` has that";
    return Err(EngineError::invalid("maxConcurrent", why));
  }
  let same = present.filter(|_| before == Some(mode));
  let kept = |path: &str| same.and_then(|spec| spec.pointer(path)).and_then(Value::as_u64);
  Ok(Some(match mode {
    Mode::Replicated => {
      let replicas = options.replicas.or_else(|| kept("/Mode/Replicated/Replicas")).unwrap_or(1);
      json!({ "Replicated": { "Replicas": replicas } })
    }
    Mode::ReplicatedJob => {
      let total = kept("/Mode/ReplicatedJob/TotalCompletions");
      let total = options.replicas.or(total).unwrap_or(1);
      let at_once = kept("/Mode/ReplicatedJob/MaxConcurrent");
      let at_once = options.max_concurrent.or(at_once).unwrap_or(total);
      json!({ "ReplicatedJob": { "TotalCompletions": total, "MaxConcurrent": at_once } })
    }
    Mode::Global => json!({ "Global": {} }),
    Mode::GlobalJob => json!({ "GlobalJob": {} }),
  }))
}

/// In the words of `run`, in those of a swarm, or in full.
pub fn restart(restart: &Restart) -> Result<Value> {
  let bag = match restart {
    Restart::Full(bag) => bag.clone(),
    Restart::Policy(text) => {
      let (name, count) = text
        .split_once(':')
        .map_or((text.as_str(), None), |(name, count)| (name, Some(count.parse::<u64>().ok())));
      let condition = match name {
        "none" | "no" => Some(Condition::None),
        "any" | "always" | "unless-stopped" => Some(Condition::Any),
        "on-failure" => Some(Condition::OnFailure),
        _ => None,
      };
      let fits = condition.is_some() && (count.is_none() || name == "on-failure");
      if !fits || count == Some(None) {
        let why = "expected 'none', 'any', 'on-failure' or 'on-failure:3'";
        return Err(EngineError::invalid("restart", why));
      }
      RestartBag { condition, max_attempts: count.flatten(), ..RestartBag::default() }
    }
  };
  let condition = |condition| match condition {
    Condition::None => "none",
    Condition::OnFailure => "on-failure",
    Condition::Any => "any",
  };
  let mut policy = Fields::default();
  policy.set("Condition", bag.condition.map(|given| json!(condition(given))));
  policy.set("Delay", bag.delay.map(nanos)).set("Window", bag.window.map(nanos));
  policy.set("MaxAttempts", bag.max_attempts.map(|count| json!(count)));
  Ok(policy.value())
}

pub fn rolling(given: &Rolling) -> Value {
  let action = |action| match action {
    FailureAction::Pause => "pause",
    FailureAction::Continue => "continue",
    FailureAction::Rollback => "rollback",
  };
  let order = |order| if order == Order::StopFirst { "stop-first" } else { "start-first" };
  let mut rolling = Fields::default();
  rolling.set("Parallelism", given.parallelism.map(|count| json!(count)));
  rolling.set("Delay", given.delay.map(nanos)).set("Monitor", given.monitor.map(nanos));
  rolling.set("FailureAction", given.failure_action.map(|given| json!(action(given))));
  rolling.set("MaxFailureRatio", given.max_failure_ratio.map(|ratio| json!(ratio)));
  rolling.set("Order", given.order.map(|given| json!(order(given))));
  rolling.value()
}

pub fn placement(options: &ServiceOptions) -> Result<Option<Value>> {
  let spread = |text: &String| {
    let by = text.strip_prefix("spread=").unwrap_or(text);
    json!({ "Spread": { "SpreadDescriptor": by } })
  };
  let preferences = |list: &Vec<String>| list.iter().map(spread).collect();
  let platform = |(index, text): (usize, &String)| match text.split_once('/') {
    Some((os, arch)) if !os.is_empty() && !arch.is_empty() => {
      Ok(json!({ "OS": os, "Architecture": arch }))
    }
    _ => {
      let why = format!("`{text}` is no platform; like 'linux/amd64'");
      Err(EngineError::invalid(format!("platforms[{index}]"), why))
    }
  };
  let platforms = |list: &Vec<String>| list.iter().enumerate().map(platform).collect();
  let mut placement = Fields::default();
  placement.set("Constraints", options.constraints.as_ref().map(|list| json!(list)));
  placement.set("Preferences", options.preferences.as_ref().map(preferences));
  placement.set("MaxReplicas", options.max_replicas_per_node.map(|count| json!(count)));
  placement
    .set("Platforms", options.platforms.as_ref().map(platforms).transpose()?.map(Value::Array));
  Ok(placement.some())
}

pub fn resources(options: &ServiceOptions) -> Result<Option<Value>> {
  let cpus = |cpus: Option<f64>| cpus.map(nano_cpus).transpose();
  let mut limits = Fields::default();
  limits.set("NanoCPUs", cpus(options.cpus)?);
  limits.set("MemoryBytes", options.memory.map(|bytes| json!(bytes.0)));
  limits.set("Pids", options.pids_limit.map(|count| json!(count)));
  let mut resources = Fields::default();
  resources.object("Limits", limits);
  if let Some(reserve) = &options.reserve {
    let at = |error: EngineError| error.with(|facts| facts.path = Some("reserve.cpus".into()));
    let mut reserved = Fields::default();
    reserved.set("NanoCPUs", cpus(reserve.cpus).map_err(at)?);
    reserved.set("MemoryBytes", reserve.memory.map(|bytes| json!(bytes.0)));
    let generic = generic(reserve);
    reserved.set("GenericResources", (!generic.is_empty()).then(|| json!(generic)));
    resources.object("Reservations", reserved);
  }
  Ok(resources.some())
}

fn generic(reserve: &Reserve) -> Vec<Value> {
  let mut all = Vec::new();
  for (kind, given) in &reserve.generic {
    match given {
      Generic::Count(count) => {
        all.push(json!({ "DiscreteResourceSpec": { "Kind": kind, "Value": count } }));
      }
      Generic::Named(names) => all.extend(
        names.iter().map(|name| json!({ "NamedResourceSpec": { "Kind": kind, "Value": name } })),
      ),
    }
  }
  all
}
