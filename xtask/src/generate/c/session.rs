//! The verbs of sessions and managers in C: the functions that wait for the answer, and those that
//! submit to a queue.

mod answer;
mod argument;
mod doc;

use std::collections::BTreeSet;

use crate::Result;

use super::super::session::{Asks, BEGIN, Language, Owner, SessionApi, SessionKind, SessionVerb};
use super::super::{Extent, File};
use super::{Parameter, function};

use answer::Returned;

pub(super) fn files(table: &SessionApi) -> Result<Vec<File>> {
    let exports: Vec<Export<'_>> =
        table.verbs.iter().filter(|verb| is_public(verb)).flat_map(exports).collect();
    let of = |owner: Owner| exports.iter().filter(move |one| one.verb.of == owner);
    let submitted = exports.iter().filter(|one| one.verb.c.queue);
    Ok(vec![
        file(
            "ffi-c/src/generated/session.rs",
            "The verbs of a session.",
            of(Owner::Session).map(|one| one.waiting(table)),
        )?,
        file(
            "ffi-c/src/generated/manager.rs",
            "The verbs of a manager.",
            of(Owner::Manager).map(|one| one.waiting(table)),
        )?,
        file(
            "ffi-c/src/generated/session_queue.rs",
            "The verbs of sessions and managers, submitted to a queue.",
            submitted.map(Export::submitting),
        )?,
    ])
}

fn is_public(verb: &SessionVerb) -> bool {
    verb.languages.as_ref().is_none_or(|languages| languages.contains(&Language::C))
}

fn file(
    path: &'static str,
    title: &str,
    functions: impl Iterator<Item = Result<String>>,
) -> Result<File> {
    let functions = functions.collect::<Result<Vec<_>>>()?.join("\n");
    let text = format!("//! {title}\n//!\n//! {BEGIN}\n\n{}\n{functions}", imports(&functions));
    Ok(File { path, extent: Extent::Whole, text })
}

/// What the functions can use, in groups.
const IMPORTS: &[&[(&str, &[&str])]] = &[
    &[("std::ffi", &["c_char", "c_void"]), ("std", &["ptr"]), ("std::time", &["Duration"])],
    &[
        ("sessio::operation", &["SessionRequest"]),
        ("sessio", &["CommitResult", "Map", "Session", "SessionPage", "Timestamp", "Value"]),
    ],
    &[
        ("crate", &["arguments", "status"]),
        ("crate::error", &["sessio_error"]),
        ("crate::guard", &["arg", "guard", "into_raw", "named"]),
        ("crate::queue", &["sessio_queue"]),
        ("crate::queue::session", &["submit_to_manager", "submit_to_session"]),
        (
            "crate::session::answers",
            &["choice_out", "expiry_out", "result_out", "session_out", "texts_out", "timeout_out"],
        ),
        ("crate::session::call", &["call_manager", "call_session", "unexpected_answer"]),
        ("crate::session::commit_result", &["sessio_commit_result"]),
        ("crate::session::lifecycle", &["sessio_session"]),
        ("crate::session::manager", &["sessio_manager"]),
        ("crate::session::page", &["sessio_session_page"]),
        ("crate::session::value", &["sessio_value", "value_out"]),
        ("crate::status", &["SESSIO_DONE", "SESSIO_NOT_FOUND"]),
    ],
];

/// The imports of what the functions do use.
fn imports(functions: &str) -> String {
    let code = functions.lines().filter(|line| !line.trim_start().starts_with("//"));
    let used: BTreeSet<&str> =
        code.flat_map(|line| line.split(|c: char| !c.is_alphanumeric() && c != '_')).collect();
    let mut text = String::new();
    for group in IMPORTS {
        for (path, names) in *group {
            let names: Vec<&str> =
                names.iter().copied().filter(|name| used.contains(name)).collect();
            if !names.is_empty() {
                text += &format!("use {path}::{{{}}};\n", names.join(", "));
            }
        }
        text.push('\n');
    }
    text.trim_end().to_owned() + "\n"
}

// --- functions ------------------------------------------------------------------------------------

/// A function of a verb.
struct Export<'a> {
    verb: &'a SessionVerb,
    /// What follows `sessio_session_` or `sessio_manager_`.
    name: String,
    passed: Passed<'a>,
}

/// How a function takes the value of its verb.
#[derive(Clone, Copy, PartialEq)]
enum Passed<'a> {
    /// The verb has none.
    Nothing,
    /// As one of the verb's `forms`.
    As(&'a str),
    /// As none: what was set is removed.
    Removed,
}

