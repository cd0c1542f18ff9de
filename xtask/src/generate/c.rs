//! The verbs in C: the functions that wait for the answer, and those that submit to a queue.
//! `cargo xtask header` makes the headers from them.

mod options;
mod session;

use std::fmt::Write;

use crate::Result;

use super::api::{Answer, Api, Argument, Kind, Verb};
use super::options::Options;
use super::session::SessionApi;
use super::text::{Spelling, failures, wrapped};
use super::{BEGIN, Extent, File};

const SPELLING: Spelling = Spelling {
    verb: |name| format!("sessio_store_{name}()"),
    error: status_name,
    option: |name| if name == "timeout" { "`timeout_ms`".to_owned() } else { format!("`{name}`") },
    argument: |name| format!("`{}`", argument_name(name)),
    yes: "SESSIO_DONE",
    no: "SESSIO_GONE",
    none: "SESSIO_NOT_FOUND",
};

const WIDTH: usize = 100;

pub(super) fn files(api: &Api, options: &Options, sessions: &SessionApi) -> Result<Vec<File>> {
    let forms: Vec<Form<'_>> = api.verbs.iter().flat_map(forms).collect();
    let all = |each: fn(&Form<'_>) -> Result<String>| -> Result<String> {
        Ok(forms.iter().map(each).collect::<Result<Vec<_>>>()?.join("\n"))
    };
    let mut files = vec![
        File {
            path: "ffi-c/src/generated/store.rs",
            extent: Extent::Whole,
            text: format!("{}{}", store_head(), all(waiting)?),
        },
        File {
            path: "ffi-c/src/generated/queue.rs",
            extent: Extent::Whole,
            text: format!("{}{}", queue_head(), all(submitting)?),
        },
    ];
    files.extend(session::files(sessions)?);
    files.extend(self::options::files(options)?);
    Ok(files)
}

fn store_head() -> String {
    format!(
        "//! The verbs of a store.\n//!\n//! {BEGIN}\n\n\
         use std::ffi::{{c_char, c_void}};\nuse std::ptr;\n\n\
         use sessio::{{Content, Target}};\n\n\
         use crate::arguments::{{after, keep, key}};\n\
         use crate::check_issues::sessio_check_issues;\n\
         use crate::content::{{content, content_if, expiry, rows, sessio_content, sessio_row, \
         sessio_text, tokens}};\n\
         use crate::error::sessio_error;\n\
         use crate::guard::{{borrow, bytes, guard, into_raw, out, string, text}};\n\
         use crate::page::sessio_page;\n\
         use crate::record::{{self, sessio_record, sessio_records}};\n\
         use crate::status::{{self, SESSIO_DONE}};\n\
         use crate::store::sessio_store;\n\n"
    )
}

fn queue_head() -> String {
    format!(
        "//! The verbs of a store, submitted to a queue.\n//!\n//! {BEGIN}\n\n\
         use std::ffi::{{c_char, c_void}};\n\n\
         use sessio::operation::Request;\nuse sessio::{{Content, Target}};\n\n\
         use crate::arguments::{{after, keep, key}};\n\
         use crate::content::{{content, content_if, expiry, rows, sessio_content, sessio_row, \
         sessio_text, tokens}};\n\
         use crate::error::sessio_error;\n\
         use crate::guard::{{bytes, guard, string, text}};\n\
         use crate::queue::{{sessio_queue, submit}};\n\
         use crate::store::sessio_store;\n\n"
    )
}

/// `SESSIO_TOO_LARGE` for `TooLarge`.
fn status_name(kind: &str) -> String {
    let mut name = String::from("SESSIO");
    for letter in kind.chars() {
        if letter.is_ascii_uppercase() {
            name.push('_');
        }
        name.push(letter.to_ascii_uppercase());
    }
    name
}

/// The name in C of an argument.
fn argument_name(name: &str) -> &str {
    match name {
        "old" => "token",
        "new" => "new_token",
        "expires_at" => "expires_at_us",
        _ => name,
    }
}

// --- forms ----------------------------------------------------------------------------------------

/// A function of a verb.
struct Form<'a> {
    verb: &'a Verb,
    /// What follows `sessio_store_` and `sessio_queue_`.
    name: String,
    of: FormOf,
}

