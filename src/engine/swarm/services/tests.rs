use super::*;
use crate::engine::options as reading;

fn made(bag: Value) -> Result<Value> {
  let options = reading::read::<ServiceOptions>(bag)?;
  let resolved = Resolved { image: options.image.clone(), ..Resolved::default() };
  let mut spec = spec::fields(&options, &resolved, None)?;
  merge(&mut spec, &Value::Object(options.extra.clone()));
  spec::complete(&mut spec);
  Ok(spec)
}

#[test]
fn makes_the_spec() {
  let spec = made(json!({
    "name": "web", "image": "i", "command": "a 'b c'", "env": { "A": 1 }, "replicas": 3,
    "mapped": { "80": 8080, "53/udp": [true, { "port": 53, "mode": "host" }] },
    "restart": "on-failure:3", "memory": "1g", "cpus": 0.5, "reserve": { "generic": { "gpu": 2 } },
    "extraHosts": ["db:10.0.0.1"], "stopTimeout": 3, "updateConfig": { "delay": "1s" },
    "preferences": ["node.labels.zone"], "platforms": ["linux/amd64"],
    "networks": ["back", { "name": "front", "aliases": ["w"] }], "writable": { "data": "/d" },
    "extra": { "TaskTemplate": { "ContainerSpec": { "Env": ["B=2"], "Isolation": "default" } } },
  }))
  .unwrap();
  let task = &spec["TaskTemplate"];
  let container = &task["ContainerSpec"];
  assert_eq!(container["Args"], json!(["a", "b c"]));
  assert_eq!(container["Env"], json!(["A=1", "B=2"]));
  assert_eq!((&container["Image"], &container["Isolation"]), (&json!("i"), &json!("default")));
  assert_eq!(container["Hosts"], json!(["10.0.0.1 db"]));
  assert_eq!(container["StopGracePeriod"], json!(3_000_000_000_u64));
  assert_eq!(container["Mounts"][0]["Type"], "volume");
  assert_eq!(task["RestartPolicy"], json!({ "Condition": "on-failure", "MaxAttempts": 3 }));
  assert_eq!(
    task["Resources"]["Limits"],
    json!({ "NanoCPUs": 500_000_000, "MemoryBytes": 1 << 30 })
  );
  assert_eq!(task["Networks"][1], json!({ "Target": "front", "Aliases": ["w"] }));
  assert_eq!(spec["Mode"], json!({ "Replicated": { "Replicas": 3 } }));
  assert_eq!(spec["UpdateConfig"], json!({ "Delay": 1_000_000_000, "Parallelism": 1 }));
  let ports = spec["EndpointSpec"]["Ports"].as_array().unwrap();
  assert_eq!(ports.len(), 3);
  assert_eq!(ports[1]["PublishMode"], "host");
  assert_eq!(ports[2]["PublishedPort"], 8080);
}

#[test]
fn an_update_keeps_what_it_is_not_told_of() {
  let present = json!({
    "Labels": { "a": "b" },
    "Mode": { "ReplicatedJob": { "TotalCompletions": 4, "MaxConcurrent": 2 } },
    "TaskTemplate": { "Placement": { "Constraints": ["x"], "MaxReplicas": 2 } },
  });
  let options: ServiceOptions = reading::read(json!({
    "labels": { "c": "d" }, "replicas": 5, "constraints": [],
  }))
  .unwrap();
  let mut spec = present.clone();
  lay(&mut spec, &spec::fields(&options, &Resolved::default(), Some(&present)).unwrap(), WHOLE);
  assert_eq!(spec["Labels"], json!({ "c": "d" }));
  assert_eq!(spec["Mode"]["ReplicatedJob"], json!({ "TotalCompletions": 5, "MaxConcurrent": 2 }));
  assert_eq!(spec["TaskTemplate"]["Placement"], json!({ "Constraints": [], "MaxReplicas": 2 }));
}

#[test]
fn names_the_path_of_what_is_wrong() {
  let cases = [
    (json!({ "mapped": { "80": "127.0.0.1:80" } }), "mapped.80"),
    (json!({ "mapped": { "80": { "mode": "vip" } } }), "mapped.80"),
    (json!({ "mapped": { "x": 1 } }), "mapped.x"),
    (json!({ "mode": "global", "replicas": 2 }), "replicas"),
    (json!({ "maxConcurrent": 2 }), "maxConcurrent"),
    (json!({ "restart": "sometimes" }), "restart"),
    (json!({ "restart": "any:3" }), "restart"),
    (json!({ "platforms": ["linux"] }), "platforms[0]"),
    (json!({ "reserve": { "cpus": -1 } }), "reserve.cpus"),
    (json!({ "mounts": [{ "type": "volume", "target": "d" }] }), "mounts[0].target"),
    (json!({ "writable": { "/a": "/b:z" } }), "writable./a"),
    (json!({ "replica": 1 }), "replica"),
  ];
  for (bag, path) in cases {
    let error = made(bag).unwrap_err();
    assert_eq!(error.facts().path.as_deref(), Some(path), "{error}");
  }
}
