//! Readiness: conditions as JavaScript gives them, and what they came to.

use std::sync::Arc;

use napi::bindgen_prelude::{Array, Buffer, FnArgs, Function, JsObjectValue, Object, Unknown};
use napi::{Env, JsValue, Result};
use napi_derive::napi;
use serde_json::Value;
use tokio::sync::oneshot;

use super::DokeresContainer;
use crate::binding::Answer;
use crate::binding::bag::{Bag, unreadable};
use crate::binding::call::{Settled, call};
use crate::binding::fault::{Thrown, erase};
use crate::binding::realm::{Kept, Mailbox, Realm};
use crate::binding::value::{from_js, is_absent, recast, to_js};
use crate::engine::container::wait::condition::Conditions;
use crate::engine::container::wait::pattern::{Found, Pattern, Search};
use crate::engine::container::wait::{Met, read};
use crate::engine::error::EngineError;
use crate::engine::options::{WaitForOptions, WaitOptions};

/// A match of JavaScript's: a function that gives it.
struct Match(Kept);

#[napi]
impl DokeresContainer {
  /// Waits until it has ended, or as `condition` says. `timeout` rejects and leaves it alone.
  /// @throws {DokeresError} `TIMEOUT`
  #[napi(
    catch_unwind,
    ts_args_type = "options?: WaitOptions | null",
    ts_return_type = "Promise<ExitStatus>"
  )]
  pub fn wait<'e>(&self, env: &'e Env, options: Unknown<'e>) -> Result<Unknown<'e>> {
    let container = self.inner.clone();
    let prepare = |bag: &mut Bag| {
      let options: WaitOptions = bag.read()?;
      Ok(container.wait(options))
    };
    call(env, None, options, prepare, |env, status| {
      Ok(Settled::Value(to_js(env, serde_json::to_value(&status)?)?))
    })
  }

  /// `waitFor(conditions, options)`; `index.js` takes the signal out of the conditions.
  #[napi(catch_unwind, js_name = "_waitFor", skip_typescript)]
  pub fn wait_for<'e>(
    &self,
    env: &'e Env,
    wanted: Unknown<'e>,
    options: Unknown<'e>,
  ) -> Result<Unknown<'e>> {
    let container = self.inner.clone();
    let prepare = |bag: &mut Bag<'e>| {
      let options: WaitForOptions = bag.read()?;
      let (conditions, _) = conditions(env, wanted, "")?;
      Ok(async move { container.wait_for(&conditions, options.timeout.map(|span| span.0)).await })
    };
    call(env, None, options, prepare, |env, met| Ok(Settled::Value(told(env, met)?)))
  }
}

/// `waitFor` of a bag of options, and how to show it to who asks for the options.
pub fn in_bag(bag: &mut Bag) -> Answer<Option<(Arc<Conditions>, Value)>> {
  let Some(wanted) = bag.take("waitFor")? else { return Ok(None) };
  let (conditions, shown) = conditions(bag.env(), wanted, "waitFor")?;
  Ok(Some((Arc::new(conditions), shown)))
}

fn conditions(env: &Env, wanted: Unknown, path: &str) -> Answer<(Conditions, Value)> {
  let (plain, patterns) = take_apart(env, wanted).map_err(unreadable)?;
  let plain = from_js(plain, path)?;
  let conditions = read::read(plain.clone(), path, &patterns)?;
  Ok((conditions, shown(plain, &patterns)))
}

/// What is plain, and the patterns that it has numbers for.
fn take_apart<'e>(env: &'e Env, wanted: Unknown<'e>) -> Result<(Unknown<'e>, Vec<Pattern>)> {
  let realm = Realm::of(env)?;
  let hook = realm.hooks.conditions.borrow_back(env)?;
  let parts: Array = recast(env, &hook.call(FnArgs::from((erase(wanted),)))?)?;
  let missing = || napi::Error::from_reason("the bridge's `conditions` gave too little");
  let plain: Unknown = parts.get(0)?.ok_or_else(missing)?;
  let shown: Array = parts.get(1)?.ok_or_else(missing)?;
  let begins: Array = parts.get(2)?.ok_or_else(missing)?;
  let patterns = (0..shown.len()).map(|index| {
    let begin: Unknown = begins.get(index)?.ok_or_else(missing)?;
    let shown: String = shown.get(index)?.ok_or_else(missing)?;
    Ok(pattern(&realm.mailbox, shown, recast(env, &begin)?))
  });
  Ok((plain, patterns.collect::<Result<_>>()?))
}

