#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| dokeres_fuzz::http(data));
