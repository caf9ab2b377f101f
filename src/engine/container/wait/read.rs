//! Conditions as callers write them: checked before anything is sent.

use serde::Deserialize;
use serde_json::Value;

use super::condition::{Condition, Conditions, HttpCheck, Kind, PortCheck, Tls};
use super::pattern::Pattern;
use crate::engine::error::{EngineError, Result};
use crate::engine::options::{self, Command, Map, Scalar, parse_port};
use crate::engine::size::Span;

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct Given {
  running: Option<bool>,
  log: Option<Value>,
  since: Option<Scalar>,
  port: Option<Value>,
  http: Option<Value>,
  healthy: Option<bool>,
  exec: Option<Command>,
  exit: Option<Value>,
  any: Option<Vec<Value>>,
  all: Option<Vec<Value>>,
  timeout: Option<Span>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct GivenPort {
  port: Scalar,
  #[serde(default)]
  host: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct GivenHttp {
  port: Option<u16>,
  path: Option<String>,
  status: Option<Value>,
  body: Option<Value>,
  tls: Option<Value>,
  headers: Map,
  method: Option<String>,
}

/// Reads conditions; `patterns` are those that are not texts, by the numbers that stand for them.
pub fn read(value: Value, path: &str, patterns: &[Pattern]) -> Result<Conditions> {
  Reader { patterns }.conditions(value, path)
}

struct Reader<'a> {
  patterns: &'a [Pattern],
}

impl Reader<'_> {
  fn conditions(&self, value: Value, path: &str) -> Result<Conditions> {
    if let Value::Array(list) = value {
      return Ok(Conditions { kind: Kind::All(self.list(list, path)?), timeout: None });
    }
    if !value.is_object() {
      let text = "expected a condition like { log: 'ready' }, a list of them or { any: […] }";
      return Err(EngineError::invalid(path, text));
    }
    let given: Given = options::read(value).map_err(|error| beneath(path, &error))?;
    let timeout = given.timeout.map(|span| span.0);
    if let Some((key, list)) =
      given.any.clone().map(|list| ("any", list)).or(given.all.clone().map(|list| ("all", list)))
    {
      let list = self.list(list, &at(path, key))?;
      if !self.singles(given, path)?.is_empty() {
        let text = format!("`{key}` stands alone; put the other conditions into a list with it");
        return Err(EngineError::invalid(at(path, key), text));
      }
      let kind = if key == "any" { Kind::Any(list) } else { Kind::All(list) };
      return Ok(Conditions { kind, timeout });
    }
    let singles = self.singles(given, path)?;
    if singles.is_empty() {
      let text = "no condition is named: running, log, port, http, healthy, exec, exit, any or all";
      return Err(EngineError::invalid(path, text));
    }
    Ok(Conditions { kind: Kind::Each(singles), timeout })
  }

  fn list(&self, list: Vec<Value>, path: &str) -> Result<Vec<Conditions>> {
    if list.is_empty() {
      return Err(EngineError::invalid(path, "the list of conditions is empty"));
    }
    let each = list.into_iter().enumerate();
    each.map(|(index, value)| self.conditions(value, &format!("{path}[{index}]"))).collect()
  }

  fn singles(&self, given: Given, path: &str) -> Result<Vec<Condition>> {
    let mut found = Vec::new();
    for (name, given, condition) in [
      ("running", given.running, Condition::Running),
      ("healthy", given.healthy, Condition::Healthy),
    ] {
      match given {
        Some(true) => found.push(condition),
        Some(false) => return Err(EngineError::invalid(at(path, name), "it can only be true")),
        None => {}
      }
    }
    if let Some(log) = given.log {
      let pattern = self.pattern(log, &at(path, "log"))?;
      found.push(Condition::Log(pattern, given.since));
    } else if given.since.is_some() {
      return Err(EngineError::invalid(at(path, "since"), "it is for `log`, and there is none"));
    }
    if let Some(port) = given.port {
      found.push(Condition::Port(port_check(port, &at(path, "port"))?));
    }
    if let Some(http) = given.http {
      found.push(Condition::Http(Box::new(self.http(http, &at(path, "http"))?)));
    }
    if let Some(command) = given.exec {
      if command.0.is_empty() {
        return Err(EngineError::invalid(at(path, "exec"), "the command is empty"));
      }
      found.push(Condition::Exec(command));
    }
    match given.exit {
      None => {}
      Some(Value::Bool(true)) => found.push(Condition::Exit(None)),
      Some(exit) => {
        let code = exit.as_i64().ok_or_else(|| {
          EngineError::invalid(at(path, "exit"), "expected an exit code, or true for any")
        })?;
        found.push(Condition::Exit(Some(code)));
      }
    }
    Ok(found)
  }

  fn pattern(&self, value: Value, path: &str) -> Result<Pattern> {
    let number = value.get("pattern").and_then(Value::as_u64);
    let known = number.and_then(|number| self.patterns.get(usize::try_from(number).ok()?));
    match (value, known) {
      (Value::String(text), _) if !text.is_empty() => Pattern::text(&text),
      (_, Some(pattern)) => Ok(pattern.clone()),
      _ => Err(EngineError::invalid(path, "expected a text or a RegExp")),
    }
  }

  fn http(&self, value: Value, path: &str) -> Result<HttpCheck> {
    let (given, url) = match value {
      Value::String(text) if text.starts_with('/') => {
        (GivenHttp { path: Some(text), ..GivenHttp::default() }, None)
      }
      Value::String(text) => {
        let url = url::Url::parse(&text)
          .ok()
          .filter(|url| matches!(url.scheme(), "http" | "https") && url.host_str().is_some());
        let url = url.ok_or_else(|| {
          EngineError::invalid(path, format!("`{text}` is neither a path ('/health') nor a URL"))
        })?;
        (GivenHttp::default(), Some(url))
      }
      other => (options::read(other).map_err(|error| beneath(path, &error))?, None),
    };
    let method = given.method.as_deref().unwrap_or("GET").to_ascii_uppercase();
    let method = http::Method::from_bytes(method.as_bytes())
      .map_err(|_| EngineError::invalid(at(path, "method"), "not a method"))?;
    let tls = match given.tls {
      None | Some(Value::Bool(false)) => None,
      Some(Value::Bool(true)) => Some(Tls::default()),
      Some(tls) => Some(options::read(tls).map_err(|error| beneath(&at(path, "tls"), &error))?),
    };
    let mut check = HttpCheck {
      host: None,
      port: given.port,
      path: given.path.unwrap_or_else(|| "/".to_owned()),
      status: statuses(given.status, &at(path, "status"))?,
      body: given.body.map(|body| self.pattern(body, &at(path, "body"))).transpose()?,
      tls,
      headers: crate::engine::request::headers(&given.headers)
        .map_err(|error| beneath(path, &error))?,
      method,
    };
    if let Some(url) = url {
      check.host = url.host_str().map(|host| host.trim_matches(['[', ']']).to_owned());
      check.port = url.port_or_known_default();
      url[url::Position::BeforePath..url::Position::AfterQuery].clone_into(&mut check.path);
      check.tls = (url.scheme() == "https").then(Tls::default);
    }
    if check.port == Some(0) || !check.path.starts_with('/') {
      let text = "a path begins with a slash, and a port is not 0";
      return Err(EngineError::invalid(path, text));
    }
    Ok(check)
  }
}

