//! The declarations of `bindings-node/sessions.d.ts`.

use std::fmt::Write;

use crate::Result;

use super::super::super::session::{
    Asks, SessionAnswer, SessionApi, SessionArgument, SessionKind, SessionVerb,
};
use super::super::super::text::failures;
use super::super::super::text::{Spelling, camel_case};
use super::super::{WIDTH, comment};
use super::{Class, argument_name, gives_own_values, has, names, positional};

pub(super) fn of(api: &SessionApi, class: Class) -> Result<String> {
    let mut text = String::new();
    for verb in class.verbs(api) {
        // What a loaded session has, too, is documented there.
        let is_documented = class != Class::LazySession || !Class::Session.has(verb);
        let overloads = Overload::all(verb, class)?;
        let (doc, also) = documentation(verb, class)?;
        let mut first_name: Option<String> = None;
        for name in names(verb) {
            if is_documented {
                text.push_str(if text.is_empty() { "" } else { "\n" });
                let same = first_name.as_ref().map(|first| format!("The same as `{first}`."));
                text.push_str(&comment(&same.unwrap_or_else(|| doc.clone())));
            }
            for (index, overload) in overloads.iter().enumerate() {
                if let Some(also) = also.as_ref().filter(|_| is_documented && index > 0) {
                    text.push_str(&comment(also));
                }
                text.push_str(&overload.declaration(&name)?);
            }
            first_name.get_or_insert(name);
        }
    }
    Ok(text + "\n")
}

/// How the values of the program are typed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Typing {
    /// As the program has declared the key.
    Known,
    /// As whatever a session can hold.
    Other,
    /// As whatever was stored.
    Any,
}

/// One declaration of a method: its type parameters, its parameters, and what it gives.
struct Overload {
    generic: &'static str,
    parameters: Vec<String>,
    gives: String,
}

impl Overload {
    fn all(verb: &SessionVerb, class: Class) -> Result<Vec<Self>> {
        let overload = |generic, typing| Overload::new(verb, class, generic, typing);
        let is_by_key = has(verb, SessionKind::Key);
        let (known, other) = ("<K extends KnownKey<Data>>", "<K extends string, T>");
        if is_by_key && (has(verb, SessionKind::Value) || has(verb, SessionKind::Item)) {
            return Ok(vec![overload(known, Typing::Known)?, overload(other, Typing::Other)?]);
        }
        if is_by_key && verb.answer == SessionAnswer::Value && gives_own_values(verb) {
            return Ok(vec![overload(known, Typing::Known)?, overload("", Typing::Any)?]);
        }
        if has(verb, SessionKind::Map) {
            let mut overloads = vec![overload("<T extends Partial<Data>>", Typing::Other)?];
            if verb.node.lenient {
                overloads.push(overload("", Typing::Any)?);
            }
            return Ok(overloads);
        }
        if has(verb, SessionKind::Value) || has(verb, SessionKind::OptionalValue) {
            return Ok(vec![overload("<T>", Typing::Other)?]);
        }
        Ok(vec![overload("", Typing::Any)?])
    }

    fn new(
        verb: &SessionVerb,
        class: Class,
        generic: &'static str,
        typing: Typing,
    ) -> Result<Self> {
        let parameters = positional(verb).map(|argument| parameter(verb, argument, typing));
        let mut parameters = parameters.collect::<Result<Vec<String>>>()?;
        parameters.extend(options(verb, class, typing).map(str::to_owned));
        let gives = gives(verb, typing)?;
        let gives = match class.promises(verb) {
            true => format!("Promise<{gives}>"),
            false => gives.to_owned(),
        };
        Ok(Overload { generic, parameters, gives })
    }

    fn declaration(&self, name: &str) -> Result<String> {
        let (generic, gives) = (self.generic, &self.gives);
        let parameters = self.parameters.join(", ");
        let mut text = format!("  {name}{generic} ({parameters}): {gives}\n");
        if text.len() > WIDTH + 1 {
            text.clear();
            writeln!(text, "  {name}{generic} (\n    {parameters}\n  ): {gives}")?;
        }
        Ok(text)
    }
}

fn parameter(verb: &SessionVerb, argument: &SessionArgument, typing: Typing) -> Result<String> {
    let is_by_key = has(verb, SessionKind::Key);
    let typed = match (argument.kind, typing) {
        (SessionKind::Key, Typing::Known) => "K",
        (SessionKind::Key, Typing::Other) => "OtherKey<Data, K>",
        (SessionKind::Key | SessionKind::Name | SessionKind::Text, _) => "string",
        (SessionKind::Token, _) if verb.key_request.is_some() => "string | Key",
        (SessionKind::Token, _) => "string",
        (SessionKind::Value, Typing::Known) if is_by_key => "Known<Data, K>",
        (SessionKind::Item, Typing::Known) => "ItemOf<Known<Data, K>>",
        (SessionKind::Value | SessionKind::Item, _) => "T & Storable<T>",
        (SessionKind::OptionalValue, _) => "(T & Storable<T>) | undefined",
        (SessionKind::Map, Typing::Any) => "object",
        (SessionKind::Map, _) => "T & Storable<T>",
        (SessionKind::Integer, _) => "number | bigint",
        (SessionKind::Flag, _) => "boolean",
        (SessionKind::OptionalText, _) => "string | null",
        (SessionKind::Deadline, _) => "Expires",
        (SessionKind::Timeout, _) => "number | null",
        (SessionKind::Session, _) => "Session<Data> | LazySession<Data>",
        (SessionKind::Limit, _) => "number",
        (SessionKind::ListedKey | SessionKind::After | SessionKind::Check, _) => {
            return Err(format!("{}: Node has no {:?} here", verb.name, argument.kind).into());
        }
    };
    let is_limit = argument.kind == SessionKind::Limit;
    let optional = if argument.default.is_some() && !is_limit { "?" } else { "" };
    Ok(format!("{}{optional}: {typed}", argument_name(verb, argument)))
}

