//! ssh as the docker CLI does it: the system's own `ssh`, with `docker system dial-stdio` there.

use std::io;
use std::path::PathBuf;
use std::pin::Pin;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};
use tokio::sync::{OwnedSemaphorePermit, oneshot, watch};

use super::error::TransportError;

/// As much of what ssh says as an error can use.
const SAID_MAX: usize = 2 << 10;
/// Time for ssh to leave by itself once its input has ended.
const GRACE: Duration = Duration::from_secs(2);
/// Longer than this nobody queues behind a login: the remote may be busy with a long call.
const LOGIN: Duration = Duration::from_secs(3);

/// What is passed on to `ssh`; the rest comes from the user's own configuration.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SshOptions {
  pub identity_file: Option<PathBuf>,
  pub config_file: Option<PathBuf>,
  pub known_hosts: Option<PathBuf>,
  /// Each as `-o`.
  pub options: Vec<String>,
  /// Runs on the far side instead of `docker system dial-stdio`.
  pub command: Option<Vec<String>>,
}

/// Where to.
pub(super) struct Remote<'a> {
  pub user: Option<&'a str>,
  pub host: &'a str,
  pub port: Option<u16>,
  pub socket: Option<&'a str>,
}

/// What ssh has said on its stderr: the only account of why there is no connection.
#[derive(Clone)]
pub(super) struct Said {
  text: Arc<Mutex<Vec<u8>>>,
  ended: watch::Receiver<bool>,
}

/// A running ssh: its stdout to read, its stdin to write.
pub(super) struct SshIo {
  /// Until the first bytes are there: a login that is refused may be so in words on stdout.
  unheard: Option<Arc<Mutex<Vec<u8>>>>,
  stdin: Option<ChildStdin>,
  stdout: ChildStdout,
  login: Arc<Mutex<Option<OwnedSemaphorePermit>>>,
  _left: oneshot::Sender<()>,
}

pub(super) fn arguments(
  remote: &Remote<'_>,
  options: &SshOptions,
  timeout: Duration,
) -> Result<Vec<String>, TransportError> {
  if remote.host.starts_with('-') || remote.user.is_some_and(|user| user.starts_with('-')) {
    return Err(TransportError::Unreachable(io::Error::new(
      io::ErrorKind::InvalidInput,
      "neither ssh host nor user may begin with `-`",
    )));
  }
  let seconds = timeout.as_secs() + u64::from(timeout.subsec_nanos() > 0);
  let mut list = vec!["-o".to_owned(), format!("ConnectTimeout={}", seconds.max(1))];
  list.push("-T".to_owned());
  for (flag, path) in [("-F", &options.config_file), ("-i", &options.identity_file)] {
    if let Some(path) = path {
      list.extend([flag.to_owned(), path.to_string_lossy().into_owned()]);
    }
  }
  if let Some(path) = &options.known_hosts {
    list.extend(["-o".to_owned(), format!("UserKnownHostsFile=\"{}\"", path.display())]);
  }
  if let Some(user) = remote.user {
    list.extend(["-l".to_owned(), user.to_owned()]);
  }
  if let Some(port) = remote.port {
    list.extend(["-p".to_owned(), port.to_string()]);
  }
  for option in &options.options {
    list.extend(["-o".to_owned(), option.clone()]);
  }
  // Last, so that the user's own wins: with nobody to answer, a question would hang for good.
  list.extend(["-o".to_owned(), "BatchMode=yes".to_owned()]);
  list.extend(["--".to_owned(), remote.host.to_owned()]);
  match (&options.command, remote.socket) {
    (Some(command), _) => list.extend(command.iter().map(|word| quoted(word))),
    (None, Some(socket)) => list.extend([
      "docker".to_owned(),
      "--host".to_owned(),
      quoted(&format!("unix://{socket}")),
      "system".to_owned(),
      "dial-stdio".to_owned(),
    ]),
    (None, None) => list.extend(["docker", "system", "dial-stdio"].map(str::to_owned)),
  }
  Ok(list)
}

/// The far side's shell reads the words once more.
fn quoted(word: &str) -> String {
  shell_words::quote(word).into_owned()
}

pub(super) fn dial(
  remote: &Remote<'_>,
  options: &SshOptions,
  timeout: Duration,
  login: OwnedSemaphorePermit,
) -> Result<(SshIo, Said), TransportError> {
  let mut command = Command::new("ssh");
  command
    .args(arguments(remote, options, timeout)?)
    .stdin(Stdio::piped())
    .stdout(Stdio::piped())
    .stderr(Stdio::piped())
    .kill_on_drop(true);
  // A Ctrl-C at the user's terminal is the user's program's to handle, not ssh's.
  #[cfg(unix)]
  command.process_group(0);
  #[cfg(windows)]
  {
    const CREATE_NO_WINDOW: u32 = 0x0800_0000;
    command.creation_flags(CREATE_NO_WINDOW);
  }
  let mut child = command.spawn().map_err(|error| not_started(&error))?;
  let (Some(stdin), Some(stdout), Some(stderr)) =
    (child.stdin.take(), child.stdout.take(), child.stderr.take())
  else {
    return Err(not_started(&io::Error::other("its pipes are missing")));
  };
  let (left, leaving) = oneshot::channel();
  tokio::spawn(reap(child, leaving));
  let login = Arc::new(Mutex::new(Some(login)));
  let patient = Arc::downgrade(&login);
  tokio::spawn(async move {
    tokio::time::sleep(LOGIN).await;
    patient.upgrade().map(|login| release(&login))
  });
  let said = listen(stderr);
  let unheard = Some(Arc::clone(&said.text));
  Ok((SshIo { unheard, stdin: Some(stdin), stdout, login, _left: left }, said))
}

