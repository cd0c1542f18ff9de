//! The texts of the documentation: names in the spelling of a language, lines that fit.

use crate::Result;

/// How a language writes what a text has in braces.
pub(super) struct Spelling {
    pub(super) verb: fn(&str) -> String,
    pub(super) error: fn(&str) -> String,
    pub(super) option: fn(&str) -> String,
    pub(super) argument: fn(&str) -> String,
    pub(super) yes: &'static str,
    pub(super) no: &'static str,
    pub(super) none: &'static str,
}

impl Spelling {
    /// The text with all braces replaced: `{verb find}`, `{error Full}`, `{none}`.
    pub(super) fn spell(&self, text: &str) -> Result<String> {
        let mut spelled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let (inside, after) =
                after.split_once('}').ok_or_else(|| format!("a brace stays open in: {text}"))?;
            spelled.push_str(before);
            spelled.push_str(&self.word(inside)?);
            rest = after;
        }
        spelled.push_str(rest);
        Ok(spelled)
    }

    fn word(&self, inside: &str) -> Result<String> {
        Ok(match inside.split_once(' ') {
            Some(("verb", name)) => (self.verb)(name),
            Some(("error", name)) => (self.error)(name),
            Some(("option", name)) => (self.option)(name),
            Some(("argument", name)) => (self.argument)(name),
            None if inside == "true" => self.yes.to_owned(),
            None if inside == "false" => self.no.to_owned(),
            None if inside == "none" => self.none.to_owned(),
            _ => return Err(format!("{{{inside}}} is not known in the documentation").into()),
        })
    }
}

/// The text's paragraphs, each line at most `width` characters wide with `prefix` before it; an
/// empty line between paragraphs. The further lines of a list's item, which begins with a dash, are
/// indented.
pub(super) fn wrapped(text: &str, prefix: &str, width: usize) -> String {
    let mut lines = Vec::new();
    for paragraph in text.split("\n\n") {
        if !lines.is_empty() {
            lines.push(prefix.trim_end().to_owned());
        }
        let indented = format!("{prefix}{}", if paragraph.starts_with("- ") { "  " } else { "" });
        let mut line = prefix.to_owned();
        let mut is_first = true;
        for word in paragraph.split_whitespace() {
            if !is_first && line.chars().count() + 1 + word.chars().count() > width {
                lines.push(std::mem::replace(&mut line, indented.clone()));
            } else if !is_first {
                line.push(' ');
            }
            line.push_str(word);
            is_first = false;
        }
        lines.push(line);
    }
    lines.join("\n") + "\n"
}

/// How a verb fails: `Fails as {verb save}, and with {error Full}.` `how` is the language's verb, with
/// what it needs before the name of an error. Empty if there is nothing to say.
pub(super) fn failures(how: [&str; 2], same_as: Option<&str>, own: Option<&str>) -> String {
    let [fails, with] = how;
    match (same_as, own) {
        (Some(other), Some(own)) => format!("{fails} as {other}, and {with}{own}."),
        (Some(other), None) => format!("{fails} as {other}."),
        (None, Some(own)) => format!("{fails} {with}{own}."),
        (None, None) => String::new(),
    }
}

/// `findMany` for `find_many`.
pub(super) fn camel_case(name: &str) -> String {
    let mut words = name.split('_');
    let mut camel = words.next().unwrap_or_default().to_owned();
    for word in words {
        let mut letters = word.chars();
        camel.extend(letters.next().into_iter().flat_map(char::to_uppercase));
        camel.push_str(letters.as_str());
    }
    camel
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_fit_and_paragraphs_stay() {
        assert_eq!(
            wrapped("one two three\n\nfour", "/// ", 11),
            "/// one two\n/// three\n///\n/// four\n"
        );
    }

    #[test]
    fn items_of_a_list_are_indented() {
        assert_eq!(wrapped("- one two three", "/// ", 12), "/// - one\n///   two\n///   three\n");
    }
}
