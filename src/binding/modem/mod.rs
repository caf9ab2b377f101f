//! The native half of `Modem`: one raw exchange with the engine, its reply as a stream of bytes.

use std::io;
use std::sync::Arc;

use futures_util::TryStreamExt;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use napi::bindgen_prelude::{Array, Buffer, External, JsValue, Unknown};
use napi::{Env, Result};
use napi_derive::napi;
use serde::Deserialize;

use super::Answer;
use super::bag::{Bag, unreadable};
use super::call::{Settled, call};
use super::dokeres::Dokeres;
use super::input::iterable;
use super::stream::{NativeStream, Opened, Shared};
use super::value::{recast, to_js};
use crate::engine::error::EngineError;
use crate::engine::exchange::{self, Exchange};
use crate::engine::size::Span;
use crate::transport::Body;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Options {
  method: String,
  target: String,
  headers: Vec<(String, String)>,
  #[serde(default)]
  upgrade: bool,
  #[serde(default)]
  timeout: Option<Span>,
}

/// Sends a request; resolves, as soon as the reply's head is there, to `[status, reason, headers,
/// stream, upgraded]`: names and values of the headers by turns, and a stream's native handle.
#[napi(catch_unwind, skip_typescript)]
pub fn exchange<'e>(env: &'e Env, dokeres: &Dokeres, request: Unknown<'e>) -> Result<Unknown<'e>> {
  let engine = dokeres.engine().clone();
  let prepare = |bag: &mut Bag| {
    let body = body(bag)?;
    let options: Options = bag.read()?;
    let exchange = Exchange {
      method: Method::from_bytes(options.method.as_bytes())
        .map_err(|_| EngineError::invalid("method", "not a method of HTTP"))?,
      headers: headers(&options.headers)?,
      target: options.target,
      body,
      upgrade: options.upgrade,
      timeout: options.timeout.map(|span| span.0),
    };
    Ok(async move { exchange.send(&engine).await })
  };
  call(env, None, request, prepare, |env, answer| Ok(Settled::Value(reply(env, answer)?)))
}

/// Bytes, or a stream of them.
fn body(bag: &mut Bag) -> Answer<Body> {
  let Some(value) = bag.take("body")? else { return Ok(Body::empty()) };
  let env = bag.env();
  if value.is_buffer().map_err(unreadable)? {
    let buffer: Buffer = recast(env, &value).map_err(unreadable)?;
    return Ok(Body::full(buffer.to_vec()));
  }
  let chunks = iterable(env, &value)?.ok_or_else(|| {
    EngineError::invalid("file", "expected a path, a Buffer or a readable stream")
  })?;
  Ok(Body::stream(chunks.map_err(io::Error::other)))
}

fn headers(list: &[(String, String)]) -> Answer<HeaderMap> {
  let mut headers = HeaderMap::new();
  for (name, value) in list {
    let path = format!("headers.{name}");
    let key = HeaderName::from_bytes(name.as_bytes())
      .map_err(|_| EngineError::invalid(&path, "not a header's name"))?;
    // The value may be a secret: it is not told.
    let mut value = HeaderValue::from_str(value)
      .map_err(|_| EngineError::invalid(&path, "not a header's value"))?;
    value.set_sensitive(key.as_str().starts_with("x-registry-"));
    headers.append(key, value);
  }
  Ok(headers)
}

fn reply(env: &Env, answer: exchange::Answer) -> Result<Unknown<'_>> {
  let mut headers = env.create_array(0)?;
  for (name, value) in &answer.headers {
    headers.insert(name.as_str())?;
    // As Node reads them: a byte a character.
    headers.insert(value.as_bytes().iter().map(|byte| char::from(*byte)).collect::<String>())?;
  }
  let reason = answer.status.canonical_reason().unwrap_or_default();
  let upgraded = answer.input.is_some();
  let opened = Opened { output: answer.output, input: answer.input };
  let shared = Arc::new(Shared::new(Box::pin(async { Ok(opened) })));
  let stream = External::new(NativeStream::new(env, shared, None));
  let mut reply: Array = env.create_array(0)?;
  reply.insert(u32::from(answer.status.as_u16()))?;
  reply.insert(reason)?;
  reply.insert(headers)?;
  reply.insert(stream)?;
  reply.insert(upgraded)?;
  to_js(env, reply)
}
