//! Progress on its way to a callback, or to the terminal: at most ten times a second, always the last.

use std::future::Future;
use std::pin::pin;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use super::Answer;
use super::bag::{Bag, unreadable};
use super::callback::Listener;
use super::input::argument;
use super::value::to_js;
use crate::engine::error::EngineError;
use crate::engine::image::progress::{Bars, Lines, Plain, Progress, Watcher};

const AT_MOST_EVERY: Duration = Duration::from_millis(100);

/// Who looks on: `onProgress`, `progress`, `onLine`, several of them or nobody.
pub struct Onlookers {
  listener: Option<Listener>,
  drawn: Option<Drawn>,
  lines: Option<Listener>,
}

enum Drawn {
  Plain(Plain),
  Bars(Bars),
}

/// Takes `onProgress` and `progress` out of a bag.
pub fn onlookers(bag: &mut Bag) -> Answer<Onlookers> {
  let listener = listener(bag, "onProgress")?;
  let drawn: Option<String> = match bag.take("progress")? {
    Some(value) => argument(value, "progress")?,
    None => None,
  };
  let plain = || Drawn::Plain(Plain::default());
  let drawn = match drawn.as_deref() {
    None => None,
    Some("plain") => Some(plain()),
    // Where there is no terminal, lines are what is left.
    Some("tty") => Some(Bars::new().map_or_else(plain, Drawn::Bars)),
    Some(_) => return Err(EngineError::invalid("progress", "expected 'tty' or 'plain'")),
  };
  Ok(Onlookers { listener, drawn, lines: None })
}

/// The same and `onLine`, of a build.
pub fn builders_onlookers(bag: &mut Bag) -> Answer<Onlookers> {
  let lines = listener(bag, "onLine")?;
  Ok(Onlookers { lines, ..onlookers(bag)? })
}

fn listener(bag: &mut Bag, name: &'static str) -> Answer<Option<Listener>> {
  let env = bag.env();
  let callback = bag.function(name)?;
  callback.map(|callback| Listener::new(env, callback)).transpose().map_err(unreadable)
}

/// Does `work` while `onlookers` look on. What a callback throws ends the work.
pub async fn watched<T, F>(
  onlookers: Onlookers,
  work: impl FnOnce(Box<dyn Fn(Watcher) + Send + Sync>) -> F,
) -> Answer<T>
where
  F: Future<Output = Answer<T>>,
{
  let Onlookers { listener, drawn, lines } = onlookers;
  if listener.is_none() && drawn.is_none() && lines.is_none() {
    return work(Box::new(|_| {})).await;
  }
  let (sender, boarding) = oneshot::channel();
  let sender = Mutex::new(Some(sender));
  let wants_lines = lines.is_some();
  let boarded = Box::new(move |watcher: Watcher| {
    if let Some(sender) = sender.lock().unwrap_or_else(PoisonError::into_inner).take() {
      // Subscribed at once: what is said next is for this caller too.
      let said = if wants_lines { watcher.lines() } else { None };
      let _ = sender.send((watcher, said));
    }
  });
  let done = CancellationToken::new();
  let mut work = pin!(work(boarded));
  let mut look = pin!(async {
    let (watcher, said) = tokio::select! {
      biased;
      boarded = boarding => match boarded {
        Ok(boarded) => boarded,
        Err(_) => return Ok(()),
      },
      () = done.cancelled() => return Ok(()),
    };
    let pictures = show(watcher, listener, drawn, &done);
    tokio::try_join!(pictures, tell(said, lines)).map(drop)
  });
  let mut looking = true;
  let outcome = loop {
    tokio::select! {
      biased;
      outcome = &mut work => break outcome,
      looked = &mut look, if looking => {
        looked?;
        looking = false;
      }
    }
  };
  // The last picture and the last lines come before the promise settles.
  done.cancel();
  if looking {
    look.await?;
  }
  // The poll that finds the last callback done may have begun before that callback aborted; the next one
  // asks for that first.
  tokio::task::yield_now().await;
  outcome
}

async fn show(
  mut watcher: Watcher,
  listener: Option<Listener>,
  mut drawn: Option<Drawn>,
  done: &CancellationToken,
) -> Answer<()> {
  while let Some(progress) = watcher.next().await {
    match &mut drawn {
      Some(Drawn::Plain(plain)) => plain.show(&progress).await,
      Some(Drawn::Bars(bars)) => bars.show(&progress),
      None => {}
    }
    if let Some(listener) = &listener {
      picture(listener, progress).await?;
    }
    tokio::select! {
      () = tokio::time::sleep(AT_MOST_EVERY) => {}
      () = done.cancelled() => {}
    }
  }
  if let Some(Drawn::Bars(bars)) = drawn {
    bars.finish().await;
  }
  Ok(())
}

async fn picture(listener: &Listener, progress: Progress) -> Answer<()> {
  listener
    .call(Box::new(move |env| {
      let value = serde_json::to_value(progress).map_err(napi::Error::from)?;
      to_js(env, value)
    }))
    .await
}

async fn tell(said: Option<Lines>, listener: Option<Listener>) -> Answer<()> {
  let (Some(mut said), Some(listener)) = (said, listener) else { return Ok(()) };
  while let Some(line) = said.recv().await {
    listener.call(Box::new(move |env| to_js(env, &*line))).await?;
  }
  Ok(())
}
