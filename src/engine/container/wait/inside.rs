//! Which ports a container's processes listen on, as its own system tells: for those that cannot be
//! reached from here. The archive API does not know `/proc`, so a command has to read it.

use std::time::Duration;

use crate::engine::container::Container;
use crate::engine::error::{Code, Result};
use crate::engine::options::{Command, ExecOptions};
use crate::engine::size::Span;
use crate::engine::stream::Consumers;

/// The state of a socket that listens, of TCP and of UDP.
const LISTENS: &str = "0A";
const UNCONNECTED: &str = "07";

const WITHIN: Duration = Duration::from_secs(10);

/// Whether somebody listens; `None` where there is no program to find out with.
pub async fn listens(container: &Container, port: u16, is_tcp: bool) -> Result<Option<bool>> {
  let family = if is_tcp { "tcp" } else { "udp" };
  let files = [format!("/proc/net/{family}"), format!("/proc/net/{family}6")];
  let shell = format!(
    "for f in {} {}; do while read -r l; do echo \"$l\"; done < $f; done",
    files[0], files[1]
  );
  let state = if is_tcp { LISTENS } else { UNCONNECTED };
  let [four, six] = files;
  for words in [vec!["cat".to_owned(), four, six], vec!["/bin/sh".into(), "-c".into(), shell]] {
    let options = ExecOptions { timeout: Some(Span(WITHIN)), ..ExecOptions::default() };
    match container.exec(&Command(words), &options, None, Consumers::default()).await {
      // One of the two files may be missing, where a family of addresses is.
      Ok(result) => {
        let table = String::from_utf8_lossy(&result.output.stdout()).into_owned();
        return Ok(Some(is_listed(&table, port, state)));
      }
      Err(error) if error.is(Code::ExecutableNotFound) => {}
      Err(error) => return Err(error),
    }
  }
  Ok(None)
}

/// Lines like `0: 00000000:1F90 00000000:0000 0A …`: number, local and remote address, state.
fn is_listed(table: &str, port: u16, state: &str) -> bool {
  table.lines().any(|line| {
    let mut fields = line.split_whitespace().skip(1);
    let (local, _, actual) = (fields.next(), fields.next(), fields.next());
    let number = local.and_then(|local| local.rsplit_once(':')).map(|(_, port)| port);
    let number = number.and_then(|text| u16::from_str_radix(text, 16).ok());
    number == Some(port) && actual == Some(state)
  })
}

#[cfg(test)]
mod tests {
  use super::is_listed;

  #[test]
  fn reads_the_table() {
    let table = "  sl  local_address rem_address   st tx_queue\n   0: 00000000:1F90 00000000:0000 0A 0\n   1: 0100007F:0050 0100007F:9999 01 0\n";
    assert!(is_listed(table, 8080, "0A"));
    assert!(!is_listed(table, 80, "0A"));
    let six =
      "   0: 00000000000000000000000000000000:0035 00000000000000000000000000000000:0000 07\n";
    assert!(is_listed(six, 53, "07"));
  }
}
