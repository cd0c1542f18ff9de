//! `verbs.rs`: the constructor and the methods of the native classes.

use crate::Result;

use super::super::api::{Answer, Api, Argument, Kind, Verb};
use super::super::options::ApiOption;
use super::super::text::wrapped;
use super::options::{format_of, keywords, list};
use super::{WIDTH, documentation, joined};

/// Before each line of a method, which is in a macro.
const INDENT: &str = "            ";

const HEAD: &str = "\
//! The constructor and the verbs, once, for `Store` and `AsyncCalls`: arguments in, a request out.
//! How it is waited for is the store's own `ask`.
//!
//! Made by `cargo xtask gen` from `api/store.toml` and `api/options.toml`: change those.

use sessio::operation::Request;

/// Writes the Python methods of a store. `$own` are those that differ.
macro_rules! verbs {
    ($store:ident, $answer:ty, $($own:tt)*) => {
        #[pyo3::pymethods]
        impl $store {
";

const TAIL: &str = "
            fn __repr__(&self) -> String {
                format!(\"<sessio.{} {}>\", stringify!($store), self.location())
            }

            $($own)*
        }
    };
}

";

pub(super) fn file(api: &Api, options: &[ApiOption]) -> Result<String> {
    let (new, methods) = (constructor(options), joined(api, method, "\n")?);
    let (requests, docs) = (requests(api), documented_options(options)?);
    Ok(format!("{HEAD}{new}\n{methods}{TAIL}{docs}{requests}"))
}

/// What the stores ask of a request.
fn requests(api: &Api) -> String {
    let visits_many = |verb: &Verb| {
        matches!(verb.answer, Answer::Records | Answer::Count | Answer::Page)
            || verb.arguments.iter().any(|argument| argument.kind == Kind::Rows)
    };
    format!(
        "/// Whether a request is for many sessions, so that in memory, too, it takes a while.\n{}\n\
         /// Whether a write is answered with an `Outcome`, and not with whether it was saved.\n{}",
        question(api, "visits_many", visits_many),
        question(api, "has_outcome", |verb| verb.answer == Answer::Outcome),
    )
}

fn question(api: &Api, name: &str, is_yes: impl Fn(&Verb) -> bool) -> String {
    let verbs = api.verbs.iter().filter(|verb| is_yes(verb));
    let variants = verbs.map(|verb| {
        let fields = if verb.arguments.is_empty() { "" } else { "(..)" };
        format!("Request::{}{fields}", verb.request)
    });
    let variants = variants.collect::<Vec<_>>().join(" | ");
    format!(
        "pub(crate) fn {name}(request: &Request<'_>) -> bool {{\n    matches!(request, {variants})\n}}\n"
    )
}

fn documented_options(options: &[ApiOption]) -> Result<String> {
    let list = list(options)?;
    let list = list.trim_end();
    Ok(format!(
        "/// What `help` shows of the options.\n\
         macro_rules! option_docs {{\n    () => {{\n        r#\"{list}\"#\n    }};\n}}\n\n\
         pub(crate) use {{option_docs, verbs}};\n\n"
    ))
}

fn constructor(options: &[ApiOption]) -> String {
    let names: Vec<String> = keywords(options).map(|keyword| keyword.name).collect();
    let signature: Vec<String> = names.iter().map(|name| format!("{name}=None")).collect();
    let signature = format!("url, *, {}", signature.join(", "));
    let signature = wrapped(&signature, &format!("{INDENT}    "), WIDTH);
    let mut text = format!(
        "{INDENT}#[allow(clippy::too_many_arguments)] // keywords, to Python\n\
         {INDENT}#[new]\n\
         {INDENT}#[pyo3(signature = (\n{signature}{INDENT}))]\n\
         {INDENT}fn new(\n\
         {INDENT}    url: &Bound<'_, PyAny>,\n"
    );
    for name in &names {
        text += &format!("{INDENT}    {name}: Option<&Bound<'_, PyAny>>,\n");
    }
    text += &format!(
        "{INDENT}) -> PyResult<Self> {{\n\
         {INDENT}    let options: &[$crate::options::Keyword<'_, '_>] = &[\n"
    );
    for option in options {
        let (name, format) = (&option.name, format_of(option.kind));
        text += &format!("{INDENT}        (\"{name}\", {name}, $crate::options::{format}),\n");
    }
    text + &format!(
        "{INDENT}    ];\n\
         {INDENT}    let keywords = $crate::options::Keywords {{ options, clock }};\n\
         {INDENT}    guard(url.py(), || Self::open(url, &keywords))\n\
         {INDENT}}}\n"
    )
}

fn method(verb: &Verb) -> Result<String> {
    let mut text = wrapped(&documentation(verb)?, &format!("{INDENT}/// "), WIDTH);
    text += &signature(verb);
    let (mut lines, mut values) = (Vec::new(), Vec::new());
    for argument in &verb.arguments {
        let (read, value) = converted(argument);
        lines.extend(read);
        values.push(value);
    }
    let values = match values.is_empty() {
        true => String::new(),
        false => format!("({})", values.join(", ")),
    };
    lines.push(format!("self.ask(py, Request::{}{values})", verb.request));
    for line in lines {
        text += &format!("{INDENT}    {line}\n");
    }
    Ok(text + INDENT + "}\n")
}

/// A parameter of a native method.
struct Parameter<'a> {
    name: &'a str,
    of: &'static str,
    /// In Rust, and as `help` shows it.
    default: Option<[String; 2]>,
    is_keyword: bool,
}

