//! `bindings-node/src/session_verbs.rs`: arguments to a request, or to a method that only notes a
//! change.

use std::fmt::Write;

use crate::Result;

use super::super::super::session::{
    Asks, BEGIN, Owner, SessionAnswer, SessionApi, SessionArgument, SessionKind, SessionVerb,
};
use super::super::super::text::camel_case;
use super::{is_public, native_name, positional};

pub(super) fn file(api: &SessionApi) -> Result<String> {
    let verbs = || api.verbs.iter().filter(|verb| is_native(verb));
    let mut text = format!(
        "//! The verbs of sessions and their managers: arguments to a request.\n//!\n//! {BEGIN}\n\n\
         use sessio::operation::SessionRequest;\n\n\
         use crate::arguments::{{TargetArgument, after}};\n\
         use crate::call::{{Call, CallResult, NativeFunction, done, functions, run}};\n\
         use crate::manager::{{add, manager, transaction}};\n\
         use crate::session::{{flag, integer, map, optional_value, owned, session, text, \
         text_or_null, this, timeout, value}};\n\n\
         pub(crate) const FUNCTIONS: &[NativeFunction] = functions! {{\n"
    );
    for verb in verbs() {
        let name = native_name(verb);
        writeln!(text, "    c\"{}\" => |call| run(call, {name}),", camel_case(&name))?;
    }
    text.push_str("};\n\n");
    let functions: Result<Vec<String>> = verbs().map(function).collect();
    Ok(text + &functions?.join("\n"))
}

fn is_native(verb: &SessionVerb) -> bool {
    is_public(verb) || verb.of == Owner::Transaction
}

fn function(verb: &SessionVerb) -> Result<String> {
    let mut text = format!("fn {}(call: &Call<'_>) -> CallResult {{\n", native_name(verb));
    if let Some(by_key) = &verb.key_request {
        text.push_str(&by_token_or_key(verb, by_key)?);
        return Ok(text + "}\n");
    }
    // The first argument is the owner's number. What JavaScript has names for comes last.
    let named = verb.arguments.iter().filter(|argument| argument.kind == SessionKind::After);
    let mut index = 1;
    for argument in positional(verb).chain(named) {
        writeln!(text, "    let {} = {};", argument.name, read(verb, argument, index)?)?;
        index += if is_pair(argument.kind) { 2 } else { 1 };
    }
    let owner = owner(verb);
    let method = verb.method();
    let values: Vec<String> = verb.arguments.iter().map(|one| passed(verb, one)).collect();
    match (verb.asks, verb.answer) {
        (Asks::Never, SessionAnswer::Done) => {
            let fails = if verb.can_fail() { "?" } else { "" };
            writeln!(text, "    {owner}.{method}({}){fails};\n    done()", values.join(", "))?;
        }
        // Its owner follows the arguments.
        (Asks::Never, SessionAnswer::NewSession) if verb.of == Owner::Manager => writeln!(
            text,
            "    add(call, call.argument({index}), |manager| manager.{method}({}))",
            values.join(", ")
        )?,
        (Asks::Never, other) => {
            return Err(format!("{}: Node cannot answer {other:?} at once", verb.name).into());
        }
        (Asks::First | Asks::Always, _) => {
            let values: Vec<String> = std::iter::once(owner.to_owned()).chain(values).collect();
            let request = format!("SessionRequest::{}({})", verb.request, values.join(", "));
            writeln!(text, "    call.start_session({request})")?;
        }
    }
    Ok(text + "}\n")
}

/// For a verb whose only argument is a token or a listed key.
fn by_token_or_key(verb: &SessionVerb, by_key: &str) -> Result<String> {
    let [argument] = &*verb.arguments else {
        return Err(format!("{}: it can have a token or a key alone", verb.name).into());
    };
    let (what, owner) = (argument.what(), owner(verb));
    Ok(format!(
        "    let request = match call.argument(1).target(\"{what}\")? {{\n\
         TargetArgument::Token(text) => {{\n\
         SessionRequest::{}({owner}, text.as_str(\"{what}\")?.to_owned())\n}}\n\
         TargetArgument::Key(key) => SessionRequest::{by_key}({owner}, key),\n\
         }};\n    call.start_session(request)\n",
        verb.request
    ))
}

fn owner(verb: &SessionVerb) -> &'static str {
    match verb.of {
        Owner::Session => "this(call)?",
        Owner::Manager => "manager(call)?",
        Owner::Transaction => "transaction(call)?",
    }
}

fn is_text(kind: SessionKind) -> bool {
    matches!(kind, SessionKind::Key | SessionKind::Name | SessionKind::Token | SessionKind::Text)
}

/// `lib/encode.js` passes a value as it is or as JSON, in two places.
fn is_pair(kind: SessionKind) -> bool {
    matches!(
        kind,
        SessionKind::Value | SessionKind::Item | SessionKind::OptionalValue | SessionKind::Integer
    )
}

/// How an argument is read. A request owns its texts; a method borrows them for the call.
fn read(verb: &SessionVerb, argument: &SessionArgument, at: usize) -> Result<String> {
    let what = argument.what();
    let one = format!("call.argument({at})");
    let two = format!("{one}, call.argument({})", at + 1);
    Ok(match argument.kind {
        SessionKind::Key | SessionKind::Name | SessionKind::Token | SessionKind::Text => {
            let function = if verb.asks == Asks::Never { "text" } else { "owned" };
            format!("{function}({one}, \"{what}\")?")
        }
        SessionKind::OptionalText => format!("text_or_null({one}, \"{what}\")?"),
        SessionKind::Value | SessionKind::Item => format!("value({two})?"),
        SessionKind::OptionalValue => format!("optional_value({two})?"),
        SessionKind::Integer => format!("integer({two}, \"{}\")?", verb.name),
        SessionKind::Map => format!("map({one}, \"{what}\")?"),
        SessionKind::Flag => format!("flag({one}, \"{}\")?", argument.name),
        SessionKind::Deadline => format!("{one}.expiry()?"),
        SessionKind::Timeout => format!("timeout({one}, \"{what}\")?"),
        SessionKind::Session => format!("session(call, {one})?"),
        SessionKind::After => format!("after({one})?"),
        SessionKind::Limit => format!("{one}.whole(\"{what}\")?"),
        SessionKind::ListedKey | SessionKind::Check => {
            return Err(format!("{}: Node has no {:?}", verb.name, argument.kind).into());
        }
    })
}

/// How it is handed on.
fn passed(verb: &SessionVerb, argument: &SessionArgument) -> String {
    let name = &argument.name;
    if argument.kind == SessionKind::OptionalText {
        let owned = if verb.asks == Asks::Never { "" } else { ".map(str::to_owned)" };
        let text = format!("{name}.as_str(\"{}\"){owned}", argument.what());
        return format!("{name}.as_ref().map(|{name}| {text}).transpose()?");
    }
    match is_text(argument.kind) && verb.asks == Asks::Never {
        true => format!("{name}.as_str(\"{}\")?", argument.what()),
        false => name.clone(),
    }
}