fn port_check(value: Value, path: &str) -> Result<PortCheck> {
  let given = match value {
    Value::Object(_) => options::read(value).map_err(|error| beneath(path, &error))?,
    Value::Number(number) => GivenPort { port: Scalar(number.to_string()), host: None },
    Value::String(port) => GivenPort { port: Scalar(port), host: None },
    _ => {
      let text = "expected a port like 80, '53/udp' or { port, host }";
      return Err(EngineError::invalid(path, text));
    }
  };
  let port = parse_port(&given.port.0, path)?;
  let (is_tcp, is_sctp) = (port.ends_with("/tcp"), port.ends_with("/sctp"));
  if is_sctp || (!is_tcp && given.host.is_some()) {
    let text = "whether such a port is open cannot be told from outside; wait for the log, or exec";
    return Err(EngineError::invalid(path, text));
  }
  Ok(PortCheck { port, host: given.host })
}

fn statuses(value: Option<Value>, path: &str) -> Result<Vec<u16>> {
  let list = match value {
    None => return Ok(Vec::new()),
    Some(Value::Array(list)) => list,
    Some(one) => vec![one],
  };
  let status = |value: &Value| {
    value.as_u64().and_then(|status| u16::try_from(status).ok()).filter(|s| (100..600).contains(s))
  };
  list
    .iter()
    .map(status)
    .collect::<Option<Vec<_>>>()
    .filter(|list| !list.is_empty())
    .ok_or_else(|| EngineError::invalid(path, "expected a status like 200, or a list of them"))
}

fn at(path: &str, key: &str) -> String {
  if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

/// An error of a part, told with the whole's path.
fn beneath(path: &str, error: &EngineError) -> EngineError {
  let message = error.engines_words().to_owned();
  let path = match error.facts().path.as_deref() {
    None | Some("") => path.to_owned(),
    Some(part) => at(path, part),
  };
  EngineError::invalid(path, message)
}
