//! The declarations in what cbindgen writes.

use crate::Result;

/// In the order in which a header has them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// A number.
    Constant,
    /// `typedef struct NAME NAME;`
    Opaque,
    /// `typedef int (*NAME)(…);`
    Callback,
    Struct,
    /// What a struct is initialised with.
    Initializer,
    Function,
}

/// A declaration and the lines of its comment.
pub(super) struct Declaration {
    pub(super) kind: Kind,
    pub(super) name: String,
    pub(super) comment: Vec<String>,
    /// C without `struct` before the names of types. On one line, unless it is a struct.
    pub(super) code: String,
}

impl Declaration {
    /// The name of the Rust item that it comes from.
    pub(super) fn defined_as(&self) -> String {
        match self.kind {
            Kind::Initializer => self.name.trim_end_matches("_INIT").to_lowercase(),
            Kind::Constant | Kind::Opaque | Kind::Callback | Kind::Struct | Kind::Function => {
                self.name.clone()
            }
        }
    }
}

/// Takes cbindgen's text apart.
pub(super) fn parse(text: &str) -> Result<Vec<Declaration>> {
    let mut declarations = Vec::new();
    let mut lines = text.lines().peekable();
    let mut comment = Vec::new();
    while let Some(line) = lines.next() {
        if let Some(first) = line.strip_prefix("/**") {
            comment = read_comment(first, &mut lines);
        } else if let Some(constant) = line.strip_prefix("#define ") {
            // The include guard has neither a comment nor a value.
            if let Some((name, value)) = constant.split_once(' ') {
                let kind = if value.starts_with('{') { Kind::Initializer } else { Kind::Constant };
                let (name, code) = (name.to_owned(), value.to_owned());
                declarations.push(Declaration { kind, name, comment: take(&mut comment), code });
            }
        } else if line.starts_with(|c: char| c.is_ascii_lowercase()) && !line.starts_with("extern ")
        {
            let mut code = line.to_owned();
            let is_struct = line.ends_with('{');
            let end = if is_struct { "}" } else { "" };
            while !(code.ends_with(';')
                && code.lines().last().is_some_and(|last| last.starts_with(end)))
            {
                let next = lines.next().ok_or("the last declaration has no end")?;
                code.push(if is_struct { '\n' } else { ' ' });
                code.push_str(if is_struct { next } else { next.trim_start() });
            }
            declarations.push(declaration(&code, take(&mut comment))?);
        }
    }
    Ok(declarations)
}

fn take(comment: &mut Vec<String>) -> Vec<String> {
    std::mem::take(comment)
}

/// The lines of a comment whose first line is given, without what marks them.
pub(super) fn read_comment<'a>(
    first: &str,
    lines: &mut impl Iterator<Item = &'a str>,
) -> Vec<String> {
    if let Some(only) = first.trim().strip_suffix("*/") {
        return vec![only.trim().to_owned()];
    }
    let marked = lines.map(str::trim).take_while(|line| *line != "*/");
    marked.map(|line| line.strip_prefix('*').unwrap_or(line).trim().to_owned()).collect()
}

fn declaration(code: &str, comment: Vec<String>) -> Result<Declaration> {
    let code = without_struct(code);
    let (kind, name) = if code.ends_with("}") || code.contains("{\n") {
        (Kind::Struct, last_word(&code))
    } else if let Some((_, rest)) = code.split_once("(*").filter(|_| code.starts_with("typedef")) {
        (Kind::Callback, rest.split(')').next())
    } else if code.starts_with("typedef") {
        (Kind::Opaque, last_word(&code))
    } else {
        let before = code.split('(').next().unwrap_or_default();
        (Kind::Function, before.rsplit([' ', '*']).next())
    };
    let name = name.filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| format!("a declaration without a name: {code}"))?.to_owned();
    Ok(Declaration { kind, name, comment, code })
}

fn last_word(code: &str) -> Option<&str> {
    code.trim_end_matches(';').rsplit(' ').next()
}

/// Types are used by their `typedef`; only where it is made `struct` is needed.
fn without_struct(code: &str) -> String {
    let (head, rest) = match code.strip_prefix("typedef struct ") {
        Some(rest) => ("typedef struct ", rest),
        None => ("", code),
    };
    head.to_owned() + &rest.replace("struct ", "")
}