fn shown(plain: Value, patterns: &[Pattern]) -> Value {
  match plain {
    Value::Array(list) => list.into_iter().map(|item| shown(item, patterns)).collect(),
    Value::Object(map) => {
      let number = map.get("pattern").and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok());
      match number.and_then(|number| patterns.get(number)) {
        Some(pattern) => Value::String(pattern.to_string()),
        None => map.into_iter().map(|(key, item)| (key, shown(item, patterns))).collect(),
      }
    }
    plain => plain,
  }
}

fn pattern(mailbox: &Mailbox, shown: String, begin: Kept) -> Pattern {
  let (mailbox, begin) = (mailbox.clone(), Arc::new(begin));
  Pattern::new(
    shown,
    Arc::new(move || {
      let (mailbox, begin) = (mailbox.clone(), Arc::clone(&begin));
      Box::pin(async move {
        let look = ask(&mailbox, move |env| {
          let look = begin.borrow_back(env)?.call(FnArgs::from((erase(to_js(env, ())?),)))?;
          recast::<Kept, _>(env, &look)
        });
        Ok(search(mailbox.clone(), Arc::new(look.await?)))
      })
    }),
  )
}

fn search(mailbox: Mailbox, look: Arc<Kept>) -> Search {
  Box::new(move |channel, piece| {
    let (mailbox, look) = (mailbox.clone(), Arc::clone(&look));
    Box::pin(async move {
      let found = ask(&mailbox, move |env| {
        let look = look.borrow_back(env)?;
        // The kept type has one argument; this one has two.
        let look: Function<FnArgs<(Unknown, u32)>, Unknown> = recast(env, &look)?;
        let piece = to_js(env, Buffer::from(Vec::from(piece)))?;
        let found = look.call(FnArgs::from((erase(piece), channel as u32)))?;
        if is_absent(&found)? {
          return Ok(None);
        }
        let found: Array = recast(env, &found)?;
        let gives: Option<Unknown> = found.get(1)?;
        let gives = gives.map(|gives| recast::<Kept, _>(env, &gives)).transpose()?;
        Ok(gives.map(|gives| (found.get::<bool>(0).ok().flatten() == Some(true), gives)))
      });
      match found.await? {
        None => Ok(None),
        Some((true, thrown)) => Err(EngineError::foreign(Arc::new(Thrown(thrown)))),
        Some((false, found)) => Ok(Some(Arc::new(Match(found)) as Found)),
      }
    })
  })
}

/// Asks something of JavaScript, on its thread.
async fn ask<T: Send + 'static>(
  mailbox: &Mailbox,
  work: impl FnOnce(&Env) -> Result<T> + Send + 'static,
) -> Answer<T> {
  let (sender, receiver) = oneshot::channel();
  mailbox.post(move |env| {
    let _ = sender.send(work(&env).map_err(|error| EngineError::internal(error.reason.clone())));
  });
  receiver.await.unwrap_or_else(|_| Err(EngineError::aborted()))
}

fn told(env: &Env, met: Met) -> Result<Unknown<'_>> {
  match met {
    Met::Value(value) => to_js(env, value),
    Met::Found(found) => {
      if let Some(Match(found)) = found.downcast_ref() {
        let found = found.borrow_back(env)?.call(FnArgs::from((erase(to_js(env, ())?),)))?;
        return recast(env, &found);
      }
      to_js(env, found.downcast_ref::<String>().cloned())
    }
    Met::Fields(fields) => {
      let mut object = Object::new(env)?;
      for (name, met) in fields {
        object.set_named_property(name, told(env, met)?)?;
      }
      Ok(object.to_unknown())
    }
    Met::List(list) => {
      let mut array = env.create_array(u32::try_from(list.len()).unwrap_or_default())?;
      for (index, met) in (0..).zip(list) {
        array.set(index, told(env, met)?)?;
      }
      Ok(array.to_unknown())
    }
  }
}
