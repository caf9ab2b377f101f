use super::*;
use crate::engine::options;

fn made(bag: Value) -> Result<Value> {
  body("i", &Making::default(), &options::read::<RunOptions>(bag)?)
}

#[test]
fn makes_the_body() {
  let body = made(json!({
    "cwd": "/w", "env": { "A": 1, "B": "x" }, "exposed": ["80"],
    "mapped": { "80/tcp": 8080, "90": "127.0.0.1:0", "100/udp": true },
    "readonly": { "/s": "/src" }, "writable": { "vol": "/v", "/l": "/label:z" },
    "memory": "1g", "cpus": 0.5, "remove": true, "restart": "on-failure:3",
    "extra": { "HostConfig": { "Mounts": [{ "Type": "tmpfs", "Target": "/t" }] }, "StopSignal": "SIGINT" },
  }))
  .unwrap();
  assert_eq!(body["Env"], json!(["A=1", "B=x"]));
  assert_eq!(body["ExposedPorts"].as_object().unwrap().len(), 3);
  let host = &body["HostConfig"];
  assert_eq!(host["PortBindings"]["80/tcp"], json!([{ "HostPort": "8080" }]));
  assert_eq!(host["PortBindings"]["90/tcp"], json!([{ "HostIp": "127.0.0.1", "HostPort": "0" }]));
  assert_eq!(host["Mounts"].as_array().unwrap().len(), 3);
  assert_eq!(host["Mounts"][1]["Type"], "volume");
  assert_eq!(host["Binds"], json!(["/l:/label:rw,z"]));
  assert_eq!((&host["Memory"], &host["NanoCpus"]), (&json!(1 << 30), &json!(500_000_000)));
  assert_eq!(body["StopSignal"], "SIGINT");
}

#[test]
fn names_the_path_of_what_is_wrong() {
  let cases = [
    (json!({ "mapped": { "80": "nope" } }), "mapped.80"),
    (json!({ "mapped": { "x": 1 } }), "mapped.x"),
    (json!({ "enviroment": {} }), "enviroment"),
    (json!({ "env": { "A": [] } }), "env.A"),
    (json!({ "readonly": { "/a": "b" } }), "readonly./a"),
    (json!({ "healthcheck": { "tests": "x" } }), "healthcheck.tests"),
    (json!({ "remove": "yes" }), "remove"),
    (json!({ "memory": "much" }), "memory"),
    (json!({ "ifExists": "keep" }), "ifExists"),
  ];
  for (bag, path) in cases {
    let error = made(bag).unwrap_err();
    assert_eq!(error.facts().path.as_deref(), Some(path), "{error}");
  }
}
