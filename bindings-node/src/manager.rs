//! Opening managers, loading sessions and their transactions. The first argument is the manager's or
//! the transaction's number.

use sessio::operation::session_options;
use sessio::{Error, Session, SessionManager, SessionOptions, Transaction};

use crate::arguments::{Bytes, JsValue, invalid};
use crate::call::{Call, CallResult, answered, done};
use crate::encode::Response;
use crate::options::set_each;
use crate::registry::Manager;

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

pub(crate) fn manager(call: &Call<'_>) -> Result<SessionManager, Error> {
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

/// Adds the session that `make` returns. Returns its number.
pub(crate) fn add(
    call: &Call<'_>,
    owner: JsValue<'_>,
    make: impl FnOnce(&SessionManager) -> Result<Session, Error>,
) -> CallResult {
    let session = with(call, |manager| make(&manager.manager))?;
    answered(Response::Number(f64::from(call.environment.sessions.add(session, owner))))
}

pub(crate) fn load(call: &Call<'_>) -> CallResult {
    let token = call.argument(1).optional_text("the token")?;
    let token = token.as_ref().map(|token| token.as_str("the token")).transpose()?;
    add(call, call.argument(2), |manager| Ok(manager.load(token)))
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
    add(call, call.argument(2), |manager| Ok(manager.load_cookies(&headers)))
}

pub(crate) fn load_header(call: &Call<'_>) -> CallResult {
    let header = header(call.argument(1))?;
    add(call, call.argument(2), |manager| Ok(manager.load_header(header.as_bytes())))
}

/// Returns the number of a transaction on the session of a token.
pub(crate) fn open_transaction(call: &Call<'_>) -> CallResult {
    let token = call.argument(1).required_text("the token")?;
    let transaction = manager(call)?.transaction(token.as_str("the token")?);
    let number = call.environment.transactions.add(transaction);
    answered(Response::Number(f64::from(number)))
}

pub(crate) fn transaction(call: &Call<'_>) -> Result<Transaction, Error> {
    let transactions = &call.environment.transactions;
    transactions.with(call.number()?, "transaction", |transaction| Ok(transaction.clone()))
}

pub(crate) fn release_transaction(call: &Call<'_>) -> CallResult {
    drop(call.environment.transactions.remove(call.number()?));
    done()
}

pub(crate) fn stats(call: &Call<'_>) -> CallResult {
    with(call, |manager| answered(Response::SessionStats(manager.manager.stats())))
}

pub(crate) fn cookie_name(call: &Call<'_>) -> CallResult {
    with(call, |manager| {
        answered(Response::Text(manager.manager.cookie().cookie_name().to_owned()))
    })
}
