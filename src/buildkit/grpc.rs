//! gRPC's framing over an HTTP/2 stream: a flag, four bytes of length, a protobuf message.

use std::future::poll_fn;

use bytes::{Buf, BufMut, Bytes, BytesMut};
use h2::server::SendResponse;
use h2::{RecvStream, SendStream};
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Response};
use prost::Message;

use super::status::{Code, Status, trailers};

/// gRPC's own customary bound on a message.
pub const LARGEST_MESSAGE: usize = 4 * 1024 * 1024;

const PREFIX: usize = 5;

/// What the caller sends.
pub struct Requests {
  body: RecvStream,
  pending: BytesMut,
}

impl Requests {
  pub fn new(body: RecvStream) -> Self {
    Self { body, pending: BytesMut::new() }
  }

  /// The one message of a call that is no stream.
  pub async fn only<M: Message + Default>(&mut self) -> Result<M, Status> {
    let none = || Status::new(Code::InvalidArgument, "the call has no message");
    self.next().await?.ok_or_else(none)
  }

  /// The next message, `None` once the caller has sent its last.
  pub async fn next<M: Message + Default>(&mut self) -> Result<Option<M>, Status> {
    let Some(frame) = self.frame().await? else { return Ok(None) };
    let bad = |_| Status::new(Code::InvalidArgument, "the message cannot be decoded");
    M::decode(frame).map(Some).map_err(bad)
  }

  async fn frame(&mut self) -> Result<Option<Bytes>, Status> {
    let broken = |error: h2::Error| Status::new(Code::Unavailable, error.to_string());
    loop {
      if let Some(frame) = self.complete()? {
        return Ok(Some(frame));
      }
      match self.body.data().await {
        None if self.pending.is_empty() => return Ok(None),
        None => return Err(Status::new(Code::InvalidArgument, "the message is cut off")),
        Some(chunk) => {
          let chunk = chunk.map_err(broken)?;
          self.pending.extend_from_slice(&chunk);
          self.body.flow_control().release_capacity(chunk.len()).map_err(broken)?;
        }
      }
    }
  }

  /// The first message of what has come, where all of it is there.
  fn complete(&mut self) -> Result<Option<Bytes>, Status> {
    let Some(mut prefix) = self.pending.get(..PREFIX) else { return Ok(None) };
    if prefix.get_u8() != 0 {
      return Err(Status::new(Code::Unimplemented, "compressed messages are not understood"));
    }
    let length = usize::try_from(prefix.get_u32()).unwrap_or(usize::MAX);
    if length > LARGEST_MESSAGE {
      let why = format!("a message of {length} bytes is larger than {LARGEST_MESSAGE}");
      return Err(Status::new(Code::ResourceExhausted, why));
    }
    if self.pending.len() - PREFIX < length {
      return Ok(None);
    }
    self.pending.advance(PREFIX);
    Ok(Some(self.pending.split_to(length).freeze()))
  }
}

/// A message as it is sent.
pub fn frame(message: &impl Message) -> Result<Bytes, Status> {
  let mut frame = BytesMut::new();
  put(message, &mut frame)?;
  Ok(frame.freeze())
}

/// Adds a message to those that are sent together.
pub fn put(message: &impl Message, frames: &mut BytesMut) -> Result<(), Status> {
  begin(message.encoded_len(), frames)?;
  // There is always room in what grows.
  let _ = message.encode(frames);
  Ok(())
}

fn begin(length: usize, frames: &mut BytesMut) -> Result<(), Status> {
  let prefix = u32::try_from(length).ok().filter(|_| length <= LARGEST_MESSAGE);
  let Some(prefix) = prefix else {
    return Err(Status::new(Code::ResourceExhausted, "the reply is too large"));
  };
  frames.reserve(PREFIX + length);
  frames.put_u8(0);
  frames.put_u32(prefix);
  Ok(())
}

/// What we answer.
pub struct Replies(SendStream<Bytes>);

impl Replies {
  /// Sends the head, which is the same for a success and a failure: the trailers tell.
  pub fn begin(respond: &mut SendResponse<Bytes>) -> Result<Self, h2::Error> {
    let mut head = Response::new(());
    head.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
    respond.send_response(head, false).map(Self)
  }

  /// Sends an encoded message, as fast as the caller takes it.
  pub async fn send(&mut self, message: &[u8]) -> Result<(), Status> {
    let mut frame = BytesMut::new();
    begin(message.len(), &mut frame)?;
    frame.put_slice(message);
    self.send_frame(frame.freeze()).await
  }

  /// The same with what [`frame`] made.
  pub async fn send_frame(&mut self, frame: Bytes) -> Result<(), Status> {
    self.write(frame).await.map_err(|error| {
      let why = error.map_or_else(|| "the caller is gone".to_owned(), |error| error.to_string());
      Status::new(Code::Unavailable, why)
    })
  }

  async fn write(&mut self, mut frame: Bytes) -> Result<(), Option<h2::Error>> {
    while !frame.is_empty() {
      self.0.reserve_capacity(frame.len());
      while self.0.capacity() == 0 {
        poll_fn(|cx| self.0.poll_capacity(cx)).await.ok_or(None)??;
      }
      let part = frame.split_to(self.0.capacity().min(frame.len()));
      self.0.send_data(part, false)?;
    }
    Ok(())
  }

  /// Resolves when the caller no longer wants an answer.
  pub async fn cancelled(&mut self) {
    // An error means the same: the connection is gone.
    let _ = poll_fn(|cx| self.0.poll_reset(cx)).await;
  }

  pub fn end(mut self, ended: Result<(), Status>) {
    // Nobody is left to be told where this fails.
    let _ = self.0.send_trailers(trailers(ended));
  }
}
