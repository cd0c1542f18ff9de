//! Arguments of a session's verbs: how C declares them, and how they are read.

use crate::Result;

use super::super::super::session::{SessionAnswer, SessionArgument, SessionKind, SessionVerb};
use super::super::{Parameter, data_pointer, text_pointer};
use super::{Export, Passed};

/// The name in C of an argument.
pub(super) fn name(argument: &SessionArgument) -> String {
    match argument.kind {
        SessionKind::Deadline | SessionKind::Timeout => format!("{}_us", argument.name),
        SessionKind::Key
        | SessionKind::Name
        | SessionKind::Value
        | SessionKind::Item
        | SessionKind::OptionalValue
        | SessionKind::Map
        | SessionKind::Integer
        | SessionKind::Flag
        | SessionKind::Token
        | SessionKind::Text
        | SessionKind::OptionalText
        | SessionKind::Session
        | SessionKind::ListedKey
        | SessionKind::After
        | SessionKind::Limit
        | SessionKind::Check => argument.name.clone(),
    }
}

/// Whether a token that is no text finds nothing, instead of being refused.
pub(super) fn finds(verb: &SessionVerb) -> bool {
    let has_token = verb.arguments.iter().any(|argument| argument.kind == SessionKind::Token);
    has_token && verb.answer == SessionAnswer::Session
}

/// An argument that is read by a line of this shape, into a variable of its own name.
fn read(name: &str, declared: Vec<String>, expression: &str) -> Parameter {
    let read = format!("let {name} = {expression};");
    Parameter { declared, read, value: name.to_owned() }
}

/// An argument that is handed on as it is, or converted on the way.
fn plain(declared: String, value: String) -> Parameter {
    Parameter { declared: vec![declared], read: String::new(), value }
}

pub(super) fn parameter(argument: &SessionArgument, export: &Export<'_>) -> Result<Parameter> {
    let name = &*name(argument);
    let text = |reader: &str, suffix: &str| {
        let expression = format!("arg!({reader}({name}, {name}_len))?{suffix}");
        read(name, text_pointer(name), &expression)
    };
    let named = |reader: &str| {
        let expression = format!("named(\"{name}\", arguments::{reader}({name}, {name}_len))?");
        read(name, text_pointer(name), &expression)
    };
    Ok(match argument.kind {
        SessionKind::Key | SessionKind::Name => read(
            name,
            vec![format!("{name}: *const c_char")],
            &format!("arg!(string({name}))?.to_owned()"),
        ),
        SessionKind::Value | SessionKind::Item | SessionKind::OptionalValue => {
            value(argument, export)?
        }
        SessionKind::Map => read(
            name,
            vec![format!("{name}: *const sessio_value")],
            &format!("arg!(borrow({name}))?.map()?.clone()"),
        ),
        SessionKind::Integer => plain(format!("{name}: i64"), name.to_owned()),
        SessionKind::Flag => plain(format!("{name}: bool"), name.to_owned()),
        SessionKind::Token if finds(export.verb) => found_token(name),
        SessionKind::Token | SessionKind::Text => text("text", ".to_owned()"),
        SessionKind::OptionalText => text("text_if", ".map(str::to_owned)"),
        SessionKind::Deadline => {
            plain(format!("{name}: i64"), format!("Timestamp::from_micros({name}).into()"))
        }
        SessionKind::Timeout => read(
            name,
            vec![format!("{name}: i64")],
            &format!("named(\"{name}\", arguments::timeout({name}))?"),
        ),
        SessionKind::Session => read(
            name,
            vec![format!("{name}: *mut sessio_session")],
            &format!("arg!(borrow({name}))?.session.clone()"),
        ),
        SessionKind::ListedKey => named("key"),
        SessionKind::After => named("after"),
        SessionKind::Limit => plain(format!("{name}: usize"), name.to_owned()),
        SessionKind::Check => {
            return Err(format!("{}: C has no checks", export.verb.name).into());
        }
    })
}

