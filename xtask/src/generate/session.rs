//! `api/session.toml` as values.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::Result;

use super::api;

const PATH: &str = "api/session.toml";

/// What the lines before generated parts say.
pub(super) const BEGIN: &str = "Made by `cargo xtask gen` from `api/session.toml`: change that.";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SessionApi {
    #[serde(rename = "verb")]
    pub(super) verbs: Vec<SessionVerb>,
}

/// What the fields mean is said in `api/session.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SessionVerb {
    #[serde(default)]
    pub(super) of: Owner,
    /// In the spelling of Rust.
    pub(super) name: String,
    /// The variant of `SessionRequest`.
    pub(super) request: String,
    full_name: Option<String>,
    /// The variant for the key of a listed session.
    pub(super) key_request: Option<String>,
    /// Which languages beside Rust have it in public; all, if that is not said.
    pub(super) languages: Option<Vec<Language>>,
    pub(super) asks: Asks,
    #[serde(default)]
    pub(super) loaded_shortcut: bool,
    pub(super) answer: SessionAnswer,
    pub(super) arguments: Vec<SessionArgument>,
    pub(super) tracks: Option<Tracks>,
    pub(super) first_puts: Option<Tracked>,
    pub(super) forgets: Option<Tracked>,
    pub(super) doc: String,
    /// The kinds of errors beside those of every verb.
    pub(super) errors: Option<String>,
    /// The verb whose kinds it has as well.
    pub(super) errors_as: Option<String>,
    #[serde(default)]
    pub(super) rust: InRust,
    #[serde(default)]
    pub(super) c: InC,
    #[serde(default)]
    pub(super) python: InPython,
    #[serde(default)]
    pub(super) node: InNode,
}

/// Whose verb it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Owner {
    #[default]
    Session,
    Manager,
    Transaction,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Language {
    C,
    Python,
    Node,
}

/// When the store is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Asks {
    Never,
    First,
    Always,
}

/// What comes back; the table in `api/session.toml` says how each language has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum SessionAnswer {
    Done,
    Is,
    Live,
    Flag,
    Value,
    Values,
    Json,
    Keys,
    Token,
    Subject,
    Instant,
    Expiry,
    Choice,
    Timeout,
    Session,
    NewSession,
    Page,
    Result,
    Begun,
    Finished,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SessionArgument {
    pub(super) name: String,
    #[serde(rename = "type")]
    pub(super) kind: SessionKind,
    /// What a message calls it; `the NAME` if it is not said.
    what: Option<String>,
    /// What it is where a language lets it be left out.
    pub(super) default: Option<u32>,
}

/// The table in `api/session.toml` says how each language has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum SessionKind {
    Key,
    Name,
    Value,
    Item,
    OptionalValue,
    Map,
    Integer,
    Flag,
    Token,
    Text,
    OptionalText,
    Deadline,
    Timeout,
    Session,
    ListedKey,
    After,
    Limit,
    Check,
}

/// What a verb does to the lists and objects that Python and Node watch for changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Tracks {
    Answer,
    Argument,
    Released,
    Copies,
}

