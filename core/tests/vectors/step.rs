//! One step: its arguments to a call of the API, its answer against what is expected.

use std::time::Duration;

use serde_json::Value;
use sessio::{Content, Error, Expiry, Key, ManualClock, Store, Target, Token};

use crate::session::Sessions;
use crate::values::{self, Fields, Kind};

pub(crate) type Result<T> = std::result::Result<T, String>;

pub(crate) struct Context<'a> {
    pub(crate) store: &'a Store,
    pub(crate) clock: &'a ManualClock,
    pub(crate) start: i64,
    pub(crate) sessions: &'a Sessions,
}

/// A session by token or by key, owned, because a target borrows.
enum Named {
    Token(String),
    Key(Key),
}

impl Named {
    fn target(&self) -> Target<'_> {
        match self {
            Named::Token(token) => Target::from(token),
            Named::Key(key) => Target::from(key),
        }
    }
}

fn named(step: &mut Fields) -> Result<Named> {
    match step.text_if_any("key")? {
        Some(key) => Ok(Named::Key(Key::from_text(&key))),
        None => step.text("token").map(Named::Token),
    }
}

struct Stored {
    data: Vec<u8>,
    expires_at: Expiry,
    subject: Option<String>,
}

impl Stored {
    fn content(&self) -> Content<'_> {
        let content = Content::new(&self.data, self.expires_at);
        self.subject.as_deref().into_iter().fold(content, Content::subject)
    }
}

fn tokens(step: &mut Fields) -> Result<Vec<String>> {
    // Each is text or a repetition: a field of its own is how to read one.
    let token = |value| Fields::of(serde_json::json!({"token": value}))?.text("token");
    step.array("tokens")?.into_iter().map(token).collect()
}

