//! The steps about sessions: a request's view has a name, and a token can be remembered by one.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use serde_json::{Value, json};
use sessio::{
    CommitResult, CookieParts, Error, ErrorKind, Key, Session, SessionManager, Timestamp,
};

use crate::step::{Context, Result};
use crate::values::{Fields, micros_as_millis};

type Answer = std::result::Result<Value, Error>;

/// What a case remembers.
pub(crate) struct Sessions {
    pub(crate) manager: SessionManager,
    open: Mutex<BTreeMap<String, Session>>,
    tokens: Mutex<BTreeMap<String, String>>,
}

impl Sessions {
    pub(crate) fn new(manager: SessionManager) -> Self {
        Sessions { manager, open: Mutex::default(), tokens: Mutex::default() }
    }

    /// Puts remembered tokens in the place of their names, wherever a step names a token.
    pub(crate) fn fill_in(&self, step: &mut Value) {
        let tokens = self.tokens.lock().unwrap();
        let fill = |value: &mut Value| {
            if let Value::String(text) = value {
                for (name, token) in &*tokens {
                    *text = text.replace(&format!("${name}"), token);
                }
            }
        };
        for field in ["token", "to", "keep", "cookie", "header"] {
            step.get_mut(field).into_iter().for_each(fill);
        }
        for field in ["tokens", "cookie"] {
            let several = step.get_mut(field).and_then(Value::as_array_mut);
            several.into_iter().flatten().for_each(fill);
        }
    }

    fn named(&self, step: &mut Fields) -> Result<Session> {
        let name = step.text("in")?;
        let open = self.open.lock().unwrap();
        open.get(&name).cloned().ok_or_else(|| format!("there is no session {name}"))
    }

    /// The token of an answer, by a name.
    fn remember(&self, result: &CommitResult, name: Option<String>) {
        if let (Some(token), Some(name)) = (&result.token, name) {
            self.tokens.lock().unwrap().insert(name, token.clone());
        }
    }

    fn open(&self, name: String, session: Session) {
        self.open.lock().unwrap().insert(name, session);
    }
}

fn tagged(value: Option<&sessio::Value>) -> Value {
    value.map_or(Value::Null, |value| serde_json::from_str(&value.to_json().unwrap()).unwrap())
}

fn map(values: &sessio::Map) -> Value {
    values.iter().map(|(key, value)| (key.clone(), tagged(Some(value)))).collect()
}

fn value(step: &mut Fields) -> Result<sessio::Value> {
    from_json(step.need("value")?)
}

fn from_json(json: Value) -> Result<sessio::Value> {
    sessio::Value::from_json(&json.to_string()).map_err(|error| error.to_string())
}

/// Each as one text; of the cookie, which is another one each time, the name.
fn headers(result: &CommitResult) -> Vec<String> {
    let told = |(name, value): (&str, String)| match result.set_cookie.as_ref() {
        Some(cookie) if *cookie == value => name.to_owned(),
        Some(_) | None => format!("{name}: {value}"),
    };
    result.headers().into_iter().map(told).collect()
}

/// Both forms, which must say the same.
async fn snapshot(session: &Session) -> Result<Answer> {
    let (values, json) = (session.snapshot().await, session.snapshot_json().await);
    let (values, json) = match (values, json) {
        (Ok(values), Ok(json)) => (values, json),
        (Err(error), Err(_)) => return Ok(Err(error)),
        (Ok(_), Err(error)) | (Err(error), Ok(_)) => return Err(format!("one form: {error}")),
    };
    let told = tagged(Some(&values.into()));
    let json: Value = serde_json::from_str(&json).map_err(|error| error.to_string())?;
    if json == told { Ok(Ok(told)) } else { Err(format!("as JSON it is {json}, not {told}")) }
}

/// None where the field is absent.
fn value_if_any(step: &mut Fields) -> Result<Option<sessio::Value>> {
    let read = |value: Value| sessio::Value::from_json(&value.to_string());
    step.take("value").map(read).transpose().map_err(|error| error.to_string())
}

