//! The methods of the native classes: arguments in, a request out, an answer converted.

use std::fmt::Write;

use crate::Result;

use super::super::super::session::{
    Asks, DefaultValue, SessionAnswer, SessionApi, SessionArgument, SessionKind, SessionVerb,
    Tracked, Tracks,
};
use super::super::super::text::wrapped;
use super::super::WIDTH;
use super::{
    Class, Form, argument_name, documentation, has_argument, joined, manager_verbs, name, verbs_of,
};

/// Before the documentation and the attributes of a method; rustfmt sees to the rest.
const INDENT: &str = "    ";

/// The length of a request from which on it has a line of its own.
const HELD: usize = 64;

pub(super) fn view(api: &SessionApi) -> Result<String> {
    joined(verbs_of(api, Class::View), |verb| blocking(verb, "self"), "\n")
}

pub(super) fn session(api: &SessionApi) -> Result<String> {
    joined(verbs_of(api, Class::Session), |verb| blocking(verb, "view"), "\n")
}

pub(super) fn async_session(api: &SessionApi) -> Result<String> {
    joined(verbs_of(api, Class::Session), awaitable, "\n")
}

pub(super) fn manager(api: &SessionApi) -> Result<String> {
    joined(manager_verbs(api), manager_method, "\n")
}

pub(super) fn async_manager(api: &SessionApi) -> Result<String> {
    joined(manager_verbs(api), async_manager_method, "\n")
}

fn documented(verb: &SessionVerb) -> Result<String> {
    Ok(wrapped(&documentation(verb, Form::Blocking)?, &format!("{INDENT}/// "), WIDTH))
}

// --- sessions -------------------------------------------------------------------------------------

/// A method of the base class (`view` is `self`), or of `Session`.
fn blocking(verb: &SessionVerb, view: &str) -> Result<String> {
    let receiver = match view {
        "self" => "&self",
        _ => "slf: &Bound<'py, Self>",
    };
    let body = blocking_body(verb, view)?;
    let needs_python = body.contains("py,") || body.contains("py)");
    let parameters: Vec<Parameter<'_>> =
        parameters(verb)?.into_iter().chain(missing_value(verb)).chain(lenient(verb)).collect();
    let mut text = documented(verb)?;
    text += &python_signature(&parameters);
    let returned = returned(verb);
    let generics = if returned.contains("'py") || view != "self" { "<'py>" } else { "" };
    let given = std::iter::once(receiver.to_owned())
        .chain(needs_python.then(|| "py: Python<'py>".to_owned()))
        .chain(parameters.iter().map(Parameter::declared));
    let given = given.collect::<Vec<_>>().join(", ");
    let given = if generics.is_empty() { given.replace("'py", "'_") } else { given };
    writeln!(text, "{INDENT}fn {}{generics}({given}){returned} {{", name(verb))?;
    if view != "self" {
        text += "let view = slf.as_super().get();\n";
    }
    Ok(text + &body + "}\n")
}

fn returned(verb: &SessionVerb) -> &'static str {
    match (verb.asks, verb.answer) {
        (Asks::Never, _) if cannot_raise(verb) => "",
        (Asks::Never, _) => " -> PyResult<()>",
        (_, SessionAnswer::Value) if has_no_default(verb) => {
            " -> PyResult<Option<Bound<'py, PyAny>>>"
        }
        (_, SessionAnswer::Is | SessionAnswer::Live | SessionAnswer::Flag) => " -> PyResult<bool>",
        _ => " -> PyResult<Bound<'py, PyAny>>",
    }
}

/// Nothing is converted, nothing can fail, and nothing is dropped.
fn cannot_raise(verb: &SessionVerb) -> bool {
    !verb.can_fail() && verb.arguments.is_empty() && verb.forgets.is_none()
}