/// The last parameter.
fn options(verb: &SessionVerb, class: Class, typing: Typing) -> Option<&'static str> {
    if has(verb, SessionKind::After) {
        return Some("options?: Call & { after?: Key | null | undefined }");
    }
    match (verb.node.lenient, typing) {
        (true, Typing::Any) => Some("options: { lenient: boolean }"),
        (true, _) => Some("options?: { lenient?: false | undefined }"),
        (false, _) => class.takes_signal(verb).then_some("options?: Call"),
    }
}

fn gives(verb: &SessionVerb, typing: Typing) -> Result<&'static str> {
    Ok(match verb.answer {
        SessionAnswer::Done => "void",
        SessionAnswer::Is | SessionAnswer::Live | SessionAnswer::Flag => "boolean",
        SessionAnswer::Value if typing == Typing::Known => "Data[K] | undefined",
        SessionAnswer::Value => "Stored | undefined",
        SessionAnswer::Values | SessionAnswer::Json if gives_own_values(verb) => "AllOf<Data>",
        SessionAnswer::Values | SessionAnswer::Json => "{ [key: string]: Stored }",
        SessionAnswer::Keys => "string[]",
        SessionAnswer::Token | SessionAnswer::Subject => "string | null",
        SessionAnswer::Instant => "Date",
        SessionAnswer::Expiry => "Date | null",
        SessionAnswer::Choice => "boolean | null",
        SessionAnswer::Timeout => "number | null",
        SessionAnswer::Session => "Session<Data> | null",
        SessionAnswer::NewSession => "Session<Data>",
        SessionAnswer::Page => "SessionPage<Data>",
        SessionAnswer::Result => "CommitResult",
        SessionAnswer::Begun | SessionAnswer::Finished => {
            return Err(format!("{}: it is no public verb", verb.name).into());
        }
    })
}

// --- documentation --------------------------------------------------------------------------------

/// What a session's verb is called, where a session's verb says so.
const IN_SESSIONS: Spelling = Spelling {
    verb: |name| match name.split_once('.') {
        Some((owner, name)) => format!("`{}.{}`", class_name(owner), camel_case(name)),
        None => format!("`{}`", camel_case(name)),
    },
    error: |name| format!("`{name}`"),
    option: |name| format!("`{}`", camel_case(name)),
    argument: |name| format!("`{}`", camel_case(name)),
    yes: "`true`",
    no: "`false`",
    none: "`null`",
};

/// The same where a manager's verb says so.
const IN_MANAGERS: Spelling = Spelling {
    verb: |name| match name.split_once('.') {
        Some(("manager", name)) => format!("`{}`", camel_case(name)),
        Some((owner, name)) => format!("`{}.{}`", class_name(owner), camel_case(name)),
        None => format!("`Session.{}`", camel_case(name)),
    },
    ..IN_SESSIONS
};

fn class_name(owner: &str) -> &'static str {
    if owner == "store" { "Store" } else { "SessionManager" }
}

/// What the verb does and how it fails; and, where the last overload says it, what it does beside.
fn documentation(verb: &SessionVerb, class: Class) -> Result<(String, Option<String>)> {
    let mut spelling = if class == Class::Manager { IN_MANAGERS } else { IN_SESSIONS };
    let gives_value = verb.answer == SessionAnswer::Value;
    if gives_value || has(verb, SessionKind::OptionalValue) {
        spelling.none = "`undefined`";
    }
    let mut doc = verb.node.doc.clone().unwrap_or_else(|| verb.doc.clone());
    let also = verb.node.also.as_ref().map(|also| spelling.spell(also)).transpose()?;
    let (inside, apart) = if verb.node.lenient { (None, also) } else { (also, None) };
    doc = spelling.spell(&doc)?;
    for argument in verb.arguments.iter().filter(|one| one.kind != SessionKind::Limit) {
        if let Some(default) = argument.default {
            write!(doc, " `{}` is {default} by default.", argument_name(verb, argument))?;
        }
    }
    if let Some(inside) = inside {
        doc = format!("{doc} {inside}");
    }
    let errors_as = errors_as(verb, class).map(|other| format!("{{verb {other}}}"));
    let fails = failures(["Fails", "with "], errors_as.as_deref(), verb.errors.as_deref());
    if !fails.is_empty() {
        doc = format!("{doc}\n\n{}", spelling.spell(&fails)?);
    }
    Ok((doc, apart))
}

/// The verb whose errors it has as well. Reads of a loaded session ask no store, and what asks it
/// fails as loading does.
fn errors_as(verb: &SessionVerb, class: Class) -> Option<String> {
    let other = verb.errors_as.as_deref()?;
    let asks_store = class.promises(verb) && verb.asks != Asks::Never;
    match other {
        "get" if asks_store => Some("manager.load".to_owned()),
        _ if other.starts_with("store.") && !asks_store => None,
        _ => Some(other.to_owned()),
    }
}
