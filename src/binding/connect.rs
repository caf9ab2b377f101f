//! What `new Dokeres(…)` takes: nothing, an address, options, or a dockerode instance.

use std::time::Duration;

use napi::bindgen_prelude::{
  Buffer, ClassInstance, FnArgs, JsObjectValue, JsValue, Object, Unknown,
};
use napi::{Env, ValueType};
use serde::Deserialize;

use super::bag::{Bag, unreadable};

use super::Answer;
use super::dokeres::Dokeres;
use super::fault::erase;
use super::input::text;
use super::realm::Realm;
use super::value::{is_absent, recast};
use crate::endpoint::EndpointOptions;
use crate::engine::error::EngineError;
use crate::engine::options::Map;
use crate::engine::request;
use crate::engine::session::{self, SessionOptions};
use crate::engine::size::Span;
use crate::engine::{Engine, EngineOptions};
use crate::transport::{Pem, Prefix, SshOptions, TlsMaterial};

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct Options {
  host: Option<String>,
  socket_path: Option<String>,
  port: Option<u16>,
  protocol: Option<String>,
  tls_verify: Option<bool>,
  #[serde(rename = "sshOptions")]
  ssh: Ssh,
  context: Option<String>,
  headers: Map,
  connect_timeout: Option<Span>,
  timeout: Option<Span>,
  max_connections: Option<usize>,
  session: Option<SessionName>,
  cleanup_on_exit: bool,
  reaper: bool,
}

