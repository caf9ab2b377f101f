use bollard_buildkit_proto::moby::sshforward::v1::{BytesMessage, CheckAgentRequest};
use tokio::io::{AsyncReadExt, AsyncWriteExt, Interest};
use tokio::net::{UnixListener, UnixStream};

use super::*;

const CHECK: &str = "/moby.sshforward.v1.SSH/CheckAgent";
const FORWARD: &str = "/moby.sshforward.v1.SSH/ForwardAgent";

const FAILURE: [u8; 5] = [0, 0, 0, 1, 5];
const LARGEST: usize = 256 * 1024;

fn offering(id: &str, path: &std::path::Path) -> Offer {
  Offer { agents: BTreeMap::from([(id.to_owned(), path.to_owned())]), ..nothing() }
}

/// Connected through, up to what an agent would see.
async fn forwarding(id: Option<&str>) -> (Engine, Reply, SendStream<Bytes>, UnixStream) {
  let path = unused_path();
  let listener = UnixListener::bind(&path).unwrap();
  let engine = Engine::of(offering(id.unwrap_or("default"), &path)).await;
  let mut metadata = HeaderMap::new();
  if let Some(id) = id {
    metadata.insert("buildkit.ssh.id", id.parse().unwrap());
  }
  let (reply, stream) = engine.start(FORWARD, metadata).await;
  let (agent, _) = soon(listener.accept()).await.unwrap();
  std::fs::remove_file(path).unwrap();
  (engine, reply, stream, agent)
}

async fn send(stream: &mut SendStream<Bytes>, mut data: Bytes) {
  while !data.is_empty() {
    stream.reserve_capacity(data.len());
    let most = std::future::poll_fn(|cx| stream.poll_capacity(cx)).await.unwrap().unwrap();
    stream.send_data(data.split_to(most.min(data.len())), false).unwrap();
  }
}

fn message(data: &[u8]) -> Bytes {
  framed(&BytesMessage { data: data.to_vec() }.encode_to_vec())
}

/// A message of the agents' own protocol.
fn spoken(kind: u8, rest: &[u8]) -> Vec<u8> {
  let length = u32::try_from(1 + rest.len()).unwrap();
  [&length.to_be_bytes()[..], &[kind], rest].concat()
}

/// The next that the agent is asked, `None` at the end.
async fn heard(agent: &mut UnixStream) -> Option<(u8, Vec<u8>)> {
  let length = soon(agent.read_u32()).await.ok()?;
  let kind = soon(agent.read_u8()).await.unwrap();
  let mut rest = vec![0; length as usize - 1];
  soon(agent.read_exact(&mut rest)).await.unwrap();
  Some((kind, rest))
}

/// An agent that answers a question with the same under the next type. Gives what it was asked.
async fn answering(mut agent: UnixStream) -> Vec<(u8, Vec<u8>)> {
  let mut all = Vec::new();
  while let Some((kind, rest)) = heard(&mut agent).await {
    agent.write_all(&spoken(kind + 1, &rest)).await.unwrap();
    all.push((kind, rest));
  }
  all
}

/// The bytes of all the messages in what came back.
fn unframed(mut rest: &[u8]) -> Vec<u8> {
  let mut data = Vec::new();
  while let Some((prefix, after)) = rest.split_at_checked(5) {
    let length = u32::from_be_bytes(prefix[1..].try_into().unwrap());
    let (frame, after) = after.split_at(length as usize);
    data.extend(BytesMessage::decode(frame).unwrap().data);
    rest = after;
  }
  data
}

#[tokio::test]
async fn an_unknown_agent_is_not_found() {
  let engine = Engine::of(offering("work", &unused_path())).await;
  let unknown = failed(5, "there is no ssh agent `default`");
  assert_eq!(engine.call(CHECK, &CheckAgentRequest { id: String::new() }).await, unknown);
  assert_eq!(engine.raw(FORWARD, "").await, unknown);
  assert_eq!(engine.failure.last(), None);
}

#[tokio::test]
async fn an_agent_that_does_not_listen_is_a_failure_to_tell() {
  let path = unused_path();
  let engine = Engine::of(offering("work", &path)).await;
  let why = format!(
    "the ssh agent `work` cannot be reached at {}: No such file or directory (os error 2)",
    path.display()
  );
  let answer = engine.call(CHECK, &CheckAgentRequest { id: "work".to_owned() }).await;
  assert_eq!(answer, failed(9, &why));
  assert_eq!(engine.failure.last(), Some(Reason::Offer(why)));
}

