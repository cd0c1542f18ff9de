//! `api/options.toml` and `api/manager_options.toml` as values, and the texts about an option.

use serde::Deserialize;

use crate::{Result, workspace};

use super::text::Spelling;

const STORE: &str = "api/options.toml";
const MANAGER: &str = "api/manager_options.toml";

/// The options of a store and of a session manager.
pub(super) struct Options {
    pub(super) store: Vec<ApiOption>,
    pub(super) manager: Vec<ApiOption>,
    /// Of C's struct for a store, in its order.
    pub(super) c_members: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    #[serde(default)]
    c_members: Vec<String>,
    #[serde(rename = "option")]
    options: Vec<ApiOption>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ApiOption {
    /// As in a URL.
    pub(super) name: String,
    pub(super) kind: OptionKind,
    /// What a choice can be.
    #[serde(default)]
    pub(super) choices: Vec<String>,
    /// Of C's constants, in the order of the choices.
    #[serde(default)]
    pub(super) choice_docs: Vec<String>,
    /// The alias of a choice in Python.
    pub(super) python_type: Option<String>,
    /// In the spelling of a URL.
    pub(super) default: Option<String>,
    /// The default in words, if it depends on another option.
    pub(super) default_is: Option<String>,
    /// 0 turns it off.
    #[serde(default)]
    pub(super) can_be_off: bool,
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
    List,
}

/// How a language writes about options.
pub(super) struct Wording {
    pub(super) spelling: Spelling,
    /// The value that turns an option off.
    pub(super) off: &'static str,
    /// One of the choices; `None` where a type shows them.
    pub(super) choice: Option<fn(&ApiOption, &str) -> String>,
    /// A sentence about values of a kind; empty if there is nothing to say.
    pub(super) kind: fn(OptionKind) -> &'static str,
    /// From the spelling of a URL; `None` where the default is not said in the text.
    pub(super) default: Option<fn(&ApiOption, &str) -> Result<String>>,
}

impl Wording {
    /// What an option is, what it can be, and its default.
    pub(super) fn documentation(&self, option: &ApiOption) -> Result<String> {
        self.spelling.spell(&self.text(option)?)
    }

    /// The same before names are spelled.
    pub(super) fn text(&self, option: &ApiOption) -> Result<String> {
        let mut text = option.doc.clone();
        if option.can_be_off {
            text += &format!(" {} for none.", self.off);
        }
        if let Some(choice) = self.choice.filter(|_| !option.choices.is_empty()) {
            let choices: Vec<String> =
                option.choices.iter().map(|value| choice(option, value)).collect();
            text += &format!(" One of {}.", choices.join(", "));
        }
        text += (self.kind)(option.kind);
        if let Some(of) = self.default {
            match (&option.default, &option.default_is) {
                (Some(default), _) => text += &format!(" Default: {}.", of(option, default)?),
                (None, Some(words)) => text += &format!(" Default: {words}."),
                (None, None) => {}
            }
        }
        Ok(text)
    }
}

/// Where all values are text, as in a URL.
pub(super) fn list_as_text(kind: OptionKind) -> &'static str {
    if kind == OptionKind::List { " One a line, which is `%0A` in one text." } else { "" }
}

/// `5 minutes` for `5m`.
pub(super) fn duration_in_words(default: &str) -> Result<String> {
    let (count, unit) = default.split_at(default.len().saturating_sub(1));
    let unit = match unit {
        "s" => "seconds",
        "m" => "minutes",
        "h" => "hours",
        _ => return Err(format!("{default} is no default of a duration").into()),
    };
    Ok(format!("{count} {unit}"))
}

pub(super) fn read() -> Result<Options> {
    let (store, manager) = (table(STORE)?, table(MANAGER)?);
    for option in &store.options {
        if store.c_members.iter().filter(|member| **member == option.name).count() != 1 {
            return Err(format!("{STORE}: c_members must have {} once", option.name).into());
        }
    }
    Ok(Options { store: store.options, manager: manager.options, c_members: store.c_members })
}

fn table(path: &str) -> Result<Table> {
    let text = std::fs::read_to_string(workspace(path))?;
    let table: Table = toml::from_str(&text).map_err(|error| format!("{path}: {error}"))?;
    for option in &table.options {
        let name = &option.name;
        if (option.kind == OptionKind::Choice) == option.choices.is_empty() {
            return Err(format!("{path}: {name}: a choice, and only that, has choices").into());
        }
        if !option.choice_docs.is_empty() && option.choice_docs.len() != option.choices.len() {
            return Err(format!("{path}: {name}: choice_docs are one for each choice").into());
        }
    }
    Ok(table)
}
