//! Signals for a command's processes. The engine can signal a container only, so either another
//! command in the container does it, or, where the engine's processes are this machine's, we do.

use std::time::Duration;

use serde_json::json;
use tokio::time::Instant;

use super::execution::{Execution, is_gone};
use crate::engine::call::Call;
use crate::engine::error::{Code, EngineError, Result};
use crate::engine::options::Scalar;

pub const KILL: i32 = 9;

/// The script's word for “there was nobody to signal”.
const NOBODY: i64 = 3;
/// Ours, for a script that has not ended in time: no exit code.
const TOO_SLOW: i64 = -1;

/// The engine says that a command runs a good moment before there is a process.
const STARTS_WITHIN: Duration = Duration::from_secs(30);

/// What became of a signal.
pub enum Sent {
  Yes,
  /// None of its processes is there, or none can be told from others.
  ToNobody,
  /// There is no way to its processes.
  NoWay,
  /// The engine was at it for too long.
  TooSlowly,
}

/// Linux's names, from 1 on: a container's system, whatever ours is.
const NAMES: [&str; 31] = [
  "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2",
  "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU",
  "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
];

/// A signal's number, by number or name; SIGKILL where none is given.
pub fn number(signal: Option<&Scalar>) -> Result<i32> {
  let Some(Scalar(text)) = signal else { return Ok(KILL) };
  let name = text.to_ascii_uppercase();
  let name = name.strip_prefix("SIG").unwrap_or(&name);
  let numbered = text.parse().ok().filter(|number| (1..=64).contains(number));
  let named = || (1..).zip(NAMES).find_map(|(number, known)| (known == name).then_some(number));
  numbered.or_else(named).ok_or_else(|| {
    EngineError::invalid("signal", format!("`{text}` is no signal; like 'SIGTERM' or 15"))
  })
}

/// Quiet where the command has ended.
pub async fn deliver(execution: &Execution, number: i32) -> Result<()> {
  let asked = Instant::now();
  let mut started = asked;
  let mut patience = None;
  let mut is_slow = false;
  loop {
    match execution.state().await {
      Err(error) if is_gone(&error) => return Ok(()),
      Err(error) => return Err(error),
      Ok(state) if state.exit_code().is_some() => return Ok(()),
      Ok(state) if state.is_starting() && asked.elapsed() < STARTS_WITHIN => {
        tokio::time::sleep(Duration::from_millis(20)).await;
        started = Instant::now();
        continue;
      }
      Ok(state) if patience.is_some() && !state.running => return Ok(()),
      Ok(_) if patience.is_some_and(|patience| started.elapsed() >= patience) => break,
      Ok(_) => {}
    }
    if patience.is_some() {
      tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let sent = send(execution, number).await;
    is_slow = matches!(sent, Sent::TooSlowly);
    patience = Some(match sent {
      Sent::Yes => return Ok(()),
      Sent::ToNobody => Duration::from_secs(2),
      Sent::NoWay => Duration::from_millis(500),
      Sent::TooSlowly => Duration::from_secs(20),
    });
  }
  if is_slow {
    let text = "the command was not signalled: the engine takes too long to run what would do it";
    return Err(EngineError::new(Code::Timeout, text));
  }
  Err(EngineError::not_supported(
    "the command cannot be signalled: the container has no shell to do it with, and the engine's \
     processes cannot be reached from here",
  ))
}

/// Looks for its processes once.
pub async fn send(execution: &Execution, number: i32) -> Sent {
  // With the rights of the command itself and no more: the shell is the image's, and may be anything.
  match inside(execution, number).await {
    Ok(0) => Sent::Yes,
    Ok(NOBODY) => Sent::ToNobody,
    _ if from_here(execution.marker(), number) => Sent::Yes,
    Ok(TOO_SLOW) => Sent::TooSlowly,
    _ => Sent::NoWay,
  }
}

async fn inside(execution: &Execution, number: i32) -> Result<i64> {
  // The shell's own words only: an image with a shell need not have more. A process may fork while
  // the others are looked at, so that to kill is to look again until nobody is found.
  let script = format!(
    "exec 2>/dev/null; sent={NOBODY}; pass=0; while [ $pass -lt 5 ]; do again=; \
     for p in /proc/[0-9]*; do if ( while IFS= read -r l || [ -n \"$l\" ]; do \
     case \"$l\" in *{marker}*) exit 0;; esac; done < $p/environ; exit 1 ); then \
     kill -{number} ${{p#/proc/}} && sent=0 && again=1; fi; done; \
     [ {number} -eq {KILL} ] && [ -n \"$again\" ] || break; pass=$((pass+1)); done; exit $sent",
    marker = execution.marker(),
  );
  let container = execution.container();
  let body = json!({
    "Cmd": ["/bin/sh", "-c", script], "User": execution.user(), "Privileged": execution.privileged(),
    "AttachStdout": true, "AttachStderr": true,
  });
  let signalling = async {
    let id = container.id()?;
    let create =
      Call::post("cannot run a command in", container.subject(), format!("/containers/{id}/exec"));
    let created: serde_json::Value = create.json(&body)?.read(container.engine()).await?;
    let id = created.get("Id").and_then(|id| id.as_str()).unwrap_or_default();
    let killer = execution.sibling(id);
    let mut output = killer.attach(false).await?.output;
    while output.next().await?.is_some() {}
    killer.exit_code().await
  };
  match tokio::time::timeout(Duration::from_secs(5), signalling).await {
    Ok(outcome) => outcome,
    Err(_) => Ok(TOO_SLOW),
  }
}

/// The marker is like no other word, so whoever carries it on this machine is meant.
#[cfg(target_os = "linux")]
fn from_here(marker: &str, number: i32) -> bool {
  use rustix::process::{Pid, Signal, kill_process};
  let Some(signal) = Signal::from_named_raw(number) else { return false };
  let Ok(processes) = std::fs::read_dir("/proc") else { return false };
  let mut sent = false;
  for process in processes.flatten() {
    let pid = process.file_name().to_str().and_then(|name| name.parse().ok());
    let Some(pid) = pid.and_then(Pid::from_raw) else { continue };
    let environment = std::fs::read(process.path().join("environ")).unwrap_or_default();
    if environment.split(|byte| *byte == 0).any(|entry| entry == marker.as_bytes()) {
      sent |= kill_process(pid, signal).is_ok();
    }
  }
  sent
}

#[cfg(not(target_os = "linux"))]
fn from_here(_marker: &str, _number: i32) -> bool {
  false
}

#[cfg(test)]
mod tests {
  use super::*;

  #[test]
  fn reads_signals() {
    let number = |text: &str| number(Some(&Scalar(text.into()))).ok();
    assert_eq!(number("SIGTERM"), Some(15));
    assert_eq!(number("usr1"), Some(10));
    assert_eq!(number("2"), Some(2));
    assert_eq!(number("SIGNOPE"), None);
    assert_eq!(number("0"), None);
  }
}
