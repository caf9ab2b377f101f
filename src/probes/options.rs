//! Bags of options, as JSON: whatever they hold, they are read or told to be wrong, where and why.

use serde_json::Value;

use super::bytes::Taken;
use crate::engine::containers::{clean, cleanup, list, many, prune};
use crate::engine::error::{Code, EngineError};
use crate::engine::image::{BuildOptions, ImageOptions};
use crate::engine::options::{
  self as own, AttachOptions, ExecOptions, ExecStreamOptions, LogsOptions, Making, RunOptions,
  StopOptions, SwarmOptions, TaskOptions, WaitForOptions,
};
use crate::engine::{create, events, images, monitor, networks, plugins, request, swarm, volumes};

type Read = fn(Value) -> Result<(), EngineError>;

fn read<T: serde::de::DeserializeOwned>(bag: Value) -> Result<(), EngineError> {
  own::read::<T>(bag).map(drop)
}

const READS: &[Read] = &[
  run,
  run,
  |bag| ImageOptions::read(bag, None)?.check(),
  |bag| BuildOptions::read(bag, None)?.check(),
  read::<TaskOptions>,
  read::<ExecOptions>,
  read::<ExecStreamOptions>,
  read::<AttachOptions>,
  read::<LogsOptions>,
  read::<StopOptions>,
  read::<SwarmOptions>,
  read::<WaitForOptions>,
  read::<list::ListOptions>,
  read::<many::StopRemoveMany>,
  read::<prune::PruneOptions>,
  read::<clean::CleanOptions>,
  read::<cleanup::CleanupOptions>,
  read::<events::EventsOptions>,
  read::<images::list::ListOptions>,
  read::<images::clean::CleanOptions>,
  read::<images::archive::ImportOptions>,
  read::<monitor::MonitorOptions>,
  read::<networks::CreateOptions>,
  read::<networks::AddressOptions>,
  read::<networks::ConnectOptions>,
  read::<volumes::CreateOptions>,
  read::<volumes::backup::BackupOptions>,
  read::<plugins::PushOptions>,
  read::<request::Request>,
  read::<swarm::data::CreateOptions>,
  |bag| own::read::<swarm::services::ServiceOptions>(bag)?.named(Some("n".to_owned())).map(drop),
];

fn run(bag: Value) -> Result<(), EngineError> {
  let options: RunOptions = own::read(bag)?;
  create::body("image", &Making::default(), &options).map(drop)
}

/// The first byte says whose options they are.
pub fn options(data: &[u8]) {
  let mut taken = Taken(data);
  let read = READS[usize::from(taken.byte()) % READS.len()];
  let Ok(bag) = serde_json::from_slice::<Value>(taken.0) else { return };
  if let Err(error) = read(bag) {
    let fits = [Code::InvalidOption, Code::NotSupported, Code::InvalidReference];
    assert!(fits.iter().any(|code| error.is(*code)), "{error}");
    assert!(!error.is(Code::InvalidOption) || error.facts().path.is_some(), "{error}");
  }
}