impl Context<'_> {
    /// `None` for a step that is not about sessions.
    pub(crate) async fn session_step(
        &self,
        verb: &str,
        step: &mut Fields,
    ) -> Result<Option<Answer>> {
        let sessions = self.sessions;
        let nothing = |()| Value::Null;
        Ok(Some(match verb {
            "load" => {
                let name = step.text("as")?;
                let session = match (step.take("cookie"), step.text_if_any("header")?) {
                    (Some(Value::Array(headers)), _) => {
                        let headers: Option<Vec<&str>> =
                            headers.iter().map(Value::as_str).collect();
                        sessions.manager.load_cookies(headers.ok_or("a header is text")?)
                    }
                    (Some(cookie), _) => {
                        let cookie = cookie.as_str().ok_or("a header is text")?;
                        sessions.manager.load_cookie(cookie.as_bytes())
                    }
                    (None, Some(header)) => sessions.manager.load_header(header.as_bytes()),
                    (None, None) => {
                        let token = step.text_or_null("token")?;
                        sessions.manager.load(token.as_deref())
                    }
                };
                sessions.open(name, session);
                Ok(Value::Null)
            }
            "create" => {
                let (name, token) = (step.text("as")?, step.text("token")?);
                sessions.manager.create(&token).map(|session| {
                    sessions.open(name, session);
                    Value::Null
                })
            }
            "find_session" => {
                let name = step.text("as")?;
                let found = match step.text_if_any("key_text")? {
                    Some(text) => match text.parse::<Key>() {
                        Ok(key) => sessions.manager.find(&key).await,
                        Err(error) => Err(error),
                    },
                    None => sessions.manager.find(&step.text("token")?).await,
                };
                found.map(|session| {
                    let found = session.is_some();
                    session.into_iter().for_each(|session| sessions.open(name.clone(), session));
                    found.into()
                })
            }
            "ensure_token" => {
                let (session, name) = (sessions.named(step)?, step.text_if_any("token_as")?);
                session.ensure_token().await.map(|token| {
                    let is_some = token.is_some();
                    if let (Some(token), Some(name)) = (token, name) {
                        sessions.tokens.lock().unwrap().insert(name, token);
                    }
                    is_some.into()
                })
            }
            "commit" => {
                let (session, name) = (sessions.named(step)?, step.text_if_any("token_as")?);
                let result = sessions.manager.commit(&session).await;
                result.map(|result| {
                    sessions.remember(&result, name);
                    self.result(&result)
                })
            }
            "transact" => Box::pin(self.transact(step)).await?,
            "list_sessions" => self.list_sessions(step).await?,
            "same" => {
                let tokens = step.array("tokens")?;
                Ok(tokens.windows(2).all(|pair| pair[0] == pair[1]).into())
            }
            "events" => {
                let counter = step.text("counter")?;
                let fields = sessions.manager.stats().fields();
                let found = fields.iter().find(|(name, _)| *name == counter);
                Ok(found.ok_or_else(|| format!("no counter {counter}"))?.1.into())
            }
            "put" => {
                let (session, key) = (sessions.named(step)?, step.text("key")?);
                session.put_value(&key, value(step)?).map(nothing)
            }
            "get" => {
                let (session, key) = (sessions.named(step)?, step.text("key")?);
                session.get_value(&key).await.map(|value| tagged(value.as_ref()))
            }
            "extra" => {
                let (session, name) = (sessions.named(step)?, step.text("name")?);
                session.extra(&name).await.map(|value| tagged(value.as_ref()))
            }
            "set_extra" => {
                let (session, name) = (sessions.named(step)?, step.text("name")?);
                session.set_extra(&name, value_if_any(step)?).map(nothing)
            }
            "pop" => {
                let (session, key) = (sessions.named(step)?, step.text("key")?);
                session.pop_value(&key).await.map(|value| tagged(value.as_ref()))
            }
            "put_if_changed" => {
                let (session, key) = (sessions.named(step)?, step.text("key")?);
                session.put_if_changed(&key, value(step)?).await.map(Value::from)
            }
            "take" => {
                let (session, key) = (sessions.named(step)?, step.text("key")?);
                session.take(&key).await.map(|value| tagged(value.as_ref()))
            }
            "increment" => {
                let (session, key) = (sessions.named(step)?, step.text("key")?);
                session.increment(&key, step.number("by")?).map(nothing)
            }
            "append" => {
                let (session, key) = (sessions.named(step)?, step.text("key")?);
                session.append_value(&key, value(step)?).map(nothing)
            }
            "remove" => {
                let (session, key) = (sessions.named(step)?, step.text("key")?);
                session.remove(&key);
                Ok(Value::Null)
            }
            "contains" => {
                let (session, key) = (sessions.named(step)?, step.text("key")?);
                session.contains(&key).await.map(Value::from)
            }
            "flash" => {
                let (session, key) = (sessions.named(step)?, step.text("key")?);
                session.flash_value(&key, value(step)?).map(nothing)
            }
            _ => return self.whole_session_step(verb, step).await,
        }))
    }

    /// The steps that are about no key.
    async fn whole_session_step(&self, verb: &str, step: &mut Fields) -> Result<Option<Answer>> {
        let known = [
            "keys",
            "values",
            "snapshot",
            "assign",
            "clear",
            "flashes",
            "renew",
            "regenerate",
            "store_empty",
            "destroy",
            "merge_from",
            "expires_at",
            "deadline",
            "set_deadline",
            "touch_session",
            "remember_me",
            "remembered",
            "set_idle_timeout",
            "idle_timeout",
            "subject",
            "set_subject",
            "status",
            "is_new",
            "has_token",
        ];
        if !known.contains(&verb) {
            return Ok(None);
        }
        let session = self.sessions.named(step)?;
        let nothing = |()| Value::Null;
        Ok(Some(match verb {
            "keys" => session.keys().await.map(Value::from),
            "values" => session.values().await.map(|values| map(&values)),
            "snapshot" => snapshot(&session).await?,
            "assign" => {
                let sessio::Value::Map(values) = from_json(step.need("values")?)? else {
                    return Err("values are a map".to_owned());
                };
                session.assign(values).await.map(nothing)
            }
            "clear" => {
                session.clear();
                Ok(Value::Null)
            }
            "flashes" => session.flashes().await.map(|values| map(&values)),
            "renew" => session.renew().await.map(Value::from),
            "regenerate" => session.regenerate().await.map(Value::from),
            "store_empty" => {
                session.store_empty();
                Ok(Value::Null)
            }
            "expires_at" => {
                session.expires_at().await.map(|at| at.map_or(Value::Null, |at| self.millis(at)))
            }
            "destroy" => session.destroy().await.map(nothing),
            "merge_from" => session.merge_from(&step.text("token")?).await.map(nothing),
            "deadline" => session.deadline().await.map(|at| self.millis(at)),
            "set_deadline" => {
                let at: i64 = step.number("at")?;
                session.set_deadline(Timestamp::from_micros(self.start + at * 1000));
                Ok(Value::Null)
            }
            "remember_me" => {
                session.remember_me(step.need("on")? == Value::Bool(true));
                Ok(Value::Null)
            }
            "touch_session" => {
                session.touch();
                Ok(Value::Null)
            }
            "remembered" => session.remembered().await.map(Value::from),
            "set_idle_timeout" => {
                let timeout = step.need("ms")?.as_u64().map(Duration::from_millis);
                session.set_idle_timeout(timeout).map(nothing)
            }
            "idle_timeout" => session.idle_timeout().await.map(|timeout| {
                timeout
                    .map_or(Value::Null, |timeout| timeout.as_millis().to_string().parse().unwrap())
            }),
            "subject" => session.subject().await.map(Value::from),
            "set_subject" => {
                session.set_subject(step.text_or_null("subject")?.as_deref()).map(nothing)
            }
            "status" => Ok(session.status().name().into()),
            "is_new" => session.is_new().await.map(Value::from),
            _ => Ok(session.token().is_some().into()),
        }))
    }

    /// Each run of the change is the next list of steps.
    async fn transact(&self, step: &mut Fields) -> Result<Answer> {
        let (token, name) = (step.text("token")?, step.text("as")?);
        let (rounds, token_as) = (step.array("rounds")?, step.text_if_any("token_as")?);
        let (all, left) = (rounds.len(), Mutex::new(rounds.into_iter()));
        let wrong = Mutex::new(None);
        let change = async |session: Session| {
            self.sessions.open(name.clone(), session);
            let round = left.lock().unwrap().next();
            let done = match round {
                Some(Value::Array(steps)) => self.run_all(steps).await,
                Some(_) => Err("a round is a list of steps".to_owned()),
                None => Err(format!("it was run more than {all} times")),
            };
            done.map_err(|error| {
                *wrong.lock().unwrap() = Some(error);
                Error::new(ErrorKind::Internal, "a step of the change went wrong")
            })
        };
        let done = self.sessions.manager.transact(&token, change).await;
        if let Some(error) = wrong.into_inner().unwrap() {
            return Err(error);
        }
        match left.into_inner().unwrap().len() {
            0 => {}
            left => return Err(format!("it was run {} of {all} times", all - left)),
        }
        Ok(done.map(|done| match done {
            Some(((), result)) => {
                self.sessions.remember(&result, token_as);
                self.result(&result)
            }
            None => Value::Null,
        }))
    }

    async fn list_sessions(&self, step: &mut Fields) -> Result<Answer> {
        let manager = &self.sessions.manager;
        let (names, limit) = (step.array("as")?, step.number("limit")?);
        let after = step.text_if_any("after")?.map(|key| Key::from_text(&key));
        let page = match step.text_if_any("subject")? {
            Some(subject) => manager.list_subject(&subject, after.as_ref(), limit).await,
            None => manager.list(after.as_ref(), limit).await,
        };
        Ok(page.map(|page| {
            let (count, next) = (page.sessions.len(), page.next.is_some());
            for (name, session) in names.iter().zip(page.sessions) {
                self.sessions.open(name.as_str().unwrap_or_default().to_owned(), session);
            }
            json!({"count": count, "next": next})
        }))
    }

    /// Of the cookie in `cookie` only what it does: `set` for good, for the browser's `session`, or
    /// `clear`.
    fn result(&self, result: &CommitResult) -> Value {
        let cookie = result.cookie.as_ref().map(|cookie| {
            match (cookie.is_deletion(), cookie.max_age.is_some()) {
                (true, _) => "clear",
                (false, true) => "set",
                (false, false) => "session",
            }
        });
        json!({
            "outcome": result.outcome.name(),
            "expires": result.expires_at.map(|at| self.millis(at)),
            "cookie": cookie,
            "read": result.was_read,
            "headers": headers(result),
            "attributes": result.cookie.as_ref().map(|cookie| self.attributes(cookie, result)),
        })
    }

    fn attributes(&self, cookie: &CookieParts, result: &CommitResult) -> Value {
        let is_token = result.token.as_ref().is_some_and(|token| *token == cookie.value);
        json!({
            "name": cookie.name,
            "value": if is_token { "token" } else { &cookie.value },
            "path": cookie.path,
            "domain": cookie.domain,
            "expires": cookie.expires.map(|at| self.millis(at)),
            "max_age": cookie.max_age.map(|age| age.as_secs()),
            "secure": cookie.secure,
            "http_only": cookie.http_only,
            "same_site": cookie.same_site.name(),
            "partitioned": cookie.partitioned,
        })
    }

    fn millis(&self, at: Timestamp) -> Value {
        micros_as_millis(at.as_micros() - self.start)
    }
}
