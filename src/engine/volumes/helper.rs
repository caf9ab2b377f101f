//! A container that is never started: the engine's only way to a volume's files.

use serde_json::{Map, json};

use crate::engine::Engine;
use crate::engine::container::Container;
use crate::engine::container::guard::ContainerGuard;
use crate::engine::error::{Code, EngineError, Result};
use crate::engine::image::Image;
use crate::engine::images::list;
use crate::engine::options::{Command, Making, RunOptions};

/// Where the volume is in it. No image has something there.
pub const PLACE: &str = "/.dokeres-volume";

/// It goes when this is dropped.
pub struct Helper {
  pub id: String,
  /// The image that it is made of.
  pub image: String,
  guard: ContainerGuard,
}

impl Helper {
  /// Of the image that was named, or of the smallest that is there: nothing of it is ever run.
  pub async fn new(
    engine: &Engine,
    volume: &str,
    image: Option<&str>,
    readonly: bool,
  ) -> Result<Self> {
    let image = match image {
      Some(image) => image.to_owned(),
      None => smallest(engine, volume).await?,
    };
    let mount = json!({
      "Type": "volume",
      "Source": volume,
      "Target": PLACE,
      "ReadOnly": readonly,
      // An empty volume must not be filled from the image.
      "VolumeOptions": { "NoCopy": true },
    });
    let mut extra = Map::new();
    extra.insert("HostConfig".into(), json!({ "Mounts": [mount], "NetworkMode": "none" }));
    // Whoever comes upon it sees what it is.
    extra.insert("Labels".into(), json!({ "dokeres.helper": "volume" }));
    let options = RunOptions { extra, ..RunOptions::default() };
    // An image without a command would be refused; this one is never run.
    let making = Making { command: Some(Command(vec!["volume".to_owned()])), ..Making::default() };
    let container = Container::of_image(&Image::named(engine, &image)?, making, options)?;
    container.create().await?;
    let id = container.id()?;
    let guard = ContainerGuard::new(engine, &id);
    Ok(Self { id, image, guard })
  }

  /// Removes it now, and waits for that.
  pub async fn remove(self) {
    self.guard.remove().await;
  }
}

async fn smallest(engine: &Engine, volume: &str) -> Result<String> {
  let all = list::listed(engine, &list::ListOptions::default()).await?;
  let found = all.iter().filter(|image| image.size >= 0).min_by_key(|image| image.size);
  let name = found.map(|image| image.tags().next().unwrap_or(&image.id).clone());
  name.ok_or_else(|| {
    EngineError::new(
      Code::ImageNotFound,
      format!(
        "the engine has no image to reach volume {volume} through; pull one, or name one as `image`"
      ),
    )
  })
}