/// `true`, as by default: one that nobody else has. `false`: none.
#[derive(Deserialize)]
#[serde(untagged, expecting = "expected true, or a session's name")]
enum SessionName {
  Own(bool),
  Named(String),
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct Ssh {
  identity_file: Option<String>,
  config_file: Option<String>,
  known_hosts: Option<String>,
  #[serde(rename = "options")]
  extra: Vec<String>,
}

/// What a `Dokeres` is made of.
pub struct Connecting {
  pub engine: EngineOptions,
  pub cleanup_on_exit: bool,
}

impl From<EngineOptions> for Connecting {
  fn from(engine: EngineOptions) -> Self {
    Self { engine, cleanup_on_exit: false }
  }
}

pub fn options(env: &Env, target: Unknown) -> Answer<Connecting> {
  if is_absent(&target).map_err(unreadable)? {
    return Ok(at(EndpointOptions::default()).into());
  }
  match target.get_type().map_err(unreadable)? {
    ValueType::String => {
      let host: String = recast(env, &target).map_err(unreadable)?;
      Ok(at(EndpointOptions { host: Some(host), ..EndpointOptions::default() }).into())
    }
    ValueType::Object => from_bag(&mut Bag::new(env, target)?),
    other => {
      Err(EngineError::invalid("", format!("expected an address or options, not a {other}")))
    }
  }
}

/// With no other options than where the engine is.
fn at(endpoint: EndpointOptions) -> EngineOptions {
  EngineOptions { endpoint, session: Some(SessionOptions::default()), ..EngineOptions::default() }
}

fn from_bag(bag: &mut Bag) -> Answer<Connecting> {
  let tls = tls(bag)?;
  let options: Options = bag.read()?;
  let cleanup_on_exit = options.cleanup_on_exit;
  Ok(Connecting { engine: build(options, tls)?, cleanup_on_exit })
}

/// Those that clean up by themselves need a session of this `Dokeres`'s own, as it has unless told otherwise.
fn session(options: &Options) -> Answer<Option<SessionOptions>> {
  let reaper = options.reaper;
  let by_itself = reaper || options.cleanup_on_exit;
  match &options.session {
    Some(SessionName::Named(_)) if by_itself => {
      let why = "a session with a name may be other processes' as well, which cleanupOnExit and \
                 reaper would take from them; leave the name to dokeres, or call cleanup()";
      Err(EngineError::invalid("session", why))
    }
    Some(SessionName::Own(false)) if by_itself => {
      Err(EngineError::invalid("session", "cleanupOnExit and reaper need one"))
    }
    Some(SessionName::Named(name)) => {
      session::check_name(name)?;
      Ok(Some(SessionOptions { name: Some(name.clone()), reaper }))
    }
    Some(SessionName::Own(false)) => Ok(None),
    Some(SessionName::Own(true)) | None => Ok(Some(SessionOptions { name: None, reaper })),
  }
}

/// What JavaScript's half makes of a dockerode instance.
pub enum Taken<'env> {
  /// It goes through one of ours.
  Over(Engine),
  Described(Unknown<'env>),
}

/// Takes over a dockerode instance's connection, where the target is one; what of it cannot be is
/// thrown.
pub fn take_over<'env>(env: &'env Env, target: Unknown<'env>) -> napi::Result<Option<Taken<'env>>> {
  if target.get_type()? != ValueType::Object {
    return Ok(None);
  }
  let object: Object = recast(env, &target)?;
  if !object.has_named_property("modem")? {
    return Ok(None);
  }
  let hook = Realm::of(env)?.hooks.modem.borrow_back(env)?;
  let found = hook.call(FnArgs::from((erase(target),)))?;
  let dokeres: napi::Result<ClassInstance<Dokeres>> = recast(env, &found);
  Ok(Some(match dokeres {
    Ok(dokeres) => Taken::Over(dokeres.engine().clone()),
    Err(_) => Taken::Described(found),
  }))
}

/// Options, and what goes before each path besides.
pub fn described(env: &Env, found: Unknown) -> Answer<Connecting> {
  let mut bag = Bag::new(env, found)?;
  let mut word = |name| -> Answer<String> {
    let Some(value) = bag.take(name)? else { return Ok(String::new()) };
    text(value, name)
  };
  let prefix = Prefix { path: word("pathPrefix")?, version: word("version")? };
  let mut connecting = from_bag(&mut bag)?;
  connecting.engine.prefix = prefix;
  Ok(connecting)
}

fn build(options: Options, mut tls: Option<TlsMaterial>) -> Answer<EngineOptions> {
  if options.tls_verify == Some(false) {
    tls.get_or_insert_default().skip_verify = true;
  }
  if options.max_connections == Some(0) {
    return Err(EngineError::invalid("maxConnections", "at least one connection is needed"));
  }
  let host = address(&options, tls.is_some())?;
  let session = session(&options)?;
  let ssh = options.ssh;
  Ok(EngineOptions {
    endpoint: EndpointOptions {
      host,
      context: options.context,
      tls,
      tls_verify: options.tls_verify,
    },
    ssh: SshOptions {
      identity_file: ssh.identity_file.map(Into::into),
      config_file: ssh.config_file.map(Into::into),
      known_hosts: ssh.known_hosts.map(Into::into),
      options: ssh.extra,
      ..SshOptions::default()
    },
    headers: request::headers(&options.headers)?,
    connect_timeout: options.connect_timeout.map(|span| span.0),
    timeout: options.timeout.map(|span| span.0).filter(|span| *span > Duration::ZERO),
    max_connections: options.max_connections,
    session,
    ..EngineOptions::default()
  })
}

/// One URL of `host`, `port` and `protocol`, the parts that dockerode's users give.
fn address(options: &Options, has_tls: bool) -> Answer<Option<String>> {
  if let Some(path) = &options.socket_path {
    return match &options.host {
      Some(_) => Err(EngineError::invalid("socketPath", "give either socketPath or host")),
      None => Ok(Some(path.clone())),
    };
  }
  let Some(host) = &options.host else {
    return match options.port {
      Some(_) => Err(EngineError::invalid("port", "a port needs a host")),
      None => Ok(None),
    };
  };
  if host.contains("://") || host.starts_with(['/', '\\']) {
    return Ok(Some(host.clone()));
  }
  let protocol = match options.protocol.as_deref() {
    Some(known @ ("http" | "https" | "ssh" | "tcp")) => known,
    Some(other) => {
      let why = format!("`{other}` is not one of http, https, ssh, tcp");
      return Err(EngineError::invalid("protocol", why));
    }
    None if has_tls => "https",
    None => "http",
  };
  let host =
    if host.contains(':') && !host.starts_with('[') { format!("[{host}]") } else { host.clone() };
  Ok(Some(match options.port {
    Some(port) => format!("{protocol}://{host}:{port}"),
    None => format!("{protocol}://{host}"),
  }))
}

/// `ca`, `cert`, `key`: PEM as text or bytes, or the path of a file.
fn tls(bag: &mut Bag) -> Answer<Option<TlsMaterial>> {
  let (ca, cert, key) = (pem(bag, "ca")?, pem(bag, "cert")?, pem(bag, "key")?);
  let given = ca.is_some() || cert.is_some() || key.is_some();
  Ok(given.then(|| TlsMaterial { ca, cert, key, ..TlsMaterial::default() }))
}

fn pem(bag: &mut Bag, name: &'static str) -> Answer<Option<Pem>> {
  let env = bag.env();
  let Some(mut value) = bag.take(name)? else { return Ok(None) };
  // docker-modem, as Node's TLS, also takes a list; one engine has one authority to check.
  if value.is_array().map_err(unreadable)? {
    let list: Object = recast(env, &value).map_err(unreadable)?;
    value = list.get_element(0).map_err(unreadable)?;
  }
  if value.is_buffer().map_err(unreadable)? {
    let bytes: Buffer = recast(env, &value).map_err(unreadable)?;
    return Ok(Some(Pem::Bytes(bytes.to_vec())));
  }
  if value.get_type().map_err(unreadable)? != ValueType::String {
    return Err(EngineError::invalid(name, "expected PEM as a text or a Buffer, or a file's path"));
  }
  let text: String = recast(env, &value).map_err(unreadable)?;
  let is_pem = text.contains("-----BEGIN");
  Ok(Some(if is_pem { Pem::Bytes(text.into_bytes()) } else { Pem::File(text.into()) }))
}
