//! The verbs of sessions in Python: the methods of the native classes, the coroutines of
//! `AsyncSession`, `LazySession` and `AsyncSessionManager`, and the types of all.

mod native;
mod typed;

use crate::Result;

use super::super::session::{
    Asks, Language, Owner, PythonClass, SessionAnswer, SessionApi, SessionArgument, SessionKind,
    SessionVerb,
};
use super::super::text::{Spelling, failures};
use super::super::{Extent, File};
use super::SPELLING;

// The lines before the parts that are made.
const VIEW: &str = "Made by `cargo xtask gen` for SessionView: change `api/session.toml`.";
const SESSION: &str = "Made by `cargo xtask gen` for Session: change `api/session.toml`.";
const ASYNC_SESSION: &str =
    "Made by `cargo xtask gen` for AsyncSession: change `api/session.toml`.";
const LAZY_SESSION: &str = "Made by `cargo xtask gen` for LazySession: change `api/session.toml`.";
const MANAGER: &str = "Made by `cargo xtask gen` for SessionManager: change `api/session.toml`.";
const ASYNC_CALLS: &str =
    "Made by `cargo xtask gen` for AsyncManagerCalls: change `api/session.toml`.";
const ASYNC_MANAGER: &str =
    "Made by `cargo xtask gen` for AsyncSessionManager: change `api/session.toml`.";

pub(super) fn files(api: &SessionApi) -> Result<Vec<File>> {
    let part = |path, begin, text| File { path, extent: Extent::Part(begin), text };
    let view = "bindings-python/src/session/view.rs";
    let handle = "bindings-python/src/session/handle.rs";
    let manager = "bindings-python/src/session/manager.rs";
    let asynchronous = "bindings-python/src/session/asynchronous.rs";
    let stub = "bindings-python/python/sessio/_native.pyi";
    let methods = "bindings-python/python/sessio/_methods.py";
    let coroutines = "bindings-python/python/sessio/async_sessions.py";
    Ok(vec![
        part(view, VIEW, native::view(api)?),
        part(handle, SESSION, native::session(api)?),
        part(asynchronous, ASYNC_SESSION, native::async_session(api)?),
        part(manager, MANAGER, native::manager(api)?),
        part(asynchronous, ASYNC_CALLS, native::async_manager(api)?),
        part(stub, VIEW, typed::view(api)?),
        part(stub, SESSION, typed::session(api)?),
        part(stub, ASYNC_SESSION, typed::async_session(api)?),
        part(stub, MANAGER, typed::manager(api)?),
        part(stub, ASYNC_CALLS, typed::async_calls(api)?),
        part(methods, ASYNC_SESSION, typed::async_session_coroutines(api)?),
        part(coroutines, LAZY_SESSION, typed::lazy_session(api)?),
        part(coroutines, ASYNC_MANAGER, typed::async_manager(api)?),
    ])
}

/// The classes of sessions; `View` is the base class of `Session` and `AsyncSession`.
#[derive(Clone, Copy, PartialEq)]
enum Class {
    View,
    Session,
    AsyncSession,
    LazySession,
}

/// A session's verbs that are public methods of the class itself.
fn verbs_of(api: &SessionApi, class: Class) -> impl Iterator<Item = &SessionVerb> {
    api.verbs.iter().filter(move |verb| {
        verb.of == Owner::Session && is_public(verb) && classes(verb).contains(&class)
    })
}

fn classes(verb: &SessionVerb) -> Vec<Class> {
    match &verb.python.classes {
        Some(named) => named.iter().map(|class| class_of(*class)).collect(),
        None if verb.asks == Asks::Always => {
            vec![Class::Session, Class::AsyncSession, Class::LazySession]
        }
        None => vec![Class::View, Class::LazySession],
    }
}

fn class_of(class: PythonClass) -> Class {
    match class {
        PythonClass::Session => Class::Session,
        PythonClass::AsyncSession => Class::AsyncSession,
        PythonClass::LazySession => Class::LazySession,
    }
}

fn manager_verbs(api: &SessionApi) -> impl Iterator<Item = &SessionVerb> {
    api.verbs.iter().filter(|verb| verb.of == Owner::Manager && is_public(verb))
}

fn is_public(verb: &SessionVerb) -> bool {
    let languages = verb.languages.as_ref();
    languages.is_none_or(|languages| languages.contains(&Language::Python))
}

