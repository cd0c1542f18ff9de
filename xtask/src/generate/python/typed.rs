//! What type checkers and editors read: the parts of `_native.pyi`, and the coroutines of
//! `asynchronous.py`.

use std::fmt::Write;

use crate::Result;

use super::super::api::{Answer, Api, Verb};
use super::super::options::ApiOption;
use super::super::text::wrapped;
use super::options::{keywords, manager_keywords};
use super::signature::{Optional, Parameter, has_overloads, parameters, returned, signature};
use super::{WIDTH, documentation, joined};

/// What the modules call the type of a token or key.
const IN_STUB: &str = "Which";
const IN_COROUTINES: &str = "Session";

pub(super) fn store(api: &Api, options: &[ApiOption]) -> Result<String> {
    Ok(constructor("str", options) + &joined(api, waiting, "")?)
}

pub(super) fn async_calls(api: &Api, options: &[ApiOption]) -> Result<String> {
    Ok(constructor("str | Store", options) + &joined(api, awaitable, "")?)
}

pub(super) fn async_store(api: &Api, options: &[ApiOption]) -> Result<String> {
    Ok(initializer(options) + "\n" + &joined(api, coroutine, "\n")? + "\n")
}

fn constructor(url: &str, options: &[ApiOption]) -> String {
    signature("def __new__", "cls", &with_options(url, options), "Self", " ...")
}

fn initializer(options: &[ApiOption]) -> String {
    let parameters = with_options("str | Store", options);
    let mut text = signature("def __init__", "self", &parameters, "None", "");
    text += "        self._calls = AsyncCalls(\n";
    for parameter in &parameters {
        text += &format!("            {},\n", passed(parameter));
    }
    text + "        )\n"
}

/// The constructor of `SessionManager`.
pub(super) fn manager(options: &[ApiOption]) -> String {
    let parameters = with_manager_options("Store", options);
    signature("def __new__", "cls", &parameters, "Self", " ...")
}

/// The same of `AsyncSessionManager`, with the options as one dict.
pub(super) fn async_manager(options: &[ApiOption]) -> String {
    let parameters = with_manager_options("AsyncStore | Store | SessionManager", options);
    let mut text = signature("def __init__", "self", &parameters, "None", "");
    text += "        options = dict(\n";
    for parameter in parameters.iter().filter(|parameter| parameter.is_keyword) {
        text += &format!("            {},\n", passed(parameter));
    }
    text + "        )\n"
}

fn with_manager_options(store: &str, options: &[ApiOption]) -> Vec<Parameter> {
    std::iter::once(Parameter::new("store", store)).chain(manager_keywords(options)).collect()
}

fn with_options(url: &str, options: &[ApiOption]) -> Vec<Parameter> {
    std::iter::once(Parameter::new("url", url)).chain(keywords(options)).collect()
}

/// How a parameter is handed on.
pub(super) fn passed(parameter: &Parameter) -> String {
    match parameter.is_keyword {
        true => format!("{0}={0}", parameter.name),
        false => parameter.name.clone(),
    }
}

fn waiting(verb: &Verb) -> Result<String> {
    let start = format!("def {}", verb.name);
    let method = |optional| -> Result<String> {
        let parameters = parameters(verb, IN_STUB, optional);
        let out = returned(verb.answer);
        Ok(signature(&start, "self", &parameters, out, "") + &docstring(verb)?)
    };
    if !has_overloads(verb) {
        return method(Optional::Either);
    }
    let overload = "    @overload\n";
    Ok(format!("{overload}{}{overload}{}", method(Optional::Absent)?, method(Optional::Given)?))
}

fn awaitable(verb: &Verb) -> Result<String> {
    let out = format!("Awaitable[{}]", returned(verb.answer));
    let parameters = parameters(verb, IN_STUB, Optional::Either);
    Ok(signature(&format!("def {}", verb.name), "self", &parameters, &out, " ..."))
}

fn coroutine(verb: &Verb) -> Result<String> {
    let (start, out) = (format!("async def {}", verb.name), returned(verb.answer));
    let mut text = String::new();
    if has_overloads(verb) {
        for optional in [Optional::Absent, Optional::Given] {
            let parameters = parameters(verb, IN_COROUTINES, optional);
            let overload = signature(&start, "self", &parameters, out, " ...");
            write!(text, "    @overload\n{overload}")?;
        }
    }
    let parameters = parameters(verb, IN_COROUTINES, Optional::Either);
    text += &signature(&start, "self", &parameters, out, "");
    text += &docstring(verb)?;
    let given: Vec<String> = parameters.iter().map(passed).collect();
    let awaited = format!("await self._calls.{}({})", verb.name, given.join(", "));
    match verb.answer == Answer::Done {
        true => writeln!(text, "        {awaited}")?,
        false => writeln!(text, "        return {awaited}")?,
    }
    Ok(text)
}

/// As `stub_docstrings.py` writes those of the native classes: there is room for the quotes on
/// every line.
fn docstring(verb: &Verb) -> Result<String> {
    Ok(indented_docstring("        ", &documentation(verb)?))
}

pub(super) fn indented_docstring(indent: &str, text: &str) -> String {
    let text = wrapped(text, indent, WIDTH - 6);
    let text = text.trim();
    match text.contains('\n') {
        true => format!("{indent}\"\"\"{text}\n{indent}\"\"\"\n"),
        false => format!("{indent}\"\"\"{text}\"\"\"\n"),
    }
}
