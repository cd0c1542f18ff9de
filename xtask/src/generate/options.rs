//! `api/options.toml` as values.

use serde::Deserialize;

use crate::{Result, workspace};

const PATH: &str = "api/options.toml";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    #[serde(rename = "option")]
    options: Vec<StoreOption>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StoreOption {
    /// As in a URL.
    pub(super) name: String,
    pub(super) kind: OptionKind,
    /// What a choice can be.
    #[serde(default)]
    pub(super) choices: Vec<String>,
    /// In the spelling of a URL.
    pub(super) default: Option<String>,
    pub(super) doc: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum OptionKind {
    Text,
    Switch,
    Duration,
    Number,
    Path,
    Choice,
}

pub(super) fn read() -> Result<Vec<StoreOption>> {
    let text = std::fs::read_to_string(workspace(PATH))?;
    let table: Table = toml::from_str(&text).map_err(|error| format!("{PATH}: {error}"))?;
    for option in &table.options {
        if (option.kind == OptionKind::Choice) == option.choices.is_empty() {
            return Err(
                format!("{PATH}: {}: a choice, and only that, has choices", option.name).into()
            );
        }
    }
    Ok(table.options)
}