#[tokio::test]
async fn a_listening_agent_passes_the_check() {
  let path = unused_path();
  let _listener = UnixListener::bind(&path).unwrap();
  let engine = Engine::of(offering("default", &path)).await;
  for id in ["", "default"] {
    let answer = engine.call(CHECK, &CheckAgentRequest { id: id.to_owned() }).await;
    assert_eq!(answer.code, 0);
  }
  std::fs::remove_file(path).unwrap();
}

#[tokio::test]
async fn passes_on_listing_and_signing_alone() {
  let kinds: Vec<u8> = (0..=255).collect();
  // h2's client takes more small frames at once for an attack.
  for kinds in kinds.chunks(64) {
    let (_engine, reply, mut stream, agent) = forwarding(Some("work")).await;
    let asked = tokio::spawn(answering(agent));
    let questions: Vec<u8> = kinds.iter().flat_map(|&kind| spoken(kind, b"key")).collect();
    stream.send_data(message(&questions), true).unwrap();
    let answers = kinds.iter().flat_map(|kind| match kind {
      11 => spoken(12, b"key"),
      13 => spoken(14, b"key"),
      _ => FAILURE.to_vec(),
    });
    let answer = reply.all().await;
    assert_eq!((answer.code, answer.message.as_str()), (0, ""));
    assert_eq!(unframed(&answer.data), answers.collect::<Vec<_>>());
    let passed_on: Vec<u8> = soon(asked).await.unwrap().iter().map(|(kind, _)| *kind).collect();
    assert_eq!(passed_on, if kinds.contains(&11) { vec![11, 13] } else { vec![] });
  }
}

#[tokio::test]
async fn questions_may_be_cut_anywhere() {
  let questions = [spoken(11, b""), spoken(17, b"a key to add"), spoken(13, b"sign")].concat();
  let answers = [spoken(12, b""), FAILURE.to_vec(), spoken(14, b"sign")].concat();
  for size in 1..questions.len() {
    let (_engine, reply, mut stream, agent) = forwarding(None).await;
    let asked = tokio::spawn(answering(agent));
    for part in questions.chunks(size) {
      send(&mut stream, message(part)).await;
      send(&mut stream, message(b"")).await;
    }
    stream.send_data(Bytes::new(), true).unwrap();
    assert_eq!(unframed(&reply.all().await.data), answers, "{size}");
    assert_eq!(soon(asked).await.unwrap(), [(11, vec![]), (13, b"sign".to_vec())]);
  }
}