fn exports(verb: &SessionVerb) -> Vec<Export<'_>> {
    let export = |name: String, passed| Export { verb, name, passed };
    let mut exports: Vec<Export<'_>> = match &*verb.c.forms {
        [] => vec![export(verb.c_name().to_owned(), Passed::Nothing)],
        [form] => vec![export(verb.c_name().to_owned(), Passed::As(form))],
        forms => forms
            .iter()
            .map(|form| export(format!("{}_{form}", verb.c_name()), Passed::As(form)))
            .collect(),
    };
    if verb.arguments.iter().any(|argument| argument.kind == SessionKind::OptionalValue) {
        let thing = verb.c_name().strip_prefix("set_").unwrap_or(verb.c_name());
        exports.push(export(format!("remove_{thing}"), Passed::Removed));
    }
    exports
}

/// `session` or `manager`.
fn owner(verb: &SessionVerb) -> &'static str {
    match verb.of {
        Owner::Session => "session",
        Owner::Manager => "manager",
        Owner::Transaction => "transaction",
    }
}

impl Export<'_> {
    fn owner(&self) -> &'static str {
        owner(self.verb)
    }

    fn full_name(&self) -> String {
        format!("sessio_{}_{}", self.owner(), self.name)
    }

    fn parameters(&self) -> Result<Vec<Parameter>> {
        let arguments = self.verb.arguments.iter();
        arguments.map(|argument| argument::parameter(argument, self)).collect()
    }

    /// The lines that read the arguments. A change reads its value before its key, which says
    /// what a message names where both are wrong.
    fn reads(&self, parameters: &[Parameter]) -> Vec<String> {
        let reads = parameters.iter().map(|one| one.read.clone());
        let is_change = self.verb.asks == Asks::Never && self.passed != Passed::Nothing;
        if is_change { reads.rev().collect() } else { reads.collect() }
    }

    /// What makes the request of the session or the manager.
    fn request(&self, parameters: &[Parameter]) -> String {
        let (owner, variant) = (self.owner(), &self.verb.request);
        if parameters.is_empty() {
            return format!("SessionRequest::{variant}");
        }
        let values: Vec<&str> = parameters.iter().map(|one| &*one.value).collect();
        format!("|{owner}| SessionRequest::{variant}({owner}, {})", values.join(", "))
    }

    /// The function that waits for the answer.
    fn waiting(&self, table: &SessionApi) -> Result<String> {
        let parameters = self.parameters()?;
        let owner = self.owner();
        let returned = Returned::new(self.verb)?;
        let mut declared = vec![format!("{owner}: *mut sessio_{owner}")];
        declared.extend(parameters.iter().flat_map(|one| one.declared.clone()));
        if declared.iter().any(|one| one.starts_with(&format!("{}:", returned.name()))) {
            return Err(format!("{}: [verb.c] has to say another `out`", self.verb.name).into());
        }
        declared.extend(returned.declared());
        let mut lines = vec![returned.slot()];
        if argument::finds(self.verb) {
            // Where a token finds nothing because it is no text, too.
            lines.push(format!("arg!(borrow({owner}))?;"));
        }
        lines.extend(self.reads(&parameters));
        let request = self.request(&parameters);
        lines.extend(returned.lines(|of| format!("call_{owner}{of}({owner}, {request})?")));
        function(&doc::waiting(self, &returned, table)?, &self.full_name(), &declared, &lines)
    }

    /// The function that submits the call to a queue.
    fn submitting(&self) -> Result<String> {
        if !answer::can_complete(self.verb.answer) {
            return Err(format!("{}: completion.rs has no such answer", self.verb.name).into());
        }
        let parameters = self.parameters()?;
        let owner = self.owner();
        let mut declared =
            vec!["queue: *mut sessio_queue".to_owned(), format!("{owner}: *mut sessio_{owner}")];
        declared.extend(parameters.iter().flat_map(|one| one.declared.clone()));
        declared.push("tag: *mut c_void".to_owned());
        let mut lines = self.reads(&parameters);
        let request = self.request(&parameters);
        lines.push(format!("submit_to_{owner}(queue, {owner}, {request}, tag)"));
        let name = format!("sessio_queue_{owner}_{}", self.name);
        function(&doc::submitting(self), &name, &declared, &lines)
    }
}
