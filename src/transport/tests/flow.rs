//! How bytes flow: small pieces of a busy stream together, those of a quiet one at once.

use std::time::Instant;

use super::*;

const LINES: usize = 20_000;
const LINE: &str = "a line of a log, of which each is a chunk of its own\n";

async fn begin_chunks(stream: &mut UnixStream) {
  let head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  stream.write_all(head).await.unwrap();
}

async fn chunk(stream: &mut UnixStream, text: &str) {
  let chunk = format!("{:x}\r\n{text}\r\n", text.len());
  let _ = stream.write_all(chunk.as_bytes()).await;
}

async fn frames(response: Response<Incoming>) -> Result<(usize, String), hyper::Error> {
  let (mut count, mut all) = (0, Vec::new());
  let mut body = response.into_body();
  while let Some(frame) = body.frame().await {
    count += 1;
    all.extend_from_slice(&frame?.into_data().unwrap_or_default());
  }
  Ok((count, String::from_utf8(all).unwrap()))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn chunks_of_a_busy_stream_come_together() {
  let server = Server::new(|_, mut stream| async move {
    while request_on(&mut stream).await.is_some() {
      begin_chunks(&mut stream).await;
      for _ in 0..LINES {
        chunk(&mut stream, LINE).await;
      }
      stream.write_all(b"0\r\n\r\n").await.unwrap();
    }
  });
  let client = server.client();
  for _ in 0..3 {
    let response = within(client.send(get("/containers/x/logs"))).await.unwrap();
    let (count, all) = within(frames(response)).await.unwrap();
    assert!(all == LINE.repeat(LINES), "{} bytes", all.len());
    assert!(count < LINES / 10, "{count} frames");
    // The connection comes back once hyper has seen the end.
    tokio::time::sleep(Duration::from_millis(20)).await;
  }
  assert_eq!(server.accepted(), 1);
}

#[tokio::test]
async fn a_chunk_that_is_cut_off_is_an_error_still() {
  for ending in ["", "20\r\nhalf", "5\r\nhello\r\n", "no size\r\n"] {
    let server = Server::new(move |_, mut stream| async move {
      request_on(&mut stream).await.unwrap();
      begin_chunks(&mut stream).await;
      chunk(&mut stream, LINE).await;
      stream.write_all(ending.as_bytes()).await.unwrap();
    });
    let response = within(server.client().send(get("/containers/x/logs"))).await.unwrap();
    assert!(within(frames(response)).await.is_err(), "{ending:?}");
  }
}

#[tokio::test]
async fn a_quiet_stream_is_read_as_it_comes() {
  let server = Server::new(|_, mut stream| async move {
    request_on(&mut stream).await.unwrap();
    begin_chunks(&mut stream).await;
    for _ in 0..LINES {
      chunk(&mut stream, LINE).await;
    }
    let begin = Instant::now();
    for _ in 0..50 {
      tokio::time::sleep(Duration::from_millis(4)).await;
      chunk(&mut stream, &format!("{}\n", begin.elapsed().as_micros())).await;
    }
    let _ = stream.write_all(b"0\r\n\r\n").await;
    let _ = stream.read_u8().await;
  });
  let response = within(server.client().send(get("/containers/x/logs"))).await.unwrap();
  let mut body = response.into_body();
  let (mut begin, mut left, mut late) = (None, LINES * LINE.len(), Vec::new());
  while let Some(frame) = within(body.frame()).await {
    let data = frame.unwrap().into_data().unwrap();
    if left > 0 {
      left = left.checked_sub(data.len()).expect("the prompt came with the rest");
      begin = Some(Instant::now());
      continue;
    }
    let sent: u128 = String::from_utf8_lossy(&data).trim().parse().unwrap();
    late.push(begin.unwrap().elapsed().as_micros().abs_diff(sent));
  }
  assert_eq!(late.len(), 50);
  late.sort_unstable();
  assert!(late[25] < 2000, "{late:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_chatty_dialogue_can_be_written_to() {
  // Says much in small pieces while it takes much in, then echoes what it is asked.
  let server = Server::new(|_, mut stream| async move {
    request_on(&mut stream).await.unwrap();
    stream.write_all(b"HTTP/1.1 101 UPGRADED\r\nUpgrade: tcp\r\n\r\n").await.unwrap();
    let (mut read, mut write) = stream.into_split();
    let talk = async {
      for _ in 0..LINES {
        write.write_all(LINE.as_bytes()).await.unwrap();
      }
    };
    let listen = async {
      let mut taken = vec![0; 4 << 20];
      for part in taken.chunks_mut(64 << 10) {
        tokio::time::sleep(Duration::from_millis(1)).await;
        read.read_exact(part).await.unwrap();
      }
    };
    tokio::join!(talk, listen);
    while let Ok(byte) = read.read_u8().await {
      write.write_u8(byte).await.unwrap();
    }
  });
  let upgraded = server.client().upgrade(post("/exec/x/start", Body::empty())).await.unwrap();
  let Upgraded::Stream { io, .. } = upgraded else { panic!("refused") };
  let (mut read, mut write) = tokio::io::split(io);
  let writing = tokio::spawn(async move {
    write.write_all(&vec![1; 4 << 20]).await.unwrap();
    write
  });
  let mut all = vec![0; LINES * LINE.len()];
  within(read.read_exact(&mut all)).await.unwrap();
  assert!(all == LINE.repeat(LINES).as_bytes());
  let mut write = within(writing).await.unwrap();
  let mut late = Vec::new();
  for byte in 0..50 {
    let begin = Instant::now();
    write.write_u8(byte).await.unwrap();
    assert_eq!(within(read.read_u8()).await.unwrap(), byte);
    late.push(begin.elapsed().as_micros());
  }
  late.sort_unstable();
  assert!(late[25] < 2000, "{late:?}");
}
