//! `api/store.toml` as values, and what is read in the same way from each table of verbs.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::{Result, workspace};

const PATH: &str = "api/store.toml";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Api {
    #[serde(rename = "verb")]
    pub(super) verbs: Vec<Verb>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Verb {
    /// In the spelling of Rust.
    pub(super) name: String,
    /// The variant of `Request`.
    pub(super) request: String,
    pub(super) answer: Answer,
    pub(super) arguments: Vec<Argument>,
    /// In Rust and C: the form that takes a content. The verb's own name has data and expiry.
    pub(super) content_form: Option<String>,
    pub(super) doc: String,
    /// It can store a session that was not there. In C it has no form by the key of a listed one.
    #[serde(default)]
    pub(super) creates: bool,
    /// In Node: a call without options does not look at them. In memory that takes as long as the
    /// call itself.
    #[serde(default)]
    pub(super) node_shortcut: bool,
    /// The kinds of errors beside those of every verb.
    pub(super) errors: Option<String>,
    /// The verb whose kinds it has as well.
    pub(super) errors_as: Option<String>,
}

/// What comes back; the table in `api/store.toml` says how each language has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Answer {
    Done,
    Is,
    Saved,
    Outcome,
    Record,
    Records,
    Count,
    Page,
    Issues,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Argument {
    pub(super) name: String,
    #[serde(rename = "type")]
    pub(super) kind: Kind,
    /// What a message calls it; `the NAME` if it is not said.
    what: Option<String>,
    /// What it is where a language lets it be left out.
    pub(super) default: Option<u32>,
    /// The texts that it can be.
    #[serde(default)]
    pub(super) choices: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    /// A token or a listed key.
    Target,
    OptionalTarget,
    Targets,
    /// Tokens with their contents.
    Rows,
    Data,
    /// Data, expiry and subject.
    Content,
    OptionalContent,
    Expiry,
    /// The key to go on after; none for the first page.
    After,
    Limit,
    Text,
}

impl Verb {
    /// The verb that it fails as, as a text names it.
    pub(super) fn fails_as(&self) -> Option<String> {
        self.errors_as.as_ref().map(|other| format!("{{verb {other}}}"))
    }
}

impl Argument {
    /// What a message calls it.
    pub(super) fn what(&self) -> String {
        self.what.clone().unwrap_or_else(|| format!("the {}", self.name))
    }
}

pub(super) fn read() -> Result<Api> {
    let api: Api = table(PATH)?;
    let known: Vec<String> = api.verbs.iter().map(|verb| verb.name.clone()).collect();
    for verb in &api.verbs {
        let errors_as = verb.errors_as.as_deref();
        check(PATH, &verb.name, errors_as, &known)?;
    }
    Ok(api)
}

/// A table of `api/`.
pub(super) fn table<T: DeserializeOwned>(path: &str) -> Result<T> {
    let text = std::fs::read_to_string(workspace(path))?;
    toml::from_str(&text).map_err(|error| format!("{path}: {error}").into())
}

/// Whether the verb fails as one that there is.
pub(super) fn check(path: &str, name: &str, errors_as: Option<&str>, known: &[String]) -> Result {
    match errors_as.filter(|other| !known.iter().any(|known| known == other)) {
        Some(other) => Err(format!("{path}: {name} fails as {other}, which is no verb").into()),
        None => Ok(()),
    }
}
