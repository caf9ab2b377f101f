//! The terminal under the bars. The library redraws by counting rows as they were, and fills rows
//! until they wrap; both go wrong when a window is resized. So its lines are taken, and drawn here.

use std::fmt::Write as _;
use std::io::{self, ErrorKind, Write as _};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use console::{Term, measure_text_width, truncate_str};
use indicatif::TermLike;

/// What the library is told: so wide that no line ever wraps for it.
const WIDEST: u16 = 1000;

#[derive(Debug, Clone)]
pub struct Screen(Arc<Inner>);

#[derive(Debug)]
struct Inner {
  term: Term,
  frame: Mutex<Frame>,
}

#[derive(Debug, Default)]
struct Frame {
  left: Vec<String>,
  lines: Vec<String>,
  /// The library writes a line, then spaces to fill it up, and so on in turn.
  filling: bool,
  drawn: Drawn,
}

/// What stands on the screen, the cursor below it.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Drawn {
  lines: Vec<String>,
  rows: usize,
  columns: usize,
}

impl Screen {
  pub fn stderr() -> Self {
    Self(Arc::new(Inner { term: Term::stderr(), frame: Mutex::default() }))
  }

  pub fn can_draw() -> bool {
    let term = Term::stderr();
    // On Windows, asking for colours is what makes a console understand escape sequences. Under
    // `NO_COLOR` it answers no; lines are what there is then.
    term.is_term() && !console::is_dumb() && (cfg!(unix) || term.features().colors_supported())
  }

  /// Rows and columns that lines may take: the cursor stands below them, and never at the edge.
  pub fn room(&self) -> (usize, usize) {
    let (rows, columns) = self.0.term.size();
    let less = |size: u16| usize::from(size).saturating_sub(1).max(1);
    (less(rows), less(columns.min(WIDEST)))
  }

  /// Lines that stay, above all others: written when next there is something to draw.
  pub fn leave(&self, lines: Vec<String>) {
    self.frame().left.extend(lines);
  }

  fn frame(&self) -> MutexGuard<'_, Frame> {
    self.0.frame.lock().unwrap_or_else(PoisonError::into_inner)
  }
}

impl Drawn {
  /// What the library would draw, as far as it fits.
  pub(super) fn new(lines: &[String], (rows, columns): (usize, usize)) -> Self {
    let over = lines.len().saturating_sub(rows);
    let lines = lines[over..].iter().map(|line| cut(line, columns)).collect();
    Self { lines, rows, columns }
  }

  /// How many rows it takes now. Terminals wrap what is too wide for a window that became narrower.
  pub(super) fn height(&self, columns: usize) -> usize {
    let window = columns + 1;
    self.lines.iter().map(|line| measure_text_width(line).div_ceil(window).max(1)).sum()
  }

  /// From `self` on the screen to `next`, with lines that stay above. All in one write, without
  /// wrapping, and the cursor hidden no longer than that: whatever ends the process, the terminal
  /// is as it was. Every row is erased first, which makes terminals forget that it was wrapped; but
  /// never all at once from the top, as some then keep a copy to scroll back to.
  pub(super) fn replaced_by(&self, left: &[String], next: &Self) -> String {
    let mut text = String::from("\x1b[?25l\x1b[?7l\r");
    let up = self.height(next.columns);
    // Writing to a `String` cannot fail.
    if up > 0 {
      let _ = write!(text, "\x1b[{up}A");
    }
    for line in left {
      let _ = write!(text, "\x1b[2K{}\r\n", cut(line, next.columns));
    }
    for line in &next.lines {
      let _ = write!(text, "\x1b[2K{line}\r\n");
    }
    text.push_str("\x1b[J\x1b[?7h\x1b[?25h");
    text
  }
}

fn cut(line: &str, columns: usize) -> String {
  truncate_str(line, columns, "…").into_owned()
}

/// Fails in silence: progress that cannot be shown is no reason to fail.
fn write(mut bytes: &[u8]) {
  while !bytes.is_empty() {
    match io::stderr().write(bytes) {
      Ok(0) => return,
      Ok(written) => bytes = &bytes[written..],
      Err(error) if error.kind() == ErrorKind::Interrupted => {}
      // Somebody made it non-blocking; half a frame would be worse than a late one.
      Err(error) if error.kind() == ErrorKind::WouldBlock => {
        std::thread::sleep(Duration::from_millis(10));
      }
      Err(_) => return,
    }
  }
}

/// Nothing of this fails: the library panics where it does.
impl TermLike for Screen {
  fn width(&self) -> u16 {
    WIDEST
  }

  fn height(&self) -> u16 {
    u16::MAX
  }

  fn move_cursor_up(&self, _: usize) -> io::Result<()> {
    Ok(())
  }

  fn move_cursor_down(&self, _: usize) -> io::Result<()> {
    Ok(())
  }

  fn move_cursor_right(&self, _: usize) -> io::Result<()> {
    Ok(())
  }

  fn move_cursor_left(&self, _: usize) -> io::Result<()> {
    Ok(())
  }

  fn clear_line(&self) -> io::Result<()> {
    Ok(())
  }

  fn write_line(&self, _: &str) -> io::Result<()> {
    Ok(())
  }

  fn write_str(&self, text: &str) -> io::Result<()> {
    let mut frame = self.frame();
    if !frame.filling {
      frame.lines.push(text.to_owned());
    }
    frame.filling = !frame.filling;
    Ok(())
  }

  fn flush(&self) -> io::Result<()> {
    let mut frame = self.frame();
    let next = Drawn::new(&frame.lines, self.room());
    frame.lines.clear();
    frame.filling = false;
    let left = std::mem::take(&mut frame.left);
    if next != frame.drawn || !left.is_empty() {
      write(frame.drawn.replaced_by(&left, &next).as_bytes());
      frame.drawn = next;
    }
    Ok(())
  }
}
