use std::io;

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use tokio::sync::mpsc;

use super::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_in_sequence_share_a_connection() {
  let server = Server::new(|_, stream| answer_all(stream));
  let client = server.client();
  for _ in 0..2000 {
    assert_eq!(text(client.send(get("/_ping")).await.unwrap()).await, "OK");
  }
  // Now and then the next request is ready before the connection is; that one dials.
  assert!(server.accepted() <= 100, "{} connections", server.accepted());
}

#[tokio::test]
async fn headers_and_target_are_as_the_engine_wants_them() {
  let server = Server::new(|_, mut stream| async move {
    let request = request_on(&mut stream).await.unwrap();
    answer(&mut stream, &request).await;
  });
  let mut config = server.config();
  config.headers.insert("x-own", "1".parse().unwrap());
  let mut request = get("http://other/images/json?all=1");
  request.headers_mut().insert("x-registry-auth", "a+b/c==".parse().unwrap());
  let seen = text(Client::new(config).send(request).await.unwrap()).await;
  assert!(seen.starts_with("GET /images/json?all=1 HTTP/1.1\r\n"), "{seen}");
  assert!(seen.contains("host: docker\r\n") && seen.contains("x-own: 1\r\n"), "{seen}");
  assert!(seen.contains("x-registry-auth: a-b_c==\r\n"), "{seen}");
  assert!(seen.contains("user-agent: dokeres/"), "{seen}");
}

/// Answers once, then takes a second request and closes without a word.
async fn tired(number: usize, mut stream: UnixStream) {
  if number > 0 {
    return answer_all(stream).await;
  }
  request_on(&mut stream).await;
  answer(&mut stream, "OK").await;
  request_on(&mut stream).await;
}

async fn warm(client: &Client) {
  text(client.send(get("/_ping")).await.unwrap()).await;
  while client.resting() == 0 {
    tokio::time::sleep(Duration::from_millis(1)).await;
  }
}

#[tokio::test]
async fn a_get_on_a_stale_connection_is_asked_again() {
  let server = Server::new(tired);
  let client = server.client();
  warm(&client).await;
  assert_eq!(text(client.send(get("/info")).await.unwrap()).await, "OK");
  assert_eq!(server.accepted(), 2);
}

#[tokio::test]
async fn a_post_that_may_have_arrived_is_not() {
  let server = Server::new(tired);
  let client = server.client();
  warm(&client).await;
  let error = client.send(post("/containers/create", Body::full("{}"))).await.unwrap_err();
  assert!(matches!(error, TransportError::Broken(_)), "{error:?}");
  assert_eq!(server.accepted(), 1);
}

#[tokio::test]
async fn a_connection_closed_at_rest_is_not_used() {
  let server = Server::new(|_, mut stream| async move {
    request_on(&mut stream).await;
    answer(&mut stream, "OK").await;
  });
  let client = server.client();
  for _ in 0..50 {
    let reply = client.send(post("/containers/create", Body::full("{}"))).await.unwrap();
    assert_eq!(text(reply).await, "OK");
  }
}

/// Sends head and a little of an endless body, then tells when the other side has gone.
fn endless() -> (Server, mpsc::Receiver<()>) {
  let (sender, receiver) = mpsc::channel(256);
  let server = Server::new(move |_, mut stream| {
    let sender = sender.clone();
    async move {
      while let Some(request) = request_on(&mut stream).await {
        if request.contains("/_ping") {
          answer(&mut stream, "OK").await;
        } else if request.contains("/events") {
          let head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n";
          stream.write_all(head).await.unwrap();
        }
      }
      let _ = sender.send(()).await;
    }
  });
  (server, receiver)
}

#[tokio::test]
async fn a_dropped_body_closes_the_connection_even_if_nothing_comes() {
  let (server, mut gone) = endless();
  let client = server.client();
  let mut response = client.send(get("/events")).await.unwrap();
  response.body_mut().frame().await.unwrap().unwrap();
  drop(response);
  within(gone.recv()).await.unwrap();
  assert_eq!(client.resting(), 0);
}

#[tokio::test]
async fn a_dropped_call_closes_the_connection() {
  let (server, mut gone) = endless();
  let client = server.client();
  let call = client.send(get("/containers/x/logs"));
  assert!(tokio::time::timeout(Duration::from_millis(50), call).await.is_err());
  within(gone.recv()).await.unwrap();
}

