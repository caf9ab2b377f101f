//! What there is to know when something does not work: where the engine is and why there, what it is,
//! and what is wrong, each with what to do about it. Nothing here fails: what fails is a finding.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use super::Engine;
use super::call::{Call, JOIN_THE_GROUP};
use super::container::logs::timestamp;
use super::error::{Code, EngineError, Result};
use super::fault::Subject;
use super::request::ping;
use crate::credentials;
use crate::transport::Address;

/// Less than this is free: builds and pulls are about to fail.
const LITTLE: u64 = 1 << 30;

/// Clocks that differ by more spoil `since`, `until` and certificates.
const SKEW: i64 = 5_000;

/// What to do where docker's `config.json` is broken.
const CORRECT_THE_FILE: &str = "correct that file, or point DOCKER_CONFIG to another directory";

/// What an engine is given to answer with.
const PATIENCE: Duration = Duration::from_secs(10);

/// The oldest API that is of an engine we know: Docker 20.10's.
const OLDEST: (u32, u32) = (1, 41);

#[derive(Default)]
struct Findings(Vec<Value>);

impl Findings {
  fn add(&mut self, area: &str, message: impl Into<String>, advice: &str) {
    self.put("error", area, &message.into(), advice);
  }

  fn put(&mut self, severity: &str, area: &str, message: &str, advice: &str) {
    let finding =
      json!({ "severity": severity, "area": area, "message": message, "advice": advice });
    self.0.push(finding);
  }

  /// Whether there is nothing but warnings.
  fn is_well(&self) -> bool {
    self.0.iter().all(|finding| finding["severity"] == "warning")
  }

  fn failure(&mut self, area: &str, error: &EngineError) {
    let area = if error.code() == Code::PermissionDenied { "permissions" } else { area };
    let advice = match error.code() {
      Code::EngineUnreachable => {
        "start the engine, or say where it is: new Dokeres(url), DOCKER_HOST or a docker context"
      }
      Code::PermissionDenied => JOIN_THE_GROUP,
      Code::TlsError => "give ca, cert and key, or set DOCKER_CERT_PATH and DOCKER_TLS_VERIFY",
      Code::InvalidOption => match error.facts().path.as_deref() {
        Some("context") => {
          "name another: `docker context ls` lists those there are, `default` goes without one"
        }
        Some("host") => "correct the address",
        Some(_) => "correct that option",
        None => CORRECT_THE_FILE,
      },
      Code::ProtocolError | Code::NotFound => {
        "see whether that is a Docker engine: something else may answer there"
      }
      Code::Timeout => "it is there and does not answer: look at its log, and restart it",
      _ => "look at the engine's own log",
    };
    // The advice stands by itself here.
    let text = error.to_string();
    let message =
      text.strip_suffix(advice).map_or(text.as_str(), |text| text.trim_end_matches("; "));
    self.add(area, message, advice);
  }
}

pub async fn diagnose(engine: &Engine) -> Value {
  let mut findings = Findings::default();
  let (endpoint, address) = match engine.connection().await {
    Ok(connection) => (json!(connection.endpoint), Some(connection.endpoint.address.clone())),
    Err(error) => {
      findings.failure("endpoint", &error);
      (error.facts().endpoint.clone().unwrap_or_default(), None)
    }
  };
  let (mut about, mut info, mut clock) = (Value::Null, Value::Null, Value::Null);
  let mut builder = Value::Null;
  if address.is_some() {
    match patiently(ping(engine)).await {
      Ok(pong) => {
        (info, clock) = ask(engine, &mut findings).await;
        about = described(&pong, &info);
        if let Some(version) = pong.get("apiVersion").and_then(Value::as_str).filter(is_old) {
          let message =
            format!("the engine's API is {version}; what is older than 1.41 is not known here");
          findings.add("engine", message, "bring the engine up to Docker 20.10 or later");
        }
        let is_buildkit = pong.get("builderVersion").and_then(Value::as_str) == Some("2");
        builder = json!(if is_buildkit { "buildkit" } else { "classic" });
      }
      Err(error) => findings.failure("endpoint", &error),
    }
  }
  for warning in info.get("Warnings").and_then(Value::as_array).into_iter().flatten() {
    let text = warning.as_str().unwrap_or_default();
    let advice = "see whether you need that; it is the engine's own warning";
    findings.put("warning", "engine", text, advice);
  }
  let disk = disk(address.as_ref(), &info, &mut findings).await;
  let credentials = found_credentials(engine, &mut findings).await;
  json!({
    "ok": findings.is_well(),
    "reachable": !about.is_null(),
    "endpoint": endpoint,
    "engine": about,
    "builder": builder,
    "credentials": credentials,
    "permissions": permissions(engine, address.as_ref()).await,
    "disk": disk,
    "clock": clock,
    "problems": findings.0,
  })
}

fn is_old(version: &&str) -> bool {
  let (major, minor) = version.split_once('.').unwrap_or((version, "0"));
  major.parse().ok().zip(minor.parse().ok()).is_some_and(|version: (u32, u32)| version < OLDEST)
}

async fn patiently<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
  let late = |_| EngineError::new(Code::Timeout, "the engine has not answered within 10 seconds");
  tokio::time::timeout(PATIENCE, work).await.map_err(late)?
}

