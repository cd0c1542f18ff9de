//! The verbs of sessions in the core: `SessionRequest` with what it does, and the methods of the
//! blocking `Session`.

use std::fmt::Write;

use crate::Result;

use super::super::session::{
    Asks, BEGIN, Owner, SessionAnswer, SessionApi, SessionArgument, SessionKind, SessionVerb,
};
use super::super::text::{Spelling, wrapped};
use super::super::{Extent, File};

const SPELLING: Spelling = Spelling {
    verb: |name| format!("`{}`", name.rsplit('.').next().unwrap_or(name)),
    error: |name| format!("`{name}`"),
    option: |name| format!("`{name}`"),
    argument: |name| format!("`{name}`"),
    yes: "True",
    no: "False",
    none: "`None`",
};

pub(super) fn files(api: &SessionApi) -> Result<Vec<File>> {
    let part = |path, text| File { path, extent: Extent::Part(BEGIN), text };
    Ok(vec![
        part("core/src/session/request.rs", request(api)?),
        part("core/src/session/blocking.rs", blocking(api)?),
    ])
}

// --- core/src/session/request.rs ------------------------------------------------------------------

fn request(api: &SessionApi) -> Result<String> {
    let mut text = String::from(
        "/// A verb of a session or a manager with its arguments: the one door for every language, as\n\
         /// [`Request`](crate::protocol::request::Request) is for stores. `Debug` prints the verb \
         alone,\n/// because the arguments are secrets.\npub enum SessionRequest {\n",
    );
    for verb in &api.verbs {
        text.push_str(&variant(verb)?);
    }
    text.push_str("}\n\nimpl SessionRequest {\n");
    text.push_str(&names(api)?);
    text.push('\n');
    text.push_str(&at_once(api)?);
    text.push('\n');
    text.push_str(&run(api)?);
    text.push_str("}\n");
    Ok(text)
}

/// The owner and the arguments, with the first sentence of what the verb does.
fn variant(verb: &SessionVerb) -> Result<String> {
    let doc = SPELLING.spell(&verb.doc)?;
    let does = doc.split(". ").next().unwrap_or_default().trim_end_matches('.');
    let has_cookie = matches!(verb.answer, SessionAnswer::Result | SessionAnswer::Finished);
    let taken = if has_cookie { ", of which [`CommitResult::taken`] is to be told" } else { "" };
    let answered = answer(verb.answer);
    let doc = format!("{does}. Answered with [`SessionAnswer::{answered}`]{taken}.");
    let types: Vec<&str> = std::iter::once(owner(verb).0)
        .chain(verb.arguments.iter().map(|argument| of(argument.kind)))
        .collect();
    let mut text = wrapped(&doc, "    /// ", 100);
    writeln!(text, "    {}({}),", verb.request, types.join(", "))?;
    Ok(text)
}

fn names(api: &SessionApi) -> Result<String> {
    let mut text = String::from(
        "    /// The verb's name, as in `tests/README.md`.\n\
         pub fn name(&self) -> &'static str {\nmatch self {\n",
    );
    let mut named: Vec<&str> = Vec::new();
    for verb in &api.verbs {
        let name = verb.full_name();
        if named.contains(&name) {
            continue;
        }
        named.push(name);
        let same = api.verbs.iter().filter(|other| other.full_name() == name);
        let patterns: Vec<String> = same.map(any).collect();
        writeln!(text, "{} => \"{name}\",", patterns.join(" | "))?;
    }
    text.push_str("}\n}\n");
    Ok(text)
}

fn at_once(api: &SessionApi) -> Result<String> {
    let mut text = String::from(
        "    /// What does not ask the store is answered without a task.\n\
         fn at_once(self) -> std::result::Result<Result<SessionAnswer>, Self> {\n\
         let done = |result: Result<()>| Ok(result.map(|()| SessionAnswer::Done));\n\
         match self {\n",
    );
    for verb in api.verbs.iter().filter(|verb| verb.loaded_shortcut) {
        let (pattern, answer) = (pattern(verb), answer(verb.answer));
        let call = call(verb, &format!("{}_loaded", verb.method()));
        writeln!(text, "{pattern} if session.is_loaded() => {{")?;
        writeln!(text, "Ok({call}.map(SessionAnswer::{answer}))\n}}")?;
    }
    for verb in api.verbs.iter().filter(|verb| verb.asks == Asks::Never) {
        let (pattern, call) = (pattern(verb), call(verb, verb.method()));
        match (verb.answer, verb.can_fail()) {
            (SessionAnswer::Done, true) => writeln!(text, "{pattern} => done({call}),")?,
            (SessionAnswer::Done, false) => {
                writeln!(text, "{pattern} => {{\n{call};\ndone(Ok(()))\n}}")?;
            }
            (SessionAnswer::NewSession, true) => writeln!(
                text,
                "{pattern} => {{\nOk({call}.map(|session| SessionAnswer::Session(Some(session))))\n}}"
            )?,
            (other, _) => {
                return Err(format!("{}: {other:?} cannot be answered at once", verb.name).into());
            }
        }
    }
    let asking = api.verbs.iter().filter(|verb| verb.asks != Asks::Never);
    let asking: Vec<String> = asking.map(any).collect();
    writeln!(text, "request @ ({}) => Err(request),\n}}\n}}", asking.join("\n| "))?;
    Ok(text)
}