#[derive(Clone, Copy, PartialEq)]
enum FormOf {
    /// As the table has it.
    Token,
    /// Its first token is a listed key.
    Key,
    /// Its content is data and expiry.
    Parts,
}

fn forms(verb: &Verb) -> Vec<Form<'_>> {
    let form = |name: &str, of| Form { verb, name: name.to_owned(), of };
    let mut forms = match &verb.content_form {
        Some(content_form) => {
            vec![form(&verb.name, FormOf::Parts), form(content_form, FormOf::Token)]
        }
        None => vec![form(&verb.name, FormOf::Token)],
    };
    let has_token = verb.arguments.first().is_some_and(|first| first.kind == Kind::Target);
    if has_token && !verb.creates {
        forms.push(form(&format!("{}_by_key", verb.name), FormOf::Key));
    }
    forms
}

/// An argument as C declares it, and the line that reads it.
struct Parameter {
    declared: Vec<String>,
    read: String,
    /// How it is handed on.
    value: String,
}

fn text_pointer(name: &str) -> Vec<String> {
    vec![format!("{name}: *const c_char"), format!("{name}_len: usize")]
}

fn data_pointer(name: &str) -> Vec<String> {
    vec![format!("{name}: *const c_void"), format!("{name}_len: usize")]
}

fn parameters(form: &Form<'_>) -> Vec<Parameter> {
    let parameter = |(index, argument): (usize, &Argument)| {
        parameter(argument, form.of == FormOf::Key && index == 0, form.of == FormOf::Parts)
    };
    form.verb.arguments.iter().enumerate().map(parameter).collect()
}

fn parameter(argument: &Argument, by_key: bool, in_parts: bool) -> Parameter {
    let name = if by_key { "key" } else { argument_name(&argument.name) };
    let with =
        |declared: Vec<String>, read: String, value: String| Parameter { declared, read, value };
    match argument.kind {
        Kind::Target if by_key => with(
            text_pointer(name),
            "let key = self::key(key, key_len)?;".into(),
            "Target::Key(&key)".into(),
        ),
        Kind::Target => with(
            text_pointer(name),
            format!("let {name} = Target::Token(bytes({name}, {name}_len)?);"),
            name.into(),
        ),
        Kind::OptionalTarget => with(
            text_pointer(name),
            format!("let {name} = self::keep({name}, {name}_len)?;"),
            name.into(),
        ),
        Kind::Targets => with(
            vec![format!("{name}: *const sessio_text"), "count: usize".into()],
            format!("let {name} = self::tokens({name}, count)?;"),
            format!("&{name}"),
        ),
        Kind::Rows => with(
            vec![format!("{name}: *const sessio_row"), "count: usize".into()],
            format!("let {name} = self::rows({name}, count)?;"),
            format!("&{name}"),
        ),
        Kind::Data => with(
            data_pointer(name),
            format!("let {name} = bytes({name}, {name}_len)?;"),
            name.into(),
        ),
        Kind::Content if in_parts => with(
            [data_pointer("data"), vec!["expires_at_us: i64".into()]].concat(),
            "let content = Content::new(bytes(data, data_len)?, expiry(expires_at_us));".into(),
            "content".into(),
        ),
        Kind::Content => with(
            vec![format!("{name}: *const sessio_content")],
            format!("let {name} = self::content({name})?;"),
            name.into(),
        ),
        Kind::OptionalContent => with(
            vec![format!("{name}: *const sessio_content")],
            format!("let {name} = content_if({name})?;"),
            name.into(),
        ),
        Kind::Expiry => {
            with(vec![format!("{name}: i64")], String::new(), format!("expiry({name})"))
        }
        Kind::After => with(
            text_pointer(name),
            format!("let {name} = self::after({name}, {name}_len)?;"),
            format!("{name}.as_ref()"),
        ),
        Kind::Limit => with(vec![format!("{name}: usize")], String::new(), name.into()),
        Kind::Text if argument.choices.is_empty() => with(
            text_pointer(name),
            format!("let {name} = text({name}, {name}_len)?;"),
            name.into(),
        ),
        // One of a few words.
        Kind::Text => with(
            vec![format!("{name}: *const c_char")],
            format!("let {name} = string({name})?;"),
            name.into(),
        ),
    }
}

