//! TLS with certificates made by openssl, ssh with a stand-in remote command.

use std::path::Path;
use std::process::Command;

use super::*;

/// Makes an authority, a server's certificate for 127.0.0.1 and a client's; `None` without openssl.
fn certificates(folder: &Path) -> Option<()> {
  let script = "
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout ca.key -out ca.pem -subj /CN=ca -days 2 -addext keyUsage=critical,keyCertSign
    for who in server client; do
      openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout $who.key -out $who.csr -subj /CN=$who
      echo subjectAltName=IP:127.0.0.1 > ext
      openssl x509 -req -in $who.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile ext -out $who.pem
    done";
  std::fs::create_dir_all(folder).ok()?;
  let status = Command::new("sh").args(["-ec", script]).current_dir(folder).output().ok()?.status;
  status.success().then_some(())
}

fn server_config(folder: &Path, ask: bool) -> Arc<rustls::ServerConfig> {
  use rustls::pki_types::pem::PemObject;
  use rustls::pki_types::{CertificateDer, PrivateKeyDer};
  let provider = Arc::new(rustls::crypto::ring::default_provider());
  let mut roots = rustls::RootCertStore::empty();
  roots.add(CertificateDer::from_pem_file(folder.join("ca.pem")).unwrap()).unwrap();
  let builder = rustls::ServerConfig::builder_with_provider(Arc::clone(&provider))
    .with_safe_default_protocol_versions()
    .unwrap();
  let builder = if ask {
    let roots = Arc::new(roots);
    let verifier =
      rustls::server::WebPkiClientVerifier::builder_with_provider(roots, provider).build().unwrap();
    builder.with_client_cert_verifier(verifier)
  } else {
    builder.with_no_client_auth()
  };
  let chain = vec![CertificateDer::from_pem_file(folder.join("server.pem")).unwrap()];
  let key = PrivateKeyDer::from_pem_file(folder.join("server.key")).unwrap();
  Arc::new(builder.with_single_cert(chain, key).unwrap())
}

/// Echoes after a switch, like an engine's exec of `cat`, and answers `OK` to anything else.
async fn serve_tls(config: Arc<rustls::ServerConfig>) -> u16 {
  let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
  let port = listener.local_addr().unwrap().port();
  tokio::spawn(async move {
    while let Ok((stream, _)) = listener.accept().await {
      let config = Arc::clone(&config);
      tokio::spawn(async move {
        let Ok(mut stream) = tokio_rustls::TlsAcceptor::from(config).accept(stream).await else {
          return;
        };
        while let Some(request) = request_on(&mut stream).await {
          if !request.contains("/exec/") {
            answer(&mut stream, "OK").await;
            continue;
          }
          stream.write_all(b"HTTP/1.1 101 UPGRADED\r\nUpgrade: tcp\r\n\r\n").await.unwrap();
          let mut all = Vec::new();
          stream.read_to_end(&mut all).await.unwrap();
          stream.write_all(all.len().to_string().as_bytes()).await.unwrap();
          stream.shutdown().await.unwrap();
        }
      });
    }
  });
  port
}

fn tls_client(port: u16, tls: TlsMaterial) -> Client {
  let mut config = ClientConfig::new(Address::Tls { host: "127.0.0.1".to_owned(), port });
  config.tls = Some(tls);
  Client::new(config)
}

async fn refused(port: u16, tls: TlsMaterial) -> String {
  match tls_client(port, tls).send(get("/_ping")).await {
    Err(TransportError::Tls(text)) => text,
    other => panic!("{other:?}"),
  }
}

#[tokio::test]
async fn tls_trusts_whom_it_is_told_to() {
  let folder = std::env::temp_dir().join(format!("dokeres-tls-{}", std::process::id()));
  let Some(()) = certificates(&folder) else {
    eprintln!("skipped: openssl is missing");
    return;
  };
  let file = |name: &str| Some(Pem::File(folder.join(name)));
  let bytes = |name: &str| Some(Pem::Bytes(std::fs::read(folder.join(name)).unwrap()));
  let open = serve_tls(server_config(&folder, false)).await;
  let closed = serve_tls(server_config(&folder, true)).await;

  let trusting = TlsMaterial { ca: file("ca.pem"), ..TlsMaterial::default() };
  let careless = TlsMaterial { skip_verify: true, ..TlsMaterial::default() };
  let known =
    TlsMaterial { cert: bytes("client.pem"), key: file("client.key"), ..trusting.clone() };
  for (port, tls) in [(open, trusting.clone()), (open, careless), (closed, known.clone())] {
    let client = tls_client(port, tls);
    for _ in 0..3 {
      assert_eq!(text(client.send(get("/_ping")).await.unwrap()).await, "OK");
    }
  }

  let client = tls_client(closed, known);
  let Upgraded::Stream { mut io, .. } =
    client.upgrade(post("/exec/x/start", Body::full("{}"))).await.unwrap()
  else {
    panic!("refused")
  };
  io.write_all(&vec![7; 1_000_000]).await.unwrap();
  io.shutdown().await.unwrap();
  let mut count = String::new();
  within(io.read_to_string(&mut count)).await.unwrap();
  assert_eq!(count, "1000000");

  let stranger = TlsMaterial { ca: file("client.pem"), ..TlsMaterial::default() };
  let error = refused(open, stranger).await;
  assert!(error.contains("UnknownIssuer") && error.contains("`ca`"), "{error}");
  let other_name = TlsMaterial { server_name: Some("other".to_owned()), ..trusting.clone() };
  assert!(refused(open, other_name).await.contains("another name"));
  let error = refused(closed, trusting.clone()).await;
  assert!(error.contains("client certificate"), "{error}");
  let half = TlsMaterial { cert: file("client.pem"), ..trusting.clone() };
  let error = refused(open, half).await;
  assert!(error.contains("`cert`") && error.contains("without its key (`key`)"), "{error}");
  let missing = TlsMaterial { ca: file("nothing.pem"), ..TlsMaterial::default() };
  assert!(refused(open, missing).await.contains("nothing.pem (`ca`) cannot be read"));
  let empty = TlsMaterial { ca: Some(Pem::Bytes(b"x".to_vec())), ..TlsMaterial::default() };
  assert!(refused(open, empty).await.contains("no PEM certificate"));

  let plain = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
  let port = plain.local_addr().unwrap().port();
  tokio::spawn(async move {
    let (mut stream, _) = plain.accept().await.unwrap();
    let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
  });
  let error = refused(port, trusting).await;
  assert!(error.contains("plain HTTP"), "{error}");
  std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn ssh_says_why_it_failed() {
  let mut config = ClientConfig::new(Address::Ssh {
    user: None,
    host: "127.0.0.1".to_owned(),
    port: Some(1),
    socket: None,
  });
  config.ssh.config_file = Some("/dev/null".into());
  let error = match within(Client::new(config).send(get("/_ping"))).await {
    Err(TransportError::Unreachable(error)) => error.to_string(),
    other => panic!("{other:?}"),
  };
  assert!(error.contains("Connection refused") || error.contains("no `ssh`"), "{error}");
}
