//! How declarations are written into headers.

use std::collections::BTreeSet;

use super::Placed;
use super::declaration::{Declaration, Kind, read_comment};
use super::subject::Subject;

const WIDTH: usize = 100;
const GENERATED: &str = "Generated from ffi-c/src by cargo xtask header; do not edit.";

/// The header of a subject.
pub(super) fn subject(
    subject: &Subject,
    used: &BTreeSet<&str>,
    declarations: &[&Declaration],
) -> String {
    let guard = format!("SESSIO_{}", subject.file.to_uppercase().replace('.', "_"));
    let mut text = format!(
        "/*\n * {}\n *\n * What holds for all functions is said in sessio.h.\n *\n * {GENERATED}\n */\n\
         \n#ifndef {guard}\n#define {guard}\n\n\
         #include <stdbool.h>\n#include <stddef.h>\n#include <stdint.h>\n\n",
        subject.title
    );
    for file in used {
        text += &format!("#include \"{file}\"\n");
    }
    if !used.is_empty() {
        text.push('\n');
    }
    text += "#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n";
    for declaration in declarations {
        text += &comment(&declaration.comment, "");
        text += &code(declaration);
        text += "\n\n";
    }
    text + "#ifdef __cplusplus\n}\n#endif\n\n#endif\n"
}

/// `sessio.h`: the introduction, the index, and all other headers.
pub(super) fn umbrella(introduction: &str, placed: &Placed<'_>) -> String {
    let introduction = introduction.trim().trim_end_matches("*/").trim_end();
    let mut text = format!("{introduction}\n *\n * INDEX\n");
    for (subject, declarations) in placed {
        text += &format!(" *\n * sessio/{}: {}\n", subject.file, subject.title);
        let functions = declarations.iter().filter(|one| one.kind == Kind::Function);
        let names: Vec<&str> = functions.map(|one| one.name.as_str()).collect();
        for line in fill(&names, WIDTH - 7, ", ") {
            text += &format!(" *     {line}\n");
        }
    }
    text += &format!(" *\n * {GENERATED}\n */\n\n#ifndef SESSIO_H\n#define SESSIO_H\n\n");
    for (subject, _) in placed {
        text += &format!("#include \"sessio/{}\"\n", subject.file);
    }
    text + "\n#endif\n"
}

/// `sessio.ffi.h`: declarations alone, in an order in which each name is known before it is used.
pub(super) fn plain(declarations: &[Declaration]) -> String {
    let mut text = format!(
        "/*\n * The declarations of sessio.h alone, without preprocessor: for FFI::cdef of PHP,\n \
         * ffi.cdef of LuaJIT, and ffi.cdef of Python's cffi. See docs/bindings.md.\n *\n \
         * SESSIO_NEVER is INT64_MAX, which no enum can hold.\n *\n * {GENERATED}\n */\n\nenum {{\n"
    );
    let of_kind = |kind| declarations.iter().filter(move |one| one.kind == kind);
    let constants = of_kind(Kind::Constant).filter(|one| one.code.parse::<i32>().is_ok());
    let constants: Vec<String> =
        constants.map(|one| format!("    {} = {}", one.name, one.code)).collect();
    text += &constants.join(",\n");
    text += "\n};\n\n";
    for kind in [Kind::Opaque, Kind::Callback, Kind::Struct, Kind::Function] {
        for declaration in of_kind(kind) {
            text += &without_comments(&code(declaration));
            text.push('\n');
        }
        text.push('\n');
    }
    text.trim_end().to_owned() + "\n"
}

fn without_comments(code: &str) -> String {
    let lines = code.lines().filter(|line| {
        let line = line.trim_start();
        !line.starts_with("/*") && !line.starts_with("* ") && line != "*" && line != "*/"
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn comment(lines: &[String], indent: &str) -> String {
    match lines {
        [] => String::new(),
        [only] if indent.len() + only.chars().count() + 7 <= WIDTH => {
            format!("{indent}/** {only} */\n")
        }
        lines => {
            let line = |line: &String| format!("{indent} * {line}").trim_end().to_owned() + "\n";
            format!("{indent}/**\n{}{indent} */\n", lines.iter().map(line).collect::<String>())
        }
    }
}

fn code(declaration: &Declaration) -> String {
    match declaration.kind {
        Kind::Constant => {
            let Declaration { name, code, .. } = declaration;
            // A negative number is in brackets, so that it can follow an operator.
            if code.starts_with('-') {
                format!("#define {name} ({code})")
            } else if code.parse::<i64>().is_ok() && code.parse::<i32>().is_err() {
                format!("#define {name} INT64_C({code})")
            } else {
                format!("#define {name} {code}")
            }
        }
        Kind::Initializer => initializer(declaration),
        Kind::Struct => members(&declaration.code),
        Kind::Opaque => declaration.code.clone(),
        Kind::Callback | Kind::Function => broken(&declaration.code),
    }
}

/// A struct with cbindgen's indentation doubled, and short comments on one line.
fn members(code: &str) -> String {
    let mut text = String::new();
    let mut lines = code.lines();
    while let Some(line) = lines.next() {
        match line.trim_start().strip_prefix("/**") {
            Some(first) => text += &comment(&read_comment(first, &mut lines), "    "),
            None if line.starts_with(' ') => text += &format!("    {}\n", line.trim_start()),
            None => text += &format!("{line}\n"),
        }
    }
    text.trim_end().to_owned()
}

fn initializer(declaration: &Declaration) -> String {
    let Declaration { name, code, .. } = declaration;
    let line = format!("#define {name} {code}");
    if line.len() <= WIDTH {
        return line;
    }
    let inner = code.trim_matches(['{', '}']);
    let values: Vec<&str> = inner.split(", ").collect();
    let lines = fill(&values, WIDTH - 8, ", ").join(" \\\n     ");
    format!("#define {name} \\\n    {{{lines}}}")
}

/// A declaration on one line, or with its parameters on lines of their own.
fn broken(code: &str) -> String {
    if code.len() <= WIDTH {
        return code.to_owned();
    }
    let opening = if code.starts_with("typedef") { ")(" } else { "(" };
    let Some((head, parameters)) = code.split_once(opening) else { return code.to_owned() };
    let parameters: Vec<&str> = parameters.split(", ").collect();
    format!("{head}{opening}\n    {}", fill(&parameters, WIDTH - 4, ", ").join("\n    "))
}

/// Words in lines that are as long as they may be.
fn fill(words: &[&str], width: usize, separator: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for (index, word) in words.iter().enumerate() {
        let last = index + 1 == words.len();
        let word = if last { (*word).to_owned() } else { format!("{word}{separator}") };
        match lines.last_mut() {
            Some(line) if line.len() + word.trim_end().len() <= width => line.push_str(&word),
            _ => lines.push(word),
        }
    }
    lines.iter().map(|line| line.trim_end().to_owned()).collect()
}
