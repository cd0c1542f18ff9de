//! The declarations in what cbindgen writes.

use crate::Result;

/// In the order in which a header has them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_declaration_is_found_with_its_comment() {
        let text = "\
/**
 * A number,
 * and its meaning.
 */
#define SESSIO_X -1

/** All zeros. */
#define SESSIO_S_INIT {0}

typedef struct sessio_o sessio_o;

typedef int32_t (*sessio_c)(const struct sessio_o *o);

typedef struct sessio_s {
  /**
   * Which.
   */
  struct sessio_o *o;
} sessio_s;

int32_t sessio_f(const struct sessio_o *o,
                 struct sessio_s **s);
";
        let parsed = parse(text).expect("it is well formed");
        let named: Vec<_> = parsed.iter().map(|one| (one.kind, one.name.as_str())).collect();
        let expected = [
            (Kind::Constant, "SESSIO_X"),
            (Kind::Initializer, "SESSIO_S_INIT"),
            (Kind::Opaque, "sessio_o"),
            (Kind::Callback, "sessio_c"),
            (Kind::Struct, "sessio_s"),
            (Kind::Function, "sessio_f"),
        ];
        assert_eq!(named, expected);
        assert_eq!(parsed[0].comment, ["A number,", "and its meaning."]);
        assert_eq!(parsed[1].defined_as(), "sessio_s");
        assert_eq!(parsed[5].code, "int32_t sessio_f(const sessio_o *o, sessio_s **s);");
    }
}
