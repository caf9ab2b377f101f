//! The containers that are watched, and what is open of each.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use futures_util::StreamExt;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::{Shape, Watch};
use crate::engine::container::follow::{Begin, Log};
use crate::engine::monitor::sources::{lines, samples};
use crate::engine::monitor::target::Target;

pub(super) struct Member {
  pub(super) target: Arc<Target>,
  /// Counts its starts; gone, its log has an end.
  starts: Option<watch::Sender<u64>>,
  stats: Option<CancellationToken>,
}

impl Watch {
  pub(super) fn join(&mut self, target: Target, begin: &Begin) {
    if self.members.contains_key(&target.id) {
      return;
    }
    let target = Arc::new(target);
    self.width.fetch_max(target.name().chars().count(), Ordering::Relaxed);
    let mut member = Member { target: Arc::clone(&target), starts: None, stats: None };
    if let Some(options) = &self.plan.logs {
      let mut options = options.clone();
      if matches!(begin, Begin::Started(_)) {
        options.tail = None;
      }
      let starts = self.changes.is_some().then(|| {
        let (sender, starts) = watch::channel(0);
        member.starts = Some(sender);
        starts
      });
      let log = Log {
        engine: self.engine.clone(),
        subject: target.subject(),
        id: target.id.clone(),
        options,
        begin: begin.clone(),
        patient: true,
      };
      let prefix = matches!(self.plan.shape, Shape::Lines { prefix: true });
      let is_typed = matches!(self.plan.shape, Shape::Monitor);
      let shown = prefix.then(|| Arc::clone(&self.width));
      self.streams.push(lines(log, starts, &target, is_typed, shown));
    }
    let id = target.id.clone();
    self.members.insert(id.clone(), member);
    self.started_stats(&id);
  }

  pub(super) fn started(&mut self, id: &str) {
    self.started_stats(id);
    self.started_log(id);
  }

  pub(super) fn started_log(&self, id: &str) {
    if let Some(starts) = self.members.get(id).and_then(|member| member.starts.as_ref()) {
      starts.send_modify(|count| *count += 1);
    }
  }

  pub(super) fn started_stats(&mut self, id: &str) {
    let (Some(raw), Some(member)) = (self.plan.stats, self.members.get_mut(id)) else { return };
    if member.stats.is_none() {
      let end = CancellationToken::new();
      member.stats = Some(end.clone());
      let samples = samples(self.engine.clone(), Arc::clone(&member.target), raw);
      self.streams.push(samples.take_until(end.cancelled_owned()).boxed());
    }
  }

  pub(super) fn ended(&mut self, id: &str) {
    if let Some(end) = self.members.get_mut(id).and_then(|member| member.stats.take()) {
      end.cancel();
    }
  }
}
