//! The options of stores and managers as keywords of Python.

use crate::Result;

use super::super::options::{ApiOption, OptionKind, Wording, duration_in_words};
use super::super::text::wrapped;
use super::signature::{Parameter, literal};
use super::{SPELLING, WIDTH};

const WORDING: Wording = Wording {
    spelling: SPELLING,
    off: "0",
    choice: Some(|_, value| format!("\"{value}\"")),
    kind: |_| "",
    default: Some(default_of),
};

/// The parameters of a constructor after the URL. The clock, which has no form as text, is Python's
/// own.
pub(super) fn keywords(options: &[ApiOption]) -> impl Iterator<Item = Parameter> {
    all(options).chain([Parameter::keyword("clock", "ManualClock")])
}

/// The same of a manager, whose listener is Python's own.
pub(super) fn manager_keywords(options: &[ApiOption]) -> impl Iterator<Item = Parameter> {
    all(options).chain([Parameter::keyword("on_event", "Callable[[str], object]")])
}

fn all(options: &[ApiOption]) -> impl Iterator<Item = Parameter> {
    options.iter().map(|option| Parameter::keyword(&option.name, &type_of(option)))
}

fn type_of(option: &ApiOption) -> String {
    match option.kind {
        OptionKind::Text => "str".to_owned(),
        OptionKind::Switch => "bool".to_owned(),
        OptionKind::Duration => "timedelta | float".to_owned(),
        OptionKind::Number => "int".to_owned(),
        OptionKind::Path => "str | os.PathLike[str]".to_owned(),
        OptionKind::Choice => match &option.python_type {
            Some(alias) => alias.clone(),
            None => literal(&option.choices),
        },
        OptionKind::List => "list[str] | tuple[str, ...]".to_owned(),
    }
}

/// The function in `bindings-python/src/options.rs` that makes the text of a value.
pub(super) fn format_of(kind: OptionKind) -> &'static str {
    match kind {
        OptionKind::Text | OptionKind::Choice => "string",
        OptionKind::Switch => "boolean",
        OptionKind::Duration => "duration",
        OptionKind::Number => "number",
        OptionKind::Path => "path",
        OptionKind::List => "lines",
    }
}

/// The list in the documentation of `Store` and of `SessionManager`.
pub(super) fn list(options: &[ApiOption]) -> Result<String> {
    let items: Result<Vec<String>> = options.iter().map(item).collect();
    Ok(items?.concat())
}

fn item(option: &ApiOption) -> Result<String> {
    let text = format!("`{}`: {}", option.name, WORDING.documentation(option)?);
    Ok(wrapped(&text, "  ", WIDTH - 4).replacen("  ", "- ", 1))
}

fn default_of(option: &ApiOption, default: &str) -> Result<String> {
    Ok(match option.kind {
        OptionKind::Text | OptionKind::Choice | OptionKind::Path | OptionKind::List => {
            format!("\"{default}\"")
        }
        OptionKind::Number => default.to_owned(),
        OptionKind::Switch if default == "true" => SPELLING.yes.to_owned(),
        OptionKind::Switch => SPELLING.no.to_owned(),
        OptionKind::Duration => duration_in_words(default)?,
    })
}

/// The aliases of the choices that a program may want to name.
pub(super) fn aliases(options: &[ApiOption]) -> String {
    let named = options.iter().filter_map(|option| Some((option.python_type.as_ref()?, option)));
    let lines =
        named.map(|(name, option)| format!("{name}: TypeAlias = {}\n", literal(&option.choices)));
    lines.collect()
}

/// `bindings-python/src/session/manager_options.rs`.
pub(super) fn manager_file(options: &[ApiOption]) -> Result<String> {
    let mut text = "\
//! The options of a manager: how each becomes a text, and what `help` shows of them.
//!
//! Made by `cargo xtask gen` from `api/manager_options.toml`: change that.

use crate::options::{FormatOption, IMPORTED};

/// Every option but `on_event`, and its conversion to text.
"
    .to_owned();
    let mut formats: Vec<&str> = options.iter().map(|option| format_of(option.kind)).collect();
    formats.sort_unstable();
    formats.dedup();
    text = text.replace("IMPORTED", &formats.join(", "));
    text += &format!("pub(super) const OPTIONS: [(&str, FormatOption); {}] = [\n", options.len());
    for option in options {
        text += &format!("    (\"{}\", {}),\n", option.name, format_of(option.kind));
    }
    let docs = list(options)?;
    text += &format!(
        "];\n\nmacro_rules! manager_option_docs {{\n    () => {{\n        r#\"{}\"#\n    }};\n}}\n\n\
         pub(super) use manager_option_docs;\n",
        docs.trim_end()
    );
    Ok(text)
}

/// The attribute of the constructor of `SessionManager`: PyO3 does not show `**options` by name.
pub(super) fn manager_attribute(options: &[ApiOption]) -> String {
    let names: Vec<String> =
        manager_keywords(options).map(|keyword| format!("{}=None", keyword.name)).collect();
    let lines = wrapped(&format!("(store, *, {})", names.join(", ")), "            ", WIDTH - 2);
    let lines = lines.trim().replace('\n', " \\\n");
    format!(
        "    #[pyo3(\n        signature = (store, **options),\n        text_signature = \"{lines}\"\n    )]\n"
    )
}