#[tokio::test]
async fn the_last_client_to_go_closes_all() {
  let (server, mut gone) = endless();
  let client = server.client();
  warm(&client).await;
  let other = client.clone();
  drop(client);
  text(other.send(get("/_ping")).await.unwrap()).await;
  assert_eq!(server.accepted(), 1);
  drop(other);
  within(gone.recv()).await.unwrap();
}

#[tokio::test]
async fn streams_are_in_nobodys_way() {
  let (server, _gone) = endless();
  let mut config = server.config();
  config.max_connections = 1;
  let client = Client::new(config);
  let mut streams = Vec::new();
  for _ in 0..100 {
    streams.push(client.send(get("/events")).await.unwrap());
  }
  assert_eq!(text(within(client.send(get("/_ping"))).await.unwrap()).await, "OK");
}

#[tokio::test]
async fn silence_ends_a_short_call_and_no_long_one() {
  let (server, _gone) = endless();
  let mut config = server.config();
  config.response_timeout = Some(Duration::from_millis(30));
  let client = Client::new(config);
  let error = client.send(get("/info")).await.unwrap_err();
  assert!(matches!(error, TransportError::ResponseTimeout(_)), "{error:?}");
  let long = client.send(post("/containers/x/wait", Body::empty()));
  assert!(tokio::time::timeout(Duration::from_millis(100), long).await.is_err());
  let mut request = post("/containers/x/wait", Body::empty());
  request.extensions_mut().insert(Timeout(Duration::from_millis(20)));
  let error = client.send(request).await.unwrap_err();
  assert!(matches!(error, TransportError::ResponseTimeout(_)), "{error:?}");
  let mut request = get("/info");
  request.extensions_mut().insert(Class::Long);
  assert!(tokio::time::timeout(Duration::from_millis(100), client.send(request)).await.is_err());
}

#[tokio::test]
async fn an_early_refusal_wins_over_the_broken_upload() {
  let server = Server::new(|_, mut stream| async move {
    let mut head = [0; 200];
    stream.read_exact(&mut head).await.unwrap();
    let refusal = b"HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbig";
    stream.write_all(refusal).await.unwrap();
  });
  let client = server.client();
  for _ in 0..200 {
    let chunks = stream::iter(0..400).map(|_| io::Result::Ok(Bytes::from(vec![0; 64 << 10])));
    let response = within(client.send(post("/build", Body::stream(chunks)))).await.unwrap();
    assert_eq!(response.status(), 413);
    assert_eq!(text(response).await, "big");
  }
}

#[tokio::test]
async fn a_body_that_fails_gives_its_own_error() {
  #[derive(Debug, thiserror::Error)]
  #[error("no such file")]
  struct Mine;
  let server = Server::new(|_, mut stream| async move {
    let mut all = Vec::new();
    let _ = stream.read_to_end(&mut all).await;
  });
  let chunks = stream::iter([Ok(Bytes::from_static(b"tar")), Err(io::Error::other(Mine))]);
  let error = server.client().send(post("/build", Body::stream(chunks))).await.unwrap_err();
  let TransportError::Body(error) = error else { panic!("{error:?}") };
  assert!(error.downcast::<Mine>().is_ok());
}

#[tokio::test]
async fn a_full_queue_is_waited_for() {
  let path = std::env::temp_dir().join(format!("dokeres-queue-{}.sock", std::process::id()));
  let _ = std::fs::remove_file(&path);
  let socket = tokio::net::UnixSocket::new_stream().unwrap();
  socket.bind(&path).unwrap();
  let listener = socket.listen(1).unwrap();
  let client = Client::new(ClientConfig::new(Address::Unix(path.clone())));
  tokio::spawn(async move {
    tokio::time::sleep(Duration::from_millis(50)).await;
    while let Ok((stream, _)) = listener.accept().await {
      tokio::spawn(answer_all(stream));
    }
  });
  let calls = (0..20).map(|_| client.send(get("/_ping")));
  for reply in within(futures_util::future::join_all(calls)).await {
    assert_eq!(reply.unwrap().status(), 200);
  }
  std::fs::remove_file(path).unwrap();
}
