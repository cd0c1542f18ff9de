//! `core/src/config/option_names.rs`: the names of all options.

use crate::Result;

use super::super::options::{ApiOption, Options, Wording};
use super::super::text::{Spelling, wrapped};
use super::super::{Extent, File};

const WORDING: Wording = Wording {
    spelling: Spelling {
        verb: |name| format!("`{name}`"),
        error: |name| format!("`{name}`"),
        option: |name| format!("`{name}`"),
        argument: |name| format!("`{name}`"),
        yes: "`true`",
        no: "`false`",
        none: "`None`",
    },
    off: "`0`",
    choice: Some(|_, value| format!("`{value}`")),
    kind: |_| "",
    default: Some(|_, default| Ok(format!("`{default}`"))),
};

pub(super) fn file(options: &Options) -> Result<File> {
    let (cookie, session): (Vec<&ApiOption>, Vec<&ApiOption>) =
        options.manager.iter().partition(|option| option.name.starts_with("cookie_"));
    let store: Vec<&ApiOption> = options.store.iter().collect();
    let text = [
        "//! The options that can be set by name.\n//!\n\
         //! Made by `cargo xtask gen` from `api/options.toml` and `api/manager_options.toml`: change \
         those.\n"
            .to_owned(),
        list("pub const STORE_OPTIONS", "The options of a store.", &store)?,
        list(
            "pub const SESSION_OPTIONS",
            "The options of a session manager, beside those of its cookie.",
            &session,
        )?,
        list("pub const COOKIE_OPTIONS", "The options of a session manager's cookie.", &cookie)?,
    ];
    Ok(File {
        path: "core/src/config/option_names.rs",
        extent: Extent::Whole,
        text: text.join("\n"),
    })
}

fn list(start: &str, about: &str, options: &[&ApiOption]) -> Result<String> {
    let mut text = format!("/// {about}\n///\n");
    for option in options {
        let doc = format!("`{}`: {}", option.name, WORDING.documentation(option)?);
        text += &wrapped(&doc, "///   ", 100).replacen("///   ", "/// - ", 1);
    }
    text += &format!("{start}: [&str; {}] = [\n", options.len());
    for option in options {
        text += &format!("    \"{}\",\n", option.name);
    }
    Ok(text + "];\n")
}
