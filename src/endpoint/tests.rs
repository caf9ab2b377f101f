use std::path::{Path, PathBuf};

use super::context::load;
use super::*;
use crate::transport::Pem;

/// A folder of a test's own.
struct Folder(PathBuf);

impl Folder {
  fn new(name: &str) -> Self {
    let path = std::env::temp_dir().join(format!("dokeres-endpoint-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&path).unwrap();
    Self(path)
  }

  fn write(&self, path: &str, content: &str) -> PathBuf {
    let file = self.0.join(path);
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(&file, content).unwrap();
    file
  }

  fn environment(&self, variables: &[(&str, &str)]) -> Environment {
    let pairs = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Environment {
      variables: pairs.collect(),
      home: Some(self.0.join("home")),
      uid: Some(1000),
      root: self.0.clone(),
    }
  }
}

impl Drop for Folder {
  fn drop(&mut self) {
    let _ = std::fs::remove_dir_all(&self.0);
  }
}

async fn resolved(options: EndpointOptions, environment: &Environment) -> Endpoint {
  resolve(&options, environment).await.map_err(|error| error.to_string()).unwrap()
}

fn at(host: &str) -> EndpointOptions {
  EndpointOptions { host: Some(host.to_owned()), ..EndpointOptions::default() }
}

#[tokio::test]
async fn an_option_goes_before_the_environment_and_that_before_contexts() {
  let folder = Folder::new("order");
  folder.write("home/.docker/config.json", "\u{feff}{\"currentContext\":\"mine\"}");
  let environment = folder.environment(&[("DOCKER_HOST", "tcp://h:1")]);
  assert_eq!(resolved(at("/a.sock"), &environment).await.address, Address::Unix("/a.sock".into()));
  let endpoint = resolved(EndpointOptions::default(), &environment).await;
  assert_eq!(endpoint.address.to_string(), "tcp://h:1");
  assert_eq!(endpoint.source, "DOCKER_HOST");
  let failed = resolve(&EndpointOptions::default(), &folder.environment(&[])).await;
  let Err(EndpointError::NoSuchContext { name, origin, .. }) = failed else { panic!("no context") };
  assert_eq!(name, "mine");
  assert!(origin.contains("config.json"));
}

#[tokio::test]
async fn tls_applies_as_the_cli_has_it() {
  let folder = Folder::new("tls");
  let ca = folder.write("home/.docker/ca.pem", "x");
  let plain = resolved(at("tcp://h"), &folder.environment(&[])).await;
  assert!(plain.tls.is_none());
  let on = folder.environment(&[("DOCKER_TLS_VERIFY", "0")]);
  let verified = resolved(at("tcp://h:2376"), &on).await;
  assert!(matches!(verified.address, Address::Tls { .. }));
  let material = verified.tls.unwrap();
  assert!(material.ca == Some(Pem::File(ca)) && !material.skip_verify && material.cert.is_none());
  let empty = folder.environment(&[("DOCKER_TLS_VERIFY", "")]);
  assert!(resolved(at("tcp://h:2376"), &empty).await.tls.is_none());
  let lax = folder.environment(&[("DOCKER_TLS", "1")]);
  assert!(resolved(at("tcp://h:2376"), &lax).await.tls.unwrap().skip_verify);
  assert!(resolved(at("/x.sock"), &on).await.tls.is_none());
}

#[tokio::test]
async fn a_context_brings_its_material() {
  let folder = Folder::new("context");
  let environment = folder.environment(&[("DOCKER_CONFIG", folder.0.to_str().unwrap())]);
  let id = sha("remote");
  folder.write(
    &format!("contexts/meta/{id}/meta.json"),
    r#"{"Name":"remote","Metadata":{},"Endpoints":{"docker":{"Host":"tcp://h:2376"}}}"#,
  );
  folder.write(&format!("contexts/tls/{id}/docker/ca.pem"), "x");
  let options =
    EndpointOptions { context: Some("remote".to_owned()), ..EndpointOptions::default() };
  let endpoint = resolved(options, &environment).await;
  assert!(matches!(endpoint.address, Address::Tls { .. }));
  assert!(endpoint.tls.unwrap().ca.is_some());
  let Err(error) = load("other", "a test", &environment).await else { panic!("there is none") };
  assert!(error.to_string().contains("remote"), "{error}");
}

fn sha(name: &str) -> String {
  use sha2::{Digest, Sha256};
  Sha256::digest(name).iter().fold(String::new(), |id, byte| id + &format!("{byte:02x}"))
}

#[cfg(unix)]
#[tokio::test]
async fn well_known_places_are_asked_in_order_and_dangling_links_passed_over() {
  let folder = Folder::new("discover");
  let default = folder.0.join("var/run/docker.sock");
  std::fs::create_dir_all(default.parent().unwrap()).unwrap();
  std::os::unix::fs::symlink("/nowhere/docker.sock", &default).unwrap();
  let environment = folder.environment(&[]);
  let Err(EndpointError::NotFound { tried }) =
    resolve(&EndpointOptions::default(), &environment).await
  else {
    panic!("nothing answers")
  };
  assert!(tried.len() > 8);
  assert_eq!(tried[0].error.as_deref(), Some("a link that leads nowhere"));

  let colima = folder.0.join("home/.colima/default/docker.sock");
  std::fs::create_dir_all(colima.parent().unwrap()).unwrap();
  let _server = answering(&colima);
  let endpoint = resolved(EndpointOptions::default(), &environment).await;
  assert_eq!(endpoint.address, Address::Unix(colima));
  assert_eq!(endpoint.source, "Colima's socket");
  assert!(endpoint.tried.len() > 3 && endpoint.tried.last().unwrap().error.is_none());
}

#[cfg(unix)]
fn answering(path: &Path) -> tokio::task::JoinHandle<()> {
  use tokio::io::{AsyncReadExt, AsyncWriteExt};
  let listener = tokio::net::UnixListener::bind(path).unwrap();
  tokio::spawn(async move {
    while let Ok((mut stream, _)) = listener.accept().await {
      let mut request = [0; 512];
      let _ = stream.read(&mut request).await;
      let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\nOK").await;
    }
  })
}