/// A refusal that overtook the answer before it would be taken for that answer.
#[tokio::test]
async fn refusals_wait_their_turn() {
  let (_engine, reply, mut stream, mut agent) = forwarding(None).await;
  let questions = [spoken(11, b""), spoken(19, b""), spoken(13, b"x")].concat();
  stream.send_data(message(&questions), true).unwrap();
  assert_eq!(heard(&mut agent).await, Some((11, vec![])));
  tokio::time::sleep(Duration::from_millis(50)).await;
  assert_eq!(agent.try_read(&mut [0]).unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
  for byte in spoken(12, b"mine") {
    agent.write_all(&[byte]).await.unwrap();
    tokio::task::yield_now().await;
  }
  assert_eq!(heard(&mut agent).await, Some((13, b"x".to_vec())));
  agent.write_all(&spoken(5, b"")).await.unwrap();
  let answers = [spoken(12, b"mine"), FAILURE.to_vec(), FAILURE.to_vec()].concat();
  assert_eq!(unframed(&reply.all().await.data), answers);
}

#[tokio::test]
async fn the_largest_message_passes_both_ways() {
  let (_engine, reply, mut stream, agent) = forwarding(None).await;
  let asked = tokio::spawn(answering(agent));
  let data: Vec<u8> = (0..LARGEST - 1).map(|n| n.to_le_bytes()[n % 3]).collect();
  let whole = tokio::spawn(reply.all());
  for _ in 0..4 {
    soon(send(&mut stream, message(&spoken(13, &data)))).await;
  }
  stream.send_data(Bytes::new(), true).unwrap();
  let answer = whole.await.unwrap();
  assert_eq!((answer.code, answer.message.as_str()), (0, ""));
  assert!(unframed(&answer.data) == spoken(14, &data).repeat(4));
  assert_eq!(soon(asked).await.unwrap().len(), 4);
}

#[tokio::test]
async fn questions_without_sense_end_the_call() {
  let large = u32::try_from(LARGEST + 1).unwrap().to_be_bytes();
  let why = "a message of 262145 bytes is larger than the ssh agent protocol's 262144";
  let cases: [(&[u8], &str); 4] = [
    (&large, why),
    (&[0; 4], "a message of the ssh agent protocol has no type"),
    (&[0, 0], "the question to the ssh agent is cut off"),
    (&[0, 0, 0, 2, 11], "the question to the ssh agent is cut off"),
  ];
  for (question, why) in cases {
    let (_engine, reply, mut stream, agent) = forwarding(None).await;
    let asked = tokio::spawn(answering(agent));
    stream.send_data(message(question), true).unwrap();
    assert_eq!(reply.all().await, failed(3, why));
    assert_eq!(soon(asked).await.unwrap(), []);
  }
}

#[tokio::test]
async fn answers_without_sense_end_the_call() {
  let large = u32::try_from(LARGEST + 1).unwrap().to_be_bytes();
  let cases: [(&[u8], &str); 4] = [
    (&large, "a message of 262145 bytes is larger than the ssh agent protocol's 262144"),
    (&[0; 4], "a message of the ssh agent protocol has no type"),
    (&[0, 0, 0, 1, 12, 0], "it answers what it was not asked"),
    (&[0, 0, 0, 2, 12], "unexpected end of file"),
  ];
  for (answer, why) in cases {
    let (_engine, reply, mut stream, mut agent) = forwarding(None).await;
    stream.send_data(message(&spoken(11, b"")), false).unwrap();
    heard(&mut agent).await;
    agent.write_all(answer).await.unwrap();
    drop(agent);
    assert_eq!(reply.all().await, failed(14, &format!("the ssh agent broke off: {why}")));
  }
}

#[tokio::test]
async fn an_agent_may_not_answer_ahead() {
  let (_engine, reply, _stream, mut agent) = forwarding(None).await;
  agent.write_all(&spoken(12, b"")).await.unwrap();
  let why = "the ssh agent broke off: it answers what it was not asked";
  assert_eq!(reply.all().await, failed(14, why));
}

#[tokio::test]
async fn an_agent_that_closes_ends_the_call() {
  let (_engine, reply, _stream, agent) = forwarding(None).await;
  drop(agent);
  assert_eq!(reply.all().await, failed(0, ""));
}

#[tokio::test]
async fn a_cancelled_call_closes_the_agent() {
  for after_the_last_question in [false, true] {
    let (_engine, _reply, mut stream, mut agent) = forwarding(None).await;
    stream.send_data(message(&spoken(13, b"x")), after_the_last_question).unwrap();
    heard(&mut agent).await;
    stream.send_reset(h2::Reason::CANCEL);
    // Writing would have us notice by failing to pass it on.
    soon(async {
      while !agent.ready(Interest::WRITABLE).await.unwrap().is_write_closed() {
        tokio::task::yield_now().await;
      }
    })
    .await;
  }
}

#[tokio::test]
async fn dropping_the_session_closes_the_agent() {
  let (engine, _reply, _stream, mut agent) = forwarding(None).await;
  engine.served.abort();
  assert_eq!(soon(agent.read(&mut [0])).await.unwrap(), 0);
  soon(engine.connection).await.unwrap().ok();
}

/// An agent that reads nothing stops its own stream, not the health checks beside it.
#[tokio::test]
async fn a_stalled_agent_stalls_nothing_else() {
  let (engine, _reply, mut stream, _agent) = forwarding(None).await;
  let stalled = tokio::spawn(async move {
    loop {
      send(&mut stream, message(&spoken(13, &vec![0; 60_000]))).await;
    }
  });
  tokio::time::sleep(Duration::from_millis(300)).await;
  assert!(!stalled.is_finished());
  for _ in 0..20 {
    let answer = engine.raw("/grpc.health.v1.Health/Check", framed(b"")).await;
    assert_eq!(answer.code, 0);
  }
  stalled.abort();
}
