//! Where a value is within a session, for errors: `user.address.zip`, `cart[2]`.

use std::fmt;

use sessio::path::{in_item, in_key};

/// A value, and what it is in. Made on the way down, and written only where something is wrong.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    within: Option<&'a Place<'a>>,
    part: Part<'a>,
    depth: usize,
}

#[derive(Clone, Copy)]
enum Part<'a> {
    Name(&'a str),
    Index(usize),
    /// One more item of a list whose length is not known.
    Appended,
}

impl<'a> Place<'a> {
    /// The value of a key.
    pub(crate) fn of(key: &'a str) -> Self {
        Place { within: None, part: Part::Name(key), depth: 0 }
    }

    /// What is to become an item of the list of a key.
    pub(crate) fn appended(list: &'a Place<'a>) -> Self {
        list.inner(Part::Appended)
    }

    pub(super) fn member(&'a self, name: &'a str) -> Self {
        self.inner(Part::Name(name))
    }

    pub(super) fn item(&'a self, index: usize) -> Self {
        self.inner(Part::Index(index))
    }

    fn inner(&'a self, part: Part<'a>) -> Self {
        Place { within: Some(self), part, depth: self.depth + 1 }
    }

    /// The value of the key that all of this is in.
    pub(super) fn root(&self) -> Place<'a> {
        self.within.map_or(*self, Place::root)
    }

    /// In how many lists and dicts it is.
    pub(super) fn depth(&self) -> usize {
        self.depth
    }
}

/// As the core writes it.
impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut place, mut path) = (Some(self), String::new());
        while let Some(Place { within, part, .. }) = place {
            path = match part {
                Part::Name(name) => in_key(name, &path),
                Part::Index(index) => in_item(Some(*index), &path),
                Part::Appended => in_item(None, &path),
            };
            place = *within;
        }
        f.write_str(&path)
    }
}
