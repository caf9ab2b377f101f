//! Whose configuration is believed: it says where builds, credentials and all else are sent.

use std::io;
use std::path::Path;

use super::Environment;
use crate::transport::read_file;

impl Environment {
  /// A file of docker's configuration. One that `DOCKER_CONFIG` leads to is the caller's own word; one that is only
  /// found by the home directory has to be this user's, or root's, and nobody else's to write.
  pub async fn read_config(&self, file: &Path) -> io::Result<Vec<u8>> {
    #[cfg(unix)]
    if self.get("DOCKER_CONFIG").is_none() {
      self.check(&tokio::fs::metadata(file).await?)?;
    }
    read_file(file).await
  }

  #[cfg(unix)]
  fn check(&self, found: &std::fs::Metadata) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt;
    // `sudo` may leave the home directory what it was: root believes its users, as the docker CLI has it.
    if let Some(uid) = self.uid.filter(|uid| *uid != 0 && found.uid() != *uid && found.uid() != 0) {
      let why = format!(
        "it belongs to user {}, not to {uid}; name its folder in DOCKER_CONFIG to use it all the same",
        found.uid()
      );
      return Err(io::Error::other(why));
    }
    // File systems that know no modes, as Windows' within WSL, show all of them.
    let mode = found.mode() & 0o777;
    if mode & 0o002 != 0 && mode != 0o777 {
      return Err(io::Error::other(format!(
        "anybody may write it (mode {mode:o}): `chmod o-w` it"
      )));
    }
    Ok(())
  }
}

#[cfg(all(test, unix))]
mod tests {
  use std::fs::{Permissions, set_permissions, write};
  use std::os::unix::fs::{MetadataExt, PermissionsExt};

  use super::*;

  #[tokio::test]
  async fn configuration_of_others_is_not_believed() {
    let file = std::env::temp_dir().join(format!("dokeres-trust-{}", std::process::id()));
    write(&file, "{}").unwrap();
    let own = std::fs::metadata(&file).unwrap().uid();
    let mut environment = Environment { uid: Some(own), ..Environment::default() };
    let told = async |environment: &Environment, mode: u32| {
      set_permissions(&file, Permissions::from_mode(mode)).unwrap();
      environment.read_config(&file).await.err().map(|error| error.to_string())
    };
    for mode in [0o600, 0o644, 0o664, 0o777] {
      assert_eq!(told(&environment, mode).await, None, "{mode:o}");
    }
    assert!(told(&environment, 0o666).await.unwrap().contains("chmod"));
    environment.variables.insert("DOCKER_CONFIG".into(), "/somewhere".into());
    assert_eq!(told(&environment, 0o666).await, None);
    // Somebody else's.
    if own == 0 {
      std::os::unix::fs::chown(&file, Some(4242), None).unwrap();
    }
    let mut other = Environment { uid: Some(4243), ..Environment::default() };
    assert!(told(&other, 0o644).await.unwrap().contains("belongs to"));
    other.uid = Some(0);
    assert_eq!(told(&other, 0o644).await, None);
    std::fs::remove_file(&file).unwrap();
  }

  #[tokio::test]
  async fn no_file_is_read_without_end() {
    let error = read_file(Path::new("/dev/zero")).await.unwrap_err();
    assert!(error.to_string().contains("larger than"));
  }
}