fn blocking_body(verb: &SessionVerb, view: &str) -> Result<String> {
    let converted = verb.arguments.iter().flat_map(|argument| converted(verb, argument));
    let mut lines: Vec<String> = converted.chain(puts(verb, view)).collect();
    let afterwards = afterwards(verb, view);
    let is_plain = lines.is_empty() && afterwards.is_empty();
    if verb.asks == Asks::Never {
        let call = format!("{view}.session.{}({})", verb.method(), borrowed(verb).join(", "));
        if cannot_raise(verb) {
            return Ok(format!("{call};\n"));
        }
        lines.extend(noted(verb, &call, afterwards));
    } else {
        let request = request(verb, view);
        if is_plain && is_guarded(verb.answer) {
            return Ok(asked(verb, view, &request)? + "\n");
        }
        let held = request.len() > HELD;
        lines.extend(held.then(|| format!("let request = {request};")));
        let answer = asked(verb, view, if held { "request" } else { &request })?;
        lines.extend(answered(verb, answer, afterwards)?);
    }
    Ok(format!("guard(py, || {{\n{}\n}})\n", lines.join("\n")))
}

/// The lines that note a change.
fn noted(verb: &SessionVerb, call: &str, afterwards: Vec<String>) -> Vec<String> {
    let raised = format!("{call}.map_err(|error| raise(py, &error))");
    let done = "Ok(())".to_owned();
    match (verb.can_fail(), afterwards.is_empty()) {
        (true, true) => vec![raised],
        (true, false) => [vec![format!("{raised}?;")], afterwards, vec![done]].concat(),
        (false, _) => [vec![format!("{call};")], afterwards, vec![done]].concat(),
    }
}

/// The lines that ask for an answer and convert it. What is stale is found even after an error.
fn answered(verb: &SessionVerb, answer: String, afterwards: Vec<String>) -> Result<Vec<String>> {
    let is_value = verb.answer == SessionAnswer::Value;
    let result = |found: &str| match is_value {
        true => or_default(verb, found),
        false => Ok(format!("Ok({found})")),
    };
    let called = if is_value { "found" } else { "answer" };
    let held = |end: &str| vec![format!("let {called} = {answer}{end};")];
    Ok(match verb.forgets {
        Some(Tracked::Stale) if is_value => {
            [held(""), afterwards, vec![result("found?")?]].concat()
        }
        Some(Tracked::Stale) => [held(""), afterwards, vec![called.to_owned()]].concat(),
        _ if afterwards.is_empty() && (!is_value || has_no_default(verb)) => vec![answer],
        _ => [held("?"), afterwards, vec![result(called)?]].concat(),
    })
}

fn has_no_default(verb: &SessionVerb) -> bool {
    verb.python.default == Some(DefaultValue::Never)
}

/// `found` is an option.
fn or_default(verb: &SessionVerb, found: &str) -> Result<String> {
    Ok(match verb.python.default {
        Some(DefaultValue::None) => {
            format!("Ok({found}.or(default).unwrap_or_else(|| py.None().into_bound(py)))")
        }
        Some(DefaultValue::Raises) => {
            let key = key(verb)?;
            format!("{found}.or_else(|| default.get().cloned()).ok_or_else(|| missing({key}))")
        }
        Some(DefaultValue::Never) => format!("Ok({found})"),
        None => return Err(format!("{}: a value needs a default", verb.name).into()),
    })
}

/// `ask` is guarded by itself; what is faster for some answers is not.
fn is_guarded(answer: SessionAnswer) -> bool {
    !matches!(
        answer,
        SessionAnswer::Value
            | SessionAnswer::Json
            | SessionAnswer::Is
            | SessionAnswer::Live
            | SessionAnswer::Flag
    )
}

