//! What type checkers and editors read: the parts of `_native.pyi`, and the coroutines of
//! `_methods.py` and `async_sessions.py`.

use crate::Result;

use super::super::super::session::{
    Asks, DefaultValue, SessionAnswer, SessionApi, SessionArgument, SessionKind, SessionVerb,
};
use super::super::signature::{Parameter, indented_signature, signature};
use super::super::typed::{indented_docstring, passed};
use super::{
    Class, Form, argument_name, documentation, has_argument, joined, manager_verbs, name, verbs_of,
};

/// What differs between the modules.
struct Module {
    token_or_key: &'static str,
    any_session: &'static str,
}

const STUB: Module = Module { token_or_key: "Which", any_session: "SessionView | LazySession" };
const COROUTINES: Module =
    Module { token_or_key: "str | Key", any_session: "AsyncSession | LazySession | Session" };

// --- _native.pyi ----------------------------------------------------------------------------------

pub(super) fn view(api: &SessionApi) -> Result<String> {
    joined(verbs_of(api, Class::View), |verb| declared(verb, "Session", Form::Blocking), "")
}

pub(super) fn session(api: &SessionApi) -> Result<String> {
    joined(verbs_of(api, Class::Session), |verb| declared(verb, "Session", Form::Blocking), "")
}

/// The coroutines, and the awaitables behind them.
pub(super) fn async_session(api: &SessionApi) -> Result<String> {
    let coroutine = |verb: &SessionVerb| declared(verb, "AsyncSession", Form::Coroutine);
    let coroutines = joined(verbs_of(api, Class::AsyncSession), coroutine, "")?;
    let awaitable = |verb: &SessionVerb| Ok(awaitable(verb, "_"));
    Ok(coroutines + &joined(verbs_of(api, Class::Session), awaitable, "")?)
}

pub(super) fn manager(api: &SessionApi) -> Result<String> {
    joined(manager_verbs(api), |verb| declared(verb, "Session", Form::Blocking), "")
}

pub(super) fn async_calls(api: &SessionApi) -> Result<String> {
    joined(manager_verbs(api), |verb| Ok(awaitable(verb, "")), "")
}

/// A method with its documentation, once for each way to call it. `session` is the class of the
/// sessions that it answers with.
fn declared(verb: &SessionVerb, session: &str, form: Form) -> Result<String> {
    let start = start(verb, form);
    let ways = ways(verb, &STUB, session);
    let docstring = indented_docstring("        ", &documentation(verb, form)?);
    let overload = if ways.len() > 1 { "    @overload\n" } else { "" };
    let each = ways.iter().map(|way| format!("{overload}{}{docstring}", way.signature(&start, "")));
    Ok(each.collect())
}

fn start(verb: &SessionVerb, form: Form) -> String {
    let keyword = if form == Form::Coroutine { "async def" } else { "def" };
    format!("{keyword} {}", name(verb))
}

fn awaitable(verb: &SessionVerb, prefix: &str) -> String {
    // An absent value is `...`.
    let is_value = verb.answer == SessionAnswer::Value;
    let out = if is_value { "object".to_owned() } else { returned(verb.answer, "AsyncSession") };
    let out = match verb.asks {
        Asks::Never => out,
        Asks::First | Asks::Always => format!("Awaitable[{out}]"),
    };
    let parameters = arguments(verb, &STUB);
    signature(&format!("def {prefix}{}", name(verb)), "self", &parameters, &out, " ...")
}

// --- _methods.py ----------------------------------------------------------------------------------

pub(super) fn async_session_coroutines(api: &SessionApi) -> Result<String> {
    let functions = joined(verbs_of(api, Class::AsyncSession), function, "\n\n")?;
    let names: Vec<&str> = verbs_of(api, Class::AsyncSession).map(name).collect();
    Ok(format!("{functions}\n\nCOROUTINES = ({})\n", names.join(", ")))
}

fn function(verb: &SessionVerb) -> Result<String> {
    let (start, way) = (start(verb, Form::Coroutine), any_way(verb, &COROUTINES, "AsyncSession"));
    let parameters = &way.parameters;
    let mut text = indented_signature("", &start, "self: AsyncSession", parameters, &way.out, "");
    text += &indented_docstring("    ", &documentation(verb, Form::Coroutine)?);
    let given: Vec<String> = arguments(verb, &COROUTINES).iter().map(passed).collect();
    let awaited = format!("await self._{}({})", name(verb), given.join(", "));
    text += &match (verb.answer, verb.python.default) {
        (SessionAnswer::Done, _) => format!("    {awaited}\n"),
        (SessionAnswer::Value, Some(DefaultValue::None)) => {
            format!("    value = {awaited}\n    return default if value is ... else value\n")
        }
        (SessionAnswer::Value, Some(DefaultValue::Never)) => {
            format!("    value = {awaited}\n    return None if value is ... else value\n")
        }
        (SessionAnswer::Value, _) => {
            return Err(format!("{}: no coroutine raises a KeyError yet", verb.name).into());
        }
        _ => format!("    return {awaited}\n"),
    };
    Ok(text)
}

