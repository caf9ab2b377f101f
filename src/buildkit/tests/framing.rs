use bollard_buildkit_proto::health::{HealthCheckRequest, HealthCheckResponse};

use super::*;

const HEALTH: &str = "/grpc.health.v1.Health/Check";

#[tokio::test]
async fn is_healthy() {
  let engine = Engine::of(nothing()).await;
  for _ in 0..300 {
    let health: HealthCheckResponse = engine.ask(HEALTH, &HealthCheckRequest::default()).await;
    assert_eq!(health.status, 1);
  }
}

#[tokio::test]
async fn unknown_methods_are_unimplemented() {
  let engine = Engine::of(nothing()).await;
  let answer = engine.raw("/moby.filesync.v1.Auth/FetchToken", framed(b"")).await;
  assert_eq!(answer, failed(12, "there is no method /moby.filesync.v1.Auth/FetchToken"));
}

#[tokio::test]
async fn malformed_messages_are_refused() {
  let engine = Engine::of(nothing()).await;
  let cases: [(&[u8], Answer); 6] = [
    (b"", failed(3, "the call has no message")),
    (b"\0\0\0", failed(3, "the message is cut off")),
    (b"\0\0\0\0\x05abc", failed(3, "the message is cut off")),
    (b"\0\0\0\0\x02\xff\xff", failed(3, "the message cannot be decoded")),
    (b"\x01\0\0\0\0", failed(12, "compressed messages are not understood")),
    (b"\0\xff\0\0\0", failed(8, "a message of 4278190080 bytes is larger than 4194304")),
  ];
  for (body, refusal) in cases {
    assert_eq!(engine.raw(HEALTH, body).await, refusal, "{body:?}");
  }
  let _: HealthCheckResponse = engine.ask(HEALTH, &HealthCheckRequest::default()).await;
}

#[tokio::test]
async fn a_message_may_come_in_pieces() {
  let engine = Engine::of(nothing()).await;
  let service = "x".repeat(300_000);
  let frame = framed(&HealthCheckRequest { service }.encode_to_vec());
  let (reply, mut stream) = engine.start(HEALTH, HeaderMap::new()).await;
  for byte in frame.slice(..10) {
    stream.send_data(Bytes::copy_from_slice(&[byte]), false).unwrap();
    tokio::task::yield_now().await;
  }
  stream.send_data(frame.slice(10..), true).unwrap();
  assert_eq!(reply.all().await.code, 0);
}

#[tokio::test]
async fn a_call_that_never_ends_keeps_no_other_waiting() {
  let engine = Engine::of(nothing()).await;
  let mut waiting = Vec::new();
  for _ in 0..100 {
    let (reply, mut stream) = engine.start(HEALTH, HeaderMap::new()).await;
    stream.send_data(Bytes::from_static(b"\0\0\x20\0\0"), false).unwrap();
    waiting.push((reply, stream));
  }
  let _: HealthCheckResponse = engine.ask(HEALTH, &HealthCheckRequest::default()).await;
}

#[tokio::test]
async fn ends_when_the_engine_closes() {
  let engine = Engine::of(nothing()).await;
  let _: HealthCheckResponse = engine.ask(HEALTH, &HealthCheckRequest::default()).await;
  let open = engine.start(HEALTH, HeaderMap::new()).await;
  engine.connection.abort();
  soon(engine.served).await.unwrap().unwrap();
  drop(open);
}

#[tokio::test]
async fn what_is_not_http2_is_an_error() {
  let (mut ours, theirs) = tokio::io::duplex(1024);
  let served = tokio::spawn(Session::new(nothing()).serve(theirs));
  let _ = tokio::io::AsyncWriteExt::write_all(&mut ours, b"GET / HTTP/1.1\r\n\r\nand more").await;
  assert!(soon(served).await.unwrap().is_err());
}

#[test]
fn announces_what_is_offered() {
  let session = Session::new(nothing());
  let headers = session.headers();
  assert_eq!(headers["x-docker-expose-session-uuid"], *session.id());
  assert_eq!(session.id().len(), 32);
  assert_ne!(session.id(), Session::new(nothing()).id());
  assert_eq!(headers["x-docker-expose-session-sharedkey"], "");
  let methods = |offer| {
    let headers = Session::new(offer).headers();
    let methods = headers.get_all("x-docker-expose-session-grpc-method");
    methods.iter().map(|method| method.to_str().unwrap().to_owned()).collect::<Vec<_>>()
  };
  assert_eq!(methods(nothing()), [HEALTH, "/moby.filesync.v1.Auth/Credentials"]);
  let mut offer = nothing();
  offer.secrets.insert("a".to_owned(), SecretSource::Value(Vec::new()));
  offer.agents.insert("default".to_owned(), PathBuf::new());
  assert_eq!(
    methods(offer)[2..],
    [
      "/moby.buildkit.secrets.v1.Secrets/GetSecret",
      "/moby.sshforward.v1.SSH/CheckAgent",
      "/moby.sshforward.v1.SSH/ForwardAgent"
    ]
  );
}

#[test]
fn a_message_of_any_text_fits_the_trailers() {
  use super::super::status::{Code, Status, trailers};
  let trailers = trailers(Err(Status::new(Code::NotFound, "50 % of é\r\n\0".repeat(1000))));
  assert_eq!(trailers["grpc-status"], "5");
  let message = trailers["grpc-message"].to_str().unwrap();
  assert!(message.starts_with("50 %25 of %C3%A9%0D%0A%00"));
  assert!(message.len() < 3000);
}