const OBJECT: &str = "&Bound<'py, PyAny>";
const MAYBE: &str = "Option<&Bound<'py, PyAny>>";

impl<'a> Parameter<'a> {
    fn new(name: &'a str, of: &'static str, default: Option<[String; 2]>) -> Self {
        Parameter { name, of, default, is_keyword: false }
    }

    fn required(name: &'a str) -> Self {
        Parameter::new(name, OBJECT, None)
    }

    fn optional(name: &'a str) -> Self {
        Parameter::new(name, MAYBE, Some(["None", "None"].map(str::to_owned)))
    }

    fn keyword(name: &'a str) -> Self {
        Parameter { is_keyword: true, ..Parameter::optional(name) }
    }
}

fn parameters(verb: &Verb) -> Vec<Parameter<'_>> {
    let mut all = Vec::new();
    for argument in &verb.arguments {
        let name = &*argument.name;
        match argument.kind {
            Kind::Content => {
                all.extend(["data", "expires_at"].map(Parameter::required));
                all.push(Parameter::keyword("subject"));
            }
            Kind::OptionalContent => {
                let absent = ["$crate::arguments::Maybe::ABSENT", "..."].map(str::to_owned);
                all.push(Parameter::optional("data"));
                all.push(Parameter::new(
                    "expires_at",
                    "$crate::arguments::Maybe<'py>",
                    Some(absent),
                ));
                all.push(Parameter::keyword("subject"));
            }
            Kind::OptionalTarget => all.push(Parameter::keyword(name)),
            Kind::After => all.push(Parameter::optional(name)),
            Kind::Limit => {
                let default = argument.default.map(|default| {
                    [format!("$crate::arguments::Limit({default})"), default.to_string()]
                });
                all.push(Parameter::new(name, "$crate::arguments::Limit", default));
            }
            Kind::Target | Kind::Targets | Kind::Rows | Kind::Data | Kind::Expiry | Kind::Text => {
                all.push(Parameter::required(name));
            }
        }
    }
    all
}

fn signature(verb: &Verb) -> String {
    let parameters = parameters(verb);
    let mut text = String::new();
    if parameters.iter().any(|parameter| parameter.default.is_some()) {
        text += &python_signature(verb, &parameters);
    }
    let name = &verb.name;
    text += &format!("{INDENT}fn {name}<'py>(\n{INDENT}    &self,\n{INDENT}    py: Python<'py>,\n");
    for Parameter { name, of, .. } in &parameters {
        text += &format!("{INDENT}    {name}: {of},\n");
    }
    text + INDENT + ") -> $answer {\n"
}

