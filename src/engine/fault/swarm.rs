//! What an engine says where a swarm is concerned: it answers 503 or 500 to most of it, so its words
//! tell what the matter is.

use super::{Subject, plain};
use crate::engine::error::{Code, EngineError};

/// One refusal: what tells it, what it is, a word for it, and what to do.
struct Known {
  says: &'static str,
  code: Code,
  reason: &'static str,
  advice: &'static str,
}

const KNOWN: &[Known] = &[
  Known {
    says: "worker nodes can't be used",
    code: Code::NotSupported,
    reason: "not-a-manager",
    advice: "connect to a manager of its swarm, or have one promote this node: `swarm.nodes.promote()`",
  },
  Known {
    says: "node is not a swarm manager",
    code: Code::NotSupported,
    reason: "not-a-manager",
    advice: "begin a swarm with `swarm.init()`, or `swarm.join()` one",
  },
  Known {
    says: "node is not part of a swarm",
    code: Code::Conflict,
    reason: "not-in-a-swarm",
    advice: "",
  },
  Known {
    says: "node is already part of a swarm",
    code: Code::Conflict,
    reason: "in-a-swarm",
    advice: "leave that one with `swarm.leave()` first",
  },
  Known {
    says: "attempting to leave the swarm on a node that is participating as a manager",
    code: Code::Conflict,
    reason: "manager",
    advice: "demote it first, or say `force: true`; with the last manager goes all of the swarm's state",
  },
  Known {
    says: "encrypted and needs to be unlocked",
    code: Code::Conflict,
    reason: "locked",
    advice: "give `swarm.unlock()` its key",
  },
  Known { says: "swarm is not locked", code: Code::Conflict, reason: "not-locked", advice: "" },
  Known {
    says: "timeout was reached before node joined",
    code: Code::Timeout,
    reason: "joining",
    advice: "see that a manager can be reached at `remoteAddrs`; it goes on trying until `swarm.leave({ force: true })`",
  },
  Known {
    says: "invalid join token",
    code: Code::BadRequest,
    reason: "token",
    advice: "on a manager `swarm.joinTokens()` tells those that hold",
  },
  Known {
    says: "error while dialing",
    code: Code::ServerError,
    reason: "unreachable",
    advice: "see that a manager can be reached at that address from this engine",
  },
  Known {
    says: "can't find manager in raft memberlist",
    code: Code::Conflict,
    reason: "manager",
    advice: "it is only becoming one: try again once its `ManagerStatus` says `reachable`",
  },
  Known {
    says: "update out of sequence",
    code: Code::Conflict,
    reason: "out-of-sequence",
    advice: "somebody else has changed it since that version: inspect it again",
  },
  Known {
    says: "is in use by the following service",
    code: Code::Conflict,
    reason: "in-use",
    advice: "remove the services that have it first, or update them",
  },
  Known {
    says: "is not down and can't be removed",
    code: Code::Conflict,
    reason: "in-use",
    advice: "have it leave first, or say `force: true`",
  },
  Known {
    says: "is a cluster manager and is a member of the raft cluster",
    code: Code::Conflict,
    reason: "manager",
    advice: "demote it first: `swarm.nodes.demote()`",
  },
  Known {
    says: "last manager of the swarm",
    code: Code::Conflict,
    reason: "manager",
    advice: "promote another node first",
  },
  Known {
    says: "does not have a previous spec",
    code: Code::Conflict,
    reason: "no-previous",
    advice: "only what has been updated can be rolled back",
  },
];

/// The error, where it is one of a swarm's.
pub fn read(doing: &str, subject: &Subject, status: u16, message: &str) -> Option<EngineError> {
  let text = message.to_ascii_lowercase();
  let about = subject.named();
  let told = |code, words: &str| {
    subject.annotate(EngineError::new(code, words).with(|facts| facts.status_code = Some(status)))
  };
  if let Some(known) = KNOWN.iter().find(|known| text.contains(known.says)) {
    let advice = if known.advice.is_empty() { "" } else { "; " };
    let words = format!("{doing} {about}: {}{advice}{}", sentence(message), known.advice);
    return Some(told(known.code, &words).with(|facts| facts.reason = Some(known.reason.into())));
  }
  let Subject::Member(..) = subject else { return None };
  let (code, advice) = match status {
    // Of a network it says 500.
    404 | 500 if text.starts_with("network ") && text.ends_with(" not found") => {
      (Code::NetworkNotFound, "; create the network first")
    }
    404 => (Code::NotFound, ""),
    409 if text.contains("already exists") || text.contains("name conflicts") => {
      (Code::NameConflict, "; remove it, or take another name")
    }
    // The engine reads its store's refusals by their words, and knows few of them.
    400 | 409 | 500 | 503 => (of_store(&text, status), ""),
    _ => return None,
  };
  Some(told(code, &format!("{doing} {about}: {}{advice}", sentence(message))))
}

fn of_store(text: &str, status: u16) -> Code {
  let says = |word: &str| text.contains(&format!("code = {}", word.to_ascii_lowercase()));
  match status {
    _ if says("InvalidArgument") => Code::BadRequest,
    _ if says("FailedPrecondition") => Code::Conflict,
    _ if says("Unimplemented") => Code::NotSupported,
    _ if says("NotFound") => Code::NotFound,
    400 => Code::BadRequest,
    409 => Code::Conflict,
    _ => Code::ServerError,
  }
}

/// The engine's words without what its store and its command line's users are told besides.
fn sentence(message: &str) -> String {
  let message = match message.split_once(" desc = ") {
    Some((before, words)) if before.starts_with("rpc error: code = ") => words,
    _ => message,
  };
  // “Use "docker swarm init" …”, “Please use …”: what to do is told in our own words.
  let cut = [". Use \"docker", ". Use `--force`", ". Please use \"docker", ". Worker nodes can't"];
  let end = cut.iter().filter_map(|words| message.find(words)).min().unwrap_or(message.len());
  plain(&message[..end]).unwrap_or_else(|| "no reason given".to_owned())
}

#[cfg(test)]
mod tests {
  use super::super::from_reply;
  use super::*;

  #[test]
  fn reads_what_a_swarm_says() {
    let service = Subject::Member("service", "network-web".into());
    let cases = [
      (
        &Subject::Swarm,
        503,
        "This node is not a swarm manager. Use \"docker swarm init\" or \"docker swarm join\" to connect this node to swarm and try again.",
        Code::NotSupported,
      ),
      (&service, 404, "service network-web not found", Code::NotFound),
      (&service, 500, "network back not found", Code::NetworkNotFound),
      (&service, 500, "rpc error: code = Unknown desc = update out of sequence", Code::Conflict),
      (
        &service,
        409,
        "rpc error: code = AlreadyExists desc = name conflicts with an existing object: service x already exists",
        Code::NameConflict,
      ),
      (
        &service,
        400,
        "rpc error: code = InvalidArgument desc = port '80' is already in use by service",
        Code::BadRequest,
      ),
      (&service, 503, "rpc error: code = DeadlineExceeded desc = x", Code::ServerError),
    ];
    for (subject, status, message, code) in cases {
      let error = from_reply("cannot do that to", subject, status, message);
      assert_eq!(error.code(), code, "{error}");
      assert!(!error.to_string().contains("docker swarm"), "{error}");
      assert!(!error.to_string().contains("rpc error"), "{error}");
    }
  }
}