// --- async_sessions.py ----------------------------------------------------------------------------

pub(super) fn lazy_session(api: &SessionApi) -> Result<String> {
    Ok(joined(verbs_of(api, Class::LazySession), lazy_method, "\n")? + "\n")
}

fn lazy_method(verb: &SessionVerb) -> Result<String> {
    let form = if verb.asks == Asks::Never { Form::Plain } else { Form::Coroutine };
    let way = any_way(verb, &COROUTINES, "AsyncSession");
    let text = overloads(verb, form) + &way.signature(&start(verb, form), "");
    let docstring = indented_docstring("        ", &documentation(verb, form)?);
    Ok(text + &docstring + &lazy_body(verb, &way.parameters))
}

fn lazy_body(verb: &SessionVerb, parameters: &[Parameter]) -> String {
    let is_mapped = !super::classes(verb).contains(&Class::View);
    let call = match (verb.asks, verb.answer) {
        (Asks::Never, _) => format!("self._session.{}", name(verb)),
        (Asks::Always, _) => format!("await self._session.{}", name(verb)),
        // The others have what every mapping has.
        (Asks::First, SessionAnswer::Keys) if is_mapped => {
            return "        return list(await self.loaded())\n".to_owned();
        }
        (Asks::First, SessionAnswer::Values) if is_mapped => {
            return "        return dict(await self.loaded())\n".to_owned();
        }
        (Asks::First, _) if is_mapped => format!("await self._session._{}", name(verb)),
        (Asks::First, _) => format!("(await self.loaded()).{}", name(verb)),
    };
    let is_checked = has_argument(verb, SessionKind::Check);
    let given = parameters.iter().map(|parameter| match &*parameter.name {
        "type" if is_checked => "cast(\"builtins.type[str]\", type)".to_owned(),
        _ => passed(parameter),
    });
    let call = format!("{call}({})", given.collect::<Vec<_>>().join(", "));
    match (verb.answer, is_checked) {
        (SessionAnswer::Done, _) => format!("        {call}\n"),
        (_, true) => format!(
            "        # The cast picks one overload; the session checks the type.\n        \
             return {call}\n"
        ),
        _ => format!("        return {call}\n"),
    }
}

pub(super) fn async_manager(api: &SessionApi) -> Result<String> {
    Ok(joined(manager_verbs(api), async_manager_method, "\n")? + "\n")
}

fn async_manager_method(verb: &SessionVerb) -> Result<String> {
    let form = if verb.asks == Asks::Never { Form::Plain } else { Form::Coroutine };
    let way = any_way(verb, &COROUTINES, "AsyncSession");
    let mut text = overloads(verb, form) + &way.signature(&start(verb, form), "");
    text += &indented_docstring("        ", &documentation(verb, form)?);
    let given: Vec<String> = way.parameters.iter().map(passed).collect();
    let call = format!("self._calls.{}({})", name(verb), given.join(", "));
    text += &match (form, verb.answer) {
        (Form::Coroutine, SessionAnswer::Result) => {
            format!(
                "        result = await {call}\n        result._taken()\n        return result\n"
            )
        }
        (Form::Coroutine, SessionAnswer::Done) => format!("        await {call}\n"),
        (Form::Coroutine, _) => format!("        return await {call}\n"),
        (_, _) => format!("        return {call}\n"),
    };
    Ok(text)
}

fn overloads(verb: &SessionVerb, form: Form) -> String {
    let ways = ways(verb, &COROUTINES, "AsyncSession");
    if ways.len() == 1 {
        return String::new();
    }
    let start = start(verb, form);
    ways.iter().map(|way| format!("    @overload\n{}", way.signature(&start, " ..."))).collect()
}

// --- signatures -----------------------------------------------------------------------------------

/// A way to call a method.
struct Way {
    parameters: Vec<Parameter>,
    out: String,
    /// A comment for the type checker.
    pragma: &'static str,
}

impl Way {
    fn signature(&self, start: &str, end: &str) -> String {
        let text = signature(start, "self", &self.parameters, &self.out, end);
        format!("{}{}\n", text.trim_end(), self.pragma)
    }
}

