//! What happens to one container, as the engine tells it.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::json;

use super::Container;
use crate::engine::call::Call;
use crate::engine::error::Result;
use crate::engine::stream::{JsonLines, Wire};

/// A subscription. Dropping it closes the connection.
pub struct Events(JsonLines);

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Event {
  #[serde(default)]
  pub action: String,
  #[serde(default)]
  actor: Actor,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Actor {
  attributes: BTreeMap<String, String>,
}

impl Event {
  #[must_use]
  pub fn exit_code(&self) -> Option<i64> {
    self.actor.attributes.get("exitCode")?.parse().ok()
  }
}

impl Events {
  pub async fn of(container: &Container, kinds: &[&str]) -> Result<Self> {
    let filters = json!({ "type": ["container"], "container": [container.id()?], "event": kinds });
    let response = Call::get("cannot follow", container.subject(), "/events")
      .query("filters", filters)
      .send(container.engine())
      .await?;
    Ok(Self(JsonLines::new(Wire::Body(response.into_body()))))
  }

  /// The next event; never, where there is no subscription (any more).
  pub async fn next(events: &mut Option<Self>) -> Event {
    if let Some(Self(lines)) = events
      && let Ok(Some(event)) = lines.next().await
    {
      return event;
    }
    // Whoever follows events looks for itself from time to time, too.
    *events = None;
    std::future::pending().await
  }

  pub async fn any(events: &mut Option<Self>) {
    Self::next(events).await;
  }
}
