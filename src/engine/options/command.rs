//! Commands and entrypoints: a list of words, or one text that is split into them.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

/// The words of a command. A text is split as a POSIX shell splits it (quotes, backslashes), but no
/// shell runs: `$HOME`, `|` and `*` are words like others. For a shell, say `['sh', '-c', …]`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Command(pub Vec<String>);

#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a text or a list of texts")]
enum TextOrWords {
  Text(String),
  Words(Vec<String>),
}

impl<'de> Deserialize<'de> for Command {
  fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
    match TextOrWords::deserialize(deserializer)? {
      TextOrWords::Words(words) => Ok(Self(words)),
      TextOrWords::Text(text) => shell_words::split(&text).map(Self).map_err(|_| {
        D::Error::custom(format_args!(
          "a quote is not closed in `{text}`; a list of words needs none"
        ))
      }),
    }
  }
}
