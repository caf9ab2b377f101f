//! Where a container's ports are to be reached.

use napi::bindgen_prelude::Unknown;
use napi::{Env, Result};
use napi_derive::napi;

use super::DokeresContainer;
use crate::binding::Answer;
use crate::binding::bag::Bag;
use crate::binding::call::{Settled, call};
use crate::binding::input::argument;
use crate::binding::value::to_js;
use crate::engine::container::port::{self, PortOptions};
use crate::engine::error::EngineError;
use crate::engine::options::Scalar;

#[napi]
impl DokeresContainer {
  /// Where one of its ports is to be reached; waits until the port is published. `host` is where the
  /// engine is: `127.0.0.1` behind a local socket.
  /// @throws {DokeresError} `INVALID_OPTION` where the port is not mapped, `CONTAINER_EXITED`,
  /// `TIMEOUT`
  #[napi(
    catch_unwind,
    ts_args_type = "containerPort: number | string, options?: PortOptions | null",
    ts_return_type = "Promise<{ host: string; port: number }>"
  )]
  pub fn port<'e>(
    &self,
    env: &'e Env,
    container_port: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let container = self.inner.clone();
    let prepare = |bag: &mut Bag| {
      let port = wanted(container_port)?;
      let options: PortOptions = bag.read()?;
      Ok(async move { container.port(&port, &options).await })
    };
    call(env, None, options, prepare, |env, found| {
      Ok(Settled::Value(to_js(env, serde_json::to_value(&found)?)?))
    })
  }

  /// The same as a URL: `http://127.0.0.1:49153`.
  #[napi(
    catch_unwind,
    ts_args_type = "containerPort: number | string, scheme?: string | null, options?: PortOptions | null",
    ts_return_type = "Promise<string>"
  )]
  pub fn url<'e>(
    &self,
    env: &'e Env,
    container_port: Unknown<'e>,
    scheme: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let container = self.inner.clone();
    let prepare = |bag: &mut Bag| {
      let port = wanted(container_port)?;
      let scheme: Option<String> = argument(scheme, "scheme")?;
      let options: PortOptions = bag.read()?;
      Ok(async move {
        let found = container.port(&port, &options).await?;
        Ok(found.url(scheme.as_deref().unwrap_or("http")))
      })
    };
    call(env, None, options, prepare, |env, url| Ok(Settled::Value(to_js(env, url)?)))
  }
}

fn wanted(port: Unknown) -> Answer<String> {
  let port: Option<Scalar> = argument(port, "containerPort")?;
  let missing = || EngineError::invalid("containerPort", "a port is expected, like 80 or '53/udp'");
  port::named(&port.ok_or_else(missing)?)
}
