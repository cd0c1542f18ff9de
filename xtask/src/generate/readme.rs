//! README's tables of options.

use crate::Result;

use super::options::{ApiOption, Options, Wording, list_as_text};
use super::text::Spelling;
use super::{Extent, File};

const STORE: &str = "Made by `cargo xtask gen` from `api/options.toml`: change that.";
const MANAGER: &str = "Made by `cargo xtask gen` from `api/manager_options.toml`: change that.";

const WORDING: Wording = Wording {
    spelling: Spelling {
        verb: |name| format!("`{name}`"),
        error: |name| format!("`{name}`"),
        option: |name| format!("`{name}`"),
        argument: |name| format!("`{name}`"),
        yes: "`true`",
        no: "`false`",
        none: "none",
    },
    off: "`0`",
    choice: Some(|_, value| format!("`{value}`")),
    kind: list_as_text,
    default: None,
};

pub(super) fn files(options: &Options) -> Result<Vec<File>> {
    let part = |begin, text| File { path: "README.md", extent: Extent::Part(begin), text };
    Ok(vec![part(STORE, table(&options.store)?), part(MANAGER, table(&options.manager)?)])
}

/// With an empty line around it, or Markdown takes the markers for a part of it.
fn table(options: &[ApiOption]) -> Result<String> {
    let mut text = "\n| option | default | what it is |\n|---|---|---|\n".to_owned();
    for option in options {
        let default = match (&option.default, &option.default_is) {
            (Some(default), _) => format!("`{default}`"),
            (None, Some(words)) => WORDING.spelling.spell(words)?,
            (None, None) => "none".to_owned(),
        };
        let doc = WORDING.documentation(option)?;
        text += &format!("| `{}` | {default} | {doc} |\n", option.name);
    }
    Ok(text + "\n")
}
