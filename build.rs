fn main() {
  if std::env::var_os("CARGO_FEATURE_BINDING").is_some() {
    napi_build::setup();
    // Node-API is Node's own, and benches are run without it: they touch nothing that calls it.
    if std::env::var("CARGO_CFG_TARGET_OS").is_ok_and(|system| system == "linux") {
      println!("cargo:rustc-link-arg-benches=-Wl,--unresolved-symbols=ignore-all");
    }
  }
}
