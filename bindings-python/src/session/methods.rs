//! The methods that waiting and awaited sessions share: arguments in, a request out. How it is waited
//! for is the manager's own `ask`.

use std::borrow::Cow;

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDateTime, PyDelta, PyString};
use sessio::operation::SessionRequest;
use sessio::{Error, ErrorKind, Expiry, Value};

use crate::argument::{bytes, text, wrong};
use crate::error::invalid;
use crate::time::expiry;

/// The name of a value.
pub(crate) fn name<'a>(key: &'a Bound<'_, PyAny>) -> PyResult<Cow<'a, str>> {
    let name = text(key, "key")?;
    name.ok_or_else(|| invalid(key.py(), "a key must be valid Unicode"))
}

/// A token that came from a client. What is no Unicode is none of ours.
pub(crate) fn token<'a>(given: Option<&'a Bound<'_, PyAny>>) -> PyResult<Option<Cow<'a, str>>> {
    let Some(given) = given else { return Ok(None) };
    text(given, "token").map_err(|_| wrong(given, "token", "str or None"))
}

/// A header of a request, as the server gives it: text or bytes.
pub(crate) fn header(given: Option<&Bound<'_, PyAny>>) -> PyResult<Vec<u8>> {
    let Some(given) = given else { return Ok(Vec::new()) };
    let Ok(text) = given.cast::<PyString>() else {
        let header = bytes(given, "header");
        let header = header.map_err(|_| wrong(given, "header", "str, bytes or None"))?;
        return Ok(header.as_bytes().to_vec());
    };
    if let Ok(text) = text.to_str() {
        return Ok(text.as_bytes().to_vec());
    }
    // What some servers make of bytes that are not UTF-8.
    let encoded = text.call_method1("encode", ("utf-8", "surrogatepass"))?;
    Ok(encoded.cast::<PyBytes>()?.as_bytes().to_vec())
}

pub(crate) fn deadline(given: &Bound<'_, PyAny>) -> PyResult<Expiry> {
    if given.is_instance_of::<PyDateTime>() || given.is_instance_of::<PyDelta>() {
        return expiry(given);
    }
    Err(wrong(given, "deadline", "a datetime or a timedelta"))
}

/// The value of a key, if it is of the very type that was asked for.
pub(crate) fn get_as(session: &sessio::Session, key: String, kind: &'static str) -> SessionRequest {
    let name = key.clone();
    let check = move |value: &Value| {
        let is = value.kind();
        if is == kind {
            return Ok(());
        }
        let message = format!("the value of {name:?} is not what was asked for: {is}, not {kind}");
        Err(Error::new(ErrorKind::InvalidArgument, message))
    };
    SessionRequest::GetIf(session.clone(), key, Box::new(check))
}

