//! Containers whose creation was asked for and whose id never came: the connection broke, or the engine was
//! silent for too long. Nobody else knows of them, so they are looked for and removed.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use super::removal;
use crate::engine::Engine;
use crate::engine::call::Call;
use crate::engine::error::{Code, EngineError, Result};
use crate::engine::fault::Subject;

/// Of all that a container is made of, this engines keep and do nothing with: it is where the docker CLI
/// has written the id.
const PLACE: &str = "ContainerIDFile";

/// When it is looked for: an engine that was too slow may make it yet.
const LOOKS: [Duration; 3] =
  [Duration::ZERO, Duration::from_millis(300), Duration::from_millis(1200)];

/// How many of the newest are looked at.
const MOST: usize = 50;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
  id: String,
}

/// Marks what is to be created, so that it can be told from all others. What a caller has written there may
/// stand in any number of containers: it tells none of them from another, and stays.
pub fn mark(body: &mut Value) -> Option<String> {
  let place = &mut body["HostConfig"][PLACE];
  if place.as_str().is_some_and(|own| !own.is_empty()) {
    return None;
  }
  let mark = format!("dokeres-{}", crate::engine::unique());
  *place = json!(mark);
  Some(mark)
}

/// Whether the engine may have created it all the same.
pub fn may_be(error: &EngineError) -> bool {
  error.facts().status_code.is_none()
    && [Code::EngineUnreachable, Code::Timeout, Code::ProtocolError, Code::StreamTruncated]
      .iter()
      .any(|code| error.is(*code))
}

/// Removes what has the mark, once it is there. An engine that cannot be asked has the last word.
pub async fn remove(engine: &Engine, mark: &str) {
  for pause in LOOKS {
    tokio::time::sleep(pause).await;
    match find(engine, mark).await {
      Ok(None) => {}
      Ok(Some(id)) => {
        let _ = removal::remove(engine, &id, true, true).await;
        return;
      }
      Err(_) => return,
    }
  }
}

async fn find(engine: &Engine, mark: &str) -> Result<Option<String>> {
  let doing = "cannot look for what was created of";
  let listed: Vec<Listed> = Call::get(doing, Subject::Engine, "/containers/json")
    .query("all", 1)
    .query("filters", json!({ "status": ["created"] }))
    .read(engine)
    .await?;
  for Listed { id } in listed.into_iter().take(MOST) {
    let path = format!("/containers/{id}/json");
    let found = Call::get(doing, Subject::container(&id), path).read::<Value>(engine).await;
    // Others come and go meanwhile.
    let Ok(found) = found else { continue };
    if found["HostConfig"][PLACE].as_str() == Some(mark) {
      return Ok(Some(id));
    }
  }
  Ok(None)
}

#[cfg(test)]
mod tests {
  use super::*;

  #[test]
  fn a_place_that_the_caller_uses_is_no_mark() {
    let own = || json!({ "HostConfig": { PLACE: "/run/id" } });
    let mut body = own();
    assert_eq!(mark(&mut body), None);
    assert_eq!(body, own());
    for mut body in [json!({}), json!({ "HostConfig": { PLACE: "" } })] {
      let mark = mark(&mut body);
      assert!(mark.as_ref().is_some_and(|mark| mark.starts_with("dokeres-")));
      assert_eq!(body["HostConfig"][PLACE].as_str(), mark.as_deref());
    }
  }
}
