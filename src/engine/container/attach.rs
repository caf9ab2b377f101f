//! Attaching: a connection taken over, its output one way, the container's stdin the other.

use bytes::Bytes;
use futures_util::StreamExt;
use tokio::io::{AsyncWriteExt, WriteHalf};

use super::Container;
use crate::engine::Engine;
use crate::engine::call::Call;
use crate::engine::error::{Code, EngineError, Result};
use crate::engine::options::AttachOptions;
use crate::engine::stream::{Batches, Input, Output, Source, Wire};
use crate::transport::UpgradedIo;

/// Both directions of a process's streams.
pub struct Attached {
  pub output: Batches,
  pub input: Stdin,
}

/// A process's standard input. Dropping it does not close it; `end` does.
pub struct Stdin(WriteHalf<UpgradedIo>);

impl Attached {
  #[must_use]
  pub fn new(io: UpgradedIo, tty: bool) -> Self {
    let (read, write) = tokio::io::split(io);
    let output = Batches::new(Source::Output(Output::new(Wire::io(read), tty)));
    Self { output, input: Stdin(write) }
  }

  /// For whoever reads to its end and asks for nothing after that.
  #[must_use]
  pub fn witnessed(self, engine: &Engine) -> Self {
    Self { output: self.output.witnessed(engine), ..self }
  }

  /// Sends the call and takes its connection over.
  pub async fn by(call: Call, engine: &Engine, tty: bool) -> Result<Self> {
    let (_, io) = call.upgrade(engine).await?;
    Ok(Self::new(io, tty))
  }
}

impl Stdin {
  #[must_use]
  pub fn new(write: WriteHalf<UpgradedIo>) -> Self {
    Self(write)
  }

  pub async fn write(&mut self, data: &[u8]) -> Result<()> {
    self.0.write_all(data).await.map_err(|error| closed(&error))
  }

  /// Half-closes: the process reads its end of file, its output goes on.
  pub async fn end(&mut self) -> Result<()> {
    self.0.shutdown().await.map_err(|error| closed(&error))
  }

  /// Writes all of `input` and ends. A process that stopped reading is no error: `head` does that.
  pub async fn fill(&mut self, mut input: Input) -> Result<()> {
    while let Some(data) = input.next().await {
      let data: Bytes = data?;
      if self.write(&data).await.is_err() {
        return Ok(());
      }
    }
    let _ = self.end().await;
    Ok(())
  }
}

fn closed(error: &std::io::Error) -> EngineError {
  EngineError::new(Code::StreamTruncated, format!("stdin is closed: {error}"))
}

impl Container {
  pub async fn attach(&self, options: &AttachOptions) -> Result<Attached> {
    let id = self.id()?;
    let tty = match options.tty {
      Some(tty) => tty,
      None => self.has_tty().await?,
    };
    let call = Call::post("cannot attach to", self.subject(), format!("/containers/{id}/attach"))
      .query("stream", 1)
      .query("stdin", u8::from(options.stdin))
      .query("stdout", u8::from(options.stdout))
      .query("stderr", u8::from(options.stderr))
      .query("logs", u8::from(options.logs));
    Attached::by(call, self.engine(), tty).await
  }

  /// Sets the size of its terminal.
  pub async fn resize(&self, cols: u32, rows: u32) -> Result<()> {
    let id = self.id()?;
    Call::post("cannot resize", self.subject(), format!("/containers/{id}/resize"))
      .query("w", cols)
      .query("h", rows)
      .done(self.engine())
      .await
  }
}
