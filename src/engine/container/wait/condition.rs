//! What can be waited for.

use std::fmt;
use std::time::Duration;

use serde::Deserialize;

use super::pattern::Pattern;
use crate::engine::options::{Command, Port, Scalar};

/// Conditions, all or any of which are to hold, within a time of their own.
#[derive(Clone)]
pub struct Conditions {
  pub kind: Kind,
  pub timeout: Option<Duration>,
}

#[derive(Clone)]
pub enum Kind {
  /// `{ log: …, port: … }`: all of them; the result is an object.
  Each(Vec<Condition>),
  /// `[…]`: all of them; the result is a list.
  All(Vec<Conditions>),
  /// `{ any: […] }`: the first that holds.
  Any(Vec<Conditions>),
}

#[derive(Clone)]
pub enum Condition {
  Running,
  /// A text in its output, from a moment on; of the present run where none is named.
  Log(Pattern, Option<Scalar>),
  Port(PortCheck),
  Http(Box<HttpCheck>),
  Healthy,
  Exec(Command),
  Exit(Option<i64>),
}

#[derive(Debug, Clone)]
pub struct PortCheck {
  pub port: Port,
  /// Where to connect to, instead of where the container is found to be.
  pub host: Option<String>,
}

#[derive(Clone)]
pub struct HttpCheck {
  /// A whole URL's own, instead of where the container is found to be.
  pub host: Option<String>,
  pub port: Option<u16>,
  pub path: String,
  pub status: Vec<u16>,
  pub body: Option<Pattern>,
  pub tls: Option<Tls>,
  pub headers: http::HeaderMap,
  pub method: http::Method,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Tls {
  pub insecure: bool,
  /// PEM, or the path of a file of it.
  pub ca: Option<String>,
}

impl Condition {
  /// Its key in what was given, and in the result.
  #[must_use]
  pub fn key(&self) -> &'static str {
    match self {
      Self::Running => "running",
      Self::Log(..) => "log",
      Self::Port(_) => "port",
      Self::Http(_) => "http",
      Self::Healthy => "healthy",
      Self::Exec(_) => "exec",
      Self::Exit(_) => "exit",
    }
  }
}

impl fmt::Display for Condition {
  fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match self {
      Self::Running => f.write_str("running"),
      Self::Log(pattern, _) => write!(f, "log {pattern}"),
      Self::Port(check) => write!(f, "port {}", check.port),
      Self::Http(check) => write!(f, "http {}", check.path),
      Self::Healthy => f.write_str("healthy"),
      Self::Exec(command) => write!(f, "exec `{}`", command.0.join(" ")),
      Self::Exit(None) => f.write_str("exit"),
      Self::Exit(Some(code)) => write!(f, "exit {code}"),
    }
  }
}

impl fmt::Debug for Conditions {
  fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match &self.kind {
      Kind::Each(singles) => f.debug_list().entries(singles.iter().map(Condition::key)).finish(),
      Kind::All(list) | Kind::Any(list) => f.debug_list().entries(list).finish(),
    }
  }
}