/// The expression of the answer to a request.
fn asked(verb: &SessionVerb, view: &str, request: &str) -> Result<String> {
    Ok(match (verb.answer, verb.tracks) {
        (SessionAnswer::Value, Some(Tracks::Answer)) if has_argument(verb, SessionKind::Check) => {
            format!("{view}.find_checked(py, &name, {request})")
        }
        (SessionAnswer::Value, Some(Tracks::Answer)) if verb.arguments.len() == 1 => {
            format!("{view}.find(py, &name, SessionRequest::{})", verb.request)
        }
        (SessionAnswer::Value, Some(Tracks::Answer)) => {
            return Err(format!("{}: only the value of a key is tracked", verb.name).into());
        }
        (SessionAnswer::Value, _) if hands_out_the_tracked(verb) => {
            format!("{view}.release(py, &name, {request})")
        }
        (SessionAnswer::Value, _) => format!("{view}.copy(py, {request})"),
        (SessionAnswer::Json, _) => format!("{view}.parsed(py, {request})"),
        (SessionAnswer::Is | SessionAnswer::Live | SessionAnswer::Flag, _) => {
            format!("{view}.is(py, {request})")
        }
        _ => format!("{view}.ask(py, {request})"),
    })
}

/// Not a copy of it: then changes within it need not be put first, and what hands it out untracks
/// it.
fn hands_out_the_tracked(verb: &SessionVerb) -> bool {
    verb.tracks == Some(Tracks::Released) && verb.asks == Asks::First
}

/// Nothing is to be put first and untracked afterwards: a number, which is added to, is not tracked.
fn leaves_the_tracked(verb: &SessionVerb) -> bool {
    hands_out_the_tracked(verb) || has_argument(verb, SessionKind::Integer)
}

fn request(verb: &SessionVerb, view: &str) -> String {
    let session = format!("{view}.session.clone()");
    let values = std::iter::once(session).chain(owned(verb)).collect::<Vec<_>>();
    format!("SessionRequest::{}({})", verb.request, values.join(", "))
}

/// The lines that put the changes within lists and dicts, and keep what is to be tracked.
fn puts(verb: &SessionVerb, view: &str) -> Vec<String> {
    let mut lines = Vec::new();
    match verb.first_puts {
        _ if leaves_the_tracked(verb) => {}
        Some(Tracked::Key) => {
            lines.push(format!("{view}.tracked.flush(py, &{view}.session, Some(&name))?;"));
        }
        Some(Tracked::All | Tracked::Stale) => lines.push(format!("{view}.flush(py)?;")),
        None => {}
    }
    if let Some(argument) = tracked_argument(verb) {
        let object = argument_name(verb, argument);
        lines.push(format!("let base = TrackedContainers::base_of({object}, &converted);"));
    }
    lines
}

/// The lines after the call, for lists and dicts that are tracked from now on, or no longer.
fn afterwards(verb: &SessionVerb, view: &str) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(argument) = tracked_argument(verb) {
        let (object, conversion) = (argument_name(verb, argument), conversion(verb));
        lines.push(format!("{view}.tracked.track_write(&name, {object}, base, {conversion});"));
    }
    match verb.forgets {
        _ if leaves_the_tracked(verb) => {}
        Some(Tracked::Key) => lines.push(format!("{view}.tracked.untrack(&name);")),
        Some(Tracked::All) => lines.push(format!("{view}.tracked.untrack_all();")),
        Some(Tracked::Stale) => {
            lines.push(format!("{view}.tracked.untrack_stale(py, &{view}.session);"));
        }
        None => {}
    }
    lines
}

fn tracked_argument(verb: &SessionVerb) -> Option<&SessionArgument> {
    let mut values = verb.arguments.iter().filter(|argument| argument.kind == SessionKind::Value);
    values.next().filter(|_| verb.tracks == Some(Tracks::Argument))
}

/// The awaitable behind a coroutine of `AsyncSession`.
fn awaitable(verb: &SessionVerb) -> Result<String> {
    let parameters = parameters(verb)?;
    let given = ["slf: &Bound<'py, Self>", "py: Python<'py>"].map(str::to_owned);
    let given = given.into_iter().chain(parameters.iter().map(Parameter::declared));
    let given = given.collect::<Vec<_>>().join(", ");
    let mut text = python_signature(&parameters);
    writeln!(text, "fn _{}<'py>({given}) -> PyResult<Bound<'py, PyAny>> {{", name(verb))?;
    text += "let view = slf.as_super().get();\n";
    text += &conversions(verb);
    text += &puts(verb, "view").join("\n");
    let changed = if verb.forgets.is_some() { "Some(slf.as_super())" } else { "None" };
    let request = request(verb, "view");
    writeln!(text, "let request = {request};")?;
    writeln!(text, "ask(view.manager.bind(py), {changed}, request)\n}}")?;
    Ok(text)
}

