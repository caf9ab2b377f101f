//! Pulling: finished when the image is there, failed on the engine's first word of error.

use serde::Serialize;
use serde_json::Value;

use super::message::Message;
use super::progress::{Meter, Shown};
use super::{Auth, Image, PullOptions, pull_failure};
use crate::credentials;
use crate::engine::call::Call;
use crate::engine::error::{Code, EngineError, Result};
use crate::engine::images::list;
use crate::engine::reference::Reference;
use crate::engine::stream::{JsonLines, Wire};

/// What a pull came to.
#[derive(Debug, Clone, Serialize)]
pub struct PullResult {
  pub id: String,
  pub digest: Option<String>,
  pub status: &'static str,
  /// Of a pull of all tags: those that are there now.
  #[serde(skip_serializing_if = "Option::is_none")]
  pub tags: Option<Vec<String>>,
}

impl Image {
  /// The pull itself; `ensure` and `pull` share it among their callers.
  pub(super) async fn pull_now(self, options: PullOptions, shown: Shown) -> Result<PullResult> {
    let reference = self.reference()?;
    let mut call = Call::post("cannot pull", self.subject(), "/images/create")
      .query("fromImage", reference.name())
      // Without a tag the engine fetches every one.
      .query_if("tag", (!options.all_tags).then(|| reference.tag_or_digest().to_owned()));
    let platform = options.platform.as_ref().or(self.options().platform.as_ref());
    call = call.query_if("platform", platform);
    if let Some(credential) = self.credential(options.auth.as_ref(), &reference).await? {
      call = call.header("x-registry-auth", &credentials::header(&credential))?;
    }
    let response = match call.send(self.engine()).await {
      Ok(response) => response,
      // An answer with a status is the registry's word by the engine's mouth; none is the engine's.
      Err(error) if error.facts().status_code.is_some() && !error.is(Code::BadRequest) => {
        return Err(pull_failed(&reference, error.engines_words(), error.facts().status_code));
      }
      Err(error) => return Err(error),
    };
    let (digest, status) = self.follow_pull(response, &reference, shown).await?;
    if options.all_tags {
      return self.pulled_tags(&reference, status).await;
    }
    let found = match self.present_for(platform).await {
      // It was told to be there: what is there is another one.
      Err(error) if error.is(Code::ImageNotFound) => {
        return Err(
          pull_failed(&reference, "no match for platform in manifest", None).caused_by(error),
        );
      }
      outcome => outcome?,
    };
    let digest = digest.or_else(|| found.digest_of(&reference));
    Ok(PullResult { id: found.id, digest, status, tags: None })
  }

  async fn pulled_tags(&self, reference: &Reference, status: &'static str) -> Result<PullResult> {
    let listed = list::of_group(self.engine(), reference).await?;
    let prefix = format!("{}:", reference.name());
    let tags: Vec<String> = listed
      .iter()
      .flat_map(|image| image.repo_tags.iter().filter(|tag| tag.starts_with(&prefix)).cloned())
      .collect();
    let own = reference.to_string();
    let image = listed.iter().find(|image| image.repo_tags.contains(&own)).or(listed.first());
    let image = image.ok_or_else(|| pull_failed(reference, "no tags: not found", None))?;
    let prefix = format!("{}@", reference.name());
    let digest =
      image.repo_digests.iter().find_map(|digest| digest.strip_prefix(&prefix)).map(str::to_owned);
    Ok(PullResult { id: image.id.clone(), digest, status, tags: Some(tags) })
  }

