//! Against the engine that `DOKERES_TEST_HOST` names; without it these do nothing.

use super::*;

const IMAGE: &str = "dokeres-test/base:latest";

fn client() -> Option<Client> {
  let Ok(host) = std::env::var("DOKERES_TEST_HOST") else {
    eprintln!("skipped: DOKERES_TEST_HOST is not set");
    return None;
  };
  let mut config = ClientConfig::new(Address::parse(&host).unwrap());
  if let Ok(file) = std::env::var("DOKERES_TEST_SSH_CONFIG") {
    config.ssh.config_file = Some(file.into());
  }
  Some(Client::new(config))
}

async fn json(client: &Client, path: &str, body: serde_json::Value) -> serde_json::Value {
  let mut request = post(path, Body::json(&body).unwrap());
  request.headers_mut().insert("content-type", "application/json".parse().unwrap());
  let reply = text(client.send(request).await.unwrap()).await;
  serde_json::from_str(&reply).unwrap_or_else(|_| reply.into())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn half_closing_an_execs_input_ends_it() {
  let Some(client) = client() else { return };
  let sleeper = serde_json::json!({ "Image": IMAGE, "Cmd": ["sleep", "300"] });
  let made = json(&client, "/containers/create", sleeper).await;
  let id = made["Id"].as_str().unwrap_or_else(|| panic!("{made}")).to_owned();
  json(&client, &format!("/containers/{id}/start"), serde_json::Value::Null).await;
  for _ in 0..3 {
    let exec =
      serde_json::json!({ "AttachStdin": true, "AttachStdout": true, "Cmd": ["wc", "-c"] });
    let exec = json(&client, &format!("/containers/{id}/exec"), exec).await;
    let path = format!("/exec/{}/start", exec["Id"].as_str().unwrap());
    let mut request = post(&path, Body::full("{\"Detach\":false}"));
    request.headers_mut().insert("content-type", "application/json".parse().unwrap());
    let Upgraded::Stream { mut io, .. } = client.upgrade(request).await.unwrap() else {
      panic!("refused")
    };
    io.write_all(&vec![b'x'; 1_234_567]).await.unwrap();
    io.shutdown().await.unwrap();
    let mut out = Vec::new();
    within(io.read_to_end(&mut out)).await.unwrap();
    assert_eq!(&out[8..], b"1234567\n");
  }
  let request = Request::delete(format!("/containers/{id}?force=1")).body(Body::empty()).unwrap();
  assert_eq!(client.send(request).await.unwrap().status(), 204);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_at_a_time_are_all_answered() {
  let Some(client) = client() else { return };
  let calls = (0..200).map(|_| async { client.send(get("/version")).await.unwrap().status() });
  for status in futures_util::future::join_all(calls).await {
    assert_eq!(status, 200);
  }
}
