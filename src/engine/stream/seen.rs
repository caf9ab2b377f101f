//! What has been seen of the last moments, so that a stream that broke goes on where it was: nothing
//! lost, nothing twice.
//!
//! The engine takes up again at a time, that time included, and its records are not strictly in the
//! order of their times. So a little is asked for again, and what is known of it is passed over.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher, RandomState};

/// What may come later than something of a later time, in nanoseconds.
const SLACK: i64 = 1_000_000_000;

/// How many records are remembered; where more come within the slack, it is as much shorter.
const MOST: usize = 8192;

/// A clock that goes back by more than this has been set.
const CLOCK_SET: i64 = 10 * SLACK;

/// A record's time and what it says.
type Key = (i64, u64);

#[derive(Default)]
pub struct Seen {
  hasher: RandomState,
  recent: VecDeque<Key>,
  newest: i64,
  /// Nothing before this is asked for: it is not remembered, or was never wanted.
  floor: Option<i64>,
  /// Of a stream taken up again: what it will repeat, and how often.
  repeated: HashMap<Key, u32>,
  /// And from when on it was asked to; engines that know whole seconds only begin before that.
  asked: i64,
}

impl Seen {
  /// Whether the record is new; from now on it is not.
  pub fn is_new(&mut self, time: i64, record: &[u8]) -> bool {
    let key = (time, self.hasher.hash_one(record));
    if let Some(left) = self.repeated.get_mut(&key) {
      *left -= 1;
      if *left == 0 {
        self.repeated.remove(&key);
      }
      return false;
    }
    if !self.repeated.is_empty() && time < self.asked {
      return false;
    }
    if time < self.newest - CLOCK_SET {
      self.recent.clear();
      self.newest = time;
      self.floor = Some(time);
    }
    self.floor.get_or_insert(time);
    self.newest = self.newest.max(time);
    self.recent.push_back(key);
    while let Some((time, _)) = self.recent.front()
      && (self.recent.len() > MOST || *time < self.newest - SLACK)
    {
      self.floor = self.floor.max(Some(time + 1));
      self.recent.pop_front();
    }
    true
  }

  /// Says that nothing before `time` is wanted.
  pub fn begins_at(&mut self, time: i64) {
    self.floor = self.floor.max(Some(time));
  }

  /// The stream is about to be taken up again: from when on, as the engine has it.
  pub fn resume(&mut self) -> Option<String> {
    self.repeated.clear();
    for key in &self.recent {
      *self.repeated.entry(*key).or_default() += 1;
    }
    let known = (!self.recent.is_empty()).then_some(self.newest - SLACK);
    let from = known.max(self.floor)?;
    self.asked = from;
    Some(engine_time(from))
  }
}

/// Seconds, a point, nanoseconds.
#[must_use]
pub fn engine_time(nanos: i64) -> String {
  format!("{}.{:09}", nanos.div_euclid(1_000_000_000), nanos.rem_euclid(1_000_000_000))
}

/// Nanoseconds of such a text.
#[must_use]
pub fn nanos_of(text: &str) -> Option<i64> {
  let (seconds, fraction) = text.split_once('.').unwrap_or((text, ""));
  let fraction = format!("{:0<9}", fraction.get(..9.min(fraction.len()))?);
  let seconds = seconds.parse::<i64>().ok()?.checked_mul(1_000_000_000)?;
  seconds.checked_add(fraction.parse::<u32>().ok()?.into())
}

#[cfg(test)]
mod tests {
  use super::*;

  #[test]
  fn tells_a_repeat_from_a_likeness() {
    let mut seen = Seen::default();
    assert_eq!(seen.resume(), None);
    // Two alike in the same nanosecond are two.
    assert!(seen.is_new(5_000_000_000, b"a"));
    assert!(seen.is_new(5_000_000_000, b"a"));
    assert!(seen.is_new(5_000_000_001, b"b"));
    // Nothing of before the first is asked for.
    assert_eq!(seen.resume().as_deref(), Some("5.000000000"));
    for known in [b"a", b"a"] {
      assert!(!seen.is_new(5_000_000_000, known));
    }
    assert!(seen.is_new(5_000_000_000, b"a"), "a third is new");
    assert!(!seen.is_new(5_000_000_001, b"b"));
    assert!(seen.is_new(5_000_000_001, b"c"));
    // And all over again.
    assert_eq!(seen.resume().as_deref(), Some("5.000000000"));
    for _ in 0..3 {
      assert!(!seen.is_new(5_000_000_000, b"a"));
    }
    assert!(seen.is_new(5_000_000_000, b"a"));
  }

  #[test]
  fn remembers_the_last_moments_only() {
    let mut seen = Seen::default();
    for time in 0..20 {
      assert!(seen.is_new(time * 100_000_000, b"x"));
    }
    assert_eq!(seen.resume().as_deref(), Some("0.900000000"));
    let mut many = Seen::default();
    for time in 0..20_000 {
      many.is_new(time, b"x");
    }
    // What was forgotten is not asked for again.
    assert_eq!(many.resume(), Some(engine_time(20_000 - 8192)));
  }

  #[test]
  fn goes_on_by_a_clock_that_was_set() {
    let at = |seconds: i64| seconds * 1_000_000_000;
    let mut seen = Seen::default();
    assert!(seen.is_new(at(1000), b"a"));
    // An hour back: from there on is asked for, not from what is an hour ahead.
    assert!(seen.is_new(at(1000 - 3600), b"b"));
    assert_eq!(seen.resume(), Some(engine_time(at(1000 - 3600))));
    assert!(!seen.is_new(at(1000 - 3600), b"b"));
    assert!(seen.is_new(at(1001 - 3600), b"c"));
    // And ahead: what was of before is past.
    assert!(seen.is_new(at(9000), b"d"));
    assert_eq!(seen.resume(), Some(engine_time(at(9000 - 1))));
    assert!(!seen.is_new(at(9000), b"d"));
    assert!(seen.is_new(at(9000), b"e"));
  }

  #[test]
  fn reads_the_engines_times() {
    assert_eq!(nanos_of("1795249292.259874313"), Some(1_795_249_292_259_874_313));
    assert_eq!(nanos_of("12"), Some(12_000_000_000));
    assert_eq!(nanos_of("12.5"), Some(12_500_000_000));
    assert_eq!(nanos_of("x"), None);
  }
}