fn not_started(error: &io::Error) -> TransportError {
  TransportError::Unreachable(if error.kind() == io::ErrorKind::NotFound {
    io::Error::new(error.kind(), "there is no `ssh` on PATH")
  } else {
    io::Error::new(error.kind(), format!("ssh could not be started: {error}"))
  })
}

/// Waits for ssh, whoever leaves first: no zombie, and none that stays on.
async fn reap(mut child: Child, leaving: oneshot::Receiver<()>) {
  tokio::select! {
    _ = child.wait() => return,
    _ = leaving => {}
  }
  if tokio::time::timeout(GRACE, child.wait()).await.is_err() {
    // Fails only where it has just gone by itself.
    let _ = child.kill().await;
  }
}

fn listen(mut stderr: ChildStderr) -> Said {
  let text = Arc::new(Mutex::new(Vec::new()));
  let (sender, ended) = watch::channel(false);
  let said = Said { text: Arc::clone(&text), ended };
  tokio::spawn(async move {
    let mut chunk = [0; 1 << 10];
    while let Ok(count @ 1..) = stderr.read(&mut chunk).await {
      note(&text, &chunk[..count]);
    }
    // Nobody may be listening any more.
    let _ = sender.send(true);
  });
  said
}

fn note(text: &Mutex<Vec<u8>>, words: &[u8]) {
  let mut text = text.lock().unwrap_or_else(PoisonError::into_inner);
  text.extend_from_slice(words);
  let surplus = text.len().saturating_sub(SAID_MAX);
  text.drain(..surplus);
}

impl Said {
  /// Everything said, after a moment for the rest of it to arrive.
  pub async fn all(&mut self) -> String {
    let _ = tokio::time::timeout(Duration::from_secs(1), self.ended.wait_for(|ended| *ended)).await;
    let text = self.text.lock().unwrap_or_else(PoisonError::into_inner);
    plain(&String::from_utf8_lossy(&text))
  }
}

/// Without colours, carriage returns and what else is meant for a terminal; one line.
pub(super) fn plain(text: &str) -> String {
  let mut out = String::with_capacity(text.len());
  let mut letters = text.chars().peekable();
  while let Some(letter) = letters.next() {
    match letter {
      '\u{1b}' => {
        if letters.next_if_eq(&'[').is_some() {
          while letters.next_if(|next| !('\u{40}'..='\u{7e}').contains(next)).is_some() {}
        }
        letters.next();
      }
      '\n' => out.push('\n'),
      letter if letter.is_control() => {}
      letter => out.push(letter),
    }
  }
  // That ssh has just remembered a host is never why it failed.
  let idle = |line: &str| line.is_empty() || line.starts_with("Warning: Permanently added");
  let lines: Vec<_> = out.lines().map(str::trim).filter(|line| !idle(line)).collect();
  lines.join("; ")
}

fn release(login: &Mutex<Option<OwnedSemaphorePermit>>) {
  drop(login.lock().unwrap_or_else(PoisonError::into_inner).take());
}

impl AsyncRead for SshIo {
  fn poll_read(
    mut self: Pin<&mut Self>,
    cx: &mut Context<'_>,
    buffer: &mut ReadBuf<'_>,
  ) -> Poll<io::Result<()>> {
    let before = buffer.filled().len();
    let result = ready!(Pin::new(&mut self.stdout).poll_read(cx, buffer));
    if let Some(text) = self.unheard.take() {
      release(&self.login);
      let first = &buffer.filled()[before..];
      if !first.starts_with(b"HTTP/") {
        note(&text, first);
      }
    }
    Poll::Ready(result)
  }
}

impl AsyncWrite for SshIo {
  fn poll_write(
    mut self: Pin<&mut Self>,
    cx: &mut Context<'_>,
    bytes: &[u8],
  ) -> Poll<io::Result<usize>> {
    match &mut self.stdin {
      Some(stdin) => Pin::new(stdin).poll_write(cx, bytes),
      None => Poll::Ready(Err(io::ErrorKind::BrokenPipe.into())),
    }
  }

  fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
    match &mut self.stdin {
      Some(stdin) => Pin::new(stdin).poll_flush(cx),
      None => Poll::Ready(Ok(())),
    }
  }

  fn poll_shutdown(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
    self.stdin = None;
    Poll::Ready(Ok(()))
  }
}
