//! The engine read raw, for the limit of many small requests, and an engine that only swallows builds.
//! std alone, nothing parsed but where a reply ends; compiled by `rustc -O` (see tools.mjs).
//!
//! raw get  SOCKET COUNT AT_ONCE PATH
//! raw exec SOCKET COUNT AT_ONCE CONTAINER
//! raw task SOCKET COUNT AT_ONCE IMAGE
//! raw sink SOCKET [DUMP]
use std::fs::File;
use std::io::{Error, Read, Result, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread;

const GULP: usize = 256 * 1024;
static LEFT: AtomicUsize = AtomicUsize::new(0);
static BYTES: AtomicU64 = AtomicU64::new(0);

fn main() {
  let args: Vec<String> = std::env::args().skip(1).collect();
  let done = match args.first().map(String::as_str) {
    Some("sink") if args.len() >= 2 => sink(&args[1], args.get(2).cloned()),
    Some(verb @ ("get" | "exec" | "task")) if args.len() == 5 => load(verb, &args[1..]),
    _ => Err(Error::other("raw get|exec|task SOCKET COUNT AT_ONCE WHAT, raw sink SOCKET [DUMP]")),
  };
  if let Err(error) = done {
    eprintln!("raw: {error}");
    std::process::exit(1);
  }
}

/// So many requests (or sequences of them), some at once; prints the bytes of all replies.
fn load(verb: &str, args: &[String]) -> Result<()> {
  let number = |text: &str| text.parse::<usize>().map_err(Error::other);
  LEFT.store(number(&args[1])?, Ordering::Relaxed);
  let one = |socket: &str, what: &str| -> Result<()> {
    let mut client = Client::new(socket)?;
    while LEFT
      .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1))
      .is_ok()
    {
      match verb {
        "get" => drop(client.call("GET", what, "", 200)?),
        "exec" => exec(&mut client, socket, what)?,
        _ => task(&mut client, socket, what)?,
      }
    }
    Ok(())
  };
  thread::scope(|scope| {
    let at_once = number(&args[2])?;
    let workers: Vec<_> = (0..at_once).map(|_| scope.spawn(|| one(&args[0], &args[3]))).collect();
    for worker in workers {
      worker.join().map_err(|_| Error::other("a worker panicked"))??;
    }
    println!("{}", BYTES.load(Ordering::Relaxed));
    Ok(())
  })
}

