//! Property tests: what is made by rule, what is near to what the fuzzers found worth keeping, and that itself.

use std::fs;
use std::path::Path;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

type Probe = fn(&[u8]);

/// What the fuzzers keep: inputs that each take a way of their own.
fn corpus(name: &str) -> Vec<Vec<u8>> {
  let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(name);
  let files = fs::read_dir(folder).unwrap().map(|file| fs::read(file.unwrap().path()).unwrap());
  files.collect()
}

fn holds(cases: u32, inputs: &impl Strategy<Value = Vec<u8>>, probe: Probe) {
  let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
  let outcome = TestRunner::new(config).run(inputs, |input| {
    probe(&input);
    Ok(())
  });
  outcome.unwrap();
}

#[derive(Debug, Clone, Copy)]
enum Edit {
  Put(u16, u8),
  Add(u16, u8),
  Take(u16),
  Double(u16),
}

fn edit() -> impl Strategy<Value = Edit> {
  prop_oneof![
    any::<(u16, u8)>().prop_map(|(at, byte)| Edit::Put(at, byte)),
    any::<(u16, u8)>().prop_map(|(at, byte)| Edit::Add(at, byte)),
    any::<u16>().prop_map(Edit::Take),
    any::<u16>().prop_map(Edit::Double),
  ]
}

fn edited(mut input: Vec<u8>, edits: Vec<Edit>) -> Vec<u8> {
  for edit in edits {
    let (Edit::Put(at, _) | Edit::Add(at, _) | Edit::Take(at) | Edit::Double(at)) = edit;
    let at = usize::from(at) % (input.len() + 1);
    match edit {
      Edit::Put(_, byte) if at < input.len() => input[at] = byte,
      Edit::Put(_, byte) | Edit::Add(_, byte) => input.insert(at, byte),
      Edit::Take(_) => drop(input.drain(at..(at + 9).min(input.len()))),
      Edit::Double(_) => input.extend_from_within(at..(at + 600).min(input.len())),
    }
  }
  input
}

macro_rules! probes {
  ($($name:ident: $cases:literal),+ $(,)?) => {
    $(mod $name {
      use super::*;

      #[test]
      fn holds_for_its_corpus() {
        for input in corpus(stringify!($name)) {
          crate::probes::$name(&input);
        }
      }

      #[test]
      fn holds_near_its_corpus() {
        let near = (prop::sample::select(corpus(stringify!($name))), vec(edit(), 1..8));
        holds($cases, &near.prop_map(|(input, edits)| edited(input, edits)), crate::probes::$name);
      }
    })+
  };
}

probes! {
  reference: 500,
  ignore: 200,
  demux: 500,
  ndjson: 500,
  chunks: 500,
  http: 100,
  options: 500,
}

#[cfg(unix)]
probes! { pack: 100, extract: 200 }

#[test]
fn references_of_all_forms_are_shown_as_what_they_mean() {
  let part = "[a-z0-9]{1,5}((\\.|_|__|-{1,3})[a-z0-9]{1,3}){0,2}";
  let host =
    "([a-zA-Z0-9-]{1,5}(\\.[a-z]{1,3})?|\\[[0-9a-f:]{1,6}\\]|docker\\.io|localhost)(:[0-9]{1,5})?";
  let form = format!("({host}/)?({part}/){{0,3}}{part}(:[\\w.-]{{1,9}})?(@sha256:[0-9a-f]{{64}})?");
  let texts = proptest::string::string_regex(&form).unwrap();
  holds(500, &texts.prop_map(String::into_bytes), crate::probes::reference);
}

#[test]
fn patterns_of_all_forms_give_one_verdict() {
  let form = "([!#/]{0,2}([a-c.]{1,3}|\\*{1,3}|\\?|\\[\\^?[a-c]-?[a-c]?\\]|\\\\.|/){0,6}\n){0,5}";
  let patterns = proptest::string::string_regex(form).unwrap();
  let paths = proptest::string::string_regex("([a-c.]{1,3}(/[a-c]{1,2}){0,3}\n){1,5}").unwrap();
  let both = (patterns, paths).prop_map(|(patterns, paths)| format!("{patterns}\0{paths}").into());
  holds(300, &both, crate::probes::ignore);
}

#[test]
fn frames_of_all_forms_are_cut_as_they_say() {
  let frame = (0_u8..5, vec(any::<u8>(), 0..40)).prop_map(|(kind, payload)| {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&[kind, 0, 0, 0], &length[..], &payload].concat()
  });
  let stream = (any::<[u8; 2]>(), vec(frame, 0..8), 0_usize..4).prop_map(|(cuts, frames, less)| {
    let mut all = [cuts.to_vec(), frames.concat()].concat();
    all.truncate(all.len().saturating_sub(less).max(2));
    all
  });
  holds(500, &stream, crate::probes::demux);
}

#[test]
fn chunks_of_all_forms_are_one_body() {
  let ends = prop::sample::select(vec!["\r\n", "\n", ";x=y\r\n", "  \r\n"]);
  let chunk = (vec(any::<u8>(), 1..40), ends, 0_usize..4).prop_map(|(data, end, zeroes)| {
    let size = format!("{}{:x}{end}", "0".repeat(zeroes), data.len());
    [size.as_bytes(), &data, b"\r\n"].concat()
  });
  let reply =
    (any::<[u8; 2]>(), vec(chunk, 0..8), any::<bool>()).prop_map(|(cuts, chunks, ends)| {
      let head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
      let end: &[u8] = if ends { b"0\r\n\r\n" } else { b"" };
      [&cuts[..], head, &chunks.concat(), end].concat()
    });
  holds(500, &reply, crate::probes::chunks);
}
