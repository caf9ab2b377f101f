//! The course of a job: its tasks looked at until each replica has run once.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use tokio::time::Instant;

use super::logs::{self, Budget};
use super::outcome::{JobResult, Replica};
use super::round::{Plan, Round};
use super::service::{self, Node, State, Task};
use crate::engine::error::{Code, EngineError, Result};
use crate::engine::fault::{self, Subject};
use crate::engine::options::TaskOptions;
use crate::engine::stream::Consumers;

const SHORTEST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_millis(500);

/// How often it is looked whether nodes are lost; a swarm itself needs some 15 s to know.
const NODES_EVERY: Duration = Duration::from_secs(2);

pub struct Course {
  plan: Plan,
  count: usize,
  tty: bool,
  budget: Budget,
  consumers: Consumers,
  rounds: Vec<Round>,
  begun: usize,
  done: BTreeMap<usize, Replica>,
  /// When tasks began to run, as far as that was seen.
  started: HashMap<String, String>,
  nodes: HashMap<String, Node>,
  nodes_at: Option<Instant>,
  seen: Vec<Task>,
}

impl Course {
  pub fn new(plan: Plan, count: usize, own: &TaskOptions, consumers: Consumers) -> Self {
    let tty = plan.spec.pointer("/TaskTemplate/ContainerSpec/TTY") == Some(&true.into());
    Self {
      plan,
      count,
      tty,
      budget: Budget::new(own.max_buffer),
      consumers,
      rounds: Vec::new(),
      begun: 0,
      done: BTreeMap::new(),
      started: HashMap::new(),
      nodes: HashMap::new(),
      nodes_at: None,
      seen: Vec::new(),
    }
  }

  /// Returns when each replica has come to its end.
  pub async fn finish(&mut self) -> Result<()> {
    self.begin((0..self.count).collect()).await?;
    let mut pause = SHORTEST;
    while self.done.len() < self.count {
      let (before, asked) = (self.done.len(), Instant::now());
      self.look().await?;
      let changed = self.done.len() > before;
      pause = if changed { SHORTEST } else { pause.mul_f64(1.3).min(LONGEST) };
      if self.done.len() < self.count {
        // A manager that needs long for its answer has many tasks, or much to do.
        tokio::time::sleep(pause.max(asked.elapsed())).await;
      }
    }
    Ok(())
  }

  /// What it came to, and the services that are still there.
  pub fn end(self) -> (Vec<Round>, JobResult) {
    let service = self.rounds.first().map(|round| &round.service);
    let service = service.map(|service| (service.id.clone(), service.name.clone()));
    let result = JobResult {
      replicas: self.done.into_values().collect(),
      service: service.unwrap_or_default(),
    };
    (self.rounds, result)
  }

  async fn begin(&mut self, replicas: Vec<usize>) -> Result<()> {
    self.begun += 1;
    let round = self.plan.start(self.begun, replicas).await?;
    self.rounds.push(round);
    Ok(())
  }

  async fn look(&mut self) -> Result<()> {
    let ids: Vec<_> = self.rounds.iter().map(|round| round.service.id.as_str()).collect();
    self.seen = service::tasks(&self.plan.engine, &ids).await?;
    self.look_at_nodes().await?;
    for task in &self.seen {
      if matches!(task.status.state, State::Starting | State::Running) {
        self.started.insert(task.id.clone(), task.status.timestamp.clone());
      }
    }
    let mut lost = Vec::new();
    for index in 0..self.rounds.len() {
      self.look_at_round(index, &mut lost).await?;
    }
    if !lost.is_empty() {
      self.begin(lost).await?;
    }
    self.go_on().await
  }

  async fn look_at_nodes(&mut self) -> Result<()> {
    let fresh = self.nodes_at.is_some_and(|at| at.elapsed() < NODES_EVERY);
    let known = |task: &Task| task.node.is_empty() || self.nodes.contains_key(&task.node);
    if !fresh || !self.seen.iter().all(known) {
      self.nodes = service::nodes(&self.plan.engine).await?;
      self.nodes_at = Some(Instant::now());
    }
    Ok(())
  }

  async fn look_at_round(&mut self, round: usize, lost: &mut Vec<usize>) -> Result<()> {
    let own = &self.rounds[round];
    let mut slots: BTreeMap<usize, Vec<Task>> = BTreeMap::new();
    for task in self.seen.iter().filter(|task| task.service == own.service.id) {
      if let Some(replica) = own.replica(task.slot)
        && !self.done.contains_key(&replica)
      {
        slots.entry(replica).or_default().push(task.clone());
      }
    }
    for (replica, mut tasks) in slots {
      tasks.sort_by(|one, other| one.created_at.cmp(&other.created_at));
      // The first that ended counts; a failed one's successor only waits.
      if let Some(task) = tasks.iter().find(|task| has_ended(task)) {
        let ended = self.collect(replica, task).await?;
        self.rounds[round].stuck += usize::from(ended.exit_code != 0);
        self.done.insert(replica, ended);
      } else if tasks.last().is_some_and(|task| self.is_lost(task)) {
        self.rounds[round].stuck += 1;
        self.rounds[round].given_up.push(replica);
        lost.push(replica);
      }
    }
    Ok(())
  }

