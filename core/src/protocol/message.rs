//! The text of an error. It names options, and each language spells those in its own way.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

/// A text that knows where in it the names of options are.
#[derive(Clone, Debug, Default)]
pub struct Message {
    /// With the options as URLs spell them.
    text: Cow<'static, str>,
    /// Where the options are, in the order of the text.
    options: Vec<Range<usize>>,
}

impl Message {
    /// From a text of ours, in which `{option max_data}` names an option and each `{}` is the next
    /// of the values. Nothing is looked for in a value.
    pub(crate) fn new(template: &str, values: &[&dyn fmt::Display]) -> Self {
        let (mut message, mut values) = (Message::default(), values.iter());
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('{') {
            let (inside, after) = after.split_once('}').unwrap_or((after, ""));
            message = message.text(before);
            message = match inside.strip_prefix("option ") {
                Some(name) => message.option(name),
                None => message.text(&values.next().map(ToString::to_string).unwrap_or_default()),
            };
            rest = after;
        }
        message.text(rest)
    }

    /// Adds a text as it is.
    pub(crate) fn text(mut self, text: &str) -> Self {
        self.text.to_mut().push_str(text);
        self
    }

    /// Adds the name of an option.
    pub(crate) fn option(mut self, name: &str) -> Self {
        let start = self.text.len();
        self.text.to_mut().push_str(name);
        self.options.push(start..self.text.len());
        self
    }

    /// Adds another message.
    pub(crate) fn and(mut self, other: &Message) -> Self {
        let start = self.text.len();
        let moved = other.options.iter().map(|at| start + at.start..start + at.end);
        self.options.extend(moved);
        self.text(&other.text)
    }

    /// For what was said in a URL: no language spells its options otherwise.
    pub(crate) fn keep_spelling(&mut self) {
        self.options.clear();
    }

    /// With the options as URLs spell them.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// With each option as `spell` has it.
    pub(crate) fn spelled(&self, spell: impl Fn(&str) -> String) -> Cow<'_, str> {
        if self.options.is_empty() {
            return Cow::Borrowed(&self.text);
        }
        let (mut spelled, mut end) = (String::with_capacity(self.text.len()), 0);
        for at in &self.options {
            spelled.push_str(&self.text[end..at.start]);
            spelled.push_str(&spell(&self.text[at.clone()]));
            end = at.end;
        }
        spelled.push_str(&self.text[end..]);
        Cow::Owned(spelled)
    }
}

impl<T: Into<Cow<'static, str>>> From<T> for Message {
    fn from(text: T) -> Self {
        Message { text: text.into(), options: Vec::new() }
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_spelled_and_values_are_not() {
        let value = "{option ca} max_data {}";
        let message = Message::new("set {option max_data} for {}, not {option ca}", &[&value]);
        assert_eq!(message.as_str(), format!("set max_data for {value}, not ca"));
        let shouted = format!("set MAX_DATA for {value}, not CA");
        assert_eq!(message.spelled(str::to_uppercase), shouted);
        let longer = Message::from("max_data: ").and(&message);
        assert_eq!(longer.spelled(str::to_uppercase), format!("max_data: {shouted}"));
        assert_eq!(Message::from(value).spelled(str::to_uppercase), value);
    }
}
