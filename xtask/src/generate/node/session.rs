//! The verbs of sessions in Node: the native functions, the methods, and their types.

mod methods;
mod native;
mod types;

use crate::Result;

use super::super::session::{
    Asks, Language, Owner, SessionAnswer, SessionApi, SessionArgument, SessionKind, SessionVerb,
    Tracks,
};
use super::super::text::camel_case;
use super::super::{Extent, File};

pub(super) fn files(api: &SessionApi) -> Result<Vec<File>> {
    let (session, manager) = ("bindings-node/lib/session.js", "bindings-node/lib/manager.js");
    let types = "bindings-node/sessions.d.ts";
    let part = |path, class: Class, text| File { path, extent: Extent::Part(class.begin()), text };
    Ok(vec![
        File {
            path: "bindings-node/src/session_verbs.rs",
            extent: Extent::Whole,
            text: native::file(api)?,
        },
        part(session, Class::View, methods::of(api, Class::View)?),
        part(session, Class::Session, methods::of(api, Class::Session)?),
        part(session, Class::LazySession, methods::of(api, Class::LazySession)?),
        part(manager, Class::Manager, methods::of(api, Class::Manager)?),
        part(types, Class::Manager, types::of(api, Class::Manager)?),
        part(types, Class::View, types::of(api, Class::View)?),
        part(types, Class::Session, types::of(api, Class::Session)?),
        part(types, Class::LazySession, types::of(api, Class::LazySession)?),
    ])
}

/// A class of JavaScript that has verbs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Manager,
    /// What both kinds of sessions have.
    View,
    /// A loaded session.
    Session,
    LazySession,
}

impl Class {
    /// What the line before its verbs says.
    fn begin(self) -> &'static str {
        match self {
            Class::Manager => {
                "The verbs of managers, made by `cargo xtask gen` from `api/session.toml`: change that."
            }
            Class::View => {
                "The verbs of all sessions, made by `cargo xtask gen` from `api/session.toml`: change \
                 that."
            }
            Class::Session => {
                "The verbs of loaded sessions, made by `cargo xtask gen` from `api/session.toml`: \
                 change that."
            }
            Class::LazySession => {
                "The verbs of lazy sessions, made by `cargo xtask gen` from `api/session.toml`: change \
                 that."
            }
        }
    }

    fn has(self, verb: &SessionVerb) -> bool {
        if !is_public(verb) || (verb.of == Owner::Manager) != (self == Class::Manager) {
            return false;
        }
        let own = verb.node.classes.as_ref();
        match self {
            Class::Manager => true,
            Class::View => verb.asks != Asks::First,
            Class::Session | Class::LazySession => {
                let name = if self == Class::Session { "Session" } else { "LazySession" };
                verb.asks == Asks::First && own.is_none_or(|own| own.iter().any(|one| one == name))
            }
        }
    }

    fn verbs(self, api: &SessionApi) -> impl Iterator<Item = &SessionVerb> {
        api.verbs.iter().filter(move |verb| self.has(verb))
    }

    /// Whether this class has a promise for what the verb gives.
    fn promises(self, verb: &SessionVerb) -> bool {
        match self {
            Class::Manager | Class::View => verb.asks == Asks::Always,
            Class::Session => false,
            Class::LazySession => true,
        }
    }

    /// Whether the last argument can have a signal.
    fn takes_signal(self, verb: &SessionVerb) -> bool {
        verb.asks == Asks::Always || (self == Class::LazySession && verb.node.signal)
    }
}

/// A transaction's verbs are not: the addon alone has them.
fn is_public(verb: &SessionVerb) -> bool {
    let languages = verb.languages.as_ref();
    verb.of != Owner::Transaction && languages.is_none_or(|all| all.contains(&Language::Node))
}

/// The name of the native function, in Rust.
fn native_name(verb: &SessionVerb) -> String {
    match verb.of {
        Owner::Session | Owner::Manager => verb.full_name().to_owned(),
        Owner::Transaction => format!("{}_transaction", verb.name),
    }
}

/// The names of the method, in JavaScript: the second one may be missing.
fn names(verb: &SessionVerb) -> impl Iterator<Item = String> {
    let name = verb.node.name.clone().unwrap_or_else(|| camel_case(&verb.name));
    std::iter::once(name).chain(verb.node.also_named.clone())
}

fn argument_name(verb: &SessionVerb, argument: &SessionArgument) -> String {
    let own = verb.node.argument_names.get(&argument.name);
    own.cloned().unwrap_or_else(|| camel_case(&argument.name))
}

/// What is passed in its place. The others are passed by name in the last argument.
fn positional(verb: &SessionVerb) -> impl Iterator<Item = &SessionArgument> {
    verb.arguments.iter().filter(|argument| argument.kind != SessionKind::After)
}

fn has(verb: &SessionVerb, kind: SessionKind) -> bool {
    verb.arguments.iter().any(|argument| argument.kind == kind)
}

/// Whether the values that come back are those that the program's types describe.
fn gives_own_values(verb: &SessionVerb) -> bool {
    verb.answer == SessionAnswer::Json || verb.tracks != Some(Tracks::Copies)
}
