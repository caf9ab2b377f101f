//! The engine's side played by an h2 client, over an in-memory connection.

mod agent;
mod files;
mod framing;
mod registry;
mod secrets;
mod trace;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use h2::client::SendRequest;
use h2::{RecvStream, SendStream};
use http::{HeaderMap, Request};
use prost::Message;
use tokio::task::JoinHandle;

use super::session::{Failure, Reason, Session, SessionError};
use super::{CredentialLookup, Offer, SecretSource};
use crate::credentials::Credential;

/// The engine, connected to a session that is being served.
struct Engine {
  requests: SendRequest<Bytes>,
  failure: Failure,
  served: JoinHandle<Result<(), SessionError>>,
  connection: JoinHandle<Result<(), h2::Error>>,
}

/// All of what a call was answered.
#[derive(Debug, PartialEq)]
struct Answer {
  data: Vec<u8>,
  code: u16,
  message: String,
}

impl Engine {
  async fn of(offer: Offer) -> Self {
    let (ours, theirs) = tokio::io::duplex(16 * 1024);
    let session = Session::new(offer);
    let failure = session.failure();
    let served = tokio::spawn(session.serve(theirs));
    let (requests, connection) = h2::client::handshake(ours).await.unwrap();
    Self { requests, failure, served, connection: tokio::spawn(connection) }
  }

  async fn start(&self, path: &str, metadata: HeaderMap) -> (Reply, SendStream<Bytes>) {
    let mut request = Request::post(format!("http://localhost{path}"))
      .header("content-type", "application/grpc")
      .header("te", "trailers")
      .body(())
      .unwrap();
    request.headers_mut().extend(metadata);
    let mut requests = self.requests.clone().ready().await.unwrap();
    let (response, stream) = requests.send_request(request, false).unwrap();
    (Reply(tokio::spawn(async move { response.await.unwrap().into_body() })), stream)
  }

  /// A call with these bytes for a body.
  async fn raw(&self, path: &str, body: impl Into<Bytes>) -> Answer {
    let (reply, mut stream) = self.start(path, HeaderMap::new()).await;
    stream.send_data(body.into(), true).unwrap();
    reply.all().await
  }

  async fn call(&self, path: &str, message: &impl Message) -> Answer {
    self.raw(path, framed(&message.encode_to_vec())).await
  }

  /// What the call was answered, which has to be a success.
  async fn ask<M: Message + Default>(&self, path: &str, message: &impl Message) -> M {
    let answer = self.call(path, message).await;
    assert_eq!((answer.code, answer.message.as_str()), (0, ""), "{path}");
    let (prefix, data) = answer.data.split_at(5);
    assert_eq!(prefix[1..], u32::try_from(data.len()).unwrap().to_be_bytes());
    M::decode(data).unwrap()
  }
}

struct Reply(JoinHandle<RecvStream>);

impl Reply {
  async fn body(self) -> RecvStream {
    soon(self.0).await.unwrap()
  }

  async fn all(self) -> Answer {
    let mut body = self.body().await;
    let mut data = Vec::new();
    while let Some(chunk) = soon(body.data()).await {
      let chunk = chunk.unwrap();
      body.flow_control().release_capacity(chunk.len()).unwrap();
      data.extend_from_slice(&chunk);
    }
    let trailers = soon(body.trailers()).await.unwrap().unwrap();
    let text = |name| trailers.get(name).map_or("", |value| value.to_str().unwrap());
    let message = percent_encoding::percent_decode_str(text("grpc-message"));
    Answer {
      data,
      code: text("grpc-status").parse().unwrap(),
      message: message.decode_utf8().unwrap().into_owned(),
    }
  }
}

fn framed(message: &[u8]) -> Bytes {
  let mut frame = BytesMut::from(&[0][..]);
  frame.extend_from_slice(&u32::try_from(message.len()).unwrap().to_be_bytes());
  frame.extend_from_slice(message);
  frame.freeze()
}

fn failed(code: u16, message: &str) -> Answer {
  Answer { data: Vec::new(), code, message: message.to_owned() }
}

async fn soon<F: Future>(future: F) -> F::Output {
  tokio::time::timeout(Duration::from_secs(10), future).await.expect("in time")
}

fn nothing() -> Offer {
  let credentials: CredentialLookup = Arc::new(|_| Box::pin(async { Ok(None) }));
  Offer { secrets: BTreeMap::new(), agents: BTreeMap::new(), credentials, files: None }
}

/// A path of this test's own, where nothing is.
fn unused_path() -> PathBuf {
  static COUNT: AtomicUsize = AtomicUsize::new(0);
  let count = COUNT.fetch_add(1, Ordering::Relaxed);
  let path = std::env::temp_dir().join(format!("dokeres-buildkit-{}-{count}", std::process::id()));
  let _ = std::fs::remove_file(&path);
  path
}
