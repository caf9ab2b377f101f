//! What is asked of JSON that is not read here but by JavaScript.

/// A whole number with fewer digits is below 2^53.
const MANY_DIGITS: usize = 16;

/// Whether it may hold a number that a `number` cannot.
pub fn has_large_number(json: &str) -> bool {
  let bytes = json.as_bytes();
  let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
  // So long a run has a digit at one of these places.
  let mut at = MANY_DIGITS - 1;
  while at < bytes.len() {
    if is_digit(at) {
      let before = (0..at).rev().take_while(|&at| is_digit(at)).count();
      let from = (at..bytes.len()).take_while(|&at| is_digit(at)).count();
      if before + from >= MANY_DIGITS {
        return true;
      }
    }
    at += MANY_DIGITS;
  }
  false
}

#[cfg(test)]
mod tests {
  use super::has_large_number;

  #[test]
  fn a_run_of_digits_is_found_wherever_it_begins() {
    for before in 0..40 {
      let before = "x".repeat(before);
      assert!(has_large_number(&format!("{before}1234567890123456")));
      assert!(has_large_number(&format!("{before}-1234567890123456789,")));
      assert!(!has_large_number(&format!("{before}123456789012345")));
      assert!(!has_large_number(&format!("{before}123456789012345.123456789012345")));
    }
    assert!(!has_large_number(""));
  }
}