/// One function.
fn function(doc: &str, name: &str, declared: &[String], lines: &[String]) -> Result<String> {
    let mut text = wrapped(doc, "/// ", WIDTH);
    writeln!(text, "#[unsafe(no_mangle)]\npub unsafe extern \"C\" fn {name}(")?;
    for parameter in declared {
        writeln!(text, "    {parameter},")?;
    }
    writeln!(text, "    error: *mut *mut sessio_error,\n) -> i32 {{")?;
    writeln!(text, "    // SAFETY: the pointers are what the header demands.")?;
    writeln!(text, "    unsafe {{\n        guard(error, || {{")?;
    for line in lines.iter().filter(|line| !line.is_empty()) {
        writeln!(text, "            {line}")?;
    }
    text.push_str("        })\n    }\n}\n");
    Ok(text)
}

// --- waiting for the answer -----------------------------------------------------------------------

fn waiting(form: &Form<'_>) -> Result<String> {
    let parameters = parameters(form);
    let values: Vec<&str> = parameters.iter().map(|one| &*one.value).collect();
    // The core has one name for tokens and keys, and takes a content.
    let verb = form.verb.content_form.as_ref().unwrap_or(&form.verb.name);
    let call = format!("borrow(store)?.store.{verb}({})?", values.join(", "));
    let result = Returned::new(form.verb);
    let mut declared = vec!["store: *const sessio_store".to_owned()];
    declared.extend(parameters.iter().flat_map(|one| one.declared.clone()));
    declared.extend(result.declared());
    let mut lines = vec![result.slot()];
    lines.extend(parameters.into_iter().map(|one| one.read));
    lines.extend(result.lines(&call));
    let name = format!("sessio_store_{}", form.name);
    function(&waiting_doc(form, &result)?, &name, &declared, &lines)
}

/// Where the answer goes.
struct Returned {
    answer: Answer,
    /// The name of the last parameter before the error; empty if there is none.
    name: &'static str,
    of: &'static str,
}

impl Returned {
    fn new(verb: &Verb) -> Self {
        let (name, of) = match verb.answer {
            Answer::Done | Answer::Is | Answer::Saved | Answer::Outcome => ("", ""),
            Answer::Record => ("record", "sessio_record"),
            Answer::Records => ("records", "sessio_records"),
            Answer::Page => ("page", "sessio_page"),
            Answer::Issues => ("issues", "sessio_check_issues"),
            Answer::Count if verb.name == "count" => ("count", "u64"),
            Answer::Count => ("deleted", "u64"),
        };
        Returned { answer: verb.answer, name, of }
    }

    fn declared(&self) -> Option<String> {
        let pointer = if self.of == "u64" { "*mut" } else { "*mut *mut" };
        (!self.name.is_empty()).then(|| format!("{}: {pointer} {}", self.name, self.of))
    }

    /// The line that makes sure of the place, and empties it.
    fn slot(&self) -> String {
        match (self.name, self.of) {
            ("", _) => String::new(),
            (name, "u64") => format!("let {name} = out({name}, 0)?;"),
            (name, _) => format!("let {name} = out({name}, ptr::null_mut())?;"),
        }
    }

    fn lines(&self, call: &str) -> Vec<String> {
        let (name, of) = (self.name, self.of);
        let done = "Ok(SESSIO_DONE)".to_owned();
        match self.answer {
            Answer::Done => vec![format!("{call};"), done],
            Answer::Is => vec![format!("Ok(status::found({call}))")],
            Answer::Saved => vec![format!("Ok(status::written({call}))")],
            Answer::Outcome => vec![format!("Ok(status::outcome({call}))")],
            Answer::Record => vec![format!("Ok(record::found({call}, {name}))")],
            Answer::Records | Answer::Page => {
                vec![format!("*{name} = into_raw({of}::new({call}));"), done]
            }
            Answer::Issues => vec![format!("*{name} = into_raw({of}::new(&{call}));"), done],
            Answer::Count => vec![format!("*{name} = {call};"), done],
        }
    }
}

