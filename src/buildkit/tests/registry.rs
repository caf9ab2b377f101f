use bollard_buildkit_proto::moby::filesync::v1::{CredentialsRequest, CredentialsResponse};

use std::pin::Pin;

use tokio::sync::Notify;

use super::*;

const CREDENTIALS: &str = "/moby.filesync.v1.Auth/Credentials";

fn knowing(answer: Result<Option<Credential>, String>) -> Offer {
  let lookup = move |host: String| -> Pin<Box<dyn Future<Output = _> + Send>> {
    assert_eq!(host, "registry-1.docker.io");
    let answer = answer.clone();
    Box::pin(async { answer })
  };
  Offer { credentials: Arc::new(lookup), ..nothing() }
}

fn request() -> CredentialsRequest {
  CredentialsRequest { host: "registry-1.docker.io".to_owned() }
}

async fn given(credential: Option<Credential>) -> (String, String) {
  let engine = Engine::of(knowing(Ok(credential))).await;
  let CredentialsResponse { username, secret } = engine.ask(CREDENTIALS, &request()).await;
  (username, secret)
}

fn pair(username: &str, secret: &str) -> (String, String) {
  (username.to_owned(), secret.to_owned())
}

#[tokio::test]
async fn gives_names_with_passwords_and_tokens_alone() {
  let named = Credential {
    username: Some("me".to_owned()),
    password: Some("pass".to_owned()),
    identity_token: Some(String::new()),
    ..Credential::default()
  };
  let token = Credential { identity_token: Some("token".to_owned()), ..named.clone() };
  assert_eq!(given(Some(named)).await, pair("me", "pass"));
  assert_eq!(given(Some(token)).await, pair("", "token"));
  assert_eq!(given(None).await, pair("", ""));
}

#[tokio::test]
async fn a_helper_that_fails_is_a_failure_to_tell() {
  let engine = Engine::of(knowing(Err("the helper has no display".to_owned()))).await;
  let refusal = failed(2, "the helper has no display");
  assert_eq!(engine.call(CREDENTIALS, &request()).await, refusal);
  let why = Reason::Credentials("the helper has no display".to_owned());
  assert_eq!(engine.failure.last(), Some(why));
}

#[tokio::test]
async fn a_lookup_ends_with_the_call() {
  let (alive, mut gone) = tokio::sync::mpsc::channel::<()>(1);
  let lookup = move |_| -> Pin<Box<dyn Future<Output = _> + Send>> {
    let alive = alive.clone();
    Box::pin(async move {
      alive.send(()).await.unwrap();
      std::future::pending().await
    })
  };
  let engine = Engine::of(Offer { credentials: Arc::new(lookup), ..nothing() }).await;
  let (_reply, mut stream) = engine.start(CREDENTIALS, HeaderMap::new()).await;
  stream.send_data(framed(&request().encode_to_vec()), true).unwrap();
  assert_eq!(soon(gone.recv()).await, Some(()));
  stream.send_reset(h2::Reason::CANCEL);
  // The session itself still holds a sender, so it is the count that tells.
  soon(async {
    while gone.sender_strong_count() > 1 {
      tokio::task::yield_now().await;
    }
  })
  .await;
}

#[tokio::test]
async fn looks_a_host_up_once_and_keeps_no_other_waiting() {
  let (lookups, open) = (Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
  let lookup = {
    let (lookups, open) = (Arc::clone(&lookups), Arc::clone(&open));
    move |host: String| -> Pin<Box<dyn Future<Output = _> + Send>> {
      lookups.fetch_add(1, Ordering::Relaxed);
      let open = Arc::clone(&open);
      Box::pin(async move {
        if host == "slow" {
          open.notified().await;
        }
        Ok(Some(Credential { username: Some(host), ..Credential::default() }))
      })
    }
  };
  let engine = Engine::of(Offer { credentials: Arc::new(lookup), ..nothing() }).await;
  let ask = async |host: &str| -> String {
    let request = CredentialsRequest { host: host.to_owned() };
    let CredentialsResponse { username, .. } = engine.ask(CREDENTIALS, &request).await;
    username
  };
  let released = async {
    for _ in 0..3 {
      assert_eq!(ask("quick").await, "quick");
    }
    open.notify_one();
  };
  let (first, second, third, ()) = tokio::join!(ask("slow"), ask("slow"), ask("slow"), released);
  assert_eq!([first, second, third, ask("slow").await], ["slow"; 4]);
  assert_eq!(lookups.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn a_lookup_that_failed_or_was_given_up_is_made_again() {
  let lookups = Arc::new(AtomicUsize::new(0));
  let (started, mut starts) = tokio::sync::mpsc::unbounded_channel();
  let counted = Arc::clone(&lookups);
  let lookup = move |_| -> Pin<Box<dyn Future<Output = _> + Send>> {
    started.send(()).unwrap();
    match counted.fetch_add(1, Ordering::Relaxed) {
      0 => Box::pin(async { Err("locked".to_owned()) }),
      1 => Box::pin(std::future::pending()),
      _ => Box::pin(async { Ok(None) }),
    }
  };
  let engine = Engine::of(Offer { credentials: Arc::new(lookup), ..nothing() }).await;
  assert_eq!(engine.call(CREDENTIALS, &request()).await, failed(2, "locked"));
  soon(starts.recv()).await.unwrap();

  let (_reply, mut stream) = engine.start(CREDENTIALS, HeaderMap::new()).await;
  stream.send_data(framed(&request().encode_to_vec()), true).unwrap();
  soon(starts.recv()).await.unwrap();
  let given_up = async { stream.send_reset(h2::Reason::CANCEL) };
  let request = request();
  let (answer, ()) = tokio::join!(engine.call(CREDENTIALS, &request), given_up);
  assert_eq!(answer.code, 0);
  assert_eq!(engine.call(CREDENTIALS, &request).await.code, 0);
  assert_eq!(lookups.load(Ordering::Relaxed), 3);
}
