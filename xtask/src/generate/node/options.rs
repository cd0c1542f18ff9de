//! The options in Node: their types, and what `lib/settings.js` needs to make texts of them.

use crate::Result;

use super::super::options::{ApiOption, OptionKind, Options, Wording};
use super::super::text::camel_case;
use super::super::{Extent, File};
use super::{SPELLING, comment};

const STORE: &str = "Made by `cargo xtask gen` from `api/options.toml`: change that.";
const MANAGER: &str = "Made by `cargo xtask gen` from `api/manager_options.toml`: change that.";
const KINDS: &str = "Made by `cargo xtask gen` from `api/options.toml` and `api/manager_options.toml`: change those.";

const WORDING: Wording =
    Wording { spelling: SPELLING, off: "0", choice: None, kind: |_| "", default: Some(default_of) };

fn default_of(option: &ApiOption, default: &str) -> Result<String> {
    Ok(match option.kind {
        OptionKind::Number | OptionKind::Switch => format!("`{default}`"),
        OptionKind::Text
        | OptionKind::Duration
        | OptionKind::Path
        | OptionKind::Choice
        | OptionKind::List => format!("`'{default}'`"),
    })
}

pub(super) fn files(options: &Options) -> Result<Vec<File>> {
    let part = |path, begin, text| File { path, extent: Extent::Part(begin), text };
    Ok(vec![
        part("bindings-node/index.d.ts", STORE, members(&options.store)?),
        part("bindings-node/sessions.d.ts", MANAGER, members(&options.manager)?),
        part("bindings-node/lib/settings.js", KINDS, kinds(options)),
    ])
}

fn members(options: &[ApiOption]) -> Result<String> {
    let mut text = String::new();
    for option in options {
        text += &comment(&WORDING.documentation(option)?);
        text += &format!("  {}?: {} | undefined\n", camel_case(&option.name), type_of(option));
    }
    Ok(text)
}

fn type_of(option: &ApiOption) -> String {
    match option.kind {
        OptionKind::Text | OptionKind::Path => "string".to_owned(),
        OptionKind::Switch => "boolean".to_owned(),
        OptionKind::Duration => "number | string".to_owned(),
        OptionKind::Number => "number".to_owned(),
        OptionKind::List => "readonly string[] | string".to_owned(),
        OptionKind::Choice => quoted(&option.choices).join(" | "),
    }
}

fn quoted<T: AsRef<str>>(texts: &[T]) -> Vec<String> {
    texts.iter().map(|text| format!("'{}'", text.as_ref())).collect()
}

fn kinds(options: &Options) -> String {
    let of = |kind: OptionKind| {
        let all = options.store.iter().chain(&options.manager);
        let names: Vec<String> =
            all.filter(|option| option.kind == kind).map(|one| camel_case(&one.name)).collect();
        quoted(&names).join(", ")
    };
    format!(
        "const durations = [{}]\nconst lists = [{}]\n",
        of(OptionKind::Duration),
        of(OptionKind::List)
    )
}
