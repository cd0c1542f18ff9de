//! Every export goes through the guard, has documentation, gives its caller only what can be freed,
//! and is in a header; and no other function is.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

struct Export {
    name: String,
    docs: String,
    /// Without comments and white space.
    body: String,
}

const MARK: &str = "#[unsafe(no_mangle)]";

/// All headers of the subjects.
fn header() -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../include/sessio");
    let files = fs::read_dir(folder).expect("the headers are committed");
    let text = |entry: io::Result<fs::DirEntry>| {
        fs::read_to_string(entry.expect("a folder can be read").path()).expect("it is UTF-8")
    };
    files.map(text).collect()
}

fn sources(folder: &Path, all: &mut Vec<String>) {
    for entry in fs::read_dir(folder).expect("the sources are there") {
        let path = entry.expect("a folder can be read").path();
        if path.is_dir() {
            sources(&path, all);
        } else {
            all.push(fs::read_to_string(path).expect("a source is UTF-8"));
        }
    }
}

fn exports() -> Vec<Export> {
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    let parts = files.iter().map(|file| file.split(MARK).collect::<Vec<&str>>());
    parts
        .flat_map(|parts| {
            let pairs = parts.iter().zip(parts.iter().skip(1));
            pairs.map(|(before, after)| export(before, after)).collect::<Vec<Export>>()
        })
        .collect()
}

fn export(before: &str, after: &str) -> Export {
    let lines = before.lines().rev().take_while(|line| line.starts_with("///"));
    let mut docs: Vec<&str> = lines.map(|line| line.trim_start_matches('/').trim()).collect();
    docs.reverse();
    let (_, name) = after.split_once("extern \"C\" fn ").expect("an export is extern C");
    let (signature, body) = name.split_once("{\n").expect("an export has a body");
    let code = body.lines().map(|line| line.split("//").next().unwrap_or_default());
    Export {
        name: signature.split('(').next().unwrap_or_default().to_owned(),
        docs: docs.join(" ") + " ",
        body: code.flat_map(str::chars).filter(|c| !c.is_whitespace()).collect(),
    }
}

#[test]
fn every_export_is_guarded() {
    let exports = exports();
    assert!(exports.len() > 100, "they were not found");
    for export in exports {
        let guards = ["guard_or(", "unsafe{guard("];
        let guarded = guards.iter().any(|guard| export.body.starts_with(guard));
        assert!(guarded, "{} does not start with the guard", export.name);
    }
}

#[test]
fn every_export_has_documentation() {
    for export in exports() {
        assert!(export.docs.len() > 8, "{}", export.name);
    }
}

/// The introduction of the header says it: `sessio_X **` is freed with sessio_X_free().
#[test]
fn what_a_caller_gets_has_a_function_that_frees_it() {
    let exported: BTreeSet<String> = exports().into_iter().map(|export| export.name).collect();
    let header = header();
    let results = header.split(" **").filter_map(|before| before.rsplit(['(', ' ', '\n']).next());
    let types: BTreeSet<&str> = results.filter(|name| name.starts_with("sessio_")).collect();
    assert!(types.len() > 5, "they were not found");
    for name in types {
        assert!(exported.contains(&format!("{name}_free")), "{name} cannot be freed");
    }
}

#[test]
fn the_headers_declare_the_exports_and_nothing_else() {
    let header = header();
    let comment = |line: &&str| !line.trim_start().starts_with(['*', '/', '#']);
    let code = header.lines().filter(comment).collect::<Vec<_>>().join("\n");
    let names = code.split('(').filter_map(|part| part.rsplit([' ', '*', '\n']).next());
    let function = |name: &&str| name.starts_with("sessio_") && !name.ends_with(')');
    let declared: BTreeSet<String> = names.filter(function).map(str::to_owned).collect();
    let exported: BTreeSet<String> = exports().into_iter().map(|export| export.name).collect();
    assert_eq!(declared, exported);
}
