//! The verbs and options in Python: the methods of the native classes, the coroutines of
//! `AsyncStore`, and the types of both.

mod native;
mod options;
mod session;
mod signature;
mod typed;

use crate::Result;

use super::api::{Answer, Api, Kind, Verb};
use super::options::Options;
use super::session::SessionApi;
use super::text::{Spelling, failures};
use super::{Extent, File};

const SPELLING: Spelling = Spelling {
    verb: |name| format!("`{name}`"),
    error: |name| format!("`{name}`"),
    option: |name| format!("`{name}`"),
    argument: |name| format!("`{name}`"),
    yes: "True",
    no: "False",
    none: "None",
};

const WIDTH: usize = 100;

// The lines before the parts that are made.
const STORE: &str =
    "Made by `cargo xtask gen` for Store: change `api/store.toml` and `api/options.toml`.";
const ASYNC_CALLS: &str =
    "Made by `cargo xtask gen` for AsyncCalls: change `api/store.toml` and `api/options.toml`.";
const ASYNC_STORE: &str =
    "Made by `cargo xtask gen` for AsyncStore: change `api/store.toml` and `api/options.toml`.";

const MANAGER: &str = "Made by `cargo xtask gen` from `api/manager_options.toml`: change that.";

pub(super) fn files(api: &Api, options: &Options, sessions: &SessionApi) -> Result<Vec<File>> {
    let (options, manager) = (&options.store, &options.manager);
    let part = |path, begin, text| File { path, extent: Extent::Part(begin), text };
    let stub = "bindings-python/python/sessio/_native.pyi";
    let coroutines = "bindings-python/python/sessio/asynchronous.py";
    let session_coroutines = "bindings-python/python/sessio/async_sessions.py";
    let mut files = vec![
        File {
            path: "bindings-python/src/verbs.rs",
            extent: Extent::Whole,
            text: native::file(api, options)?,
        },
        part(stub, STORE, typed::store(api, options)?),
        part(stub, ASYNC_CALLS, typed::async_calls(api, options)?),
        part(coroutines, ASYNC_STORE, typed::async_store(api, options)?),
        File {
            path: "bindings-python/src/session/manager_options.rs",
            extent: Extent::Whole,
            text: options::manager_file(manager)?,
        },
        part(
            "bindings-python/src/session/manager.rs",
            MANAGER,
            options::manager_attribute(manager),
        ),
        part(stub, MANAGER, typed::manager(manager)),
        part(session_coroutines, MANAGER, typed::async_manager(manager)),
        part("bindings-python/python/sessio/_types.py", MANAGER, options::aliases(manager)),
    ];
    files.extend(session::files(sessions)?);
    Ok(files)
}

/// What each verb makes, with `between` between them.
fn joined(api: &Api, each: fn(&Verb) -> Result<String>, between: &str) -> Result<String> {
    let verbs: Result<Vec<String>> = api.verbs.iter().map(each).collect();
    Ok(verbs?.join(between))
}

fn documentation(verb: &Verb) -> Result<String> {
    let mut doc = verb.doc.clone();
    if verb.answer == Answer::Outcome {
        doc += " The `Outcome` is true only when it was saved.";
    }
    if verb.content_form.is_some() {
        doc += "\n\n`expires_at` is an aware datetime, a timedelta from now, or None for never; what \
                has expired already is saved, and invisible. `subject` says whose session it is: \
                None leaves that as it is, and \"\" takes it away.";
    }
    if verb.arguments.iter().any(|argument| argument.kind == Kind::Rows) {
        doc += "\n\nA row is a tuple `(token, data, expires_at)` or `(token, data, expires_at, \
                subject)`.";
    }
    doc += "\n\n";
    doc += &failures(["Raises", ""], verb.fails_as().as_deref(), verb.errors.as_deref());
    SPELLING.spell(doc.trim_end())
}