// --- managers -------------------------------------------------------------------------------------

fn manager_method(verb: &SessionVerb) -> Result<String> {
    let parameters = parameters(verb)?;
    let given = std::iter::once("slf: &Bound<'py, Self>".to_owned())
        .chain(parameters.iter().map(Parameter::declared));
    let given = given.collect::<Vec<_>>().join(", ");
    let mut text = documented(verb)? + &python_signature(&parameters);
    writeln!(text, "{INDENT}fn {}<'py>({given}) -> PyResult<Bound<'py, PyAny>> {{", name(verb))?;
    let manager = "slf.get().core()";
    if verb.asks == Asks::Never {
        text += "let py = slf.py();\n";
        text += &created(verb, manager, "Session::wrap(slf, created)");
    } else if has_argument(verb, SessionKind::Session) {
        text += &conversions(verb);
        let request = manager_request(verb, &verb.request);
        writeln!(text, "let manager = {manager}.clone();")?;
        writeln!(text, "SessionManager::store_view(slf, view.get(), |session| {request})")?;
    } else {
        let ask = if verb.answer == SessionAnswer::Page { "ask_many" } else { "ask" };
        let (lines, request) = manager_asks(verb, manager)?;
        writeln!(text, "{lines}SessionManager::{ask}(slf, {request})")?;
    }
    Ok(text + "}\n")
}

fn async_manager_method(verb: &SessionVerb) -> Result<String> {
    let parameters = parameters(verb)?;
    let given = ["&self", "py: Python<'py>"].map(str::to_owned);
    let given = given.into_iter().chain(parameters.iter().map(Parameter::declared));
    let given = given.collect::<Vec<_>>().join(", ");
    let mut text = python_signature(&parameters);
    writeln!(text, "{INDENT}fn {}<'py>({given}) -> PyResult<Bound<'py, PyAny>> {{", name(verb))?;
    let manager = "self.0.get().core()";
    if verb.asks == Asks::Never {
        text += &created(verb, manager, "self.wrap(py, created)");
    } else if has_argument(verb, SessionKind::Session) {
        text += &conversions(verb);
        let request = manager_request(verb, &verb.request);
        text += "guard(py, || {\nview.get().flush(py)?;\n";
        writeln!(text, "let manager = {manager}.clone();")?;
        writeln!(text, "let session = view.get().session.clone();")?;
        writeln!(text, "ask(self.0.bind(py), Some(&view), {request})\n}})")?;
    } else {
        let (lines, request) = manager_asks(verb, manager)?;
        writeln!(text, "{lines}ask(self.0.bind(py), None, {request})")?;
    }
    Ok(text + "}\n")
}

/// The body of a method that makes a session without the store.
fn created(verb: &SessionVerb, manager: &str, wrapped: &str) -> String {
    let (lines, values) = (conversions(verb), borrowed(verb).join(", "));
    let call = format!("{manager}.{}({values})", verb.method());
    format!(
        "guard(py, || {{\n{lines}\
         let created = {call}.map_err(|error| raise(py, &error))?;\n{wrapped}\n}})\n"
    )
}

/// The lines before a manager's request, and the request.
fn manager_asks(verb: &SessionVerb, manager: &str) -> Result<(String, String)> {
    let cloned = format!("let manager = {manager}.clone();\n");
    let Some(by_key) = &verb.key_request else {
        return Ok((conversions(verb) + &cloned, manager_request(verb, &verb.request)));
    };
    let [token] = &*verb.arguments else {
        return Err(format!("{}: takes more than a token or a key", verb.name).into());
    };
    let token = argument_name(verb, token);
    let lines = format!(
        "{cloned}let request = match {token}.cast::<Key>() {{\n\
         Ok(key) => SessionRequest::{by_key}(manager, key.get().0),\n\
         Err(_) => SessionRequest::{}(manager, arguments::other_token({token}, \"{token}\")?),\n\
         }};\n",
        verb.request
    );
    Ok((lines, "request".to_owned()))
}