/// Writes the Python methods of a manager. `$own` are those that differ.
macro_rules! manager_methods {
    ($manager:ident, $session:ident, $shown:literal, $($own:tt)*) => {
        #[pyo3::pymethods]
        impl $manager {
            /// The session of a token, or a new one where there is none. Asks nobody yet; a token
            /// that turns out to be unknown is not adopted, and a malformed one is none.
            #[pyo3(signature = (token=None))]
            fn load<'py>(
                slf: &Bound<'py, Self>,
                token: Option<&Bound<'py, PyAny>>,
            ) -> PyResult<Bound<'py, PyAny>> {
                $crate::error::guard(slf.py(), || {
                    let token = $crate::session::methods::token(token)?;
                    Self::wrap(slf, slf.get().managed.manager.load(token.as_deref()))
                })
            }

            /// The same from the `Cookie` header of a request: str, bytes, or None where there was
            /// none. A malformed header is no session.
            fn load_cookie<'py>(
                slf: &Bound<'py, Self>,
                header: Option<&Bound<'py, PyAny>>,
            ) -> PyResult<Bound<'py, PyAny>> {
                $crate::error::guard(slf.py(), || {
                    let header = $crate::session::methods::header(header)?;
                    Self::wrap(slf, slf.get().managed.manager.load_cookie(&header))
                })
            }

            /// The same from a header of the program's own: the token, with `Bearer ` before it or
            /// not.
            fn load_header<'py>(
                slf: &Bound<'py, Self>,
                header: Option<&Bound<'py, PyAny>>,
            ) -> PyResult<Bound<'py, PyAny>> {
                $crate::error::guard(slf.py(), || {
                    let header = $crate::session::methods::header(header)?;
                    Self::wrap(slf, slf.get().managed.manager.load_header(&header))
                })
            }

            /// Stores what the request changed, and says what to send to the client: `Sent`.
            ///
            /// Of a session that was loaded only this request's changes are stored, key by key, on
            /// top of what other requests did meanwhile; if one of them ended the session, it stays
            /// ended. Where nothing was changed, nothing is stored.
            ///
            /// After an error the changes are kept, so it can be called again. Raises as
            /// `Store.insert` and `Store.replace`, and `InvalidArgument` for a session of another
            /// manager.
            fn commit<'py>(
                slf: &Bound<'py, Self>,
                session: &Bound<'py, PyAny>,
            ) -> PyResult<Bound<'py, PyAny>> {
                let given = session.cast::<$session>();
                let given =
                    given.map_err(|_| $crate::argument::wrong(session, "session", $shown))?;
                let session = given.get().session.clone();
                let manager = slf.get().managed.manager.clone();
                Self::ask(slf, SessionRequest::Commit(manager, session))
            }

            /// A `SessionPage` of 1 to 1,000 live sessions in the order of their keys, after the
            /// given one: pass the `next` of one page to get the next. Each can be read, changed,
            /// committed or destroyed like one that was loaded, but has no token and gets no
            /// cookie: it is another client's.
            #[pyo3(
                signature = (*, after=None, limit=$crate::argument::Limit::PAGE),
                text_signature = "($self, *, after=None, limit=100)"
            )]
            fn list<'py>(
                slf: &Bound<'py, Self>,
                after: Option<&Bound<'py, PyAny>>,
                limit: $crate::argument::Limit,
            ) -> PyResult<Bound<'py, PyAny>> {
                let after = $crate::argument::after(after)?.copied();
                let manager = slf.get().managed.manager.clone();
                Self::ask_many(slf, SessionRequest::List(manager, after, limit.0))
            }

            /// The same for the sessions of one subject: a user's devices.
            ///
            /// Raises `Unsupported` where the table has no subjects.
            #[pyo3(
                signature = (subject, *, after=None, limit=$crate::argument::Limit::PAGE),
                text_signature = "($self, subject, *, after=None, limit=100)"
            )]
            fn list_subject<'py>(
                slf: &Bound<'py, Self>,
                subject: &Bound<'py, PyAny>,
                after: Option<&Bound<'py, PyAny>>,
                limit: $crate::argument::Limit,
            ) -> PyResult<Bound<'py, PyAny>> {
                let subject = $crate::argument::subject(subject)?.into_owned();
                let after = $crate::argument::after(after)?.copied();
                let manager = slf.get().managed.manager.clone();
                Self::ask_many(slf, SessionRequest::ListSubject(manager, subject, after, limit.0))
            }

            /// How often each event has happened to this manager's sessions in this process, by
            /// name: `created`, `renewed`, `destroyed`, `touched`, `merged`, `conflict`, `gone`,
            /// `corrupt`.
            fn stats<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, pyo3::types::PyDict>> {
                self.managed.hand_on(py);
                $crate::answer::counters(py, self.managed.manager.stats().fields())
            }

            /// The name of the cookie that carries the token.
            #[getter]
            fn cookie_name(&self) -> &str {
                self.managed.manager.cookie().cookie_name()
            }

            fn __repr__(&self) -> String {
                let location = self.managed.manager.store().location();
                format!("<sessio.{} on {location}>", stringify!($manager))
            }

            $($own)*
        }
    };
}

