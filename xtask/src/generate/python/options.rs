//! The options of a store as keywords of Python.

use crate::Result;

use super::super::options::{OptionKind, StoreOption};
use super::super::text::wrapped;
use super::signature::{Parameter, literal};
use super::{SPELLING, WIDTH};

/// The parameters of a constructor after the URL. The clock, which has no form as text, is Python's
/// own.
pub(super) fn keywords(options: &[StoreOption]) -> impl Iterator<Item = Parameter> {
    let clock = Parameter::keyword("clock", "ManualClock");
    options.iter().map(|option| Parameter::keyword(&option.name, &type_of(option))).chain([clock])
}

fn type_of(option: &StoreOption) -> String {
    match option.kind {
        OptionKind::Text => "str".to_owned(),
        OptionKind::Switch => "bool".to_owned(),
        OptionKind::Duration => "timedelta | float".to_owned(),
        OptionKind::Number => "int".to_owned(),
        OptionKind::Path => "str | os.PathLike[str]".to_owned(),
        OptionKind::Choice => literal(&option.choices),
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
    }
}

/// The list in the documentation of `Store`.
pub(super) fn list(options: &[StoreOption]) -> Result<String> {
    let items: Result<Vec<String>> = options.iter().map(item).collect();
    Ok(items?.concat())
}

fn item(option: &StoreOption) -> Result<String> {
    let mut text = format!("`{}`: {}", option.name, SPELLING.spell(&option.doc)?);
    if !option.choices.is_empty() {
        text += &format!(" One of {}.", quoted(&option.choices).join(", "));
    }
    if let Some(default) = &option.default {
        text += &format!(" Default: {}.", default_of(option.kind, default)?);
    }
    Ok(wrapped(&text, "  ", WIDTH - 4).replacen("  ", "- ", 1))
}

fn quoted(texts: &[String]) -> Vec<String> {
    texts.iter().map(|text| format!("\"{text}\"")).collect()
}

/// From the spelling of a URL.
fn default_of(kind: OptionKind, default: &str) -> Result<String> {
    Ok(match kind {
        OptionKind::Text | OptionKind::Choice | OptionKind::Path => format!("\"{default}\""),
        OptionKind::Number => default.to_owned(),
        OptionKind::Switch if default == "true" => SPELLING.yes.to_owned(),
        OptionKind::Switch => SPELLING.no.to_owned(),
        OptionKind::Duration => {
            let (count, unit) = default.split_at(default.len().saturating_sub(1));
            match unit {
                "s" => format!("{count} seconds"),
                "m" => format!("{count} minutes"),
                "h" => format!("{count} hours"),
                _ => return Err(format!("{default} is no default of a duration").into()),
            }
        }
    })
}