fn manager_request(verb: &SessionVerb, request: &str) -> String {
    let values = std::iter::once("manager".to_owned()).chain(owned(verb)).collect::<Vec<_>>();
    format!("SessionRequest::{request}({})", values.join(", "))
}

fn conversions(verb: &SessionVerb) -> String {
    let lines = verb.arguments.iter().flat_map(|argument| converted(verb, argument));
    lines.map(|line| line + "\n").collect()
}

// --- arguments ------------------------------------------------------------------------------------

/// A parameter of a native method.
struct Parameter<'a> {
    name: &'a str,
    of: &'static str,
    /// In Rust, and as `help` shows it.
    default: Option<[String; 2]>,
    is_keyword: bool,
}

const OBJECT: &str = "&Bound<'_, PyAny>";
const MAYBE: &str = "Option<&Bound<'_, PyAny>>";

impl<'a> Parameter<'a> {
    fn new(name: &'a str, of: &'static str) -> Self {
        Parameter { name, of, default: None, is_keyword: false }
    }

    fn or(self, in_rust: &str, shown: &str) -> Self {
        Parameter { default: Some([in_rust, shown].map(str::to_owned)), ..self }
    }

    fn keyword(self) -> Self {
        Parameter { is_keyword: true, ..self }
    }

    fn declared(&self) -> String {
        format!("{}: {}", identifier(self.name), self.of)
    }

    /// PyO3 shows some defaults by itself.
    fn is_shown(&self) -> bool {
        self.default.as_ref().is_none_or(|[in_rust, shown]| match &**in_rust {
            "None" => shown == "None",
            "false" => true,
            _ => false,
        })
    }
}

fn identifier(name: &str) -> String {
    if name == "type" { "r#type".to_owned() } else { name.to_owned() }
}

fn parameters(verb: &SessionVerb) -> Result<Vec<Parameter<'_>>> {
    verb.arguments.iter().map(|argument| parameter(verb, argument)).collect()
}

fn parameter<'a>(verb: &'a SessionVerb, argument: &'a SessionArgument) -> Result<Parameter<'a>> {
    let name = argument_name(verb, argument);
    Ok(match (argument.kind, argument.default) {
        (SessionKind::OptionalValue, _) => {
            Parameter::new(name, "arguments::Maybe<'_>").or("arguments::Maybe::ABSENT", "...")
        }
        (SessionKind::Integer, Some(default)) => {
            Parameter::new(name, MAYBE).or("None", &default.to_string())
        }
        (SessionKind::OptionalText | SessionKind::Timeout, _) => Parameter::new(name, MAYBE),
        (SessionKind::Session, _) => Parameter::new(name, "&Bound<'py, PyAny>"),
        (SessionKind::After, _) => Parameter::new(name, MAYBE).or("None", "None").keyword(),
        (SessionKind::Limit, default) => {
            let limit = Parameter::new(name, "arguments::Limit").keyword();
            match default {
                Some(default) => {
                    limit.or(&format!("arguments::Limit({default})"), &default.to_string())
                }
                None => limit,
            }
        }
        (SessionKind::ListedKey, _) => {
            return Err(format!("{}: Python has tokens and keys as one", verb.name).into());
        }
        _ => Parameter::new(name, OBJECT),
    })
}

/// What a program passes for the case that there is no value.
fn missing_value(verb: &SessionVerb) -> Option<Parameter<'static>> {
    match verb.python.default? {
        DefaultValue::None => {
            Some(Parameter::new("default", "Option<Bound<'py, PyAny>>").or("None", "None"))
        }
        DefaultValue::Raises => Some(
            Parameter::new("default", "arguments::Maybe<'py>")
                .or("arguments::Maybe::ABSENT", "..."),
        ),
        DefaultValue::Never => None,
    }
}

