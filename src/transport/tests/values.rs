use super::super::ssh::{Remote, arguments, plain};
use super::*;
use http::Method;

#[test]
fn addresses() {
  let good = [
    ("/run/docker.sock", "unix:///run/docker.sock"),
    ("unix:///run/docker.sock", "unix:///run/docker.sock"),
    (r"\\.\pipe\docker_engine", "npipe:////./pipe/docker_engine"),
    ("//./pipe/docker_engine", "npipe:////./pipe/docker_engine"),
    ("npipe:////./pipe/docker_engine", "npipe:////./pipe/docker_engine"),
    ("tcp://host", "tcp://host:2375"),
    ("TCP://host:1/", "tcp://host:1"),
    ("http://host", "tcp://host:2375"),
    ("https://host", "https://host:2376"),
    ("tcp://[::1]:99", "tcp://[::1]:99"),
    ("tcp://[::1]", "tcp://[::1]:2375"),
    ("ssh://me@host", "ssh://me@host"),
    ("ssh://host:22/", "ssh://host:22"),
    ("ssh://me@host:22/run/d.sock", "ssh://me@host:22/run/d.sock"),
  ];
  for (text, shown) in good {
    let address = Address::parse(text).unwrap();
    assert_eq!(address.to_string(), shown);
    assert_eq!(Address::parse(shown).unwrap(), address, "{shown}");
  }
  let bad = [
    "",
    "host",
    "relative/path",
    "ftp://host",
    "unix://",
    "tcp://",
    "tcp://:2375",
    "tcp://host:",
    "tcp://host:x",
    "tcp://host:0",
    "tcp://host:+1",
    "tcp://host:65536",
    "tcp://host/path",
    "tcp://::1",
    "tcp://[::1",
    "tcp://[::1]x",
    "https://me@host",
    "ssh://",
    "ssh://-o@host",
    "ssh://-host",
    "ssh://me:secret@host",
    "npipe://x",
  ];
  for text in bad {
    let error = Address::parse(text).unwrap_err();
    assert!(error.contains("unix:///path"), "{error}");
  }
}

#[test]
fn classes() {
  let long = [
    "POST /containers/x/wait",
    "POST /v1.41/containers/x/stop?t=3",
    "POST /build",
    "POST /images/create",
    "POST /images/load",
    "POST /images/a/b/c/push",
    "GET /images/a/b/get",
    "GET /events",
    "GET /containers/x/logs",
    "GET /containers/x/stats",
    "GET /containers/x/export",
    "GET /containers/x/archive",
    "PUT /containers/x/archive",
    "POST /commit",
    "POST /session",
    "POST /grpc",
    "POST /exec/x/start",
    "POST /containers/x/attach",
    "GET /distribution/a/b/json",
    "POST /plugins/pull",
    "POST /build/prune",
    "POST /volumes/prune",
    "DELETE /images/a",
    "POST /v4.0.0/libpod/containers/x/wait",
    "GET /system/df",
  ];
  let short = [
    "GET /_ping",
    "GET /containers/json",
    "GET /v1.41/containers/x/json",
    "HEAD /containers/x/archive",
    "POST /containers/create",
    "POST /containers/x/start",
    "POST /containers/x/kill",
    "GET /info",
    "POST /containers/x/exec",
    "POST /exec/x/resize",
    "GET /exec/x/json",
    "GET /images/a/json",
    "POST /networks/create",
    "DELETE /networks/x",
    "POST /images/x/tag",
    "GET /version",
  ];
  for (list, class) in [(&long[..], Class::Long), (&short[..], Class::Short)] {
    for line in list {
      let (method, path) = line.split_once(' ').unwrap();
      let path = path.split('?').next().unwrap();
      assert_eq!(Class::of(&Method::try_from(method).unwrap(), path), class, "{line}");
    }
  }
}

#[test]
fn ssh_is_called_as_the_docker_cli_calls_it() {
  let remote = Remote { user: Some("me"), host: "box", port: Some(2222), socket: None };
  let options = SshOptions {
    identity_file: Some("/k".into()),
    options: vec!["StrictHostKeyChecking=no".to_owned()],
    ..SshOptions::default()
  };
  let list = arguments(&remote, &options, Duration::from_millis(4500)).unwrap().join(" ");
  let wanted = "-o ConnectTimeout=5 -T -i /k -l me -p 2222 -o StrictHostKeyChecking=no \
                -o BatchMode=yes -- box docker system dial-stdio";
  assert_eq!(list, wanted);
  let remote = Remote { user: None, host: "box", port: None, socket: Some("/run/my d;.sock") };
  let list = arguments(&remote, &SshOptions::default(), Duration::from_secs(5)).unwrap().join(" ");
  assert!(
    list.ends_with("-- box docker --host 'unix:///run/my d;.sock' system dial-stdio"),
    "{list}"
  );
  let remote = Remote { user: None, host: "-oProxyCommand=x", port: None, socket: None };
  assert!(arguments(&remote, &SshOptions::default(), Duration::ZERO).is_err());
}

#[test]
fn what_ssh_says_is_made_plain() {
  let said = "\u{1b}[31mWarning: x\u{1b}[0m\r\n\r\nme@box: Permission denied (publickey).\r\n";
  assert_eq!(plain(said), "Warning: x; me@box: Permission denied (publickey).");
}

#[tokio::test]
async fn an_absent_engine_is_told_of_plainly() {
  let failure = |address| async move {
    Client::new(ClientConfig::new(address)).send(get("/_ping")).await.unwrap_err()
  };
  let error = failure(Address::Unix("/nowhere/docker.sock".into())).await;
  assert!(matches!(error, TransportError::Unreachable(_)) && error.to_string() == "no such socket");
  let link = std::env::temp_dir().join(format!("dokeres-link-{}", std::process::id()));
  std::os::unix::fs::symlink("/nowhere/docker.sock", &link).unwrap();
  assert_eq!(failure(Address::Unix(link.clone())).await.to_string(), "a link to nothing");
  std::fs::remove_file(link).unwrap();
  let error = failure(Address::Unix("/etc/passwd".into())).await;
  assert_eq!(error.to_string(), "connection refused: nothing listens there");
  let error = failure(Address::Tcp { host: "127.0.0.1".to_owned(), port: 1 }).await;
  assert_eq!(error.to_string(), "connection refused: nothing listens there");
  let error = failure(Address::Tcp { host: "nowhere.invalid".to_owned(), port: 1 }).await;
  assert!(error.to_string().starts_with("cannot resolve `nowhere.invalid`: "), "{error}");
  let error = failure(Address::Pipe("//./pipe/x".to_owned())).await;
  assert!(matches!(error, TransportError::NotSupported(_)), "{error:?}");
  let server = Server::new(|_, mut stream| async move {
    request_on(&mut stream).await;
    let _ = stream.write_all(b"SSH-2.0-OpenSSH_9.2\r\n").await;
  });
  let error = server.client().send(get("/_ping")).await.unwrap_err();
  assert!(matches!(error, TransportError::Protocol(_)), "{error:?}");
}
