//! The path of a value within a session, for error messages: `user.address.zip`, `cart[2]`.

use std::fmt;

use sessio::path::{in_item, in_key};

/// A linked list on the stack, built while a value is converted: the text is only made for an
/// error.
#[derive(Clone, Copy)]
pub(crate) struct ValuePath<'a> {
    parent: Option<&'a ValuePath<'a>>,
    segment: Segment<'a>,
    depth: usize,
}

#[derive(Clone, Copy)]
enum Segment<'a> {
    Name(&'a str),
    Index(usize),
    /// A new last item of a list whose length is not known.
    Appended,
}

impl<'a> ValuePath<'a> {
    /// The value of a key of the session.
    pub(crate) fn of(key: &'a str) -> Self {
        ValuePath { parent: None, segment: Segment::Name(key), depth: 0 }
    }

    /// An item that is appended to this list.
    pub(crate) fn appended(list: &'a ValuePath<'a>) -> Self {
        list.child(Segment::Appended)
    }

    pub(super) fn member(&'a self, name: &'a str) -> Self {
        self.child(Segment::Name(name))
    }

    pub(super) fn item(&'a self, index: usize) -> Self {
        self.child(Segment::Index(index))
    }

    fn child(&'a self, segment: Segment<'a>) -> Self {
        ValuePath { parent: Some(self), segment, depth: self.depth + 1 }
    }

    /// The value of the session's key that this is a part of.
    pub(super) fn root(&self) -> ValuePath<'a> {
        self.parent.map_or(*self, ValuePath::root)
    }

    /// The number of lists and maps around the value.
    pub(super) fn depth(&self) -> usize {
        self.depth
    }
}

/// In the format of the core's paths.
impl fmt::Display for ValuePath<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut next, mut path) = (Some(self), String::new());
        while let Some(ValuePath { parent, segment, .. }) = next {
            path = match segment {
                Segment::Name(name) => in_key(name, &path),
                Segment::Index(index) => in_item(Some(*index), &path),
                Segment::Appended => in_item(None, &path),
            };
            next = *parent;
        }
        f.write_str(&path)
    }
}