fn python_signature(verb: &Verb, parameters: &[Parameter<'_>]) -> String {
    let in_rust = listed(parameters, 0);
    // PyO3 can show other defaults, but not one of a limit.
    if verb.arguments.iter().any(|argument| argument.kind == Kind::Limit) {
        return format!(
            "{INDENT}#[pyo3(\n\
             {INDENT}    signature = ({in_rust}),\n\
             {INDENT}    text_signature = \"($self, {})\"\n\
             {INDENT})]\n",
            listed(parameters, 1)
        );
    }
    let line = format!("{INDENT}#[pyo3(signature = ({in_rust}))]\n");
    match line.len() <= WIDTH {
        true => line,
        false => format!("{INDENT}#[pyo3(signature = (\n{INDENT}    {in_rust}\n{INDENT}))]\n"),
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

/// The lines that read an argument, and how it is handed on.
fn converted(argument: &Argument) -> (Vec<String>, String) {
    let name = &*argument.name;
    let one =
        |line: &str, value: &str| (vec![line.replace("NAME", name)], value.replace("NAME", name));
    let many = |lines: &[&str], value: &str| {
        let lines = lines.iter().map(|line| line.replace("NAME", name)).collect();
        (lines, value.replace("NAME", name))
    };
    match argument.kind {
        // "a token must be str", where there is no other.
        Kind::Target if name == "token" => {
            one("let NAME = $crate::arguments::TokenOrKey::of(NAME)?;", "NAME.target()")
        }
        Kind::Target => one(
            r#"let NAME = $crate::arguments::TokenOrKey::named(NAME, "NAME")?;"#,
            "NAME.target()",
        ),
        Kind::OptionalTarget => many(
            &[
                r#"let named = |NAME| $crate::arguments::TokenOrKey::named(NAME, "NAME");"#,
                "let NAME = NAME.map(named).transpose()?;",
                "let NAME = NAME.as_ref().map(|NAME| NAME.target());",
            ],
            "NAME",
        ),
        Kind::Targets => many(
            &[
                r#"let parts = $crate::arguments::each(NAME, "NAME")?;"#,
                "let sessions = $crate::arguments::sessions(&parts)?;",
                "let NAME: Vec<_> = sessions.iter().map(|session| session.target()).collect();",
            ],
            "&NAME",
        ),
        Kind::Rows => many(
            &[
                r#"let parts = $crate::arguments::each(NAME, "NAME")?;"#,
                "let rows = parts.iter().map($crate::arguments::row).collect::<PyResult<Vec<_>>>()?;",
                "let (tokens, held): (Vec<_>, Vec<_>) = rows.into_iter().unzip();",
                "let sessions = $crate::arguments::sessions(&tokens)?;",
                "let pairs = sessions.iter().zip(&held);",
                "let NAME: Vec<_> =",
                "    pairs.map(|(session, held)| (session.target(), held.content())).collect();",
            ],
            "&NAME",
        ),
        Kind::Data => {
            one(r#"let NAME = $crate::arguments::bytes(NAME, "NAME")?;"#, "NAME.as_bytes()")
        }
        Kind::Content => one(
            "let held = $crate::arguments::OwnedContent::new(data, expires_at, subject)?;",
            "held.content()",
        ),
        Kind::OptionalContent => many(
            &[
                "let expires_at = expires_at.get();",
                "let held = $crate::arguments::OwnedContent::optional(data, expires_at, subject)?;",
                "let content = held.as_ref().map(|held| held.content());",
            ],
            "content",
        ),
        Kind::Expiry => one("let NAME = $crate::time::expiry(NAME)?;", "NAME"),
        Kind::After => one("let NAME = $crate::arguments::after(NAME)?;", "NAME"),
        Kind::Limit => (Vec::new(), format!("{name}.0")),
        Kind::Text if name == "subject" => {
            one("let NAME = $crate::arguments::subject(NAME)?;", "&NAME")
        }
        Kind::Text => one(r#"let NAME = $crate::options::string("NAME", NAME)?;"#, "&NAME"),
    }
}
