//! `cargo xtask gen`: what every language shows of the store's verbs, from `api/store.toml`, and of
//! options, from `api/options.toml` and `api/manager_options.toml`; and of the verbs of sessions,
//! from `api/session.toml`.
//!
//! Each language's module returns its files; the texts of the documentation are spelled for it by
//! `text`.

mod api;
mod c;
mod core;
mod node;
mod options;
mod python;
mod readme;
mod session;
mod text;

use std::io::Write;
use std::process::{Command, Stdio};

use crate::{Result, put, workspace};

/// Makes the files, or with `verify` sees whether they are current.
pub(crate) fn run(verify: bool) -> Result {
    let api = api::read()?;
    let sessions = session::read(&api)?;
    let options = options::read()?;
    let files = [
        core::files(&api, &options, &sessions)?,
        c::files(&api, &options, &sessions)?,
        python::files(&api, &options, &sessions)?,
        node::files(&api, &options, &sessions)?,
        readme::files(&options)?,
    ];
    for file in files.into_iter().flatten() {
        let text = match file.extent {
            Extent::Whole => file.text,
            Extent::Part(begin) => replaced(file.path, begin, &file.text)?,
            Extent::Line(begin) => with_line(file.path, begin, &file.text)?,
        };
        let text = if file.path.ends_with(".rs") { formatted(&text)? } else { text };
        put(file.path, text.as_bytes(), verify)?;
    }
    Ok(())
}

/// Rust as rustfmt has it, with the workspace's settings.
fn formatted(text: &str) -> Result<String> {
    let mut rustfmt = Command::new("rustfmt")
        .args(["--edition", "2024"])
        .current_dir(workspace("."))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    if let Some(mut stdin) = rustfmt.stdin.take() {
        stdin.write_all(text.as_bytes())?;
    }
    let output = rustfmt.wait_with_output()?;
    match output.status.success() {
        true => Ok(String::from_utf8(output.stdout)?),
        false => Err("rustfmt does not take what was made".into()),
    }
}

/// What is made of a file.
struct File {
    path: &'static str,
    extent: Extent,
    text: String,
}

enum Extent {
    Whole,
    /// The lines between one that says this and the next that says `END`.
    Part(&'static str),
    /// The line that begins so: where a marker would be shown to people.
    Line(&'static str),
}

const BEGIN: &str = "Made by `cargo xtask gen` from `api/store.toml`: change that.";
const END: &str = "The end of what `cargo xtask gen` makes.";

/// The file with the line that is made replaced.
fn with_line(path: &str, begin: &str, line: &str) -> Result<String> {
    let file = std::fs::read_to_string(workspace(path))?;
    let start = file.find(&format!("\n{begin}")).map(|newline| newline + 1);
    let start = start.ok_or_else(|| format!("{path}: no line begins with: {begin}"))?;
    let end = file[start..].find('\n').map_or(file.len(), |newline| start + newline + 1);
    Ok(format!("{}{line}{}", &file[..start], &file[end..]))
}

/// The file with the part that is made replaced.
fn replaced(path: &str, begin: &str, part: &str) -> Result<String> {
    let file = std::fs::read_to_string(workspace(path))?;
    let missing = |what: &str| format!("{path}: there is no line with: {what}");
    let begin = file.find(begin).ok_or_else(|| missing(begin))?;
    let begin = file[begin..].find('\n').map_or(file.len(), |line| begin + line + 1);
    let end = file[begin..].find(END).ok_or_else(|| missing(END))?;
    let end = file[..begin + end].rfind('\n').map_or(begin, |line| line + 1);
    Ok(format!("{}{part}{}", &file[..begin], &file[end..]))
}