fn run(api: &SessionApi) -> Result<String> {
    let mut text = String::from(
        "    /// The same as a future, for [`task`]: to be polled to its end, for only\n\
         /// [`start`](SessionRequest::start) sees to that.\n///\n/// # Errors\n/// As the verb.\n\
         #[allow(clippy::too_many_lines, reason = \"it has an arm for each verb\")]\n\
         pub async fn run(self) -> Result<SessionAnswer> {\nOk(match self {\n",
    );
    for verb in api.verbs.iter().filter(|verb| verb.asks != Asks::Never) {
        let (pattern, call) = (pattern(verb), call(verb, verb.method()));
        if verb.answer == SessionAnswer::Done {
            writeln!(text, "{pattern} => {{\n{call}.await?;\nSessionAnswer::Done\n}}")?;
        } else {
            let answer = answer(verb.answer);
            writeln!(text, "{pattern} => SessionAnswer::{answer}({call}.await?),")?;
        }
    }
    let noting = api.verbs.iter().filter(|verb| verb.asks == Asks::Never);
    let noting: Vec<String> = noting.map(any).collect();
    writeln!(text, "request @ ({}) => match request.at_once() {{", noting.join("\n| "))?;
    text.push_str("Ok(answer) => answer?,\nErr(_) => SessionAnswer::Done,\n},\n})\n}\n");
    Ok(text)
}

/// The type of the owner, and what a pattern calls it.
fn owner(verb: &SessionVerb) -> (&'static str, &'static str) {
    match verb.of {
        Owner::Session => ("Session", "session"),
        Owner::Manager => ("SessionManager", "manager"),
        Owner::Transaction => ("Transaction", "transaction"),
    }
}

/// The pattern that takes the request apart.
fn pattern(verb: &SessionVerb) -> String {
    let names = verb.arguments.iter().map(|argument| &*argument.name);
    let names: Vec<&str> = std::iter::once(owner(verb).1).chain(names).collect();
    format!("SessionRequest::{}({})", verb.request, names.join(", "))
}

/// The pattern for whatever it has.
fn any(verb: &SessionVerb) -> String {
    let inside = if verb.arguments.is_empty() { "_" } else { ".." };
    format!("SessionRequest::{}({inside})", verb.request)
}

fn call(verb: &SessionVerb, method: &str) -> String {
    let values: Vec<String> = verb.arguments.iter().map(passed).collect();
    format!("{}.{method}({})", owner(verb).1, values.join(", "))
}

/// How a method takes what a request owns.
fn passed(argument: &SessionArgument) -> String {
    let name = &argument.name;
    match argument.kind {
        SessionKind::Key
        | SessionKind::Name
        | SessionKind::Token
        | SessionKind::Text
        | SessionKind::ListedKey => format!("&{name}"),
        SessionKind::OptionalText => format!("{name}.as_deref()"),
        SessionKind::After => format!("{name}.as_ref()"),
        SessionKind::Value
        | SessionKind::Item
        | SessionKind::OptionalValue
        | SessionKind::Map
        | SessionKind::Integer
        | SessionKind::Flag
        | SessionKind::Deadline
        | SessionKind::Timeout
        | SessionKind::Session
        | SessionKind::Limit
        | SessionKind::Check => name.clone(),
    }
}

/// The type of an argument that a request owns.
fn of(kind: SessionKind) -> &'static str {
    match kind {
        SessionKind::Key | SessionKind::Name | SessionKind::Token | SessionKind::Text => "String",
        SessionKind::Value | SessionKind::Item => "Value",
        SessionKind::OptionalValue => "Option<Value>",
        SessionKind::Map => "Map",
        SessionKind::Integer => "i64",
        SessionKind::Flag => "bool",
        SessionKind::OptionalText => "Option<String>",
        SessionKind::Deadline => "Expiry",
        SessionKind::Timeout => "Option<Duration>",
        SessionKind::Session => "Session",
        SessionKind::ListedKey => "Key",
        SessionKind::After => "Option<Key>",
        SessionKind::Limit => "usize",
        SessionKind::Check => "Check",
    }
}

/// The variant of the core's `SessionAnswer`.
fn answer(answer: SessionAnswer) -> &'static str {
    match answer {
        SessionAnswer::Done => "Done",
        SessionAnswer::Is | SessionAnswer::Live | SessionAnswer::Flag => "Is",
        SessionAnswer::Value => "Value",
        SessionAnswer::Values => "Values",
        SessionAnswer::Json => "Text",
        SessionAnswer::Keys => "Keys",
        SessionAnswer::Token => "Token",
        SessionAnswer::Subject => "Subject",
        SessionAnswer::Instant => "Ends",
        SessionAnswer::Expiry => "Expires",
        SessionAnswer::Choice => "Remembered",
        SessionAnswer::Timeout => "Lasts",
        SessionAnswer::Session | SessionAnswer::NewSession => "Session",
        SessionAnswer::Page => "Page",
        SessionAnswer::Result => "CommitResult",
        SessionAnswer::Begun => "Begun",
        SessionAnswer::Finished => "Finished",
    }
}