fn exec(client: &mut Client, socket: &str, container: &str) -> Result<()> {
  let body = r#"{"AttachStdout":true,"AttachStderr":true,"Cmd":["echo","hello"]}"#;
  let id = id(&client.call("POST", &format!("/containers/{container}/exec"), body, 201)?)?;
  let mut stream = Client::new(socket)?;
  stream.upgrade(&format!("/exec/{id}/start"), r#"{"Detach":false,"Tty":false}"#)?;
  expect(&stream.rest()?, b"hello\n")?;
  expect(&client.call("GET", &format!("/exec/{id}/json"), "", 200)?, b"\"ExitCode\":0")
}

fn task(client: &mut Client, socket: &str, image: &str) -> Result<()> {
  let label = std::env::var("BENCH_LABEL").unwrap_or_default();
  let body = format!(
    r#"{{"Image":"{image}","Cmd":["echo","hello"],"AttachStdout":true,"AttachStderr":true,"HostConfig":{{"NetworkMode":"none"}},"Labels":{{"dokeres.bench":"{label}"}}}}"#
  );
  let id = id(&client.call("POST", "/containers/create", &body, 201)?)?;
  let mut stream = Client::new(socket)?;
  stream.upgrade(&format!("/containers/{id}/attach?stream=1&stdout=1&stderr=1"), "")?;
  client.call("POST", &format!("/containers/{id}/start"), "", 204)?;
  expect(&stream.rest()?, b"hello\n")?;
  // Only now: the engine may start what is to be waited for before it hears of the wait for its next exit.
  expect(&client.call("POST", &format!("/containers/{id}/wait"), "", 200)?, b"\"StatusCode\":0")?;
  drop(client.call("DELETE", &format!("/containers/{id}"), "", 204)?);
  Ok(())
}

fn id(reply: &[u8]) -> Result<String> {
  let text = String::from_utf8_lossy(reply);
  let found = text.split("\"Id\":\"").nth(1).and_then(|rest| rest.split('"').next());
  found.map(String::from).ok_or_else(|| Error::other(format!("no id in {text}")))
}

fn expect(reply: &[u8], part: &[u8]) -> Result<()> {
  if reply.windows(part.len()).any(|window| window == part) {
    return Ok(());
  }
  Err(Error::other(format!("unexpected: {}", String::from_utf8_lossy(reply))))
}

/// One kept connection.
struct Client {
  stream: UnixStream,
  buffer: Vec<u8>,
  gulp: Vec<u8>,
}

impl Client {
  fn new(socket: &str) -> Result<Self> {
    Ok(Self::of(UnixStream::connect(socket)?))
  }

  fn of(stream: UnixStream) -> Self {
    Self { stream, buffer: Vec::new(), gulp: vec![0; GULP] }
  }

  fn call(&mut self, method: &str, path: &str, body: &str, status: u16) -> Result<Vec<u8>> {
    self.send(method, path, body)?;
    self.reply(status)
  }

  fn send(&mut self, method: &str, path: &str, body: &str) -> Result<()> {
    let length = body.len();
    let kind = if body.is_empty() { "" } else { "content-type: application/json\r\n" };
    let text = format!(
      "{method} {path} HTTP/1.1\r\nhost: d\r\n{kind}content-length: {length}\r\n\r\n{body}"
    );
    self.stream.write_all(text.as_bytes())
  }

  fn upgrade(&mut self, path: &str, body: &str) -> Result<()> {
    let length = body.len();
    let text = format!(
      "POST {path} HTTP/1.1\r\nhost: d\r\nconnection: Upgrade\r\nupgrade: tcp\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    );
    self.stream.write_all(text.as_bytes())?;
    let head = self.head()?;
    if head.contains(" 101 ") { Ok(()) } else { Err(Error::other(head)) }
  }

  fn more(&mut self) -> Result<usize> {
    let count = self.stream.read(&mut self.gulp)?;
    self.buffer.extend_from_slice(&self.gulp[..count]);
    Ok(count)
  }

  /// Up to and with the mark, which is taken off the buffer.
  fn until(&mut self, mark: &[u8]) -> Result<Vec<u8>> {
    loop {
      if let Some(at) = self.buffer.windows(mark.len()).position(|window| window == mark) {
        return Ok(self.buffer.drain(..at + mark.len()).collect());
      }
      if self.more()? == 0 {
        return Err(Error::other("the connection was closed"));
      }
    }
  }

  fn head(&mut self) -> Result<String> {
    Ok(String::from_utf8_lossy(&self.until(b"\r\n\r\n")?).into_owned())
  }

  fn reply(&mut self, status: u16) -> Result<Vec<u8>> {
    let head = self.head()?;
    let mut body = Vec::new();
    if !head.contains(" 204 ") {
      self.body(&head, &mut |part| body.extend_from_slice(part))?;
    }
    BYTES.fetch_add(body.len() as u64, Ordering::Relaxed);
    if head.starts_with(&format!("HTTP/1.1 {status}")) {
      return Ok(body);
    }
    Err(Error::other(format!("{head}{}", String::from_utf8_lossy(&body))))
  }

  fn body(&mut self, head: &str, take: &mut dyn FnMut(&[u8])) -> Result<()> {
    if let Some(length) = header(head, "content-length") {
      return self.exactly(length.parse().map_err(Error::other)?, take);
    }
    if header(head, "transfer-encoding").is_none() {
      return Ok(());
    }
    loop {
      let line = String::from_utf8_lossy(&self.until(b"\r\n")?).trim().to_string();
      let size = usize::from_str_radix(&line, 16).map_err(Error::other)?;
      self.exactly(size, take)?;
      self.until(b"\r\n")?;
      if size == 0 {
        return Ok(());
      }
    }
  }

  fn exactly(&mut self, size: usize, take: &mut dyn FnMut(&[u8])) -> Result<()> {
    let mut left = size;
    let buffered = left.min(self.buffer.len());
    take(&self.buffer[..buffered]);
    self.buffer.drain(..buffered);
    left -= buffered;
    while left > 0 {
      let count = self.stream.read(&mut self.gulp)?;
      if count == 0 {
        return Err(Error::other("the connection was closed within a body"));
      }
      let ours = count.min(left);
      take(&self.gulp[..ours]);
      self.buffer.extend_from_slice(&self.gulp[ours..count]);
      left -= ours;
    }
    Ok(())
  }

  /// All until the engine closes.
  fn rest(&mut self) -> Result<Vec<u8>> {
    while self.more()? > 0 {}
    BYTES.fetch_add(self.buffer.len() as u64, Ordering::Relaxed);
    Ok(std::mem::take(&mut self.buffer))
  }
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
  head.lines().find_map(|line| {
    let (key, value) = line.split_once(':')?;
    key.eq_ignore_ascii_case(name).then_some(value.trim())
  })
}

/// An engine that takes a build's context and does nothing with it: `GET /sunk` tells how many bytes.
fn sink(socket: &str, dump: Option<String>) -> Result<()> {
  let listener = UnixListener::bind(socket)?;
  println!("listening");
  for stream in listener.incoming() {
    let (stream, dump) = (stream?, dump.clone());
    thread::spawn(move || {
      let mut client = Client::of(stream);
      while serve(&mut client, dump.as_deref()).unwrap_or(false) {}
    });
  }
  Ok(())
}

const IMAGE: &str = "sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef";

/// One request of a connection; false at its end.
fn serve(client: &mut Client, dump: Option<&str>) -> Result<bool> {
  if client.buffer.is_empty() && client.more()? == 0 {
    return Ok(false);
  }
  let head = client.head()?;
  let mut first = head.split(' ');
  let (method, path) = (first.next().unwrap_or(""), first.next().unwrap_or(""));
  if header(&head, "expect").is_some() {
    client.stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
  }
  let is_build = method == "POST" && path.contains("/build");
  let mut file = dump.filter(|_| is_build).map(File::create).transpose()?;
  let mut count = 0;
  let mut failed = None;
  client.body(&head, &mut |part| {
    count += part.len() as u64;
    if let Some(file) = &mut file {
      failed = file.write_all(part).err().or(failed.take());
    }
  })?;
  if let Some(error) = failed {
    return Err(error);
  }
  let body = if is_build {
    BYTES.store(count, Ordering::Relaxed);
    let short = &IMAGE[7..19];
    format!(
      "{{\"aux\":{{\"ID\":\"{IMAGE}\"}}}}\n{{\"stream\":\"Successfully built {short}\\n\"}}\n"
    )
  } else if path.ends_with("/sunk") {
    format!("{{\"bytes\":{}}}", BYTES.load(Ordering::Relaxed))
  } else if path.ends_with("/_ping") {
    "OK".into()
  } else {
    format!(
      "{{\"Id\":\"{IMAGE}\",\"ApiVersion\":\"1.41\",\"MinAPIVersion\":\"1.12\",\"Version\":\"20.10.0\",\"Os\":\"linux\"}}"
    )
  };
  let length = body.len();
  let shown = if method == "HEAD" { "" } else { &body };
  let text = format!(
    "HTTP/1.1 200 OK\r\napi-version: 1.41\r\nostype: linux\r\nbuilder-version: 1\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{shown}"
  );
  client.stream.write_all(text.as_bytes())?;
  Ok(true)
}
