//! The hot loops by themselves, on data made up here; `bench/loops.rs` is the program that runs them.
//!
//! Criterion times them: `cargo run --release --no-default-features --features criterion --bin loops`. With
//! `DOKERES_LOOP="NAME ROUNDS"` one runs so many times, for `scripts/instructions.mjs` to count what it takes.

#![allow(clippy::unnecessary_wraps, reason = "some need it, and all are of one form")]

use std::collections::BTreeMap;
use std::hint::black_box;
use std::path::PathBuf;
use std::pin::Pin;
use std::task::{Context as Waiting, Waker};

use crate::context::{Context, Dockerfile, pack};
use crate::engine::container::follow::{Entries, Liner};
use crate::engine::json::has_large_number;
use crate::engine::options::{self, RunOptions};
use crate::engine::stream::{Batches, JsonLines, Output, Source, Wire};
use crate::transport::Chunks;
use bytes::Bytes;
use futures_util::StreamExt;
use serde_json::{Value, json};
use tokio::io::ReadBuf;
use tokio::runtime::Runtime;

type Outcome<T = ()> = Result<T, Box<dyn std::error::Error>>;
type Run = Box<dyn FnMut() -> Outcome<usize>>;
type Make = fn() -> Outcome<Run>;

/// Each makes its data, and gives what is measured; that gives the size of what came out.
const BENCHES: [(&str, Make); 7] = [
  ("chunks", chunks),
  ("frames", frames),
  ("lines", lines),
  ("records", records),
  ("context", context),
  ("options", options),
  ("numbers", numbers),
];

const LINES: usize = 10_000;

/// A read, as a rule, while a log comes.
const READ: usize = 32 << 10;

pub fn loops() -> Outcome {
  let wanted = std::env::var("DOKERES_LOOP").unwrap_or_default();
  let Some((wanted, rounds)) = wanted.split_once(' ') else {
    return BENCHES.iter().try_for_each(|(name, make)| time(name, &mut make()?));
  };
  let (_, make) =
    BENCHES.iter().find(|(name, _)| *name == wanted).ok_or("there is no such loop")?;
  let mut run = make()?;
  for _ in 0..rounds.parse()? {
    black_box(run()?);
  }
  Ok(())
}

#[cfg(feature = "criterion")]
fn time(name: &str, run: &mut Run) -> Outcome {
  let size = run()? as u64;
  let mut criterion = criterion::Criterion::default();
  let mut group = criterion.benchmark_group("loops");
  group.throughput(criterion::Throughput::Bytes(size));
  group.bench_function(name, |bencher| bencher.iter(|| run().unwrap_or_default()));
  group.finish();
  Ok(())
}

#[cfg(not(feature = "criterion"))]
fn time(_: &str, _: &mut Run) -> Outcome {
  Err("they are timed by criterion: --features criterion".into())
}

fn line(number: usize) -> String {
  format!("2026-11-21T08:26:31.{number:09}Z {number:08} {}\n", "x".repeat(60))
}

/// Frames as the engine sends a log's.
fn frame(number: usize) -> Vec<u8> {
  let text = line(number);
  let channel = if number.is_multiple_of(50) { 2 } else { 1 };
  let length = u32::try_from(text.len()).unwrap_or_default().to_be_bytes();
  [&[channel, 0, 0, 0], &length[..], text.as_bytes()].concat()
}

fn reads(all: &[u8]) -> Wire {
  let reads: Vec<_> = all.chunks(READ).map(Bytes::copy_from_slice).collect();
  Wire::Pieces(reads.into_iter())
}

fn runtime() -> Outcome<Runtime> {
  Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?)
}

fn chunks() -> Outcome<Run> {
  let mut all = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
  for number in 0..LINES {
    let frame = frame(number);
    all.extend_from_slice(format!("{:x}\r\n", frame.len()).as_bytes());
    all.extend_from_slice(&frame);
    all.extend_from_slice(b"\r\n");
  }
  all.extend_from_slice(b"0\r\n\r\n");
  let mut room = vec![0; READ];
  Ok(Box::new(move || {
    let (mut left, mut size) = (all.as_slice(), 0);
    let mut chunks = Chunks::default();
    chunks.expect(true);
    let mut waiting = Waiting::from_waker(Waker::noop());
    loop {
      let mut buffer = ReadBuf::new(&mut room);
      if chunks.poll_read(Pin::new(&mut left), &mut waiting, &mut buffer).is_pending() {
        return Err("nothing to wait for".into());
      }
      if buffer.filled().is_empty() {
        return Ok(size);
      }
      size += black_box(buffer.filled()).len();
    }
  }))
}

