//! The ssh agents of `RUN --mount=type=ssh`. A build may list the keys and sign with them: what it
//! runs is anybody's code, and must not change or lock the user's agent.

use std::io;
use std::path::Path;

use bollard_buildkit_proto::moby::sshforward::v1::{CheckAgentRequest, CheckAgentResponse};
use http::HeaderMap;

use super::call::Served;
use super::grpc::{Replies, Requests};
use super::session::Reason;
use super::status::{Code, Status};

/// The metadata that says which agent a stream is for.
const ID: &str = "buildkit.ssh.id";
const DEFAULT: &str = "default";

/// Whether an agent answers there: a socket may have outlived its own.
pub async fn reach(path: &Path) -> io::Result<()> {
  relay::Agent::connect(path).await.map(drop)
}

pub async fn check(
  served: &Served,
  request: CheckAgentRequest,
) -> Result<CheckAgentResponse, Status> {
  // Connecting tells at once, and where, what the build would only stumble over.
  connect(served, &request.id).await?;
  Ok(CheckAgentResponse {})
}

/// Passes questions on until either side has said its last.
pub async fn forward(
  served: &Served,
  metadata: &HeaderMap,
  requests: &mut Requests,
  replies: &mut Replies,
) -> Result<(), Status> {
  let id = metadata.get(ID).and_then(|id| id.to_str().ok()).unwrap_or_default();
  let agent = connect(served, id).await?;
  relay::run(agent, requests, replies).await
}

async fn connect(served: &Served, id: &str) -> Result<relay::Agent, Status> {
  let id = if id.is_empty() { DEFAULT } else { id };
  // The engine decides whether the build can do without.
  let unknown = || Status::new(Code::NotFound, format!("there is no ssh agent `{id}`"));
  let path = served.offer.agents.get(id).ok_or_else(unknown)?;
  relay::Agent::connect(path).await.map_err(|error| {
    let why = format!("the ssh agent `{id}` cannot be reached at {}: {error}", path.display());
    served.failed(Code::FailedPrecondition, Reason::Offer(why))
  })
}

#[cfg(unix)]
mod relay {
  use std::io;

  use bollard_buildkit_proto::moby::sshforward::v1::BytesMessage;
  use bytes::{Buf, Bytes, BytesMut};
  use prost::Message;
  use tokio::io::{AsyncReadExt, AsyncWriteExt};
  pub use tokio::net::UnixStream as Agent;

  use super::{Code, Replies, Requests, Status};

  const REQUEST_IDENTITIES: u8 = 11;
  const SIGN_REQUEST: u8 = 13;
  /// What an agent answers when it refuses, or does not know what it was asked.
  const FAILURE: Bytes = Bytes::from_static(&[0, 0, 0, 1, 5]);

  /// Of the length ahead of each message.
  const PREFIX: usize = 4;
  /// As `OpenSSH`'s agent has it.
  const LARGEST: usize = 256 * 1024;

  /// One question at a time, so that our refusals keep their place among the agent's answers.
  pub async fn run(
    mut agent: Agent,
    requests: &mut Requests,
    replies: &mut Replies,
  ) -> Result<(), Status> {
    let mut questions = Messages::default();
    loop {
      let question = tokio::select! {
        biased;
        closed = closed(&mut agent) => return closed.map_err(|error| broken(&error)),
        question = next(&mut questions, requests) => question?,
      };
      let Some(question) = question else { return Ok(()) };
      let answer = match question.get(PREFIX) {
        Some(&(REQUEST_IDENTITIES | SIGN_REQUEST)) => tokio::select! {
          // The user may be asked to confirm; nothing else would notice until then.
          () = replies.cancelled() => return Ok(()),
          answer = ask(&mut agent, &question) => answer.map_err(|error| broken(&error))?,
        },
        _ => FAILURE,
      };
      replies.send(&BytesMessage { data: answer.into() }.encode_to_vec()).await?;
    }
  }

  fn broken(error: &io::Error) -> Status {
    Status::new(Code::Unavailable, format!("the ssh agent broke off: {error}"))
  }

  /// Resolves when the agent closes while it is asked nothing.
  async fn closed(agent: &mut Agent) -> io::Result<()> {
    if agent.read(&mut [0]).await? == 0 { Ok(()) } else { Err(unasked()) }
  }

  /// What comes unasked would pass for the answer to the next question.
  fn unasked() -> io::Error {
    io::Error::other("it answers what it was not asked")
  }

  async fn ask(agent: &mut Agent, question: &[u8]) -> io::Result<Bytes> {
    agent.write_all(question).await?;
    let mut answers = Messages::default();
    loop {
      if let Some(answer) = answers.complete().map_err(io::Error::other)? {
        return if answers.0.is_empty() { Ok(answer) } else { Err(unasked()) };
      }
      if agent.read_buf(&mut answers.0).await? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
      }
    }
  }

  /// The build's next question, `None` once it has asked its last.
  async fn next(
    questions: &mut Messages,
    requests: &mut Requests,
  ) -> Result<Option<Bytes>, Status> {
    let bad = |why| Status::new(Code::InvalidArgument, why);
    loop {
      if let Some(question) = questions.complete().map_err(bad)? {
        return Ok(Some(question));
      }
      match requests.next().await? {
        Some(BytesMessage { data }) => questions.0.extend_from_slice(&data),
        None if questions.0.is_empty() => return Ok(None),
        None => return Err(bad("the question to the ssh agent is cut off".to_owned())),
      }
    }
  }

  /// The messages of the agents' protocol, each a length, a type and the rest, in bytes that may
  /// be cut anywhere.
  #[derive(Default)]
  struct Messages(BytesMut);

  impl Messages {
    /// The first message with its length, where all of it is there.
    fn complete(&mut self) -> Result<Option<Bytes>, String> {
      let Some(mut prefix) = self.0.get(..PREFIX) else { return Ok(None) };
      let length = usize::try_from(prefix.get_u32()).unwrap_or(usize::MAX);
      if length == 0 {
        return Err("a message of the ssh agent protocol has no type".to_owned());
      }
      if length > LARGEST {
        let why = "bytes is larger than the ssh agent protocol's";
        return Err(format!("a message of {length} {why} {LARGEST}"));
      }
      if self.0.len() - PREFIX < length {
        return Ok(None);
      }
      Ok(Some(self.0.split_to(PREFIX + length).freeze()))
    }
  }
}

#[cfg(not(unix))]
mod relay {
  use std::io;
  use std::path::Path;

  use super::{Replies, Requests, Status};

  pub struct Agent(std::convert::Infallible);

  impl Agent {
    #[expect(clippy::unused_async, reason = "elsewhere it connects")]
    pub async fn connect(_path: &Path) -> io::Result<Self> {
      let why = "ssh agents can be forwarded only where they listen at Unix sockets";
      Err(io::Error::new(io::ErrorKind::Unsupported, why))
    }
  }

  #[expect(clippy::unused_async, reason = "elsewhere it relays")]
  pub async fn run(agent: Agent, _: &mut Requests, _: &mut Replies) -> Result<(), Status> {
    match agent.0 {}
  }
}