/// Writes the Python methods of a session. `$own` are those that differ.
macro_rules! session_methods {
    ($session:ident, $manager:ident, $($own:tt)*) => {
        impl $session {
            fn ask<'py>(
                &self,
                py: Python<'py>,
                request: SessionRequest,
            ) -> PyResult<Bound<'py, PyAny>> {
                $manager::ask(self.manager.bind(py), request)
            }
        }

        #[pyo3::pymethods]
        impl $session {
            /// Sets the value of a key, to a copy.
            ///
            /// Raises `TypeError` for what no session can hold, and `InvalidArgument` for values
            /// beyond its limits.
            fn put(&self, key: &Bound<'_, PyAny>, value: &Bound<'_, PyAny>) -> PyResult<()> {
                $crate::error::guard(key.py(), || {
                    let name = $crate::session::methods::name(key)?;
                    let value = $crate::value::from_python(value)?;
                    let put = self.session.put_value(&name, value);
                    put.map_err(|error| $crate::error::raise(key.py(), &error))
                })
            }

            /// Removes a key, if it is there.
            fn remove(&self, key: &Bound<'_, PyAny>) -> PyResult<()> {
                $crate::error::guard(key.py(), || {
                    self.session.remove(&$crate::session::methods::name(key)?);
                    Ok(())
                })
            }

            /// Removes all values; token, deadline and "remember me" stay.
            fn clear(&self, py: Python<'_>) -> PyResult<()> {
                $crate::error::guard(py, || {
                    self.session.clear();
                    Ok(())
                })
            }

            /// Leaves a value for the next request that asks for `flashes`, and for that one alone.
            /// Raises as `put`.
            fn flash(&self, key: &Bound<'_, PyAny>, value: &Bound<'_, PyAny>) -> PyResult<()> {
                $crate::error::guard(key.py(), || {
                    let name = $crate::session::methods::name(key)?;
                    let value = $crate::value::from_python(value)?;
                    let left = self.session.flash_value(&name, value);
                    left.map_err(|error| $crate::error::raise(key.py(), &error))
                })
            }

            /// What earlier requests left, by key; from the commit on it is gone.
            fn flashes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                self.ask(py, SessionRequest::Flashes(self.session.clone()))
            }

            /// Asks the store now, unless that was done. The methods that read do it by themselves;
            /// afterwards none of them waits for the store.
            fn look<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                self.ask(py, SessionRequest::Look(self.session.clone()))
            }

            /// Gives it a new token at the commit, in one step with whatever else was changed: at any
            /// moment exactly one of the two tokens is valid, and without a commit the session is as
            /// before. To be called when a user logs in or out. False when it is known that another
            /// request ended the session.
            fn renew<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                self.ask(py, SessionRequest::Renew(self.session.clone()))
            }

            /// Ends the session now, and forgets its values; the commit then takes the cookie away.
            /// What is put in afterwards makes a new session.
            fn destroy<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                self.ask(py, SessionRequest::Destroy(self.session.clone()))
            }

            /// Takes over everything from the session of another token, key by key, and the later
            /// deadline of the two; the other one ends when this one is stored. Nothing happens
            /// when there is no such session, or when it is this one.
            fn merge_from<'py>(&self, token: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
                // What is no Unicode is nobody's token.
                let theirs = $crate::argument::text(token, "token")?;
                let theirs = theirs.unwrap_or_default().into_owned();
                self.ask(token.py(), SessionRequest::MergeFrom(self.session.clone(), theirs))
            }

            /// When its lifetime ends, in UTC.
            fn deadline<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                self.ask(py, SessionRequest::Deadline(self.session.clone()))
            }

            /// Moves the end of its lifetime: to an aware datetime, or a timedelta from now. One in
            /// the past ends the session at the commit.
            fn set_deadline(&self, deadline: &Bound<'_, PyAny>) -> PyResult<()> {
                $crate::error::guard(deadline.py(), || {
                    self.session.set_deadline($crate::session::methods::deadline(deadline)?);
                    Ok(())
                })
            }

            /// Whether its cookie outlives the browser, where the manager's cookies do not persist
            /// by themselves (`cookie_persist=False`).
            fn remember_me(&self, remember: &Bound<'_, PyAny>) -> PyResult<()> {
                let truth = remember.cast::<pyo3::types::PyBool>();
                let truth =
                    truth.map_err(|_| $crate::argument::wrong(remember, "remember", "bool"))?;
                self.session.remember_me(truth.is_true());
                Ok(())
            }

            /// Whose session it is, where that was said.
            fn subject<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                self.ask(py, SessionRequest::Subject(self.session.clone()))
            }

            /// Says whose session it is, so that all of a user's can be listed and ended; None
            /// takes that away.
            ///
            /// Raises `InvalidArgument` for a subject that is empty, longer than 255 characters, or
            /// ends with a space.
            fn set_subject(&self, py: Python<'_>, subject: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
                let subject = subject.map($crate::argument::subject).transpose()?;
                let set = self.session.set_subject(subject.as_deref());
                set.map_err(|error| $crate::error::raise(py, &error))
            }

            /// Whether the store has no such session (yet).
            fn is_new<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                self.ask(py, SessionRequest::IsNew(self.session.clone()))
            }

            /// Whether there is something to commit: `"unmodified"`, `"modified"` or `"destroyed"`.
            #[getter]
            fn status(&self) -> &'static str {
                self.session.status().name()
            }

            /// The client's secret: what was brought, or what it is to get. None for a session that
            /// was never stored, and for one from a list.
            #[getter]
            fn token(&self) -> Option<String> {
                self.session.token()
            }

            /// The key of a session from a list.
            #[getter]
            fn key(&self) -> Option<$crate::key::Key> {
                self.session.key().map($crate::key::Key)
            }

            fn __repr__(&self) -> String {
                format!("<sessio.{}: {}>", stringify!($session), self.session.status().name())
            }

            fn __traverse__(
                &self,
                visit: pyo3::gc::PyVisit<'_>,
            ) -> Result<(), pyo3::gc::PyTraverseError> {
                visit.call(&self.manager)
            }

            $($own)*
        }
    };
}

pub(crate) use {manager_methods, session_methods};
