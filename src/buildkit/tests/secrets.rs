use bollard_buildkit_proto::moby::buildkit::secrets::v1::{GetSecretRequest, GetSecretResponse};

use super::*;

const GET: &str = "/moby.buildkit.secrets.v1.Secrets/GetSecret";
const LIMIT: usize = 500 * 1024;

fn offering(source: SecretSource) -> Offer {
  Offer { secrets: BTreeMap::from([("a".to_owned(), source)]), ..nothing() }
}

fn request(id: &str) -> GetSecretRequest {
  GetSecretRequest { id: id.to_owned(), ..GetSecretRequest::default() }
}

#[tokio::test]
async fn gives_values_and_files() {
  let path = unused_path();
  std::fs::write(&path, b"from a file\n\xff").unwrap();
  let engine = Engine::of(offering(SecretSource::File(path.clone()))).await;
  let secret: GetSecretResponse = engine.ask(GET, &request("a")).await;
  assert_eq!(secret.data, b"from a file\n\xff");
  std::fs::remove_file(path).unwrap();

  let engine = Engine::of(offering(SecretSource::Value(vec![7; LIMIT]))).await;
  let secret: GetSecretResponse = engine.ask(GET, &request("a")).await;
  assert_eq!(secret.data, vec![7; LIMIT]);
}

#[tokio::test]
async fn what_is_not_offered_is_not_found() {
  let engine = Engine::of(offering(SecretSource::Value(b"x".to_vec()))).await;
  assert_eq!(engine.call(GET, &request("b")).await, failed(5, "there is no secret `b`"));
  assert_eq!(engine.failure.last(), None);
}

#[tokio::test]
async fn a_file_that_cannot_be_read_is_a_failure_to_tell() {
  let path = unused_path();
  let engine = Engine::of(offering(SecretSource::File(path.clone()))).await;
  let why = format!(
    "the secret `a` cannot be read from {}: No such file or directory (os error 2)",
    path.display()
  );
  assert_eq!(engine.call(GET, &request("a")).await, failed(9, &why));
  assert_eq!(engine.failure.last(), Some(Reason::Offer(why)));
}

#[tokio::test]
async fn a_secret_has_a_limit() {
  let why = "the secret `a` is larger than the 500 KiB that BuildKit takes";
  let path = unused_path();
  std::fs::write(&path, vec![7; LIMIT + 1]).unwrap();
  let value = SecretSource::Value(vec![7; LIMIT + 1]);
  for source in [value, SecretSource::File(path.clone()), SecretSource::File("/dev/zero".into())] {
    let engine = Engine::of(offering(source)).await;
    assert_eq!(engine.call(GET, &request("a")).await, failed(9, why));
    assert_eq!(engine.failure.last(), Some(Reason::Offer(why.to_owned())));
  }
  std::fs::remove_file(path).unwrap();
}

#[test]
fn is_never_printed() {
  let offer = offering(SecretSource::Value(b"hush".to_vec()));
  let printed = format!("{offer:?} {:?} {:?}", offer.secrets, Session::new(offer.clone()));
  assert!(!printed.contains("hush") && !printed.contains("104"), "{printed}");
}
