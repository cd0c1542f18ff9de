//! Loading, committing and listing sessions. The first argument is the manager's number.

use sessio::operation::SessionRequest;
use sessio::{Error, Session, SessionManager, SessionOptions, Transaction};

use crate::args::{Bytes, Value, Who, invalid};
use crate::call::{Call, Outcome};
use crate::held::Manager;
use crate::open::{answered, done, each_option};
use crate::session::session;
use crate::tray::Out;
use crate::verbs::after;

/// A store, the options as one flat array of names and values, and under which identity events
/// are told: the number of the manager.
pub(crate) fn open(call: &Call<'_>) -> Outcome {
    let identity = call.argument(2).number().ok_or_else(|| invalid("an identity is a number"))?;
    let manager = call.with_store(|store| {
        let mut options = SessionOptions::of(store);
        each_option(call.argument(1), |name, value| options.set(name, value))?;
        Manager::new(call.bridge, store, options, identity)
    })?;
    answered(Out::Number(f64::from(call.bridge.managers.borrow_mut().add(manager))))
}

fn with<T>(call: &Call<'_>, run: impl FnOnce(&Manager) -> Result<T, Error>) -> Result<T, Error> {
    let managers = call.bridge.managers.borrow();
    run(managers.get(call.number()?).ok_or_else(|| invalid("there is no such manager"))?)
}

fn manager(call: &Call<'_>) -> Result<SessionManager, Error> {
    with(call, |manager| Ok(manager.manager.clone()))
}

/// When JavaScript has lost its manager.
pub(crate) fn release(call: &Call<'_>) -> Outcome {
    let manager = call.bridge.managers.borrow_mut().remove(call.number()?);
    drop(manager);
    // They are lost as well, and hold the store.
    call.bridge.sessions.look_after(usize::MAX);
    done()
}

pub(crate) fn listen(call: &Call<'_>) -> Outcome {
    with(call, |manager| {
        manager.listen();
        done()
    })
}

/// The number of a session that belongs to the third argument.
fn begin(call: &Call<'_>, start: impl FnOnce(&SessionManager) -> Session) -> Outcome {
    hold(call, |manager| Ok(start(manager)))
}

fn hold(call: &Call<'_>, start: impl FnOnce(&SessionManager) -> Result<Session, Error>) -> Outcome {
    let session = with(call, |manager| start(&manager.manager))?;
    answered(Out::Number(f64::from(call.bridge.sessions.add(session, call.argument(2)))))
}

pub(crate) fn load(call: &Call<'_>) -> Outcome {
    let token = call.argument(1).optional_text("the token")?;
    let token = token.as_ref().map(|token| token.as_str("the token")).transpose()?;
    begin(call, |manager| manager.load(token))
}

/// A header's bytes are what the client sent: nothing is wrong with any of them.
fn header(header: Value<'_>) -> Result<Bytes<'_>, Error> {
    if header.is_nothing() {
        return Ok(Bytes::View(b""));
    }
    if let Some(text) = header.text()? {
        return Ok(Bytes::Text(text));
    }
    let wrong = || Err(invalid("the header must be a string, a Buffer, or nothing"));
    header.view().unwrap_or_else(wrong).map(Bytes::View)
}

/// One header, or an array of them that `lib/manager.js` made.
pub(crate) fn load_cookie(call: &Call<'_>) -> Outcome {
    let given = call.argument(1);
    let elements = if given.is_array() { given.elements()? } else { vec![given] };
    let headers: Vec<_> = elements.into_iter().map(header).collect::<Result<_, _>>()?;
    let headers: Vec<_> = headers.iter().map(Bytes::as_bytes).collect();
    begin(call, |manager| manager.load_cookies(&headers))
}

pub(crate) fn load_header(call: &Call<'_>) -> Outcome {
    let header = header(call.argument(1))?;
    begin(call, |manager| manager.load_header(header.as_bytes()))
}

/// One that is to be stored under this token.
pub(crate) fn create(call: &Call<'_>) -> Outcome {
    let token = call.argument(1).required_text("the token")?;
    let token = token.as_str("the token")?;
    hold(call, |manager| manager.create(token))
}

/// Answered with a page of one session or none; so is `begin_transaction`.
pub(crate) fn find(call: &Call<'_>) -> Outcome {
    let manager = manager(call)?;
    let request = match call.argument(1).who("the token")? {
        Who::Token(text) => SessionRequest::Find(manager, text.as_str("the token")?.to_owned()),
        Who::Key(key) => SessionRequest::FindKey(manager, key),
    };
    Ok(call.bridge.start_session(request, Out::from))
}

/// The number of a transaction on a token's session.
pub(crate) fn open_transaction(call: &Call<'_>) -> Outcome {
    let token = call.argument(1).required_text("the token")?;
    let transaction = manager(call)?.transaction(token.as_str("the token")?);
    let number = call.bridge.transactions.borrow_mut().add(transaction);
    answered(Out::Number(f64::from(number)))
}

fn transaction(call: &Call<'_>) -> Result<Transaction, Error> {
    let transactions = call.bridge.transactions.borrow();
    let transaction = transactions.get(call.number()?).cloned();
    transaction.ok_or_else(|| invalid("there is no such transaction"))
}

pub(crate) fn begin_transaction(call: &Call<'_>) -> Outcome {
    Ok(call.bridge.start_session(SessionRequest::Begin(transaction(call)?), Out::from))
}

pub(crate) fn finish_transaction(call: &Call<'_>) -> Outcome {
    let (transaction, session) = (transaction(call)?, session(call, call.argument(1))?);
    Ok(call.bridge.start_session(SessionRequest::Finish(transaction, session), Out::from))
}

pub(crate) fn release_transaction(call: &Call<'_>) -> Outcome {
    call.bridge.transactions.borrow_mut().remove(call.number()?);
    done()
}

pub(crate) fn commit(call: &Call<'_>) -> Outcome {
    let (manager, session) = (manager(call)?, session(call, call.argument(1))?);
    Ok(call.bridge.start_session(SessionRequest::Commit(manager, session), Out::from))
}

pub(crate) fn list(call: &Call<'_>) -> Outcome {
    let limit = call.argument(1).whole("the limit")?;
    let (manager, after) = (manager(call)?, after(call.argument(2))?);
    Ok(call.bridge.start_session(SessionRequest::List(manager, after, limit), Out::from))
}

pub(crate) fn list_subject(call: &Call<'_>) -> Outcome {
    let subject = call.argument(1).required_text("the subject")?;
    let subject = subject.as_str("the subject")?.to_owned();
    let limit = call.argument(2).whole("the limit")?;
    let (manager, after) = (manager(call)?, after(call.argument(3))?);
    let request = SessionRequest::ListSubject(manager, subject, after, limit);
    Ok(call.bridge.start_session(request, Out::from))
}

pub(crate) fn stats(call: &Call<'_>) -> Outcome {
    with(call, |manager| answered(Out::SessionStats(manager.manager.stats())))
}

pub(crate) fn cookie_name(call: &Call<'_>) -> Outcome {
    with(call, |manager| answered(Out::Text(manager.manager.cookie().cookie_name().to_owned())))
}
