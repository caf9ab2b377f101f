//! Sizes, spans of time and foreign text, as they are shown.

/// How much of a text is looked at. No terminal is wider than this.
const LONGEST: usize = 1000;

/// `12.3MB`: three digits, in thousands as docker counts.
pub fn size(bytes: f64, gap: &str) -> String {
  const UNITS: [&str; 6] = ["B", "kB", "MB", "GB", "TB", "PB"];
  let (mut value, mut unit) = (bytes.max(0.0), 0);
  while value >= 999.5 && unit + 1 < UNITS.len() {
    value /= 1000.0;
    unit += 1;
  }
  let digits = match value {
    _ if unit == 0 => 0,
    value if value < 9.995 => 2,
    value if value < 99.95 => 1,
    _ => 0,
  };
  format!("{value:.digits$}{gap}{}", UNITS[unit])
}

/// `8s`, `1m05s`, `2h03m`; nothing for what nobody waits for.
#[expect(
  clippy::cast_possible_truncation,
  clippy::cast_sign_loss,
  reason = "within 100 hours, and not below zero"
)]
pub fn span(seconds: f64) -> Option<String> {
  if !(0.0..360_000.0).contains(&seconds) {
    return None;
  }
  let seconds = seconds.ceil() as u64;
  let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
  Some(match (hours, minutes) {
    (0, 0) => format!("{seconds}s"),
    (0, _) => format!("{minutes}m{:02}s", seconds % 60),
    _ => format!("{hours}h{minutes:02}m"),
  })
}

/// What an engine or a registry says, in one line and without power over the terminal.
pub fn clean(text: &str) -> String {
  let text: String = text.chars().take(LONGEST).collect();
  let text = console::strip_ansi_codes(&text);
  let printable = |c: &char| c.is_whitespace() || !(c.is_control() || reorders(*c));
  let text: String = text.chars().filter(printable).collect();
  text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Marks that turn the direction of what follows, beyond their own text.
fn reorders(c: char) -> bool {
  matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