  /// A round all of whose places are taken for good starts none of its others: a new one does.
  async fn go_on(&mut self) -> Result<()> {
    let is_stuck = |round: &Round| round.stuck >= round.width;
    while let Some(at) = self.rounds.iter().skip(1).position(is_stuck).map(|at| at + 1) {
      let round = self.rounds.remove(at);
      self.replace(round).await?;
    }
    if self.rounds.first().is_some_and(|round| is_stuck(round) && self.is_wanting(round)) {
      let round = self.rounds.remove(0);
      self.replace(round).await?;
    }
    Ok(())
  }

  fn is_wanting(&self, round: &Round) -> bool {
    round
      .replicas
      .iter()
      .any(|replica| !self.done.contains_key(replica) && !round.given_up.contains(replica))
  }

  async fn replace(&mut self, round: Round) -> Result<()> {
    let wanted =
      |replica: &usize| !self.done.contains_key(replica) && !round.given_up.contains(replica);
    let rest: Vec<_> = round.replicas.iter().copied().filter(wanted).collect();
    // First, lest a node that comes back lets it go on.
    round.service.remove().await;
    if rest.is_empty() { Ok(()) } else { self.begin(rest).await }
  }

  fn is_lost(&self, task: &Task) -> bool {
    let is_down = self.nodes.get(&task.node).is_none_or(|node| node.is_down);
    match task.status.state {
      State::Shutdown | State::Remove | State::Orphaned => true,
      state => state >= State::Assigned && is_down,
    }
  }

  async fn collect(&mut self, index: usize, task: &Task) -> Result<Replica> {
    let node = self.nodes.get(&task.node).map(|node| node.hostname.clone()).unwrap_or_default();
    if !has_run(task) {
      return Err(cannot_run(index, &node, &task.status.err));
    }
    let Self { plan, tty, budget, consumers, .. } = self;
    let output = logs::read(&plan.engine, task, *tty, budget, consumers).await?;
    let started = self.started.remove(&task.id).unwrap_or_else(|| task.created_at.clone());
    let service = self.rounds.iter().find(|round| round.service.id == task.service);
    let service = service.map(|round| round.service.name.as_str()).unwrap_or_default();
    // As nodes name them: of a job's first task the slot is the node.
    let slot = if task.slot == 0 { task.node.clone() } else { task.slot.to_string() };
    Ok(Replica {
      index,
      task: task.id.clone(),
      node: (task.node.clone(), node),
      container: (task.status.container.id.clone(), format!("{service}.{slot}.{}", task.id)),
      exit_code: task.status.container.exit_code,
      output,
      started_at: started,
      finished_at: task.status.timestamp.clone(),
    })
  }

  /// What there is to say when the time is up: who has not ended, and why that may be.
  pub async fn out_of_time(&mut self, after: Duration) -> EngineError {
    let (text, running) = self.unfinished(after);
    let logs = match running {
      Some(task) => logs::last_lines(&self.plan.engine, &task, self.tty).await,
      None => Vec::new(),
    };
    EngineError::new(Code::Timeout, text).with(|facts| facts.logs = Some(logs))
  }

  fn unfinished(&self, after: Duration) -> (String, Option<Task>) {
    let open: Vec<_> = self.seen.iter().filter(|task| self.is_open(task)).collect();
    let why = open.iter().find(|task| !task.status.err.is_empty());
    let why = why.map(|task| format!(": {}", task.status.err)).unwrap_or_default();
    let (left, count) = (self.count - self.done.len(), self.count);
    let text = format!(
      "the task did not finish within {after:?}: {left} of {count} replicas had not ended{why}"
    );
    let running = open.into_iter().find(|task| task.status.state == State::Running);
    (text, running.cloned())
  }

  fn is_open(&self, task: &Task) -> bool {
    let round = self.rounds.iter().find(|round| round.service.id == task.service);
    let replica = round.and_then(|round| round.replica(task.slot));
    replica.is_some_and(|replica| !self.done.contains_key(&replica))
  }
}

fn has_ended(task: &Task) -> bool {
  matches!(task.status.state, State::Complete | State::Failed | State::Rejected)
}

fn has_run(task: &Task) -> bool {
  task.status.state == State::Complete || task.status.err.starts_with("task: non-zero exit")
}

/// The node could not start it: it would fail on one machine the same way.
fn cannot_run(replica: usize, node: &str, why: &str) -> EngineError {
  let doing = format!("cannot run replica {replica} on node {node} of");
  let error = fault::from_reply(&doing, &Subject::Engine, 500, why);
  let code = if why.contains("No such image") { Code::ImageUnavailable } else { error.code() };
  let text = format!("replica {replica} cannot run on node {node}: {why}");
  EngineError::new(code, text)
}
