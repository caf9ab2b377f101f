use super::*;

/// Switches (or answers as it is told), then echoes until the other side has finished, then says so.
fn echo(head: &'static str) -> Server {
  Server::new(move |_, mut stream| async move {
    let request = request_on(&mut stream).await.unwrap();
    assert!(request.contains("upgrade: tcp\r\n") && request.contains("connection: Upgrade\r\n"));
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut all = Vec::new();
    stream.read_to_end(&mut all).await.unwrap();
    stream.write_all(&all).await.unwrap();
    stream.write_all(b"bye").await.unwrap();
  })
}

async fn converse(head: &'static str) {
  let server = echo(head);
  let upgraded = server.client().upgrade(post("/exec/x/start", Body::full("{}"))).await.unwrap();
  let Upgraded::Stream { mut io, headers } = upgraded else { panic!("refused") };
  assert_eq!(headers["content-type"], "application/vnd.docker.raw-stream");
  io.write_all(b"hello").await.unwrap();
  io.shutdown().await.unwrap();
  let mut all = String::new();
  within(io.read_to_string(&mut all)).await.unwrap();
  assert_eq!(all, "earlyhellobye");
}

#[tokio::test]
async fn after_101_our_half_can_end_first() {
  converse("HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\nearly").await;
}

#[tokio::test]
async fn after_200_with_a_raw_stream_too() {
  converse("HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\nearly").await;
}

#[tokio::test]
async fn a_refusal_is_a_response() {
  let server = Server::new(|_, mut stream| async move {
    while request_on(&mut stream).await.is_some() {
      stream.write_all(b"HTTP/1.1 409 Conflict\r\nContent-Length: 2\r\n\r\n{}").await.unwrap();
    }
  });
  let client = server.client();
  for _ in 0..3 {
    let upgraded = client.upgrade(post("/exec/x/start", Body::full("{}"))).await.unwrap();
    let Upgraded::Refused(response) = upgraded else { panic!("taken over") };
    assert_eq!(response.status(), 409);
    assert_eq!(text(response).await, "{}");
    tokio::time::sleep(Duration::from_millis(5)).await;
  }
  assert_eq!(server.accepted(), 1);
}

#[tokio::test]
async fn writing_to_one_who_left_fails() {
  let server = Server::new(|_, mut stream| async move {
    request_on(&mut stream).await.unwrap();
    stream.write_all(b"HTTP/1.1 101 UPGRADED\r\nUpgrade: tcp\r\n\r\n").await.unwrap();
  });
  let upgraded = server.client().upgrade(post("/exec/x/start", Body::empty())).await.unwrap();
  let Upgraded::Stream { mut io, .. } = upgraded else { panic!("refused") };
  let written = within(async {
    loop {
      io.write_all(&[0; 4096]).await?;
    }
    #[expect(unreachable_code, reason = "names the type")]
    std::io::Result::Ok(())
  });
  assert!(written.await.is_err());
}
