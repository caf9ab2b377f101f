//! Text for JavaScript: the engine's JSON most of all, which V8 parses.

use napi::bindgen_prelude::{JsValue, Unknown};
use napi::{Env, Result};

use super::value::to_js;

/// V8 need not look for letters of several bytes where there are none.
pub fn text(env: &Env, text: String) -> Result<Unknown<'_>> {
  if text.is_ascii() {
    return Ok(env.create_string_latin1(text)?.to_unknown());
  }
  to_js(env, text)
}