fn name(verb: &SessionVerb) -> &str {
    verb.python.name.as_deref().unwrap_or(&verb.name)
}

fn argument_name<'a>(verb: &'a SessionVerb, argument: &'a SessionArgument) -> &'a str {
    verb.python.argument_names.get(&argument.name).map_or(&argument.name, String::as_str)
}

fn has_argument(verb: &SessionVerb, kind: SessionKind) -> bool {
    verb.arguments.iter().any(|argument| argument.kind == kind)
}

/// What each verb makes, with `between` between them.
fn joined<'a>(
    verbs: impl Iterator<Item = &'a SessionVerb>,
    each: impl Fn(&SessionVerb) -> Result<String>,
    between: &str,
) -> Result<String> {
    Ok(verbs.map(each).collect::<Result<Vec<_>>>()?.join(between))
}

// --- documentation --------------------------------------------------------------------------------

/// For which method of a verb a documentation is.
#[derive(Clone, Copy, PartialEq)]
enum Form {
    Blocking,
    /// A plain method of a class for event loops.
    Plain,
    Coroutine,
}

fn documentation(verb: &SessionVerb, form: Form) -> Result<String> {
    let own = &verb.python;
    let mut sentences = vec![own.doc.as_ref().unwrap_or(&verb.doc).clone()];
    sentences.extend(own.also.clone());
    sentences.extend(verb.arguments.iter().filter_map(|argument| taken(verb, argument)));
    if matches!(verb.answer, SessionAnswer::Instant | SessionAnswer::Expiry) {
        sentences.push("The time is an aware datetime in UTC.".to_owned());
    }
    if form == Form::Coroutine {
        sentences.extend(own.coroutine_also.clone());
    }
    let mut doc = sentences.join(" ");
    if let Some(raises) = raises(verb, form).filter(|_| !doc.contains("Raises ")) {
        doc += &format!("\n\n{raises}");
    }
    let mut spelling = spelling(verb.of, form);
    if has_argument(verb, SessionKind::OptionalValue) {
        // None is a value.
        spelling.none = "No value (`...`)";
    }
    spelling.spell(&doc)
}

/// What the signature does not say of an argument.
fn taken(verb: &SessionVerb, argument: &SessionArgument) -> Option<String> {
    let is = |what: &str| Some(format!("`{}` is {what}.", argument_name(verb, argument)));
    if argument.kind == SessionKind::Deadline {
        is("an aware datetime (a naive one is `InvalidArgument`), or a timedelta from now")
    } else if argument.kind == SessionKind::Timeout {
        is("a timedelta, or a number of seconds")
    } else {
        None
    }
}

/// A read fails as every read does, which is said of the classes.
fn raises(verb: &SessionVerb, form: Form) -> Option<String> {
    // The reads of an `AsyncSession`, which is loaded, do not fail.
    let reads = if form == Form::Blocking { "{verb get}" } else { "`LazySession.get`" };
    let named = |other: &str| match other {
        "get" => reads.to_owned(),
        other => format!("{{verb {other}}}"),
    };
    let of_every_read = |other: &&String| *other == "get" && verb.asks == Asks::First;
    let other = match &verb.errors {
        None => verb.errors_as.as_ref().filter(|other| !of_every_read(other)),
        Some(_) => verb.errors_as.as_ref(),
    };
    let other = other.map(|other| named(other));
    Some(failures(["Raises", ""], other.as_deref(), verb.errors.as_deref()))
        .filter(|raises| !raises.is_empty())
}

/// A verb of another class is named with it.
fn spelling(of: Owner, form: Form) -> Spelling {
    let verb: fn(&str) -> String = match (of, form) {
        (Owner::Session, Form::Blocking) => {
            |name| qualified(name, ["", "SessionManager.", "Store."])
        }
        (Owner::Session, _) => |name| qualified(name, ["", "AsyncSessionManager.", "AsyncStore."]),
        (_, Form::Blocking) => |name| qualified(name, ["Session.", "", "Store."]),
        (_, _) => |name| qualified(name, ["AsyncSession.", "", "AsyncStore."]),
    };
    Spelling { verb, ..SPELLING }
}

fn qualified(name: &str, [session, manager, store]: [&str; 3]) -> String {
    match name.split_once('.') {
        Some(("manager", name)) => format!("`{manager}{name}`"),
        Some((_, name)) => format!("`{store}{name}`"),
        None => format!("`{session}{name}`"),
    }
}