/// A token that finds nothing if it is no text.
fn found_token(name: &str) -> Parameter {
    let read = format!(
        "let {name} = arg!(bytes({name}, {name}_len))?;\n\
         let Ok({name}) = std::str::from_utf8({name}) else {{ return Ok(SESSIO_NOT_FOUND) }};"
    );
    Parameter { declared: text_pointer(name), read, value: format!("{name}.to_owned()") }
}

/// The value of a key, or extra data, in the function's form.
fn value(argument: &SessionArgument, export: &Export<'_>) -> Result<Parameter> {
    let parameter = match export.passed {
        Passed::As(form) => in_form(&argument.name, form)?,
        Passed::Removed => {
            Parameter { declared: Vec::new(), read: String::new(), value: "None".into() }
        }
        Passed::Nothing => {
            return Err(format!("{}: [verb.c] has no forms", export.verb.name).into());
        }
    };
    Ok(match (argument.kind, export.passed) {
        (SessionKind::OptionalValue, Passed::As(_)) => {
            Parameter { value: format!("Some({})", parameter.value), ..parameter }
        }
        _ => parameter,
    })
}

fn in_form(name: &str, form: &str) -> Result<Parameter> {
    let scalar = |of: &str| plain(format!("{name}: {of}"), format!("{name}.into()"));
    let slice = |declared: Vec<String>, reader: &str| {
        read(name, declared, &format!("Value::from(arg!({reader}({name}, {name}_len))?)"))
    };
    Ok(match form {
        "null" => {
            Parameter { declared: Vec::new(), read: String::new(), value: "Value::Null".into() }
        }
        "bool" => scalar("bool"),
        "int" => scalar("i64"),
        "uint" => scalar("u64"),
        "double" => scalar("f64"),
        "text" => slice(text_pointer(name), "text"),
        "bytes" => slice(data_pointer(name), "bytes"),
        "time_us" => {
            plain(format!("{name}_us: i64"), format!("Timestamp::from_micros({name}_us).into()"))
        }
        "json" => Parameter {
            declared: vec!["json: *const c_char".into()],
            read: format!("let {name} = Value::from_json(arg!(string(json))?)?;"),
            value: name.to_owned(),
        },
        "value" => read(
            name,
            vec![format!("{name}: *const sessio_value")],
            &format!("arg!(borrow({name}))?.value().clone()"),
        ),
        _ => return Err(format!("C has no form {form} of a value").into()),
    })
}

/// What a value in this form is.
pub(super) fn form_phrase(form: &str) -> Result<&'static str> {
    Ok(match form {
        "null" => "null",
        "bool" => "a bool",
        "int" => "an integer",
        "uint" => "an integer that is not negative",
        "double" => "a floating point number",
        "text" => "a text",
        "bytes" => "bytes",
        "time_us" => "a time",
        "json" => "a value as JSON",
        "value" => "a copy of any value",
        _ => return Err(format!("C has no form {form} of a value").into()),
    })
}

/// What C's form of an argument needs to be said, where the text for C does not say it.
pub(super) fn note(argument: &SessionArgument) -> &'static str {
    match argument.kind {
        SessionKind::After => " `after` is NULL for the first page.",
        SessionKind::Deadline => " SESSIO_NEVER is no end.",
        SessionKind::OptionalText => " NULL and 0 are none.",
        SessionKind::Timeout => " In microseconds; SESSIO_OFF is none, and 0 is not set.",
        SessionKind::Key
        | SessionKind::Name
        | SessionKind::Value
        | SessionKind::Item
        | SessionKind::OptionalValue
        | SessionKind::Map
        | SessionKind::Integer
        | SessionKind::Flag
        | SessionKind::Token
        | SessionKind::Text
        | SessionKind::Session
        | SessionKind::ListedKey
        | SessionKind::Limit
        | SessionKind::Check => "",
    }
}
