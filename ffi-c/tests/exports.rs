//! Every export goes through the guard, says from which threads it may be called and who owns what
//! it hands out, and is in the header; and no other function is.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

struct Export {
    name: String,
    docs: String,
    /// Without comments and white space.
    body: String,
}

const MARK: &str = "#[unsafe(no_mangle)]";

fn header() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../include/sessio.h"))
        .expect("the header is committed")
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
        let doors = ["guard_or(", "unsafe{guard("];
        let guarded = doors.iter().any(|door| export.body.starts_with(door));
        assert!(guarded, "{} does not start with the guard", export.name);
    }
}

#[test]
fn every_export_says_from_which_threads_it_may_be_called() {
    for export in exports() {
        assert!(export.docs.contains("Threads: "), "{}", export.name);
    }
}

#[test]
fn every_export_that_hands_something_out_says_whose_it_is() {
    let header = header();
    for export in exports().iter().filter(|export| !export.docs.contains("Ownership: ")) {
        let declared = header.split(&format!("{}(", export.name)).last().unwrap_or_default();
        let parameters = declared.split(')').next().unwrap_or_default();
        let others = parameters.replace("struct sessio_error **", "");
        assert!(!others.contains("**"), "{} gives something out", export.name);
    }
}

#[test]
fn the_header_declares_the_exports_and_nothing_else() {
    let header = header();
    let comment = |line: &&str| !line.starts_with(" *") && !line.starts_with('#');
    let code = header.lines().filter(comment).collect::<Vec<_>>().join("\n");
    let names = code.split('(').filter_map(|part| part.rsplit([' ', '*', '\n']).next());
    let function = |name: &&str| name.starts_with("sessio_") && !name.ends_with(')');
    let declared: BTreeSet<String> = names.filter(function).map(str::to_owned).collect();
    let exported: BTreeSet<String> = exports().into_iter().map(|export| export.name).collect();
    assert_eq!(declared, exported);
}
