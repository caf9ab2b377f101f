//! The client against servers of a few lines each, and against a real engine where there is one.

mod chunks;
mod dialogue;
mod engine;
mod flow;
mod pooling;
mod secure;
mod values;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use http::{Request, Response};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};

use super::*;

/// A server on a socket of its own, and how many connections it has taken.
struct Server {
  path: PathBuf,
  accepted: Arc<AtomicUsize>,
}

impl Server {
  fn new<F>(serve: impl Fn(usize, UnixStream) -> F + Send + 'static) -> Self
  where
    F: Future<Output = ()> + Send + 'static,
  {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let path = std::env::temp_dir().join(format!("dokeres-{}-{number}.sock", std::process::id()));
    let _ = std::fs::remove_file(&path);
    let listener = UnixListener::bind(&path).unwrap();
    let accepted = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&accepted);
    tokio::spawn(async move {
      while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(serve(counter.fetch_add(1, Ordering::SeqCst), stream));
      }
    });
    Self { path, accepted }
  }

  fn config(&self) -> ClientConfig {
    ClientConfig::new(Address::Unix(self.path.clone()))
  }

  fn client(&self) -> Client {
    Client::new(self.config())
  }

  fn accepted(&self) -> usize {
    self.accepted.load(Ordering::SeqCst)
  }
}

impl Drop for Server {
  fn drop(&mut self) {
    let _ = std::fs::remove_file(&self.path);
  }
}

/// Reads one request with its body, where that has a length.
async fn request_on(stream: &mut (impl AsyncReadExt + Unpin)) -> Option<String> {
  let mut text = Vec::new();
  loop {
    if let Some(end) = text.windows(4).position(|end| end == b"\r\n\r\n") {
      let head = String::from_utf8_lossy(&text[..end]).to_lowercase();
      let length = head.split("content-length: ").nth(1).and_then(|rest| rest.lines().next());
      let length: usize = length.map_or(0, |length| length.parse().unwrap());
      if text.len() >= end + 4 + length {
        return Some(String::from_utf8(text).unwrap());
      }
    }
    if stream.read_buf(&mut text).await.unwrap_or(0) == 0 {
      return None;
    }
  }
}

async fn answer(stream: &mut (impl AsyncWriteExt + Unpin), body: &str) {
  let text = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
  let _ = stream.write_all(text.as_bytes()).await;
}

async fn answer_all(mut stream: UnixStream) {
  while request_on(&mut stream).await.is_some() {
    answer(&mut stream, "OK").await;
  }
}

fn get(path: &str) -> Request<Body> {
  Request::get(path).body(Body::empty()).unwrap()
}

fn post(path: &str, body: Body) -> Request<Body> {
  Request::post(path).body(body).unwrap()
}

async fn text(response: Response<Incoming>) -> String {
  String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().into()).unwrap()
}

async fn within<T>(what: impl Future<Output = T>) -> T {
  tokio::time::timeout(Duration::from_secs(10), what).await.expect("takes too long")
}