fn lenient(verb: &SessionVerb) -> Option<Parameter<'static>> {
    let lenient = Parameter::new("lenient", "bool").or("false", "False").keyword();
    verb.python.lenient.then_some(lenient)
}

fn python_signature(parameters: &[Parameter<'_>]) -> String {
    if parameters.iter().all(|parameter| parameter.default.is_none()) {
        return String::new();
    }
    let in_rust = format!("signature = ({})", listed(parameters, 0));
    if parameters.iter().all(Parameter::is_shown) {
        return format!("{INDENT}#[pyo3({in_rust})]\n");
    }
    let shown = format!("text_signature = \"($self, {})\"", listed(parameters, 1));
    let line = format!("{INDENT}#[pyo3({in_rust}, {shown})]\n");
    match line.len() <= WIDTH {
        true => line,
        false => {
            format!("{INDENT}#[pyo3(\n{INDENT}    {in_rust},\n{INDENT}    {shown}\n{INDENT})]\n")
        }
    }
}

/// The parameters as a Python signature has them, with the defaults of Rust (0) or of Python (1).
fn listed(parameters: &[Parameter<'_>], language: usize) -> String {
    let mut all = Vec::new();
    for (index, parameter) in parameters.iter().enumerate() {
        if parameter.is_keyword && !parameters[..index].iter().any(|before| before.is_keyword) {
            all.push("*".to_owned());
        }
        all.push(match &parameter.default {
            Some(default) => format!("{}={}", parameter.name, default[language]),
            None => parameter.name.to_owned(),
        });
    }
    all.join(", ")
}

/// The lines that convert an argument.
fn converted(verb: &SessionVerb, argument: &SessionArgument) -> Vec<String> {
    let given = argument_name(verb, argument);
    let by = |function: &str| vec![format!("let {given} = {function}({given}, \"{given}\")?;")];
    let if_given = |function: &str| {
        let convert = format!("|{given}| {function}({given}, \"{given}\")");
        vec![format!("let {given} = {given}.map({convert}).transpose()?;")]
    };
    match argument.kind {
        SessionKind::Key | SessionKind::Name => {
            vec![format!("let name = unicode({given}, \"{given}\")?;")]
        }
        SessionKind::Value => value(verb, argument),
        SessionKind::Item => vec![
            "let list = ValuePath::of(&name);".to_owned(),
            "let path = ValuePath::appended(&list);".to_owned(),
            format!("let {given} = value::from_python({given}, &path, {})?;", conversion(verb)),
        ],
        SessionKind::OptionalValue => vec![
            "let path = ValuePath::of(&name);".to_owned(),
            format!(
                "let convert = |{given}| value::from_python({given}, &path, {});",
                conversion(verb)
            ),
            format!("let {given} = {given}.get().map(convert).transpose()?;"),
        ],
        SessionKind::Map => {
            vec![format!("let {given} = value::map_of({given}, {})?;", conversion(verb))]
        }
        SessionKind::Integer => match argument.default {
            Some(default) => vec![format!(
                "let {given} = {given}.map_or(Ok({default}), \
                 |{given}| arguments::int64({given}, \"{given}\"))?;"
            )],
            None => by("arguments::int64"),
        },
        SessionKind::Flag => by("arguments::boolean"),
        // One that is stored has to be text, one that is looked for need not be.
        SessionKind::Token if verb.asks == Asks::Never => by("unicode"),
        SessionKind::Token => by("arguments::other_token"),
        SessionKind::Text => by("unicode"),
        SessionKind::OptionalText => if_given("unicode"),
        SessionKind::Deadline => by("arguments::deadline"),
        SessionKind::Timeout => if_given("arguments::idle_timeout"),
        SessionKind::Session => vec![format!("let view = view_of({given}, \"{given}\")?;")],
        SessionKind::After => vec![format!("let {given} = arguments::after({given})?.copied();")],
        SessionKind::Check => {
            let of = identifier(given);
            vec![format!("let check = arguments::check_of(&name, {of})?;")]
        }
        SessionKind::Limit | SessionKind::ListedKey => Vec::new(),
    }
}

fn value(verb: &SessionVerb, argument: &SessionArgument) -> Vec<String> {
    let given = argument_name(verb, argument);
    let called = called(verb, argument);
    let mut lines = Vec::new();
    if tracked_argument(verb).is_some() && verb.python.lenient {
        lines.push("let conversion = Conversion::of(lenient);".to_owned());
    }
    let conversion = conversion(verb);
    lines.push(format!(
        "let {called} = value::from_python({given}, &ValuePath::of(&name), {conversion})?;"
    ));
    lines
}

fn conversion(verb: &SessionVerb) -> &'static str {
    match verb.python.lenient {
        true if tracked_argument(verb).is_some() => "conversion",
        true => "Conversion::of(lenient)",
        false => "Conversion::Strict",
    }
}

/// The converted arguments, as a request owns them.
fn owned(verb: &SessionVerb) -> Vec<String> {
    verb.arguments.iter().map(|argument| own(verb, argument)).collect()
}

fn own(verb: &SessionVerb, argument: &SessionArgument) -> String {
    let called = called(verb, argument);
    match argument.kind {
        SessionKind::Key | SessionKind::Name if needs_name_afterwards(verb) => {
            format!("{called}.to_string()")
        }
        SessionKind::Key | SessionKind::Name | SessionKind::Text => {
            format!("{called}.into_owned()")
        }
        SessionKind::OptionalText => format!("{called}.map(Cow::into_owned)"),
        SessionKind::Limit => format!("{called}.0"),
        SessionKind::Value
        | SessionKind::Item
        | SessionKind::OptionalValue
        | SessionKind::Map
        | SessionKind::Integer
        | SessionKind::Flag
        | SessionKind::Token
        | SessionKind::Deadline
        | SessionKind::Timeout
        | SessionKind::Session
        | SessionKind::ListedKey
        | SessionKind::After
        | SessionKind::Check => called.to_owned(),
    }
}

/// Something is tracked under it, or no longer.
fn needs_name_afterwards(verb: &SessionVerb) -> bool {
    verb.forgets == Some(Tracked::Key)
        || matches!(verb.tracks, Some(Tracks::Answer | Tracks::Argument))
}

/// The converted arguments, as a method of the core takes them.
fn borrowed(verb: &SessionVerb) -> Vec<String> {
    let borrowed = verb.arguments.iter().map(|argument| {
        let called = called(verb, argument);
        let is = |kinds: &[SessionKind]| kinds.contains(&argument.kind);
        if is(&[SessionKind::Key, SessionKind::Name, SessionKind::Token, SessionKind::Text]) {
            format!("&{called}")
        } else if is(&[SessionKind::OptionalText]) {
            format!("{called}.as_deref()")
        } else {
            own(verb, argument)
        }
    });
    borrowed.collect()
}

/// The variable of a converted argument. A parameter that is used again afterwards keeps its name.
fn called<'a>(verb: &'a SessionVerb, argument: &'a SessionArgument) -> &'a str {
    match argument.kind {
        SessionKind::Key | SessionKind::Name => "name",
        SessionKind::Value if tracked_argument(verb).is_some() => "converted",
        SessionKind::Session => "session",
        SessionKind::Check => "check",
        SessionKind::Value
        | SessionKind::Item
        | SessionKind::OptionalValue
        | SessionKind::Map
        | SessionKind::Integer
        | SessionKind::Flag
        | SessionKind::Token
        | SessionKind::Text
        | SessionKind::OptionalText
        | SessionKind::Deadline
        | SessionKind::Timeout
        | SessionKind::ListedKey
        | SessionKind::After
        | SessionKind::Limit => argument_name(verb, argument),
    }
}

/// The parameter that is the key.
fn key(verb: &SessionVerb) -> Result<&str> {
    let key = verb.arguments.iter().find(|argument| argument.kind == SessionKind::Key);
    let key = key.ok_or_else(|| format!("{}: there is no key to be missing", verb.name))?;
    Ok(argument_name(verb, key))
}
