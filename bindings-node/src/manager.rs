//! Loading, committing and listing sessions. The first argument is the manager's number.

use sessio::operation::{SessionRequest, session_options};
use sessio::{Error, Session, SessionManager, SessionOptions, Transaction};

use crate::arguments::{Bytes, JsValue, TargetArgument, after, invalid};
use crate::call::{Call, CallResult, answered, done};
use crate::encode::Response;
use crate::options::set_each;
use crate::registry::Manager;
use crate::session::session;

/// Takes a store's number, the options as `set_each` takes them, and the identity that the
/// manager's events carry. Returns the number of the manager.
pub(crate) fn open(call: &Call<'_>) -> CallResult {
    let identity =
        call.argument(2).number().ok_or_else(|| invalid("the identity must be a number"))?;
    let manager = call.with_store(|store| {
        let mut options = SessionOptions::of(store);
        let set = |name: &str, value: &str| options.set(name, value);
        set_each(call.argument(1), &session_options(), &[], set)?;
        Manager::new(&call.environment.completions, store, options, identity)
    })?;
    answered(Response::Number(f64::from(call.environment.managers.add(manager))))
}

fn with<T>(call: &Call<'_>, run: impl FnOnce(&Manager) -> Result<T, Error>) -> Result<T, Error> {
    call.environment.managers.with(call.number()?, "manager", run)
}

fn manager(call: &Call<'_>) -> Result<SessionManager, Error> {
    with(call, |manager| Ok(manager.manager.clone()))
}

/// After JavaScript has collected its manager.
pub(crate) fn release(call: &Call<'_>) -> CallResult {
    drop(call.environment.managers.remove(call.number()?));
    // A session's object holds its manager, so those sessions are dead as well. They hold the
    // store.
    call.environment.sessions.sweep(usize::MAX);
    done()
}

pub(crate) fn listen(call: &Call<'_>) -> CallResult {
    with(call, |manager| {
        manager.listen();
        done()
    })
}

/// Adds the session that `make` returns, with the third argument as its owner. Returns its number.
fn add(
    call: &Call<'_>,
    make: impl FnOnce(&SessionManager) -> Result<Session, Error>,
) -> CallResult {
    let session = with(call, |manager| make(&manager.manager))?;
    answered(Response::Number(f64::from(call.environment.sessions.add(session, call.argument(2)))))
}

pub(crate) fn load(call: &Call<'_>) -> CallResult {
    let token = call.argument(1).optional_text("the token")?;
    let token = token.as_ref().map(|token| token.as_str("the token")).transpose()?;
    add(call, |manager| Ok(manager.load(token)))
}

/// A header is what the client sent, so any bytes are accepted.
fn header(header: JsValue<'_>) -> Result<Bytes<'_>, Error> {
    if header.is_nothing() {
        return Ok(Bytes::View(b""));
    }
    if let Some(text) = header.text()? {
        return Ok(Bytes::Text(text));
    }
    let wrong = || Err(invalid("the header must be a string, a Buffer, null or undefined"));
    header.view().unwrap_or_else(wrong).map(Bytes::View)
}

/// One header, or an array of them that `lib/manager.js` made.
pub(crate) fn load_cookie(call: &Call<'_>) -> CallResult {
    let given = call.argument(1);
    let elements = if given.is_array() { given.elements()? } else { vec![given] };
    let headers: Vec<_> = elements.into_iter().map(header).collect::<Result<_, _>>()?;
    let headers: Vec<_> = headers.iter().map(Bytes::as_bytes).collect();
    add(call, |manager| Ok(manager.load_cookies(&headers)))
}

pub(crate) fn load_header(call: &Call<'_>) -> CallResult {
    let header = header(call.argument(1))?;
    add(call, |manager| Ok(manager.load_header(header.as_bytes())))
}

/// A new session with the token of the caller.
pub(crate) fn create(call: &Call<'_>) -> CallResult {
    let token = call.argument(1).required_text("the token")?;
    let token = token.as_str("the token")?;
    add(call, |manager| manager.create(token))
}

/// Returns a page of one session or none, as `begin_transaction` does.
pub(crate) fn find(call: &Call<'_>) -> CallResult {
    let manager = manager(call)?;
    let request = match call.argument(1).target("the token")? {
        TargetArgument::Token(text) => {
            SessionRequest::Find(manager, text.as_str("the token")?.to_owned())
        }
        TargetArgument::Key(key) => SessionRequest::FindKey(manager, key),
    };
    Ok(call.environment.start_session(request, Response::from))
}

/// Returns the number of a transaction on the session of a token.
pub(crate) fn open_transaction(call: &Call<'_>) -> CallResult {
    let token = call.argument(1).required_text("the token")?;
    let transaction = manager(call)?.transaction(token.as_str("the token")?);
    let number = call.environment.transactions.add(transaction);
    answered(Response::Number(f64::from(number)))
}

fn transaction(call: &Call<'_>) -> Result<Transaction, Error> {
    let transactions = &call.environment.transactions;
    transactions.with(call.number()?, "transaction", |transaction| Ok(transaction.clone()))
}

pub(crate) fn begin_transaction(call: &Call<'_>) -> CallResult {
    Ok(call.environment.start_session(SessionRequest::Begin(transaction(call)?), Response::from))
}

pub(crate) fn finish_transaction(call: &Call<'_>) -> CallResult {
    let (transaction, session) = (transaction(call)?, session(call, call.argument(1))?);
    Ok(call.environment.start_session(SessionRequest::Finish(transaction, session), Response::from))
}

pub(crate) fn release_transaction(call: &Call<'_>) -> CallResult {
    drop(call.environment.transactions.remove(call.number()?));
    done()
}

pub(crate) fn commit(call: &Call<'_>) -> CallResult {
    let (manager, session) = (manager(call)?, session(call, call.argument(1))?);
    Ok(call.environment.start_session(SessionRequest::Commit(manager, session), Response::from))
}

pub(crate) fn list(call: &Call<'_>) -> CallResult {
    let limit = call.argument(1).whole("the limit")?;
    let (manager, after) = (manager(call)?, after(call.argument(2))?);
    Ok(call.environment.start_session(SessionRequest::List(manager, after, limit), Response::from))
}

pub(crate) fn list_subject(call: &Call<'_>) -> CallResult {
    let subject = call.argument(1).required_text("the subject")?;
    let subject = subject.as_str("the subject")?.to_owned();
    let limit = call.argument(2).whole("the limit")?;
    let (manager, after) = (manager(call)?, after(call.argument(3))?);
    let request = SessionRequest::ListSubject(manager, subject, after, limit);
    Ok(call.environment.start_session(request, Response::from))
}

pub(crate) fn stats(call: &Call<'_>) -> CallResult {
    with(call, |manager| answered(Response::SessionStats(manager.manager.stats())))
}

pub(crate) fn cookie_name(call: &Call<'_>) -> CallResult {
    with(call, |manager| {
        answered(Response::Text(manager.manager.cookie().cookie_name().to_owned()))
    })
}
