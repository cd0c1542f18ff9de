//! Loading, committing and listing sessions. The first argument is the manager's number.

use sessio::operation::SessionRequest;
use sessio::{Error, Session, SessionManager, SessionOptions};

use crate::args::{Value, invalid};
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
    let session = with(call, |manager| Ok(start(&manager.manager)))?;
    answered(Out::Number(f64::from(call.bridge.sessions.add(session, call.argument(2)))))
}

pub(crate) fn load(call: &Call<'_>) -> Outcome {
    let token = call.argument(1).optional_text("the token")?;
    let token = token.as_ref().map(|token| token.as_str("the token")).transpose()?;
    begin(call, |manager| manager.load(token))
}

/// A header's bytes are what the client sent: nothing is wrong with any of them.
fn begin_from(
    call: &Call<'_>,
    header: Value<'_>,
    start: impl FnOnce(&SessionManager, &[u8]) -> Session,
) -> Outcome {
    if header.is_nothing() {
        return begin(call, |manager| start(manager, b""));
    }
    if let Some(text) = header.text()? {
        return begin(call, |manager| start(manager, text.as_bytes()));
    }
    let wrong = || Err(invalid("the header must be a string, a Buffer, or nothing"));
    let bytes = header.view().unwrap_or_else(wrong)?;
    begin(call, |manager| start(manager, bytes))
}

pub(crate) fn load_cookie(call: &Call<'_>) -> Outcome {
    begin_from(call, call.argument(1), SessionManager::load_cookie)
}

pub(crate) fn load_header(call: &Call<'_>) -> Outcome {
    begin_from(call, call.argument(1), SessionManager::load_header)
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