// --- core/src/session/blocking.rs -----------------------------------------------------------------

fn blocking(api: &SessionApi) -> Result<String> {
    // A check is a binding's: programs in Rust have `get`.
    let is_checked = |verb: &&SessionVerb| {
        verb.arguments.iter().any(|argument| argument.kind == SessionKind::Check)
    };
    let verbs = api.verbs.iter().filter(|verb| verb.of == Owner::Session);
    let methods: Result<Vec<String>> =
        verbs.filter(|verb| !is_checked(verb)).map(blocking_method).collect();
    Ok(format!("impl Session {{\n{}}}\n", methods?.join("\n")))
}

fn blocking_method(verb: &SessionVerb) -> Result<String> {
    let name = verb.method();
    let mut text = format!("/// As [`sessio::Session::{name}`](crate::Session::{name}).\n");
    if verb.can_fail() {
        text.push_str("///\n/// # Errors\n/// The same.\n");
    }
    let declared = verb.arguments.iter().map(declared);
    let declared: Vec<String> = std::iter::once("&self".to_owned()).chain(declared).collect();
    let declared = declared.join(", ");
    match returned(verb)? {
        Some(out) => writeln!(text, "pub fn {name}({declared}) -> {out} {{")?,
        None => writeln!(text, "pub fn {name}({declared}) {{")?,
    }
    text.push_str(&blocking_body(verb));
    text.push_str("}\n");
    Ok(text)
}

fn blocking_body(verb: &SessionVerb) -> String {
    let name = verb.method();
    if verb.asks == Asks::Never {
        let names: Vec<&str> = verb.arguments.iter().map(|argument| &*argument.name).collect();
        let end = if verb.can_fail() { "" } else { ";" };
        return format!("self.0.{name}({}){end}\n", names.join(", "));
    }
    let owned: Vec<(&str, String)> = std::iter::once(("session", "self.0.clone()".to_owned()))
        .chain(verb.arguments.iter().filter_map(owned))
        .collect();
    let (names, values): (Vec<&str>, Vec<String>) = owned.into_iter().unzip();
    let held = match (&*names, &*values) {
        ([name], [value]) => format!("let {name} = {value};"),
        _ => format!("let ({}) = ({});", names.join(", "), values.join(", ")),
    };
    let call = call(verb, name);
    format!("{held}\nwait(self.0.store(), async move {{ {call}.await }})\n")
}

/// How a method declares an argument.
fn declared(argument: &SessionArgument) -> String {
    let of = match of(argument.kind) {
        "String" => "&str",
        "Option<String>" => "Option<&str>",
        "Expiry" => "impl Into<Expiry>",
        of => of,
    };
    format!("{}: {of}", argument.name)
}

/// The name and the value of an argument that a task cannot borrow.
fn owned(argument: &SessionArgument) -> Option<(&str, String)> {
    let name = &*argument.name;
    match argument.kind {
        SessionKind::Key | SessionKind::Name | SessionKind::Token | SessionKind::Text => {
            Some((name, format!("{name}.to_owned()")))
        }
        SessionKind::OptionalText => Some((name, format!("{name}.map(str::to_owned)"))),
        SessionKind::Deadline => Some((name, format!("Into::<Expiry>::into({name})"))),
        SessionKind::Value
        | SessionKind::Item
        | SessionKind::OptionalValue
        | SessionKind::Map
        | SessionKind::Integer
        | SessionKind::Flag
        | SessionKind::Timeout
        | SessionKind::Session
        | SessionKind::ListedKey
        | SessionKind::After
        | SessionKind::Limit
        | SessionKind::Check => None,
    }
}

/// What a method of a session returns; none where it cannot fail and has nothing to say.
fn returned(verb: &SessionVerb) -> Result<Option<String>> {
    let out = match verb.answer {
        SessionAnswer::Done if !verb.can_fail() => return Ok(None),
        SessionAnswer::Done => "()",
        SessionAnswer::Is | SessionAnswer::Live | SessionAnswer::Flag => "bool",
        SessionAnswer::Value => "Option<Value>",
        SessionAnswer::Values => "Map",
        SessionAnswer::Json => "String",
        SessionAnswer::Keys => "Vec<String>",
        SessionAnswer::Token | SessionAnswer::Subject => "Option<String>",
        SessionAnswer::Instant => "Timestamp",
        SessionAnswer::Expiry => "Option<Timestamp>",
        SessionAnswer::Choice => "Option<bool>",
        SessionAnswer::Timeout => "Option<Duration>",
        SessionAnswer::Session
        | SessionAnswer::NewSession
        | SessionAnswer::Page
        | SessionAnswer::Result
        | SessionAnswer::Begun
        | SessionAnswer::Finished => {
            return Err(format!("{}: a session does not answer this", verb.name).into());
        }
    };
    Ok(Some(format!("Result<{out}>")))
}
