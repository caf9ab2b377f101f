//! Few wake-ups for many quiet streams.
//!
//! Waking the JavaScript thread costs more than a line does. So where several streams say a little each,
//! what they say within a moment is handed over together. One that is alone, or says much, never waits.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// How long a little may wait for others.
const MOMENT: Duration = Duration::from_millis(20);

/// What is no longer little: who waited with so much would be held up.
const LITTLE: usize = 16 << 10;

/// Which stream handed something over last, and when. Each realm has its own, being a thread.
#[derive(Default)]
pub struct Pace(Mutex<Option<(usize, Instant)>>);

impl Pace {
  /// Waits until it is time to hand over so many bytes of this stream.
  pub async fn wait(&self, stream: usize, bytes: usize) {
    if bytes < LITTLE
      && let Some(until) = self.turn(stream, Instant::now())
    {
      sleep_until(until).await;
      // Who comes now waits for the end of the next moment, with all others.
      self.take(stream, Instant::now());
    }
  }

  /// When it is this stream's turn, where that is not now.
  fn turn(&self, stream: usize, now: Instant) -> Option<Instant> {
    let last = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
    match last {
      Some((whose, when)) if whose != stream && now < when + MOMENT => Some(when + MOMENT),
      _ => {
        self.take(stream, now);
        None
      }
    }
  }

  fn take(&self, stream: usize, now: Instant) {
    *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((stream, now));
  }
}

#[cfg(test)]
mod tests {
  use super::*;

  const SOON: Duration = Duration::from_millis(5);

  #[test]
  fn one_alone_never_waits() {
    let (pace, now) = (Pace::default(), Instant::now());
    assert_eq!(pace.turn(1, now), None);
    assert_eq!(pace.turn(1, now), None);
    assert_eq!(pace.turn(1, now + SOON), None);
  }

  #[test]
  fn several_come_together_and_who_comes_late_at_once() {
    let (pace, now) = (Pace::default(), Instant::now());
    assert_eq!(pace.turn(1, now), None);
    assert_eq!(pace.turn(2, now + SOON), Some(now + MOMENT));
    assert_eq!(pace.turn(3, now + SOON + SOON), Some(now + MOMENT));
    pace.take(3, now + MOMENT);
    assert_eq!(pace.turn(1, now + MOMENT + SOON), Some(now + MOMENT + MOMENT));
    assert_eq!(pace.turn(1, now + MOMENT + MOMENT), None);
  }

  #[tokio::test]
  async fn much_is_not_held_up() {
    let (pace, now) = (Pace::default(), Instant::now());
    pace.take(1, now + Duration::from_hours(1));
    pace.wait(2, LITTLE).await;
  }
}
