//! TLS material, as given: read and turned into a rustls configuration on first use.

use std::path::PathBuf;
use std::sync::Arc;

use rustls::RootCertStore;
use rustls::client::WebPkiServerVerifier;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};

use super::error::TransportError;
use super::tls_verify::AnyServer;

/// PEM from memory or from a file.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Pem {
  Bytes(Vec<u8>),
  File(PathBuf),
}

/// What `--tlsverify`, `--tlscacert`, `--tlscert` and `--tlskey` are to the docker CLI.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct TlsMaterial {
  /// Trusted authorities; absent: those of the system.
  pub ca: Option<Pem>,
  pub cert: Option<Pem>,
  pub key: Option<Pem>,
  /// Take the server's certificate as it comes (docker's `--tls` without `--tlsverify`).
  pub skip_verify: bool,
  /// The name to verify instead of the address's host.
  pub server_name: Option<String>,
}

impl TlsMaterial {
  /// Reads the material; nothing is taken from the process's defaults.
  pub(super) async fn client_config(&self) -> Result<Arc<rustls::ClientConfig>, TransportError> {
    let provider = Arc::new(ring::default_provider());
    let builder = rustls::ClientConfig::builder_with_provider(Arc::clone(&provider))
      .with_safe_default_protocol_versions()
      .map_err(|error| TransportError::Tls(error.to_string()))?;
    let builder = if self.skip_verify {
      builder.dangerous().with_custom_certificate_verifier(Arc::new(AnyServer::new(provider)))
    } else {
      builder.with_webpki_verifier(self.verifier(provider).await?)
    };
    let config = match self.identity().await? {
      Some((chain, key)) => builder.with_client_auth_cert(chain, key).map_err(|error| {
        TransportError::Tls(format!(
          "the client's certificate (`cert`) and key (`key`) cannot be used together: {error}"
        ))
      })?,
      None => builder.with_no_client_auth(),
    };
    Ok(Arc::new(config))
  }

  /// The name that the server's certificate has to carry.
  pub(super) fn name(&self, host: &str) -> Result<ServerName<'static>, TransportError> {
    let name = self.server_name.as_deref().unwrap_or(host);
    ServerName::try_from(name.to_owned()).map_err(|_| {
      TransportError::Tls(format!("`{name}` is not a name that a certificate can have"))
    })
  }

  async fn verifier(
    &self,
    provider: Arc<CryptoProvider>,
  ) -> Result<Arc<WebPkiServerVerifier>, TransportError> {
    let roots = match &self.ca {
      Some(ca) => {
        let mut roots = RootCertStore::empty();
        for certificate in certificates(ca, "ca").await? {
          roots.add(certificate).map_err(|error| unusable(ca, "ca", &error))?;
        }
        roots
      }
      None => system_roots().await?,
    };
    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build().map_err(
      |error| TransportError::Tls(format!("the trusted authorities cannot be used: {error}")),
    )
  }

  async fn identity(
    &self,
  ) -> Result<Option<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)>, TransportError> {
    let (cert, key) = match (&self.cert, &self.key) {
      (None, None) => return Ok(None),
      (Some(cert), Some(key)) => (cert, key),
      (Some(_), None) => return Err(half("certificate (`cert`)", "key (`key`)")),
      (None, Some(_)) => return Err(half("key (`key`)", "certificate (`cert`)")),
    };
    let chain = certificates(cert, "cert").await?;
    let text = read(key, "key").await?;
    let key = PrivateKeyDer::from_pem_slice(&text).map_err(|error| {
      let locked = text.windows(9).any(|word| word == b"ENCRYPTED");
      let hint = if locked { "; it is encrypted, and a passphrase cannot be given" } else { "" };
      TransportError::Tls(format!("no private key in {}: {error}{hint}", named(key, "key")))
    })?;
    Ok(Some((chain, key)))
  }
}

fn half(given: &str, missing: &str) -> TransportError {
  TransportError::Tls(format!("a client {given} was given without its {missing}"))
}

async fn certificates(
  pem: &Pem,
  option: &str,
) -> Result<Vec<CertificateDer<'static>>, TransportError> {
  let text = read(pem, option).await?;
  let list: Vec<_> = CertificateDer::pem_slice_iter(&text)
    .collect::<Result<_, _>>()
    .map_err(|error| unusable(pem, option, &error))?;
  if list.is_empty() {
    return Err(unusable(pem, option, &"there is no PEM certificate in it"));
  }
  Ok(list)
}

fn unusable(pem: &Pem, option: &str, why: &dyn std::fmt::Display) -> TransportError {
  TransportError::Tls(format!("{} cannot be used: {why}", named(pem, option)))
}

fn named(pem: &Pem, option: &str) -> String {
  match pem {
    Pem::Bytes(_) => format!("the PEM given as `{option}`"),
    Pem::File(path) => format!("{} (`{option}`)", path.display()),
  }
}

async fn read(pem: &Pem, option: &str) -> Result<Vec<u8>, TransportError> {
  match pem {
    Pem::Bytes(bytes) => Ok(bytes.clone()),
    Pem::File(path) => super::file::read_file(path).await.map_err(|error| {
      TransportError::Tls(format!("{} cannot be read: {error}", named(pem, option)))
    }),
  }
}

/// A store with a bad certificate or two still serves; one with none at all does not.
async fn system_roots() -> Result<RootCertStore, TransportError> {
  let loaded = tokio::task::spawn_blocking(rustls_native_certs::load_native_certs)
    .await
    .map_err(|error| TransportError::Tls(error.to_string()))?;
  let mut roots = RootCertStore::empty();
  roots.add_parsable_certificates(loaded.certs);
  if roots.is_empty() {
    let why = loaded.errors.first().map(|error| format!(": {error}")).unwrap_or_default();
    return Err(TransportError::Tls(format!(
      "this system has no trusted authorities{why}; give the engine's own as `ca`"
    )));
  }
  Ok(roots)
}