impl Context<'_> {
    /// The steps of one run of a change.
    pub(crate) async fn run_all(&self, steps: Vec<Value>) -> Result<()> {
        for (index, step) in steps.into_iter().enumerate() {
            self.run_one(index, step).await?;
        }
        Ok(())
    }

    /// The step of this place in its list.
    pub(crate) async fn run_one(&self, index: usize, mut step: Value) -> Result<()> {
        let told = step.to_string();
        self.sessions.fill_in(&mut step);
        self.run(Fields::of(step)?).await.map_err(|error| {
            let shown: String = told.chars().take(300).collect();
            format!("step {}: {error}\n    {shown}", index + 1)
        })
    }

    async fn run(&self, mut step: Fields) -> Result<()> {
        let verb = step.text("do")?;
        let (gives, fails) = (step.take("gives"), step.text_if_any("fails")?);
        let (kind, got) = self.call(&verb, &mut step).await?;
        step.end()?;
        match (got, fails) {
            (Ok(got), None) => {
                let wanted = values::expected(gives.unwrap_or(Value::Null), kind)?;
                let got = values::as_far_as_asked(got, &wanted);
                if got == wanted { Ok(()) } else { Err(format!("gave {got}, expected {wanted}")) }
            }
            (Ok(got), Some(kind)) => Err(format!("gave {got}, expected the error {kind}")),
            (Err(error), Some(kind)) if error.kind().name() == kind => match gives {
                None => Ok(()),
                Some(_) => Err("a step either gives or fails".to_owned()),
            },
            (Err(error), _) => Err(format!("failed with {}: {error}", error.kind())),
        }
    }

    fn stored(&self, step: &mut Fields) -> Result<Stored> {
        Ok(Stored {
            data: step.bytes("data")?,
            expires_at: step.expiry(self.start)?,
            subject: step.text_if_any("subject")?,
        })
    }

    /// A rename may come without content.
    fn stored_if_any(&self, step: &mut Fields) -> Result<Option<Stored>> {
        match step.take("data") {
            None => Ok(None),
            Some(data) => {
                let mut fields = Fields::of(serde_json::json!({"data": data}))?;
                let expires_at = step.expiry(self.start)?;
                let subject = step.text_if_any("subject")?;
                Ok(Some(Stored { data: fields.bytes("data")?, expires_at, subject }))
            }
        }
    }

    /// The outer error is the vector's fault, the inner one the store's answer.
    async fn call(
        &self,
        verb: &str,
        step: &mut Fields,
    ) -> Result<(Kind, std::result::Result<Value, Error>)> {
        let (store, start) = (self.store, self.start);
        let plain = |got: std::result::Result<Value, Error>| Ok((Kind::Plain, got));
        match verb {
            "find" => {
                let record = store.find(named(step)?.target()).await;
                let value = |record: Option<_>| record.map(|record| values::record(&record, start));
                Ok((Kind::Record, record.map(|record| value(record).into())))
            }
            "exists" => plain(store.exists(named(step)?.target()).await.map(Value::from)),
            "save" => {
                let (token, stored) = (step.text("token")?, self.stored(step)?);
                plain(store.save_content(&token, stored.content()).await.map(Value::from))
            }
            "insert" => {
                let (token, stored) = (step.text("token")?, self.stored(step)?);
                plain(store.insert(&token, stored.content()).await.map(Value::from))
            }
            "update" => {
                let (named, stored) = (named(step)?, self.stored(step)?);
                plain(store.update(named.target(), stored.content()).await.map(Value::from))
            }
            "replace" => {
                let (named, expected) = (named(step)?, step.bytes("expected")?);
                let stored = self.stored(step)?;
                let outcome = store.replace(named.target(), &expected, stored.content()).await;
                plain(outcome.map(|outcome| outcome.name().into()))
            }
            "touch" => {
                let (named, expiry) = (named(step)?, step.expiry(start)?);
                plain(store.touch(named.target(), expiry).await.map(Value::from))
            }
            "rename" => {
                let (named, to) = (named(step)?, step.text("to")?);
                let stored = self.stored_if_any(step)?;
                let content = stored.as_ref().map(Stored::content);
                plain(store.rename(named.target(), &to, content).await.map(Value::from))
            }
            "delete" => plain(store.delete(named(step)?.target()).await.map(Value::from)),
            _ => self.call_many(verb, step).await,
        }
    }

    /// The verbs that are about more than one session, or about none.
    async fn call_many(
        &self,
        verb: &str,
        step: &mut Fields,
    ) -> Result<(Kind, std::result::Result<Value, Error>)> {
        let (store, start) = (self.store, self.start);
        let plain = |got: std::result::Result<Value, Error>| Ok((Kind::Plain, got));
        let after = |step: &mut Fields| {
            step.text_if_any("after").map(|after| after.map(|key| Key::from_text(&key)))
        };
        match verb {
            "find_many" => {
                let tokens = tokens(step)?;
                let targets: Vec<Target<'_>> = tokens.iter().map(Target::from).collect();
                let found = store.find_many(&targets).await;
                let value = |records: Vec<Option<_>>| {
                    let records = records.iter().map(|record| {
                        record.as_ref().map_or(Value::Null, |record| values::record(record, start))
                    });
                    records.collect()
                };
                Ok((Kind::Records, found.map(value)))
            }
            "save_many" => {
                let row = |row| {
                    let mut row = Fields::of(row)?;
                    let owned = (row.text("token")?, self.stored(&mut row)?);
                    row.end().map(|()| owned)
                };
                let rows: Vec<(String, Stored)> =
                    step.array("rows")?.into_iter().map(row).collect::<Result<_>>()?;
                let rows: Vec<_> =
                    rows.iter().map(|(token, row)| (Target::from(token), row.content())).collect();
                plain(store.save_many(&rows).await.map(Value::from))
            }
            "delete_many" => {
                let tokens = tokens(step)?;
                let targets: Vec<Target<'_>> = tokens.iter().map(Target::from).collect();
                plain(store.delete_many(&targets).await.map(Value::from))
            }
            "count" => plain(store.count().await.map(Value::from)),
            "list" => {
                let (after, limit) = (after(step)?, step.number("limit")?);
                let page = store.list(after.as_ref(), limit).await;
                Ok((Kind::Page, page.map(|page| values::page(&page, start))))
            }
            "list_subject" => {
                let (subject, after) = (step.text("subject")?, after(step)?);
                let page =
                    store.list_subject(&subject, after.as_ref(), step.number("limit")?).await;
                Ok((Kind::Page, page.map(|page| values::page(&page, start))))
            }
            "delete_subject" => {
                let (subject, keep) = (step.text("subject")?, step.text_if_any("keep")?);
                let keep = keep.as_ref().map(Target::from);
                plain(store.delete_subject(&subject, keep).await.map(Value::from))
            }
            "clear_store" => plain(store.clear().await.map(Value::from)),
            "delete_expired" => {
                plain(store.delete_expired(step.number("limit")?).await.map(Value::from))
            }
            "migrate" => plain(store.migrate().await.map(Value::from)),
            "migrate_from" => plain(store.migrate_from(&step.text("from")?).await.map(Value::from)),
            "ping" => plain(store.ping().await.map(Value::from)),
            "check" => {
                let codes = |issues: Vec<sessio::CheckIssue>| {
                    issues.iter().map(|issue| Value::from(issue.code)).collect()
                };
                plain(store.check().await.map(codes))
            }
            "stop_cleanup" => {
                store.stop_cleanup();
                plain(Ok(Value::Null))
            }
            "close" => {
                store.close().await;
                plain(Ok(Value::Null))
            }
            "stats" => {
                let counter = step.text("counter")?;
                let fields = store.stats().fields();
                let found = fields.iter().find(|(name, _)| *name == counter);
                plain(Ok(found.ok_or_else(|| format!("no counter {counter}"))?.1.into()))
            }
            "generate_token" => plain(Token::generate().map(|token| token.as_str().len().into())),
            "advance" => {
                self.clock.advance(Duration::from_millis(step.number("ms")?));
                plain(Ok(Value::Null))
            }
            _ => match self.session_step(verb, step).await? {
                Some(answer) => plain(answer),
                None => Err(format!("the step {verb} is unknown")),
            },
        }
    }
}
