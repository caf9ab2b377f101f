use std::path::PathBuf;

use super::*;

/// A docker configuration of a test's own, and a folder of helpers on its PATH.
struct Surroundings(PathBuf, Environment);

impl Surroundings {
  fn new(name: &str, config: &str) -> Self {
    let path =
      std::env::temp_dir().join(format!("dokeres-credentials-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&path).unwrap();
    std::fs::write(path.join("config.json"), config).unwrap();
    let mut environment = Environment::default();
    let folder = path.display().to_string();
    let search = format!("{folder}:{}", std::env::var("PATH").unwrap_or_default());
    environment.variables.insert("DOCKER_CONFIG".into(), folder);
    environment.variables.insert("PATH".into(), search);
    Self(path, environment)
  }

  #[cfg(unix)]
  fn helper(&self, name: &str, script: &str) {
    use std::os::unix::fs::PermissionsExt;
    let file = self.0.join(format!("docker-credential-{name}"));
    std::fs::write(&file, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
  }

  async fn find(&self, registry: &str) -> Result<Option<Credential>, CredentialError> {
    find(registry, &self.1).await
  }
}

impl Drop for Surroundings {
  fn drop(&mut self) {
    let _ = std::fs::remove_dir_all(&self.0);
  }
}

#[tokio::test]
async fn what_is_written_is_found_under_any_spelling() {
  // me:se:cret
  let config = r#"{"auths":{"https://index.docker.io/v1/":{"auth":"bWU6c2U6Y3JldA=="},
    "https://reg.test/v2/":{"username":"u","password":"p"},"token.test":{"identitytoken":"t"},"empty.test":{}}}"#;
  let surroundings = Surroundings::new("written", config);
  let hub = surroundings.find("docker.io").await.unwrap().unwrap();
  assert_eq!((hub.username.as_deref(), hub.password.as_deref()), (Some("me"), Some("se:cret")));
  assert_eq!(surroundings.find("reg.test").await.unwrap().unwrap().password.as_deref(), Some("p"));
  let token = surroundings.find("token.test").await.unwrap().unwrap();
  assert_eq!(token.identity_token.as_deref(), Some("t"));
  assert!(surroundings.find("empty.test").await.unwrap().is_none());
  assert!(surroundings.find("other.test").await.unwrap().is_none());
  assert!(!format!("{hub:?}").contains("se:cret"));
}

#[cfg(unix)]
#[tokio::test]
async fn helpers_are_asked_and_their_failures_name_them() {
  let config = r#"{"credsStore":"common","credHelpers":{"own.test":"own","gone.test":"gone","odd.test":"odd","list.test":"list","endless.test":"endless"}}"#;
  let surroundings = Surroundings::new("helpers", config);
  surroundings.helper("common", r#"read r; echo "{\"Username\":\"c\",\"Secret\":\"for $r\"}""#);
  surroundings.helper("own", r#"echo '{"Username":"<token>","Secret":"t0k"}'"#);
  surroundings.helper("odd", "echo secret-nonsense");
  surroundings.helper("list", "echo '[\"secret-nonsense\"]'");
  surroundings.helper("endless", "trap '' PIPE; while :; do echo secret-nonsense; done");
  let common = surroundings.find("any.test").await.unwrap().unwrap();
  assert_eq!(common.password.as_deref(), Some("for any.test"));
  let own = surroundings.find("own.test").await.unwrap().unwrap();
  assert_eq!((own.username, own.identity_token.as_deref()), (None, Some("t0k")));
  for (registry, name) in [
    ("gone.test", "docker-credential-gone"),
    ("odd.test", "docker-credential-odd"),
    ("list.test", "docker-credential-list"),
    ("endless.test", "docker-credential-endless"),
  ] {
    let error = surroundings.find(registry).await.unwrap_err().to_string();
    assert!(error.contains(name) && !error.contains("secret-nonsense"), "{error}");
  }
}

#[test]
fn the_header_is_what_the_engine_decodes() {
  let credential = Credential { password: Some("???>>>~~~ÿ".into()), ..Credential::default() };
  let header = header(&credential);
  assert!(!header.contains(['+', '/']), "{header}");
}
