//! What goes on in a container, what it has changed, and what it has become.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Container, inspect};
use crate::engine::call::Call;
use crate::engine::error::{EngineError, Result};
use crate::engine::reference::Reference;
use crate::engine::session;

/// `commit({ … })`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct CommitOptions {
  /// The image's name, with a tag perhaps; absent: it has none.
  pub repository: Option<String>,
  pub tag: Option<String>,
  pub message: Option<String>,
  pub author: Option<String>,
  /// Freezes the container meanwhile.
  pub pause: bool,
  /// Dockerfile instructions.
  pub changes: Vec<String>,
  /// Fields of the image's configuration, the engine's, over those of the container.
  pub config: Map<String, Value>,
}

impl Default for CommitOptions {
  fn default() -> Self {
    Self {
      repository: None,
      tag: None,
      message: None,
      author: None,
      pause: true,
      changes: Vec::new(),
      config: Map::new(),
    }
  }
}

impl CommitOptions {
  /// The name and the tag apart, as the engine wants them.
  pub fn name(&self) -> Result<Option<(String, String)>> {
    let Some(repository) = &self.repository else {
      return match self.tag {
        Some(_) => Err(EngineError::invalid("tag", "a tag needs a repository")),
        None => Ok(None),
      };
    };
    let text = match &self.tag {
      Some(tag) => format!("{repository}:{tag}"),
      None => repository.clone(),
    };
    let name = Reference::parse(&text)?;
    if name.digest.is_some() {
      return Err(EngineError::invalid(
        "repository",
        "an image gets its digest from what is in it",
      ));
    }
    Ok(Some((name.name(), name.tag_or_digest().to_owned())))
  }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Committed {
  id: String,
}

impl Container {
  /// The engine's JSON of its processes; `ps_args` are those of the host's `ps`.
  pub async fn top(&self, ps_args: Option<&str>) -> Result<String> {
    let id = self.id()?;
    Call::get("cannot list the processes of", self.subject(), format!("/containers/{id}/top"))
      .query_if("ps_args", ps_args)
      .text(self.engine())
      .await
  }

  /// The engine's JSON of what differs from its image; an empty list, where the engine says null.
  pub async fn changes(&self) -> Result<String> {
    let id = self.id()?;
    let call =
      Call::get("cannot list the changes of", self.subject(), format!("/containers/{id}/changes"));
    let text = call.text(self.engine()).await?;
    Ok(if text.trim() == "null" { "[]".to_owned() } else { text })
  }

  /// Makes an image of it. The image's id.
  pub async fn commit(&self, options: &CommitOptions) -> Result<String> {
    let id = self.id()?;
    let name = options.name()?;
    let mut config = options.config.clone();
    let inspected = inspect::read(self.engine(), &self.subject(), &id).await?;
    if inspected.config.labels.contains_key(session::LABEL) {
      // An image is made to stay, and so are containers of it: they are not this session's.
      let labels = config.entry("Labels").or_insert_with(|| json!({}));
      if let Value::Object(labels) = labels {
        labels.entry(session::LABEL).or_insert_with(|| json!(""));
      }
    }
    let mut call = Call::post("cannot commit", self.subject(), "/commit")
      .query("container", id)
      .query_if("comment", options.message.as_ref())
      .query_if("author", options.author.as_ref())
      .query("pause", options.pause);
    if let Some((repository, tag)) = name {
      call = call.query("repo", repository).query("tag", tag);
    }
    for change in &options.changes {
      call = call.query("changes", change);
    }
    Ok(call.json(&config)?.read::<Committed>(self.engine()).await?.id)
  }
}
