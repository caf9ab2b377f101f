//! When TLS applies, and with what, as the docker CLI decides it.

use std::path::Path;

use super::Environment;
use crate::transport::{Address, Pem, TlsMaterial};

/// `DOCKER_TLS_VERIFY` and `DOCKER_TLS`, set to anything, turn TLS on for `tcp://`; the files are in
/// `DOCKER_CERT_PATH`, or else in docker's configuration directory.
pub async fn of_environment(
  address: &Address,
  verify: Option<bool>,
  environment: &Environment,
) -> Option<TlsMaterial> {
  let verified = environment.get("DOCKER_TLS_VERIFY").is_some();
  let on = verified || environment.get("DOCKER_TLS").is_some() || verify.is_some();
  let is_tls = matches!(address, Address::Tls { .. });
  if !(is_tls || (on && matches!(address, Address::Tcp { .. }))) {
    return None;
  }
  let folder = match environment.get("DOCKER_CERT_PATH") {
    Some(folder) => Some(folder.into()),
    None => environment.docker_config(),
  };
  let mut material = match folder {
    Some(folder) => of_folder(&folder).await,
    None => TlsMaterial::default(),
  };
  material.skip_verify = !verified && !is_tls;
  Some(material)
}

/// Those of `ca.pem`, `cert.pem` and `key.pem` that a folder has.
pub async fn of_folder(folder: &Path) -> TlsMaterial {
  let file = async |name: &str| {
    let path = folder.join(name);
    tokio::fs::try_exists(&path).await.unwrap_or(false).then_some(Pem::File(path))
  };
  TlsMaterial {
    ca: file("ca.pem").await,
    cert: file("cert.pem").await,
    key: file("key.pem").await,
    ..TlsMaterial::default()
  }
}

/// TLS material makes a `tcp://` address one of TLS; a socket has no use for it.
pub fn applied(
  address: Address,
  material: Option<TlsMaterial>,
  verify: Option<bool>,
) -> (Address, Option<TlsMaterial>) {
  let mut material = material;
  if let (Some(material), Some(verify)) = (&mut material, verify) {
    material.skip_verify = !verify;
  }
  match (address, material) {
    (Address::Tcp { host, port }, Some(material)) => (Address::Tls { host, port }, Some(material)),
    (address @ Address::Tls { .. }, material) => (address, Some(material.unwrap_or_default())),
    (address, _) => (address, None),
  }
}
