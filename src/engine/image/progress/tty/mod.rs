//! Progress as bars on standard error. A thread of its own draws them: a terminal may be stopped
//! (ctrl-S), and then only that thread waits.

mod picture;
mod screen;
#[cfg(test)]
mod tests;
mod words;

pub use words::clean;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, LazyLock, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::Value;
use tokio::sync::oneshot;

use self::picture::{View, picture};
use self::screen::Screen;
use super::Progress;

/// Also without news: spinners turn, and a resized window is drawn anew.
const DRAW_EVERY: Duration = Duration::from_millis(100);
/// How long the end waits for a terminal that takes nothing.
const PATIENCE: Duration = Duration::from_secs(1);

/// What all bars of the process are drawn on, so that none draws over another.
static STAGE: LazyLock<Stage> = LazyLock::new(|| {
  let screen = Screen::stderr();
  let target = ProgressDrawTarget::term_like(Box::new(screen.clone()));
  let multi = MultiProgress::with_draw_target(target);
  Stage { screen, multi, blocks: AtomicUsize::new(0) }
});

struct Stage {
  screen: Screen,
  multi: MultiProgress,
  /// How many share the rows.
  blocks: AtomicUsize,
}

/// Progress as bars on standard error, a line a layer, as the docker CLI draws it.
pub struct Bars {
  desk: Arc<Desk>,
  thread: Option<JoinHandle<()>>,
  drawn: Option<oneshot::Receiver<()>>,
}

/// Where pictures are put, and fetched from to be drawn.
#[derive(Default)]
struct Desk {
  pile: Mutex<Pile>,
  ended: Condvar,
}

#[derive(Default)]
struct Pile {
  /// The latest picture of each phase that is not yet drawn to its end.
  pictures: Vec<Arc<Progress>>,
  over: bool,
}

impl Bars {
  /// None where standard error is no terminal that bars can be drawn on.
  #[must_use]
  pub fn new() -> Option<Self> {
    if !Screen::can_draw() {
      return None;
    }
    // Asked here: the environment is the calling JavaScript's, which may change it at any time.
    let colour = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let desk = Arc::new(Desk::default());
    let (done, drawn) = oneshot::channel();
    let fetched_from = Arc::clone(&desk);
    let draw = move || {
      draw_until_over(&fetched_from, colour);
      let _ = done.send(());
    };
    let thread = std::thread::Builder::new().name("dokeres-progress".into()).spawn(draw).ok()?;
    Some(Self { desk, thread: Some(thread), drawn: Some(drawn) })
  }

  /// Puts the picture in the last one's place. Never waits for the terminal.
  pub fn show(&mut self, progress: &Progress) {
    let picture =
      Arc::new(Progress { raw: Value::Null, layers: progress.layers.clone(), ..*progress });
    let mut pile = self.desk.pile.lock().unwrap_or_else(PoisonError::into_inner);
    match pile.pictures.last_mut() {
      Some(last) if last.phase == picture.phase => *last = picture,
      _ => pile.pictures.push(picture),
    }
  }

  /// Leaves the last picture on the screen.
  pub async fn finish(mut self) {
    self.desk.end();
    let Some(drawn) = self.drawn.take() else { return };
    // A stopped terminal gets its picture when it goes on; what was pulled is there already.
    if tokio::time::timeout(PATIENCE, drawn).await.is_ok()
      && let Some(thread) = self.thread.take()
    {
      let _ = thread.join();
    }
  }
}

impl Drop for Bars {
  fn drop(&mut self) {
    // The thread draws the last picture and ends; waiting for it here could block async code.
    self.desk.end();
  }
}

impl Desk {
  fn end(&self) {
    self.pile.lock().unwrap_or_else(PoisonError::into_inner).over = true;
    self.ended.notify_all();
  }

  /// The phases that are over, and the one that is not; whether that was all.
  fn fetch(&self) -> (Vec<Arc<Progress>>, Option<Arc<Progress>>, bool) {
    let pile = self.pile.lock().unwrap_or_else(PoisonError::into_inner);
    let waited = self.ended.wait_timeout_while(pile, DRAW_EVERY, |pile| !pile.over);
    let (mut pile, _) = waited.unwrap_or_else(PoisonError::into_inner);
    let before_last = pile.pictures.len().saturating_sub(1);
    let passed = pile.pictures.drain(..before_last).collect();
    (passed, pile.pictures.last().cloned(), pile.over)
  }
}

fn draw_until_over(desk: &Desk, colour: bool) {
  let mut block = None;
  for tick in 0.. {
    let (passed, current, over) = desk.fetch();
    let Some(current) = current else {
      if over {
        return;
      }
      continue;
    };
    let block = block.get_or_insert_with(|| Block::new(colour));
    for progress in passed {
      block.leave(&progress);
    }
    if over {
      return block.leave(&current);
    }
    block.draw(&current, tick);
  }
}

/// The lines of one `Bars`: one bar of the library's, of many lines, drawn at once.
struct Block {
  bar: ProgressBar,
  colour: bool,
}

impl Block {
  fn new(colour: bool) -> Self {
    STAGE.blocks.fetch_add(1, Ordering::Relaxed);
    let style = ProgressStyle::with_template("{msg}");
    let bar = ProgressBar::no_length()
      .with_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
    Self { bar: STAGE.multi.add(bar), colour }
  }

  fn draw(&self, progress: &Progress, tick: usize) {
    self.bar.set_message(self.lines(progress, Some(tick)).join("\n"));
  }

  /// Makes the lines the terminal's own, above all that is still being drawn.
  fn leave(&self, progress: &Progress) {
    STAGE.screen.leave(self.lines(progress, None));
    self.bar.set_message("");
  }

  fn lines(&self, progress: &Progress, tick: Option<usize>) -> Vec<String> {
    let (rows, columns) = STAGE.screen.room();
    let share = rows / STAGE.blocks.load(Ordering::Relaxed).max(1);
    picture(progress, &View { rows: share, columns, colour: self.colour, tick })
  }
}

impl Drop for Block {
  fn drop(&mut self) {
    STAGE.multi.remove(&self.bar);
    STAGE.blocks.fetch_sub(1, Ordering::Relaxed);
  }
}
