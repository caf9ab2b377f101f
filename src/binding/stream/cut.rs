//! A batch as JavaScript gets it.

use napi::bindgen_prelude::{BufferSlice, Uint32Array, Unknown};
use napi::{Env, Result};

use crate::binding::text::text;
use crate::binding::value::{lossy, to_js};
use crate::engine::json::has_large_number;
use crate::engine::stream::{Batch, Channel};

/// Output as bytes with their marks; records, which have none, as text, and whether there are numbers in it
/// that a `number` cannot hold.
pub fn cut(env: &Env, batch: Batch) -> Result<(Unknown<'_>, Unknown<'_>)> {
  if batch.marks.is_empty() {
    let records = lossy(batch.data);
    let is_exact = has_large_number(&records);
    return Ok((text(env, records)?, to_js(env, is_exact)?));
  }
  if batch.marks.iter().all(|mark| mark.channel == Channel::Bytes) {
    return Ok((buffer(env, &batch.data)?, to_js(env, ())?));
  }
  let mut marks = Vec::with_capacity(batch.marks.len() * 2);
  for mark in &batch.marks {
    marks.push(mark.channel as u32);
    marks.push(u32::try_from(mark.length).unwrap_or(u32::MAX));
  }
  Ok((buffer(env, &batch.data)?, to_js(env, Uint32Array::new(marks))?))
}

/// A copy in V8's own memory, which it collects as it goes. Of anybody else's it lets 64 MiB pile up
/// before it looks for garbage.
fn buffer<'env>(env: &'env Env, data: &[u8]) -> Result<Unknown<'env>> {
  to_js(env, BufferSlice::copy_from(env, data)?)
}