fn waiting_doc(form: &Form<'_>, result: &Returned) -> Result<String> {
    let verb = form.verb;
    let token = format!("{{verb {}}}", verb.name);
    let mut doc = match form.of {
        FormOf::Key => format!("{token} by the key of a listed session."),
        FormOf::Token if verb.content_form.is_some() => format!("{token} with a subject."),
        FormOf::Token | FormOf::Parts => verb.doc.clone(),
    };
    if doc == verb.doc {
        doc += match result.answer {
            Answer::Is => " SESSIO_DONE for yes, SESSIO_NOT_FOUND for no.",
            Answer::Outcome => " That is SESSIO_DONE, SESSIO_CONFLICT or SESSIO_GONE.",
            Answer::Done
            | Answer::Saved
            | Answer::Record
            | Answer::Records
            | Answer::Count
            | Answer::Page
            | Answer::Issues => "",
        };
        for argument in &verb.arguments {
            doc += of_argument(argument, form.of);
        }
        if result.of == "u64" {
            write!(doc, " Sets `*{}` to that number; to 0 when it fails.", result.name)?;
        }
        let same_as = verb.fails_as().unwrap_or_else(|| "every verb does".to_owned());
        let failures = failures(["Fails", "with "], Some(&same_as), verb.errors.as_deref());
        write!(doc, "\n\n{failures}")?;
    } else {
        write!(doc, "\n\nFails as {token}.")?;
    }
    if verb.arguments.iter().any(|argument| argument.kind != Kind::Limit) {
        doc += "\n\nOwnership: what is given is copied.";
    } else if result.of.starts_with("sessio") {
        doc += "\n\nOwnership:";
    } else {
        doc += "\n\n";
    }
    if result.of.starts_with("sessio") {
        let of = result.of;
        write!(
            doc,
            " Sets `*{}` to what the caller owns, and frees by {of}_free(); to NULL unless the result is SESSIO_DONE.",
            result.name
        )?;
    }
    doc += " Threads: any.";
    SPELLING.spell(&doc)
}

/// What C's form of an argument needs to be said.
fn of_argument(argument: &Argument, of: FormOf) -> &'static str {
    const EXPIRY: &str = " `expires_at_us` is in microseconds since 1970-01-01T00:00:00 UTC, or \
                          SESSIO_NEVER.";
    match argument.kind {
        Kind::Content if of == FormOf::Parts => EXPIRY,
        Kind::Expiry => EXPIRY,
        Kind::OptionalContent => " `content` is NULL to leave the content as it is.",
        Kind::OptionalTarget => " `keep` is NULL for none.",
        Kind::After => " `after` is NULL for the first page.",
        Kind::Target
        | Kind::Targets
        | Kind::Rows
        | Kind::Data
        | Kind::Content
        | Kind::Limit
        | Kind::Text => "",
    }
}

// --- submitting to a queue ------------------------------------------------------------------------

fn submitting(form: &Form<'_>) -> Result<String> {
    let parameters = parameters(form);
    let mut declared =
        vec!["queue: *const sessio_queue".to_owned(), "store: *const sessio_store".to_owned()];
    declared.extend(parameters.iter().flat_map(|one| one.declared.clone()));
    declared.push("tag: *mut c_void".to_owned());
    let values: Vec<&str> = parameters.iter().map(|one| &*one.value).collect();
    let values = match values.is_empty() {
        true => String::new(),
        false => format!("({})", values.join(", ")),
    };
    let submit = format!("submit(queue, store, Request::{}{values}, tag)", form.verb.request);
    let lines: Vec<String> = parameters.into_iter().map(|one| one.read).chain([submit]).collect();
    let field = match form.verb.answer {
        Answer::Done | Answer::Is | Answer::Saved | Answer::Outcome => "",
        Answer::Record => "; a completion of SESSIO_DONE has the `record`",
        Answer::Records => "; a completion of SESSIO_DONE has the `records`",
        Answer::Page => "; a completion of SESSIO_DONE has the `page`",
        Answer::Issues => "; a completion of SESSIO_DONE has the `issues`",
        Answer::Count => "; the completion has the `count`",
    };
    let doc = format!(
        "Submits sessio_store_{}(){field}.\n\n\
         Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then \
         nothing was submitted. Whatever the store says comes with the completion.\n\n\
         Ownership: what is given is copied, but for the tag. Threads: any.",
        form.name
    );
    function(&doc, &format!("sessio_queue_{}", form.name), &declared, &lines)
}
