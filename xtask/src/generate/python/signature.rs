//! The signature of a method with its types, as ruff writes it.

use super::super::api::{Answer, Argument, Kind, Verb};
use super::WIDTH;

/// A parameter in Python.
pub(super) struct Parameter {
    pub(super) name: String,
    of: String,
    /// The text of the default; none where it must be given.
    default: Option<String>,
    /// Only by its name.
    pub(super) is_keyword: bool,
}

impl Parameter {
    pub(super) fn new(name: &str, of: &str) -> Self {
        Parameter { name: name.to_owned(), of: of.to_owned(), default: None, is_keyword: false }
    }

    pub(super) fn or(mut self, default: &str) -> Self {
        self.default = Some(default.to_owned());
        self
    }

    /// By its name only, and None if it is not given.
    pub(super) fn keyword(name: &str, of: &str) -> Self {
        Parameter::new(name, &format!("{of} | None")).or("None").by_name()
    }

    pub(super) fn by_name(self) -> Self {
        Parameter { is_keyword: true, ..self }
    }

    fn declared(&self) -> String {
        let default = self.default.as_ref().map(|default| format!(" = {default}"));
        format!("{}: {}{}", self.name, self.of, default.unwrap_or_default())
    }
}

/// How a content that may be absent is declared.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Optional {
    /// In one signature that takes both.
    Either,
    Absent,
    Given,
}

/// Whether type checkers are to see two signatures, with the content and without.
pub(super) fn has_overloads(verb: &Verb) -> bool {
    verb.arguments.iter().any(|argument| argument.kind == Kind::OptionalContent)
}

/// `session` is what the module calls the type of a token or key.
pub(super) fn parameters(verb: &Verb, session: &str, optional: Optional) -> Vec<Parameter> {
    let mut all = Vec::new();
    for argument in &verb.arguments {
        let one = |of: &str| Parameter::new(&argument.name, of);
        match argument.kind {
            Kind::Target => all.push(one(session)),
            Kind::OptionalTarget => all.push(Parameter::keyword(&argument.name, session)),
            Kind::Targets => all.push(one(&format!("Iterable[{session}]"))),
            Kind::Rows => all.push(one("Iterable[Row]")),
            Kind::Data => all.push(one("Bytes")),
            Kind::Expiry => all.push(one("Expiry")),
            Kind::After => all.push(one("Key | None").or("None")),
            Kind::Limit => all.push(match argument.default {
                Some(default) => one("int").or(&default.to_string()),
                None => one("int"),
            }),
            Kind::Text => all.push(one(&text_type(argument))),
            Kind::Content => all.extend(content(Optional::Given)),
            Kind::OptionalContent => all.extend(content(optional)),
        }
    }
    all
}

fn content(optional: Optional) -> [Parameter; 3] {
    let [data, expires_at] = ["data", "expires_at"];
    match optional {
        Optional::Either => [
            Parameter::new(data, "Bytes | None").or("None"),
            Parameter::new(expires_at, "Expiry | EllipsisType").or("..."),
            Parameter::keyword("subject", "str"),
        ],
        Optional::Absent => [
            Parameter::new(data, "None").or("None"),
            Parameter::new(expires_at, "EllipsisType").or("..."),
            Parameter { is_keyword: true, ..Parameter::new("subject", "None").or("None") },
        ],
        Optional::Given => [
            Parameter::new(data, "Bytes"),
            Parameter::new(expires_at, "Expiry"),
            Parameter::keyword("subject", "str"),
        ],
    }
}

fn text_type(argument: &Argument) -> String {
    match argument.choices.is_empty() {
        true => "str".to_owned(),
        false => literal(&argument.choices),
    }
}

/// The type of one of these texts.
pub(super) fn literal(choices: &[String]) -> String {
    let choices: Vec<String> = choices.iter().map(|choice| format!("\"{choice}\"")).collect();
    format!("Literal[{}]", choices.join(", "))
}

pub(super) fn returned(answer: Answer) -> &'static str {
    match answer {
        Answer::Done => "None",
        Answer::Is | Answer::Saved => "bool",
        Answer::Outcome => "Outcome",
        Answer::Record => "Record | None",
        Answer::Records => "builtins.list[Record | None]",
        Answer::Count => "int",
        Answer::Page => "Page",
        Answer::Issues => "builtins.list[CheckIssue]",
    }
}

/// What a method is before its body. `start` is `def NAME`, `first` self or cls, `end` what
/// follows the colon. It is on one line if that fits, or else with all parameters on one, or else
/// with a line for each.
pub(super) fn signature(
    start: &str,
    first: &str,
    parameters: &[Parameter],
    out: &str,
    end: &str,
) -> String {
    indented_signature("    ", start, first, parameters, out, end)
}

pub(super) fn indented_signature(
    indent: &str,
    start: &str,
    first: &str,
    parameters: &[Parameter],
    out: &str,
    end: &str,
) -> String {
    let mut given = vec![first.to_owned()];
    for (index, parameter) in parameters.iter().enumerate() {
        if parameter.is_keyword && !parameters[..index].iter().any(|before| before.is_keyword) {
            given.push("*".to_owned());
        }
        given.push(parameter.declared());
    }
    let one = format!("{indent}{start}({}) -> {out}:{end}", given.join(", "));
    if one.len() <= WIDTH {
        return one + "\n";
    }
    let inner = format!("{indent}    {}", given.join(", "));
    if inner.len() <= WIDTH {
        return format!("{indent}{start}(\n{inner}\n{indent}) -> {out}:{end}\n");
    }
    let each: Vec<String> = given.iter().map(|one| format!("{indent}    {one},\n")).collect();
    format!("{indent}{start}(\n{}{indent}) -> {out}:{end}\n", each.concat())
}
