//! What is seen from outside: ports that are open, requests that are answered.

use serde_json::{Value, json};

use super::condition::{HttpCheck, PortCheck};
use super::meet::{Pace, is_of_the_end};
use super::reach::{self, Place, Target, Via};
use super::{Met, Waiting, http, inside};
use crate::engine::error::{Code, EngineError, Result};

impl Waiting<'_> {
  pub(super) async fn port(&self, check: &PortCheck, key: usize) -> Result<Met> {
    self.up().await;
    let (number, protocol) = check.port.split_once('/').unwrap_or((&check.port, "tcp"));
    let number = number.parse().unwrap_or_default();
    let is_tcp = protocol == "tcp";
    let vantage = Place::of(self.container.engine()).await?;
    let mut pace = Pace::new();
    loop {
      let mut why = None;
      let targets =
        if is_tcp { self.targets(&vantage, number, check.host.as_ref()) } else { vec![] };
      for target in &targets {
        match reach::connects(target).await {
          Ok(()) => return Ok(Met::Value(told(target))),
          // The first address is the best: what it says is told.
          Err(error) => {
            why.get_or_insert(format!("{}:{}: {error}", target.host, target.port));
          }
        }
      }
      // A refusal from the container itself says all; what lies between may say it of itself.
      let said_all = targets.iter().any(|target| target.via != Via::Published);
      if !said_all && self.is_up() {
        match inside::listens(self.container, number, is_tcp).await {
          Ok(Some(true)) if targets.is_empty() => {
            return Ok(Met::Value(json!({ "host": null, "port": number, "via": "inside" })));
          }
          Ok(Some(false)) => why = Some("nobody listens in the container".to_owned()),
          Ok(None) if targets.is_empty() => return Err(self.unreachable(number)),
          Ok(Some(true) | None) => {}
          Err(error) if is_of_the_end(&error) || error.is(Code::Timeout) => {}
          Err(error) => return Err(error),
        }
      }
      let why = why.as_deref().unwrap_or("nobody listens");
      self.note(key, format!("port {} ({why})", check.port));
      pace.rest().await;
    }
  }

  fn targets(&self, place: &Place, port: u16, host: Option<&String>) -> Vec<Target> {
    if let Some(host) = host {
      return vec![Target { host: host.clone(), port, via: Via::Given }];
    }
    self.seen.borrow().as_ref().map(|seen| place.targets(&seen.inspected, port)).unwrap_or_default()
  }

  fn is_up(&self) -> bool {
    self.seen.borrow().as_ref().is_some_and(|seen| seen.inspected.state.status == "running")
  }

  fn unreachable(&self, port: u16) -> EngineError {
    let text = format!(
      "port {port} of container {} cannot be reached from here; publish it: mapped: {{ '{port}/tcp': true }}",
      self.name()
    );
    EngineError::not_supported(text).with(|facts| facts.container = Some(self.container.facts()))
  }

  pub(super) async fn http(&self, check: &HttpCheck, key: usize) -> Result<Met> {
    let seen = self.up().await;
    let port = match check.port {
      Some(port) => port,
      None => seen.inspected.only_port().ok_or_else(|| {
        let text = "which port? the container does not have exactly one; say { port, path }";
        EngineError::invalid("http.port", text)
      })?,
    };
    let vantage = Place::of(self.container.engine()).await?;
    let mut pace = Pace::new();
    loop {
      let targets = self.targets(&vantage, port, check.host.as_ref());
      if targets.is_empty() && self.is_up() {
        return Err(self.unreachable(port));
      }
      let mut why = None;
      for target in &targets {
        match http::ask(check, target).await? {
          Ok(reply) => {
            let Some(found) = reply.matched else { return Ok(Met::Value(reply.told)) };
            let Value::Object(fields) = reply.told else { return Ok(Met::Found(found)) };
            let field = |name: &'static str| (name, Met::Value(fields[name].clone()));
            let mut all =
              ["status", "headers", "body", "url"].map(field).into_iter().collect::<Vec<_>>();
            all.push(("match", Met::Found(found)));
            return Ok(Met::Fields(all));
          }
          Err(error) => drop(why.get_or_insert(error)),
        }
      }
      if let Some(why) = why {
        self.note(key, format!("http {} ({why})", check.path));
      }
      pace.rest().await;
    }
  }
}

fn told(target: &Target) -> Value {
  json!({ "host": target.host, "port": target.port, "via": target.via.as_str() })
}