/// What is written is read again, so that none of it may be left out.
fn gathered(source: impl Fn() -> Source + 'static) -> Outcome<Run> {
  let runtime = runtime()?;
  Ok(Box::new(move || {
    let mut batches = Batches::new(source());
    runtime.block_on(async {
      let mut size = 0;
      while let Some(batch) = batches.next().await? {
        size += black_box(&batch.data).len();
      }
      Ok(size)
    })
  }))
}

fn frames() -> Outcome<Run> {
  let all: Vec<u8> = (0..LINES).flat_map(frame).collect();
  gathered(move || Source::Output(Output::new(reads(&all), false)))
}

fn records() -> Outcome<Run> {
  let record = |number: usize| {
    format!("{{\"status\":\"Pulling\",\"id\":\"{number:012}\",\"progressDetail\":{{}}}}\r\n")
  };
  let all: String = (0..LINES).map(record).collect();
  gathered(move || Source::Records(JsonLines::new(reads(all.as_bytes()))))
}

fn lines() -> Outcome<Run> {
  let all: Vec<u8> = (0..LINES).flat_map(frame).collect();
  let runtime = runtime()?;
  Ok(Box::new(move || {
    let (mut entries, mut liner) = (Entries::new(reads(&all), false), Liner::default());
    runtime.block_on(async {
      let mut size = 0;
      while let Some(entry) = entries.next().await? {
        size += liner.feed(&entry).map_or(0, |line| black_box(line).text.len());
      }
      Ok(size)
    })
  }))
}

/// A directory that is gone when this is.
struct Folder(PathBuf);

impl Drop for Folder {
  fn drop(&mut self) {
    let _ = std::fs::remove_dir_all(&self.0);
  }
}

fn context() -> Outcome<Run> {
  let name = format!("dokeres-bench-{}", std::process::id());
  let folder = Folder(std::env::temp_dir().join(name));
  for number in 0..20 {
    let inner = folder.0.join(format!("package-{number:02}/src"));
    std::fs::create_dir_all(&inner)?;
    for file in 0..25 {
      std::fs::write(inner.join(format!("file-{file:02}.js")), "x".repeat(2000))?;
    }
  }
  std::fs::write(folder.0.join(".dockerignore"), "**/*.log\nnode_modules\n!keep/*.log\n*.md\n")?;
  let runtime = runtime()?;
  Ok(Box::new(move || {
    let dockerfile = Dockerfile::Text("FROM scratch\nCOPY . .\n".to_owned());
    let context = Context::Directory { root: folder.0.clone(), dockerfile };
    runtime.block_on(async {
      let (mut packed, mut size) = (pack(context).await?, 0);
      while let Some(block) = packed.stream.next().await.transpose()? {
        size += black_box(block).len();
      }
      Ok(size)
    })
  }))
}

/// What `run` of a service is given, as it comes across the bridge.
fn options() -> Outcome<Run> {
  let env: BTreeMap<_, _> = (0..30).map(|n| (format!("NAME_{n}"), format!("value {n}"))).collect();
  let bag: Value = json!({
    "env": env, "labels": { "app": "shop", "role": "api" }, "exposed": [80, "443/tcp"],
    "mapped": { "8080": 80, "127.0.0.1:8443": 443 }, "readonly": { "/etc/shop": "/config" },
    "memory": "512m", "cpus": 1.5, "user": "node", "init": true, "capDrop": ["ALL"],
    "ulimits": { "nofile": 1024 }, "extraHosts": { "db": "10.0.0.2" }, "restart": "always",
  });
  let size = bag.to_string().len() * 100;
  Ok(Box::new(move || {
    for _ in 0..100 {
      black_box(options::read::<RunOptions>(bag.clone())?);
    }
    Ok(size)
  }))
}

/// What a list of containers is looked through for, before V8 parses it.
fn numbers() -> Outcome<Run> {
  let container =
    |number: usize| json!({ "Id": format!("{number:064x}"), "Created": 1_795_000_000 });
  let list = json!((0..LINES).map(container).collect::<Vec<_>>()).to_string();
  Ok(Box::new(move || Ok(list.len() + usize::from(has_large_number(black_box(&list))))))
}