  async fn follow_pull(
    &self,
    response: http::Response<hyper::body::Incoming>,
    reference: &Reference,
    shown: Shown,
  ) -> Result<(Option<String>, &'static str)> {
    // Podman never says how it went: whether the image is there is asked afterwards.
    let silent = response.headers().contains_key("libpod-api-version");
    let mut lines = JsonLines::new(Wire::Body(response.into_body()));
    let mut meter = Meter::new("pull", shown);
    let (mut digest, mut status) = (None, silent.then_some("downloaded"));
    while let Some(text) = lines.next_line().await.map_err(|error| cut_short(reference, error))? {
      let raw: Value = serde_json::from_slice(&text).unwrap_or_default();
      let message = Message::read(&raw);
      if let Some((failure, _)) = message.failure() {
        return Err(pull_failed(reference, &failure, None));
      }
      let text = message.status.as_deref().unwrap_or_default();
      if let Some(found) = text.strip_prefix("Digest: ") {
        digest = Some(found.trim().to_owned());
      } else if text.starts_with("Status: ") {
        let new = text.contains("Downloaded");
        status = Some(if new { "downloaded" } else { "up-to-date" });
      }
      match (&message.id, message.progress()) {
        (Some(id), Some(counted)) => meter.layer(id, text, counted, &raw),
        _ => meter.note(&raw),
      }
    }
    // An engine that goes away may end its body as if it had finished.
    let status = status.ok_or_else(|| {
      let text = format!("the engine ended the pull of {reference} without saying how it went");
      EngineError::new(Code::PullFailed, text).with(|facts| {
        facts.reason = Some("network".into());
        facts.image = Some(reference.to_string());
      })
    })?;
    Ok((digest, status))
  }

  /// What its registry has under the name, without pulling it.
  pub async fn distribution(&self, auth: Option<&Auth>) -> Result<String> {
    self.asking_registry(&self.reference()?, auth).await?.text(self.engine()).await
  }

  async fn asking_registry(&self, reference: &Reference, auth: Option<&Auth>) -> Result<Call> {
    let path = format!("/distribution/{reference}/json");
    let call = Call::get("cannot ask the registry for", self.subject(), path);
    match self.credential(auth, reference).await? {
      Some(credential) => call.header("x-registry-auth", &credentials::header(&credential)),
      None => Ok(call),
    }
  }

  /// Whether the registry has another image under the name than the engine has. Unknown counts as
  /// no: an image that is here serves where the registry cannot be asked.
  pub(super) async fn is_outdated(&self) -> Result<bool> {
    let reference = self.reference()?;
    let found = self.present().await?;
    let call = self.asking_registry(&reference, None).await?;
    let Ok(remote) = call.read::<Value>(self.engine()).await else { return Ok(false) };
    let digest = remote.pointer("/Descriptor/digest").and_then(Value::as_str);
    Ok(digest.is_some_and(|digest| !found.repo_digests.iter().any(|own| own.ends_with(digest))))
  }
}

impl super::Inspected {
  fn digest_of(&self, reference: &Reference) -> Option<String> {
    let name = reference.name();
    let mut own = self.repo_digests.iter().filter_map(|entry| entry.split_once('@'));
    own.find(|(repository, _)| *repository == name).map(|(_, digest)| digest.to_owned())
  }
}

fn pull_failed(reference: &Reference, message: &str, status: Option<u16>) -> EngineError {
  // The name's own words are not the reason's.
  let reason = pull_failure::reason(&message.replace(&reference.name(), "the image"));
  // A registry's list of reasons has a line for each.
  let message = message.split_whitespace().collect::<Vec<_>>().join(" ");
  let text = format!("cannot pull {reference}: {message}{}", pull_failure::advice(reason));
  EngineError::new(Code::PullFailed, text).with(|facts| {
    facts.reason = Some(reason.into());
    facts.image = Some(reference.to_string());
    facts.status_code = status;
  })
}

fn cut_short(reference: &Reference, error: EngineError) -> EngineError {
  let text = format!("cannot pull {reference}: the engine's reply broke off");
  EngineError::new(Code::PullFailed, text)
    .with(|facts| {
      facts.reason = Some("network".into());
      facts.image = Some(reference.to_string());
    })
    .caused_by(error)
}
