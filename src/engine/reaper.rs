//! The reaper: a helper process that holds the other end of a pipe, and removes a session's
//! containers when the pipe ends, which it does however this process dies.
//!
//! One for the process, whatever the number of sessions. It is started with the first container that
//! needs it, gets what it has to know over the pipe (there may be secrets in it), and is in a process
//! group of its own: a terminal's Ctrl-C is not for it.

use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};

use serde_json::{Map, Value, json};

use super::Engine;
use super::error::{EngineError, Result};
use crate::transport::Pem;

static HELPER: Mutex<Helper> =
  Mutex::new(Helper { command: Vec::new(), child: None, sessions: Vec::new() });

struct Helper {
  command: Vec<String>,
  child: Option<Child>,
  /// A line each: a helper that somebody killed has a successor, which is told again.
  sessions: Vec<String>,
}

/// How the helper is started: the program and its arguments.
pub fn set_command(command: Vec<String>) {
  HELPER.lock().unwrap_or_else(PoisonError::into_inner).command = command;
}

/// Returns when the helper knows of the session: from then on the kernel sees to the rest.
pub async fn watch(engine: &Engine, session: &str) -> Result<()> {
  let line = task(engine, session).await?;
  let told = tokio::task::spawn_blocking(move || {
    HELPER.lock().unwrap_or_else(PoisonError::into_inner).tell(line)
  });
  match told.await {
    Ok(Ok(())) => Ok(()),
    Ok(Err(error)) => Err(EngineError::internal(format!(
      "cannot start the reaper: {error}; without it, say cleanupOnExit or cleanup()"
    ))),
    Err(_) => Err(EngineError::internal("the reaper's start failed within")),
  }
}

/// This process ends in good order: the helper need not look for what may still have been under way.
pub fn farewell() {
  if let Ok(mut helper) = HELPER.try_lock()
    && let Some(pipe) = helper.child.as_mut().and_then(|child| child.stdin.as_mut())
  {
    // Without it the helper looks a little longer; that is all.
    let _ = pipe.write_all(b"bye\n");
  }
}

/// What the helper has to know, as a line of JSON: the way to the engine, and the session.
pub async fn task(engine: &Engine, session: &str) -> Result<String> {
  let connection = engine.connection().await?;
  let options = engine.options();
  let path = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
  let pem = |pem: &Option<Pem>| match pem {
    Some(Pem::Bytes(bytes)) => json!(String::from_utf8_lossy(bytes)),
    Some(Pem::File(file)) => json!(path(file)),
    None => Value::Null,
  };
  let file = |file: &Option<std::path::PathBuf>| file.as_deref().map(path);
  let headers: Map<String, Value> = options
    .headers
    .iter()
    .map(|(name, value)| (name.to_string(), json!(String::from_utf8_lossy(value.as_bytes()))))
    .collect();
  let ssh = &options.ssh;
  let mut way = json!({
    "host": connection.endpoint.address.to_string(),
    "headers": headers,
    "sshOptions": {
      "identityFile": file(&ssh.identity_file), "configFile": file(&ssh.config_file),
      "knownHosts": file(&ssh.known_hosts), "options": ssh.options,
    },
    "connectTimeout": options.connect_timeout.map(|time| time.as_secs_f64() * 1e3),
  });
  if let Some(tls) = &connection.endpoint.tls {
    way["ca"] = pem(&tls.ca);
    way["cert"] = pem(&tls.cert);
    way["key"] = pem(&tls.key);
    way["tlsVerify"] = json!(!tls.skip_verify);
  }
  Ok(format!("{}\n", json!({ "options": way, "session": session })))
}

impl Helper {
  fn tell(&mut self, line: String) -> std::io::Result<()> {
    self.sessions.push(line);
    if let Some(child) = &mut self.child
      && child.try_wait()?.is_none()
      && let (Some(pipe), Some(line)) = (&mut child.stdin, self.sessions.last())
      && pipe.write_all(line.as_bytes()).is_ok()
    {
      return Ok(());
    }
    let told = self.start();
    if told.is_err() {
      self.sessions.pop();
    }
    told
  }

  fn start(&mut self) -> std::io::Result<()> {
    let (program, arguments) =
      self.command.split_first().ok_or_else(|| std::io::Error::other("there is no helper"))?;
    let mut command = Command::new(program);
    command
      .args(arguments)
      // Its output is nobody's; a pipe of ours that it held open would keep others waiting.
      .stdin(Stdio::piped())
      .stdout(Stdio::null())
      .stderr(Stdio::null())
      // What is meant for this process alone: debuggers, loaders, a parent's channel.
      .env_remove("NODE_OPTIONS")
      .env_remove("NODE_CHANNEL_FD")
      .env_remove("NODE_V8_COVERAGE")
      .env("ELECTRON_RUN_AS_NODE", "1");
    apart(&mut command);
    let mut child = command.spawn()?;
    if let Some(pipe) = &mut child.stdin {
      pipe.write_all(self.sessions.concat().as_bytes())?;
    }
    self.child = Some(child);
    Ok(())
  }
}

/// In a group of its own, and not in a folder that somebody may want to remove.
#[cfg(unix)]
fn apart(command: &mut Command) {
  use std::os::unix::process::CommandExt;
  command.process_group(0).current_dir("/");
}

#[cfg(windows)]
fn apart(command: &mut Command) {
  use std::os::windows::process::CommandExt;
  const DETACHED_PROCESS: u32 = 0x0000_0008;
  const CREATE_NEW_PROCESS_GROUP: u32 = 0x0000_0200;
  command.creation_flags(DETACHED_PROCESS | CREATE_NEW_PROCESS_GROUP);
}