/// The ways to call a method that type checkers tell apart.
fn ways(verb: &SessionVerb, module: &Module, session: &str) -> Vec<Way> {
    if has_argument(verb, SessionKind::Check) {
        let ignored = "  # type: ignore[type-arg]";
        let kinds = [
            ("_Type", "_Type | None", ""),
            ("list", "list[Value] | None", ignored),
            ("dict", "dict[str, Value] | None", ignored),
        ];
        return kinds.map(|(kind, out, pragma)| checked(verb, module, kind, out, pragma)).into();
    }
    let with = |default: Option<Parameter>, out: &str| {
        let parameters = arguments(verb, module).into_iter().chain(default).collect();
        Way { parameters, out: out.to_owned(), pragma: "" }
    };
    let given = Parameter::new("default", "_Default");
    match verb.python.default {
        Some(DefaultValue::None) => {
            let none = Parameter::new("default", "None").or("None");
            vec![with(Some(none), "Value"), with(Some(given), "Value | _Default")]
        }
        Some(DefaultValue::Raises) => {
            vec![with(None, "Value"), with(Some(given), "Value | _Default")]
        }
        Some(DefaultValue::Never) | None => vec![any_way(verb, module, session)],
    }
}

fn checked(
    verb: &SessionVerb,
    module: &Module,
    kind: &str,
    out: &str,
    pragma: &'static str,
) -> Way {
    let of = format!("builtins.type[{kind}]");
    let parameters = verb.arguments.iter().map(|argument| {
        if argument.kind == SessionKind::Check {
            return Parameter::new(argument_name(verb, argument), &of);
        }
        parameter(verb, argument, module)
    });
    Way { parameters: parameters.collect(), out: out.to_owned(), pragma }
}

/// The one signature that takes all that can be passed.
fn any_way(verb: &SessionVerb, module: &Module, session: &str) -> Way {
    if has_argument(verb, SessionKind::Check) {
        return checked(verb, module, "object", "object", "");
    }
    let object = Parameter::new("default", "object");
    let (default, out) = match verb.python.default {
        Some(DefaultValue::None) => (Some(object.or("None")), "object".to_owned()),
        Some(DefaultValue::Raises) => (Some(object.or("...")), "object".to_owned()),
        Some(DefaultValue::Never) | None => (None, returned(verb.answer, session)),
    };
    let lenient = Parameter::new("lenient", "bool").or("False").by_name();
    let lenient = verb.python.lenient.then_some(lenient);
    let parameters = arguments(verb, module).into_iter().chain(default).chain(lenient);
    Way { parameters: parameters.collect(), out, pragma: "" }
}

fn arguments(verb: &SessionVerb, module: &Module) -> Vec<Parameter> {
    verb.arguments.iter().map(|argument| parameter(verb, argument, module)).collect()
}

fn parameter(verb: &SessionVerb, argument: &SessionArgument, module: &Module) -> Parameter {
    let name = argument_name(verb, argument);
    let one = |of: &str| Parameter::new(name, of);
    let number = || match argument.default {
        Some(default) => one("int").or(&default.to_string()),
        None => one("int"),
    };
    match argument.kind {
        SessionKind::Token if verb.key_request.is_some() => one(module.token_or_key),
        SessionKind::Key | SessionKind::Name | SessionKind::Token | SessionKind::Text => one("str"),
        SessionKind::Value | SessionKind::Item => one("Storable"),
        SessionKind::OptionalValue => one("Storable | EllipsisType").or("..."),
        SessionKind::Map => one("Mapping[str, Storable]"),
        SessionKind::Integer => number(),
        SessionKind::Flag => one("bool"),
        SessionKind::OptionalText => one("str | None"),
        SessionKind::Deadline => one("datetime | timedelta"),
        SessionKind::Timeout => one("Duration"),
        SessionKind::Session => one(module.any_session),
        SessionKind::ListedKey => one("Key"),
        SessionKind::After => Parameter::keyword(name, "Key"),
        SessionKind::Limit => number().by_name(),
        SessionKind::Check => one("builtins.type[object]"),
    }
}

fn returned(answer: SessionAnswer, session: &str) -> String {
    match answer {
        SessionAnswer::Done => "None".to_owned(),
        SessionAnswer::Is | SessionAnswer::Live | SessionAnswer::Flag => "bool".to_owned(),
        SessionAnswer::Value => "Value".to_owned(),
        SessionAnswer::Values | SessionAnswer::Json => "dict[str, Value]".to_owned(),
        SessionAnswer::Keys => "list[str]".to_owned(),
        SessionAnswer::Token | SessionAnswer::Subject => "str | None".to_owned(),
        SessionAnswer::Instant => "datetime".to_owned(),
        SessionAnswer::Expiry => "datetime | None".to_owned(),
        SessionAnswer::Choice => "bool | None".to_owned(),
        SessionAnswer::Timeout => "timedelta | None".to_owned(),
        SessionAnswer::NewSession => session.to_owned(),
        SessionAnswer::Session | SessionAnswer::Begun => format!("{session} | None"),
        SessionAnswer::Page => format!("SessionPage[{session}]"),
        SessionAnswer::Result => "CommitResult".to_owned(),
        SessionAnswer::Finished => "CommitResult | None".to_owned(),
    }
}