/// Which of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Tracked {
    Key,
    All,
    Stale,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct InRust {
    method: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct InC {
    pub(super) name: Option<String>,
    pub(super) out: Option<String>,
    /// In the place of the verb's.
    pub(super) asks: Option<Asks>,
    pub(super) errors: Option<String>,
    /// The types that a value can be passed as, a function each.
    #[serde(default)]
    pub(super) forms: Vec<String>,
    /// What these say that the first does not.
    #[serde(default)]
    pub(super) form_docs: BTreeMap<String, String>,
    /// It can be submitted to a queue.
    #[serde(default)]
    pub(super) queue: bool,
    /// What is said of that beside the verb.
    pub(super) queue_doc: Option<String>,
    pub(super) doc: Option<String>,
    pub(super) also: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct InPython {
    pub(super) name: Option<String>,
    /// The classes that have it, where `asks` does not say so.
    pub(super) classes: Option<Vec<PythonClass>>,
    pub(super) default: Option<DefaultValue>,
    #[serde(default)]
    pub(super) lenient: bool,
    #[serde(default)]
    pub(super) argument_names: BTreeMap<String, String>,
    pub(super) doc: Option<String>,
    pub(super) also: Option<String>,
    /// What a coroutine says beside that.
    pub(super) coroutine_also: Option<String>,
}

/// The classes of sessions in Python, without the base of the first two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(super) enum PythonClass {
    Session,
    AsyncSession,
    LazySession,
}

/// What Python gives where there is no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum DefaultValue {
    /// What the program has passed, or None.
    None,
    /// What the program has passed, or else a `KeyError`.
    Raises,
    /// None: the program cannot pass another.
    Never,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct InNode {
    pub(super) name: Option<String>,
    /// A second name.
    pub(super) also_named: Option<String>,
    /// The classes that have it, where `asks` does not say so.
    pub(super) classes: Option<Vec<String>>,
    #[serde(default)]
    pub(super) lenient: bool,
    /// A `LazySession` takes a signal.
    #[serde(default)]
    pub(super) signal: bool,
    #[serde(default)]
    pub(super) argument_names: BTreeMap<String, String>,
    /// In the place of the verb's.
    pub(super) first_puts: Option<Tracked>,
    pub(super) forgets: Option<Tracked>,
    pub(super) doc: Option<String>,
    pub(super) also: Option<String>,
}

impl SessionArgument {
    /// What a message calls it.
    pub(super) fn what(&self) -> String {
        self.what.clone().unwrap_or_else(|| format!("the {}", self.name))
    }
}

impl SessionVerb {
    /// Its name where a verb of the store has the other one.
    pub(super) fn full_name(&self) -> &str {
        self.full_name.as_deref().unwrap_or(&self.name)
    }

    /// The method of the core.
    pub(super) fn method(&self) -> &str {
        self.rust.method.as_deref().unwrap_or(&self.name)
    }

    /// Its name in C, after the owner's.
    pub(super) fn c_name(&self) -> &str {
        self.c.name.as_deref().unwrap_or(&self.name)
    }

    /// What never asks, and has no errors, cannot fail.
    pub(super) fn can_fail(&self) -> bool {
        self.asks != Asks::Never || self.errors.is_some() || self.errors_as.is_some()
    }

    /// As other verbs call it.
    pub(super) fn path(&self) -> String {
        match self.of {
            Owner::Session => self.name.clone(),
            Owner::Manager => format!("manager.{}", self.name),
            Owner::Transaction => format!("transaction.{}", self.name),
        }
    }
}

/// The verbs of sessions, which fail as each other or as one of `store`.
pub(super) fn read(store: &api::Api) -> Result<SessionApi> {
    let table: SessionApi = api::table(PATH)?;
    let known = known(&table, store);
    for verb in &table.verbs {
        api::check(PATH, &verb.path(), verb.errors_as.as_deref(), &known)?;
    }
    Ok(table)
}

/// What a text or `errors_as` can name.
fn known(table: &SessionApi, store: &api::Api) -> Vec<String> {
    let store = store.verbs.iter().map(|verb| format!("store.{}", verb.name));
    table.verbs.iter().map(SessionVerb::path).chain(store).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each text of a verb, with what it belongs to.
    fn texts(verb: &SessionVerb) -> Vec<&str> {
        let (c, python, node) = (&verb.c, &verb.python, &verb.node);
        let optional = [
            &verb.errors,
            &c.doc,
            &c.also,
            &c.errors,
            &c.queue_doc,
            &python.doc,
            &python.also,
            &python.coroutine_also,
            &node.doc,
            &node.also,
        ];
        let optional = optional.into_iter().flatten();
        optional.chain([&verb.doc]).chain(c.form_docs.values()).map(String::as_str).collect()
    }

    fn read_all() -> SessionApi {
        read(&api::read().unwrap()).unwrap()
    }

    #[test]
    fn all_texts_can_be_spelled() {
        let plain = super::super::text::Spelling {
            verb: str::to_owned,
            error: str::to_owned,
            option: str::to_owned,
            argument: str::to_owned,
            yes: "true",
            no: "false",
            none: "none",
        };
        for verb in &read_all().verbs {
            for text in texts(verb) {
                plain.spell(text).unwrap();
            }
        }
    }

    #[test]
    fn a_text_names_verbs_of_the_tables() {
        let session = read_all();
        let known = known(&session, &api::read().unwrap());
        for text in session.verbs.iter().flat_map(texts) {
            for named in text.split("{verb ").skip(1).filter_map(|rest| rest.split('}').next()) {
                assert!(known.iter().any(|known| known == named), "{{verb {named}}} in: {text}");
            }
        }
    }

    #[test]
    fn each_request_has_one_verb() {
        let table = read_all();
        let mut requests: Vec<&str> = table.verbs.iter().map(|verb| &*verb.request).collect();
        requests.sort_unstable();
        let many = requests.len();
        requests.dedup();
        assert_eq!(requests.len(), many);
        for key_request in table.verbs.iter().filter_map(|verb| verb.key_request.as_deref()) {
            assert!(requests.contains(&key_request), "{key_request}");
        }
    }

    #[test]
    fn what_c_says_of_a_form_belongs_to_one() {
        for verb in &read_all().verbs {
            for form in verb.c.form_docs.keys() {
                assert!(verb.c.forms.contains(form), "{}: {form}", verb.name);
            }
        }
    }
}
