//! `cargo xtask COMMAND`: what is made from the sources and committed. This file only finds the
//! command.

mod generate;
mod header;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

const HELP: &str = "\
cargo xtask gen [--verify]       writes what all languages show of api/*.toml
cargo xtask header [--verify]    makes include/sessio.h from ffi-c; --verify: fails unless it is current
";

/// What each command returns. The text of an error is shown as it is.
type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("cargo xtask: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[&str]) -> Result {
    match arguments {
        ["gen", options @ ..] => generate::run(is_verify(options)?),
        ["header", options @ ..] => header::run(is_verify(options)?),
        [] | ["help" | "--help" | "-h"] => {
            print!("{HELP}");
            Ok(())
        }
        [command, ..] => Err(format!("there is no command `{command}`\n\n{HELP}").into()),
    }
}

/// Whether files are only compared, of the options after a command's name.
fn is_verify(options: &[&str]) -> Result<bool> {
    match options {
        [] => Ok(false),
        ["--verify"] => Ok(true),
        [option, ..] => {
            Err(format!("unknown option `{option}`; the only option is --verify").into())
        }
    }
}

/// A path below the workspace's folder, wherever the command was started.
fn workspace(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

/// Writes a generated file unless it is the same already, so that what is built from it stays
/// current. With `verify` nothing is written, and a difference is an error.
fn put(path: &str, text: &[u8], verify: bool) -> Result {
    let file = workspace(path);
    if std::fs::read(&file).is_ok_and(|current| current == text) {
        return Ok(());
    }
    if verify {
        return Err(format!("{path} is not current; run ./dev fmt and commit it").into());
    }
    std::fs::write(&file, text).map_err(|error| format!("{path}: {error}").into())
}
