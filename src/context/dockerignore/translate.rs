//! From the regular expressions that moby makes of patterns, which are Go's, to this crate's.
//!
//! moby lets brackets, braces, bars, carets and escapes through as they are, so users' patterns do reach the
//! expression: `a|b*` is an alternation and `\d` a digit. The two syntaxes differ in just those places.

type Translated<T> = Result<T, &'static str>;

const DANGLING: &str = "it ends with a backslash";
const BAD_ESCAPE: &str = "it escapes a letter or digit";
const BAD_CLASS: &str = "bad character class";
const BAD_REPEAT: &str = "bad repetition in braces";
/// Go's limit for `{n}`.
const MOST_REPEATS: u32 = 1000;

pub fn translate(go: &str) -> Translated<String> {
  let chars: Vec<char> = go.chars().collect();
  let mut cursor = Cursor { rest: &chars };
  let mut out = String::with_capacity(go.len() + 16);
  // What a repetition would apply to: nothing, something, or a repetition, which Go does not allow.
  let mut operand = Operand::None;
  while let Some(c) = cursor.next() {
    operand = match c {
      '\\' => {
        escape(&mut cursor, &mut out)?;
        Operand::Some
      }
      '[' => {
        class(&mut cursor, &mut out)?;
        Operand::Some
      }
      '{' => match cursor.repeat()? {
        Some(_) if operand != Operand::Some => return Err(BAD_REPEAT),
        Some(repeat) => {
          out.push_str(&repeat);
          Operand::Repeated
        }
        None => {
          out.push_str("\\{");
          Operand::Some
        }
      },
      '*' | '?' => {
        out.push(c);
        Operand::Repeated
      }
      '|' | '(' => {
        out.push(c);
        Operand::None
      }
      '^' | '$' | '.' | ')' => {
        out.push(c);
        Operand::Some
      }
      _ => {
        literal(c, &mut out);
        Operand::Some
      }
    };
  }
  Ok(out)
}

#[derive(PartialEq)]
enum Operand {
  None,
  Some,
  Repeated,
}

struct Cursor<'a> {
  rest: &'a [char],
}

impl Cursor<'_> {
  fn next(&mut self) -> Option<char> {
    let (&first, rest) = self.rest.split_first()?;
    self.rest = rest;
    Some(first)
  }

  /// `n}`, `n,}` or `n,m}`, whose brace has been read. Anything else leaves the brace a plain character.
  fn repeat(&mut self) -> Translated<Option<String>> {
    let Some(end) = self.rest.iter().position(|&c| c == '}') else { return Ok(None) };
    let inner: String = self.rest[..end].iter().collect();
    let (low, high) = inner.split_once(',').map_or((inner.as_str(), None), |(l, h)| (l, Some(h)));
    let number = |text: &str| {
      let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
      (plain && (text == "0" || !text.starts_with('0'))).then(|| text.parse().unwrap_or(u32::MAX))
    };
    let Some(least) = number(low) else { return Ok(None) };
    let most = match high {
      None => least,
      Some("") => MOST_REPEATS,
      Some(high) => match number(high) {
        Some(most) => most,
        None => return Ok(None),
      },
    };
    if least > most || most > MOST_REPEATS {
      return Err(BAD_REPEAT);
    }
    self.rest = &self.rest[end + 1..];
    Ok(Some(format!("{{{inner}}}")))
  }
}

fn literal(c: char, out: &mut String) {
  out.push_str(&regex::escape(c.encode_utf8(&mut [0; 4])));
}

fn escape(cursor: &mut Cursor<'_>, out: &mut String) -> Translated<()> {
  let c = cursor.next().ok_or(DANGLING)?;
  match (perl_class(c), c) {
    (Some(class), _) => out.push_str(class),
    (_, 'A' | 'z' | 'B') => out.extend(['\\', c]),
    (_, 'b') => out.push_str("(?-u:\\b)"),
    (_, 'Q') => {
      while let Some(c) = cursor.next() {
        if c == '\\' && cursor.rest.first() == Some(&'E') {
          cursor.next();
          break;
        }
        literal(c, out);
      }
    }
    _ => literal(escaped(c)?, out),
  }
  Ok(())
}

/// Go's are ASCII's.
fn perl_class(c: char) -> Option<&'static str> {
  Some(match c {
    'd' => "[0-9]",
    'D' => "[^0-9]",
    's' => "[\\t\\n\\f\\r\\x20]",
    'S' => "[^\\t\\n\\f\\r\\x20]",
    'w' => "[0-9A-Za-z_]",
    'W' => "[^0-9A-Za-z_]",
    _ => return None,
  })
}

fn escaped(c: char) -> Translated<char> {
  Ok(match c {
    'a' => '\x07',
    'f' => '\x0C',
    'n' => '\n',
    'r' => '\r',
    't' => '\t',
    'v' => '\x0B',
    _ if c.is_ascii() && !c.is_ascii_alphanumeric() => c,
    _ => return Err(BAD_ESCAPE),
  })
}

/// A class whose opening bracket has been read.
fn class(cursor: &mut Cursor<'_>, out: &mut String) -> Translated<()> {
  out.push('[');
  if cursor.rest.first() == Some(&'^') {
    cursor.next();
    out.push('^');
  }
  let mut first = true;
  loop {
    let rest = cursor.rest;
    match rest {
      [] => return Err(BAD_CLASS),
      [']', ..] if !first => {
        cursor.next();
        out.push(']');
        return Ok(());
      }
      ['\\', c, ..] if perl_class(*c).is_some() => {
        out.push_str(perl_class(*c).unwrap_or_default());
        cursor.rest = &rest[2..];
      }
      _ if posix_class(cursor, out)? => {}
      _ => range(cursor, out)?,
    }
    first = false;
  }
}

fn range(cursor: &mut Cursor, out: &mut String) -> Translated<()> {
  let low = class_char(cursor)?;
  let mut high = low;
  if let ['-', next, ..] = cursor.rest
    && *next != ']'
  {
    cursor.next();
    high = class_char(cursor)?;
  }
  if high < low {
    return Err(BAD_CLASS);
  }
  // By number, so that none of them means anything here that it does not in Go.
  for (c, between) in [(low, "-"), (high, "")] {
    out.extend([&format!("\\x{{{:x}}}", u32::from(c)), between]);
  }
  Ok(())
}

fn class_char(cursor: &mut Cursor) -> Translated<char> {
  match cursor.next().ok_or(BAD_CLASS)? {
    '\\' => escaped(cursor.next().ok_or(DANGLING)?),
    c => Ok(c),
  }
}

/// `[:alpha:]` and the like; false where it is no such thing but plain characters.
fn posix_class(cursor: &mut Cursor, out: &mut String) -> Translated<bool> {
  const NAMES: [&str; 14] = [
    "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct",
    "space", "upper", "word", "xdigit",
  ];
  let Some(inner) = cursor.rest.strip_prefix(&['[', ':']) else { return Ok(false) };
  let Some(end) = inner.windows(2).position(|pair| pair == [':', ']']) else { return Ok(false) };
  let name: String = inner[..end].iter().collect();
  if !NAMES.contains(&name.strip_prefix('^').unwrap_or(&name)) {
    return Err(BAD_CLASS);
  }
  out.extend(["[:", &name, ":]"]);
  cursor.rest = &inner[end + 2..];
  Ok(true)
}