/// `GET /info`, and how far the engine's clock is from this machine's.
async fn ask(engine: &Engine, findings: &mut Findings) -> (Value, Value) {
  let (began, started) = (SystemTime::now(), Instant::now());
  let call = Call::get("cannot ask", Subject::Engine, "/info");
  let info: Value = match patiently(call.read(engine)).await {
    Ok(info) => info,
    Err(error) => {
      findings.failure("engine", &error);
      return (Value::Null, Value::Null);
    }
  };
  let Some(theirs) = info.get("SystemTime").and_then(Value::as_str) else {
    return (info, Value::Null);
  };
  let own = (began + started.elapsed() / 2).duration_since(UNIX_EPOCH).unwrap_or_default();
  let engines = timestamp("SystemTime", theirs).ok().and_then(|text| text.parse::<f64>().ok());
  let Some(engines) = engines else { return (info, Value::Null) };
  #[expect(clippy::cast_possible_truncation, reason = "milliseconds within the life of a clock")]
  let skew = ((engines - own.as_secs_f64()) * 1000.0).round() as i64;
  if skew.abs() > SKEW {
    let message = format!("the engine's clock differs from this machine's by {skew} ms");
    findings.add(
      "clock",
      message,
      "have both set by NTP; restart a virtual machine that has slept",
    );
  }
  let clock = json!({ "engine": theirs, "skewMs": skew });
  (info, clock)
}

fn described(pong: &Value, info: &Value) -> Value {
  let of = |name: &str| info.get(name).cloned().unwrap_or_default();
  let security = info.get("SecurityOptions").and_then(Value::as_array);
  let rootless = security.is_some_and(|all| {
    all.iter().any(|one| one.as_str().is_some_and(|text| text.contains("rootless")))
  });
  json!({
    "name": of("Name"),
    "version": of("ServerVersion"),
    "apiVersion": pong.get("apiVersion"),
    "experimental": pong.get("experimental"),
    "os": of("OperatingSystem"),
    "osType": of("OSType"),
    "architecture": of("Architecture"),
    "kernel": of("KernelVersion"),
    "storageDriver": of("Driver"),
    "cgroupVersion": of("CgroupVersion"),
    "dataRoot": of("DockerRootDir"),
    "rootless": rootless,
  })
}

fn local(address: Option<&Address>) -> Option<&Path> {
  match address {
    Some(Address::Unix(path)) => Some(path),
    _ => None,
  }
}

/// What file systems have to say: one that does not answer holds up no other work.
async fn apart<T: Default + Send + 'static>(look: impl FnOnce() -> T + Send + 'static) -> T {
  tokio::task::spawn_blocking(look).await.unwrap_or_default()
}

/// What is free where the engine keeps its things, where that is on this machine.
async fn disk(address: Option<&Address>, info: &Value, findings: &mut Findings) -> Value {
  let root = info.get("DockerRootDir").and_then(Value::as_str);
  let (Some(root), Some(_)) = (root, local(address)) else { return Value::Null };
  let path = PathBuf::from(root);
  // A machine of Docker Desktop's has its own disk, and no such directory here.
  let Some((free, total)) = apart(move || space(&path)).await else { return Value::Null };
  if free < LITTLE {
    let message = format!("{} MiB are free in {root}", free >> 20);
    let advice =
      "images.clean(), pruneBuild() and volumes.prune() make room; df() tells where it went";
    findings.add("disk", message, advice);
  }
  json!({ "path": root, "free": free, "total": total })
}

/// The bytes that are free, and all.
#[cfg(unix)]
fn space(path: &Path) -> Option<(u64, u64)> {
  let found = rustix::fs::statvfs(path).ok()?;
  Some((found.f_bavail * found.f_frsize, found.f_blocks * found.f_frsize))
}

#[cfg(not(unix))]
fn space(_: &Path) -> Option<(u64, u64)> {
  None
}

/// Who we are, and whose the socket is.
async fn permissions(engine: &Engine, address: Option<&Address>) -> Value {
  let socket = match local(address).map(Path::to_owned) {
    Some(path) => apart(move || socket(&path)).await,
    None => Value::Null,
  };
  json!({ "uid": engine.environment().uid, "socket": socket })
}

#[cfg(unix)]
fn socket(path: &Path) -> Value {
  use std::os::unix::fs::MetadataExt;
  match std::fs::metadata(path) {
    Ok(found) => {
      let mode = format!("{:04o}", found.mode() & 0o7777);
      json!({ "path": path, "mode": mode, "uid": found.uid(), "gid": found.gid() })
    }
    Err(error) => json!({ "path": path, "error": error.to_string() }),
  }
}

#[cfg(not(unix))]
fn socket(path: &Path) -> Value {
  json!({ "path": path })
}

/// Which helpers docker's configuration names, and where each is. None is asked for anything.
async fn found_credentials(engine: &Engine, findings: &mut Findings) -> Value {
  let environment = engine.environment();
  let helpers = match credentials::helpers(environment).await {
    Ok(helpers) => helpers,
    Err(error) => {
      // Where the endpoint was sought in the same file, it is told of already.
      if !findings.0.iter().any(|finding| finding["advice"] == CORRECT_THE_FILE) {
        findings.add("credentials", error.to_string(), CORRECT_THE_FILE);
      }
      return Value::Null;
    }
  };
  let mut found = Vec::new();
  for name in helpers {
    let program = format!("docker-credential-{name}{}", std::env::consts::EXE_SUFFIX);
    let path = environment.get("PATH").unwrap_or_default().to_owned();
    let path = apart(move || on_path(&program, &path)).await;
    if path.is_none() {
      let message = format!("the credential helper `docker-credential-{name}` is not on the PATH");
      let advice = "install it, or take it out of docker's config.json (credsStore, credHelpers)";
      findings.add("credentials", message, advice);
    }
    found.push(json!({ "name": name, "path": path }));
  }
  let config = environment.docker_config().map(|folder| folder.join("config.json"));
  let config = apart(move || config.filter(|file| file.is_file())).await;
  json!({ "config": config, "helpers": found })
}

fn on_path(program: &str, path: &str) -> Option<PathBuf> {
  std::env::split_paths(path).map(|folder| folder.join(program)).find(|file| file.is_file())
}
