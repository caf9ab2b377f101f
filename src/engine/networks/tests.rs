use std::collections::HashSet;

use serde_json::{Value, json};

use super::address::{AddressOptions, Family, Network, find};
use super::subnet::Range;

fn network(pools: &Value, containers: &[&str]) -> Network {
  let containers: serde_json::Map<_, _> = containers
    .iter()
    .enumerate()
    .map(|(index, address)| {
      let key = if address.contains(':') { "IPv6Address" } else { "IPv4Address" };
      (index.to_string(), json!({ key: address }))
    })
    .collect();
  serde_json::from_value(json!({ "IPAM": { "Config": pools }, "Containers": containers })).unwrap()
}

#[expect(clippy::needless_pass_by_value, reason = "literals")]
fn next(pools: Value, containers: &[&str], options: Value) -> String {
  let options: AddressOptions = serde_json::from_value(options).unwrap();
  let found = find("n", &network(&pools, containers), &options, HashSet::new());
  found.map_or_else(|_| "none".to_owned(), |address| address.to_string())
}

#[test]
fn a_range_is_the_same_however_it_is_written() {
  assert_eq!(Range::parse("10.1.2.3/16"), Range::parse("10.1.0.0/16"));
  assert!(Range::parse("10.0.0.0/33").is_none() && Range::parse("10.0.0.0").is_none());
  assert_eq!(Range::parse("::/0").unwrap().last, u128::MAX);
  assert_eq!(Range::parse("0.0.0.0/0").unwrap().last, u128::from(u32::MAX));
}

#[test]
fn network_gateway_aux_and_broadcast_are_left_alone() {
  let pools = json!([{ "Subnet": "10.0.0.0/29", "Gateway": "10.0.0.1",
    "AuxiliaryAddresses": { "router": "10.0.0.3" } }]);
  assert_eq!(next(pools.clone(), &[], json!({})), "10.0.0.2");
  assert_eq!(next(pools.clone(), &["10.0.0.2/29", "10.0.0.4/29"], json!({})), "10.0.0.5");
  let all = ["10.0.0.2/29", "10.0.0.4/29", "10.0.0.5/29", "10.0.0.6/29"];
  assert_eq!(next(pools.clone(), &all, json!({})), "none");
  assert_eq!(next(pools, &[], json!({ "except": ["10.0.0.2"] })), "10.0.0.4");
}

#[test]
fn a_gateway_that_is_not_told_is_the_first_that_could_be() {
  assert_eq!(next(json!([{ "Subnet": "10.0.0.0/24" }]), &[], json!({})), "10.0.0.2");
  let aux = json!([{ "Subnet": "10.0.0.0/24", "AuxiliaryAddresses": { "a": "10.0.0.1" } }]);
  assert_eq!(next(aux, &[], json!({})), "10.0.0.3");
  let ranged = json!([{ "Subnet": "10.0.0.0/16", "IPRange": "10.0.5.0/24" }]);
  assert_eq!(next(ranged, &[], json!({})), "10.0.5.1");
}

#[test]
fn ranges_of_the_engine_and_beside_them() {
  let pools = json!([{ "Subnet": "10.0.0.0/16", "IPRange": "10.0.5.0/30", "Gateway": "10.0.0.1" }]);
  assert_eq!(next(pools.clone(), &[], json!({})), "10.0.5.0");
  assert_eq!(next(pools.clone(), &[], json!({ "outsideRange": true })), "10.0.0.2");
  let whole = ["10.0.5.0/16", "10.0.5.1/16", "10.0.5.2/16", "10.0.5.3/16"];
  assert_eq!(next(pools, &whole, json!({})), "none");
  let first = json!([{ "Subnet": "10.0.0.0/29", "IPRange": "10.0.0.0/30", "Gateway": "10.0.0.1" }]);
  assert_eq!(next(first, &[], json!({ "outsideRange": true })), "10.0.0.4");
  let all = json!([{ "Subnet": "10.0.0.0/29", "Gateway": "10.0.0.1" }]);
  assert_eq!(next(all, &[], json!({ "outsideRange": true })), "none");
}

#[test]
fn more_than_a_byte_and_more_than_one() {
  let taken: Vec<_> = (2..=600).map(|n| format!("172.20.{}.{}/16", n / 256, n % 256)).collect();
  let taken: Vec<_> = taken.iter().map(String::as_str).collect();
  let pools = json!([{ "Subnet": "172.20.0.0/16", "Gateway": "172.20.0.1" }]);
  assert_eq!(next(pools, &taken, json!({})), "172.20.2.89");
  let two = json!([
    { "Subnet": "10.0.0.0/30", "Gateway": "10.0.0.1" },
    { "Subnet": "fd00::/64", "Gateway": "fd00::1" },
    { "Subnet": "10.9.0.0/24", "Gateway": "10.9.0.1" },
  ]);
  assert_eq!(next(two.clone(), &["10.0.0.2/30"], json!({})), "10.9.0.2");
  assert_eq!(next(two.clone(), &["fd00::2/64"], json!({ "family": "ipv6" })), "fd00::3");
  assert_eq!(next(two, &[], json!({ "subnet": "10.9.0.0/24" })), "10.9.0.2");
  assert_eq!(next(json!([]), &[], json!({})), "none");
  let v6 = AddressOptions { family: Family::V6, ..AddressOptions::default() };
  assert!(
    find("n", &network(&json!([{ "Subnet": "10.0.0.0/8" }]), &[]), &v6, HashSet::new()).is_err()
  );
}
