//! The verbs in Rust: the table from which `core/src/store/verbs.rs` makes the methods of both
//! stores, and the requests of sessions.

mod session;

mod options;

use std::fmt::Write;

use crate::Result;

use super::api::{Answer, Api, Argument, Kind, Verb};
use super::options::Options;
use super::session::SessionApi;
use super::text::{Spelling, failures, wrapped};
use super::{BEGIN, Extent, File};

const SPELLING: Spelling = Spelling {
    verb: |name| format!("[`{name}`](Self::{name})"),
    error: |name| format!("`{name}`"),
    option: |name| format!("`{name}`"),
    argument: |name| format!("`{name}`"),
    yes: "True",
    no: "False",
    none: "`None`",
};

/// Before each line of a verb, which is in a macro's arms.
const INDENT: &str = "            ";

pub(super) fn files(api: &Api, options: &Options, sessions: &SessionApi) -> Result<Vec<File>> {
    let mut text = format!(
        "//! The store's verbs.\n//!\n//! {BEGIN}\n\n\
         /// Hands the table of verbs to `$mode`, which writes the methods.\n\
         macro_rules! verbs {{\n    ($mode:ident) => {{\n        $mode! {{\n",
    );
    let verbs: Result<Vec<String>> = api.verbs.iter().map(verb).collect();
    text.push_str(&verbs?.join("\n"));
    text.push_str("        }\n    };\n}\n\npub(super) use verbs;\n");
    let path = "core/src/store/verb_table.rs";
    let mut files = vec![File { path, extent: Extent::Whole, text }, self::options::file(options)?];
    files.extend(session::files(sessions)?);
    Ok(files)
}

fn verb(verb: &Verb) -> Result<String> {
    let Some(content_form) = &verb.content_form else {
        return form(verb, &verb.name, documentation(verb)?, of, value);
    };
    let short = form(verb, &verb.name, documentation(verb)?, of_parts, value_of_parts)?;
    let also = format!(
        "[`{0}`](Self::{0}) with a subject.\n\n# Errors\nAs [`{0}`](Self::{0}).",
        verb.name
    );
    let long = form(verb, content_form, commented(&also), of, value)?;
    Ok(format!("{short}\n{long}"))
}

/// How an argument is declared, and how it is handed on.
type Declare = fn(&Argument, &str) -> String;
type HandOn = fn(&Argument) -> String;

/// One method.
fn form(verb: &Verb, name: &str, doc: String, of: Declare, value: HandOn) -> Result<String> {
    let mut text = doc;
    let targets = verb.arguments.iter().filter(|argument| argument.kind == Kind::Target);
    let lifetimes: Vec<&str> = targets.zip(["'a", "'b"]).map(|(_, life)| life).collect();
    let mut life = lifetimes.iter();
    let mut parameters = Vec::new();
    for argument in &verb.arguments {
        let life = if argument.kind == Kind::Target { life.next() } else { None };
        parameters.push(of(argument, life.unwrap_or(&"'_")));
    }
    let values: Vec<String> = verb.arguments.iter().map(value).collect();
    let values = match values.is_empty() {
        true => String::new(),
        false => format!("({})", values.join(", ")),
    };
    let (out, answer) = answer(verb.answer);
    let (lifetimes, parameters) = (lifetimes.join(", "), parameters.join(", "));
    writeln!(text, "{INDENT}fn {name}[{lifetimes}]({parameters}) -> {out} {{")?;
    writeln!(text, "{INDENT}    Request::{}{values} => {answer}", verb.request)?;
    writeln!(text, "{INDENT}}}")?;
    Ok(text)
}

fn documentation(verb: &Verb) -> Result<String> {
    let doc = &verb.doc;
    let same_as = match verb.fails_as() {
        Some(other) => other,
        None if verb.name == "find" => {
            "every verb: `Timeout`, `Unavailable`, `Overloaded`, `Schema`, `Closed`".to_owned()
        }
        None => "{verb find}".to_owned(),
    };
    let errors = failures(["Fails", "with "], Some(&same_as), verb.errors.as_deref());
    Ok(commented(&SPELLING.spell(&format!("{doc}\n\n# Errors\n{errors}"))?))
}

/// As the documentation of a verb. A heading has a line of its own.
fn commented(text: &str) -> String {
    let prefix = format!("{INDENT}/// ");
    match text.split_once("# Errors\n") {
        Some((doc, errors)) => {
            let doc = wrapped(doc.trim_end(), &prefix, 100);
            let errors = wrapped(errors, &prefix, 100);
            format!("{doc}{INDENT}///\n{INDENT}/// # Errors\n{errors}")
        }
        None => wrapped(text, &prefix, 100),
    }
}

fn of(argument: &Argument, life: &str) -> String {
    let kind = match argument.kind {
        Kind::Target => return format!("{}: impl Into<Target<{life}>>", argument.name),
        Kind::OptionalTarget => "Option<Target<'_>>",
        Kind::Targets => "&[Target<'_>]",
        Kind::Rows => "&[(Target<'_>, Content<'_>)]",
        Kind::Data => "&[u8]",
        Kind::Content => "Content<'_>",
        Kind::OptionalContent => "Option<Content<'_>>",
        Kind::Expiry => "impl Into<Expiry>",
        Kind::After => "Option<&Key>",
        Kind::Limit => "usize",
        Kind::Text => "&str",
    };
    format!("{}: {kind}", argument.name)
}

/// A content as data and expiry.
fn of_parts(argument: &Argument, life: &str) -> String {
    match argument.kind == Kind::Content {
        true => "data: &[u8], expires_at: impl Into<Expiry>".to_owned(),
        false => of(argument, life),
    }
}

fn value_of_parts(argument: &Argument) -> String {
    match argument.kind == Kind::Content {
        true => "Content::new(data, expires_at)".to_owned(),
        false => value(argument),
    }
}

fn value(argument: &Argument) -> String {
    match argument.kind {
        Kind::Target | Kind::Expiry => format!("{}.into()", argument.name),
        Kind::OptionalTarget
        | Kind::Targets
        | Kind::Rows
        | Kind::Data
        | Kind::Content
        | Kind::OptionalContent
        | Kind::After
        | Kind::Limit
        | Kind::Text => argument.name.clone(),
    }
}

/// The type of a result, and how it is taken out of the answer.
fn answer(answer: Answer) -> (&'static str, &'static str) {
    match answer {
        Answer::Done => ("()", "Answer::Done => ()"),
        Answer::Is => ("bool", "Answer::Is(yes) => yes"),
        Answer::Saved => ("bool", "Answer::Wrote(outcome) => outcome == Outcome::Saved"),
        Answer::Outcome => ("Outcome", "Answer::Wrote(outcome) => outcome"),
        Answer::Record => ("Option<Record>", "Answer::Found(record) => record"),
        Answer::Records => ("Vec<Option<Record>>", "Answer::FoundMany(records) => records"),
        Answer::Count => ("u64", "Answer::Count(count) => count"),
        Answer::Page => ("Page", "Answer::Listed(page) => page"),
        Answer::Issues => ("Vec<CheckIssue>", "Answer::Checked(issues) => issues"),
    }
}
