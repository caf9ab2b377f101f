//! What is asked of JSON that is not read here but by JavaScript.

/// A whole number with fewer digits is below 2^53.
const MANY_DIGITS: usize = 16;

/// Whether it may hold a number that a `number` cannot. An id has as many digits in a row now and then, and
/// is none.
pub fn has_large_number(json: &str) -> bool {
  let bytes = json.as_bytes();
  let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
  // So long a run has a digit at one of these places.
  let mut at = MANY_DIGITS - 1;
  while at < bytes.len() {
    if is_digit(at) {
      let begin = at - (0..at).rev().take_while(|&at| is_digit(at)).count();
      let end = at + (at..bytes.len()).take_while(|&at| is_digit(at)).count();
      if end - begin >= MANY_DIGITS && is_value(bytes.get(..begin).unwrap_or_default()) {
        return true;
      }
      // What is left of the run is not looked at again.
      at = at.max(end);
    }
    at += MANY_DIGITS;
  }
  false
}

/// Whether what stands before a number lets it be one: the end of a name, or a list.
fn is_value(before: &[u8]) -> bool {
  let before = before.strip_suffix(b"-").unwrap_or(before).trim_ascii_end();
  match before {
    [] | [.., b'[' | b','] => true,
    [name @ .., b':'] => name.trim_ascii_end().ends_with(b"\""),
    _ => false,
  }
}

#[cfg(test)]
mod tests {
  use super::has_large_number;

  #[test]
  fn a_run_of_digits_is_found_wherever_it_begins() {
    for before in 0..40 {
      let before = "x".repeat(before);
      assert!(has_large_number(&format!("{{\"{before}\":1234567890123456}}")));
      assert!(has_large_number(&format!("{{\"{before}\" : -1234567890123456789,")));
      assert!(has_large_number(&format!("[\"{before}\", 1234567890123456]")));
      assert!(!has_large_number(&format!("{{\"{before}\":123456789012345}}")));
      assert!(!has_large_number(&format!("[\"{before}\",123456789012345.123456789012345]")));
    }
    assert!(has_large_number("1234567890123456"));
    assert!(has_large_number("[\"12345678901234567890\",1234567890123456]"));
    assert!(!has_large_number(""));
  }

  #[test]
  fn an_id_is_no_number() {
    for id in ["1234567890123456", "sha256:1234567890123456", "a1234567890123456789b"] {
      assert!(!has_large_number(&format!("{{\"Id\":\"{id}\"}}")), "{id}");
    }
  }
}
