//! One call of the engine's: which service it is for.

use std::sync::Arc;

use bollard_buildkit_proto::health::health_check_response::ServingStatus;
use bollard_buildkit_proto::health::{HealthCheckRequest, HealthCheckResponse};
use bytes::Bytes;
use h2::RecvStream;
use h2::server::SendResponse;
use http::Request;
use prost::Message;

use super::grpc::{Replies, Requests};
use super::offer::Offer;
use super::session::{Failure, Reason};
use super::status::{Code, Status};
use super::{agent, auth, filesync, secrets};

const HEALTH: &str = "/grpc.health.v1.Health/Check";
const CREDENTIALS: &str = "/moby.filesync.v1.Auth/Credentials";
const GET_SECRET: &str = "/moby.buildkit.secrets.v1.Secrets/GetSecret";
const CHECK_AGENT: &str = "/moby.sshforward.v1.SSH/CheckAgent";
const DIFF_COPY: &str = "/moby.filesync.v1.FileSync/DiffCopy";
const FORWARD_AGENT: &str = "/moby.sshforward.v1.SSH/ForwardAgent";

/// What all calls of a session share.
#[derive(Debug)]
pub struct Served {
  pub offer: Offer,
  pub failure: Failure,
}

impl Served {
  /// A failure that the user has to hear of, whatever the engine makes of it.
  pub fn failed(&self, code: Code, why: Reason) -> Status {
    self.failure.note(why.clone());
    let (Reason::Credentials(text) | Reason::Offer(text) | Reason::Context(text)) = why;
    Status::new(code, text)
  }
}

/// The methods to announce. Tokens are not among them: the engine fetches its own, with the
/// credentials.
pub fn methods(offer: &Offer) -> Vec<&'static str> {
  let mut methods = vec![HEALTH, CREDENTIALS];
  if !offer.secrets.is_empty() {
    methods.push(GET_SECRET);
  }
  if !offer.agents.is_empty() {
    methods.extend([CHECK_AGENT, FORWARD_AGENT]);
  }
  if offer.files.is_some() {
    methods.push(DIFF_COPY);
  }
  methods
}

pub async fn answer(
  served: Arc<Served>,
  request: Request<RecvStream>,
  mut respond: SendResponse<Bytes>,
) {
  let (head, body) = request.into_parts();
  let mut requests = Requests::new(body);
  let Ok(mut replies) = Replies::begin(&mut respond) else { return };
  if head.uri.path() == FORWARD_AGENT {
    let ended = agent::forward(&served, &head.headers, &mut requests, &mut replies).await;
    return replies.end(ended);
  }
  if head.uri.path() == DIFF_COPY {
    let ended = filesync::diff_copy(&served, &head.headers, &mut requests, &mut replies).await;
    return replies.end(ended);
  }
  let reply = tokio::select! {
    biased;
    () = replies.cancelled() => return,
    reply = single(&served, head.uri.path(), &mut requests) => reply,
  };
  let ended = match reply {
    Ok(reply) => replies.send(&reply).await,
    Err(status) => Err(status),
  };
  replies.end(ended);
}

/// A call with one message in and one out.
async fn single(served: &Served, path: &str, requests: &mut Requests) -> Result<Vec<u8>, Status> {
  Ok(match path {
    HEALTH => {
      let HealthCheckRequest { .. } = requests.only().await?;
      HealthCheckResponse { status: ServingStatus::Serving.into() }.encode_to_vec()
    }
    CREDENTIALS => auth::credentials(served, requests.only().await?).await?.encode_to_vec(),
    GET_SECRET => secrets::get(served, requests.only().await?).await?.encode_to_vec(),
    CHECK_AGENT => agent::check(served, requests.only().await?).await?.encode_to_vec(),
    _ => return Err(Status::new(Code::Unimplemented, format!("there is no method {path}"))),
  })
}
