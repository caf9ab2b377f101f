//! Progress on its way to a callback, or to the terminal: at most ten times a second, always the last.

use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::Answer;
use super::callback::Listener;
use super::value::to_js;
use crate::engine::error::EngineError;
use crate::engine::image::progress::{Plain, Progress, Watcher};

const AT_MOST_EVERY: Duration = Duration::from_millis(100);

/// Who looks on: `onProgress`, `progress: 'plain'`, both or nobody.
pub struct Onlookers {
  pub listener: Option<Listener>,
  pub plain: Option<Plain>,
}

/// Does `work` while `onlookers` look on. What a callback throws ends the work.
pub async fn watched<T, F>(
  mut onlookers: Onlookers,
  work: impl FnOnce(Box<dyn Fn(Watcher) + Send + Sync>) -> F,
) -> Answer<T>
where
  F: Future<Output = Answer<T>>,
{
  if onlookers.listener.is_none() && onlookers.plain.is_none() {
    return work(Box::new(|_| {})).await;
  }
  let (sender, receiver) = tokio::sync::oneshot::channel();
  let sender = Mutex::new(Some(sender));
  let boarded = Box::new(move |watcher: Watcher| {
    if let Some(sender) = sender.lock().unwrap_or_else(PoisonError::into_inner).take() {
      let _ = sender.send(watcher);
    }
  });
  let mut watcher = None;
  let outcome = {
    let mut work = pin!(work(boarded));
    let mut look = pin!(async {
      let Ok(first) = receiver.await else { return Ok(()) };
      let watcher: &mut Watcher = watcher.insert(first);
      while watcher.changed().await.is_ok() {
        let seen = watcher.borrow_and_update().clone();
        onlookers.show(seen).await?;
        tokio::time::sleep(AT_MOST_EVERY).await;
      }
      Ok::<_, EngineError>(())
    });
    let mut looking = true;
    loop {
      tokio::select! {
        outcome = &mut work => break outcome,
        looked = &mut look, if looking => {
          looked?;
          looking = false;
        }
      }
    }
  };
  if let Some(mut watcher) = watcher
    && watcher.has_changed().unwrap_or(true)
  {
    let last = watcher.borrow_and_update().clone();
    onlookers.show(last).await?;
  }
  outcome
}

impl Onlookers {
  async fn show(&mut self, progress: Option<Arc<Progress>>) -> Answer<()> {
    let Some(progress) = progress else { return Ok(()) };
    if let Some(plain) = &mut self.plain {
      plain.show(&progress).await;
    }
    let Some(listener) = &self.listener else { return Ok(()) };
    listener
      .call(Box::new(move |env| {
        let value = serde_json::to_value(&*progress).map_err(napi::Error::from)?;
        to_js(env, value)
      }))
      .await
  }
}
