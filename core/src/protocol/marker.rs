//! Markers: what tells for a while that a token was renewed or ended, and is not merely unknown.
//!
//! A marker has a key of its own, made from the key that ended, so that the old key itself finds
//! nothing whatever a host's clock says. On a server it is a row without data that is expired from
//! its first moment on, with the moment of the end as its expiry: every verb of every program takes
//! it for absent, and none needs a new column. Cleanup leaves it for [`KEPT`].

use super::token::{Id, Key};

/// How long cleanup leaves a marker, in microseconds: the longest window of a manager.
pub(crate) const KEPT: i64 = 600_000_000;

/// The first character of a marker's key; base64url does not have it.
const MARK: u8 = b'!';

impl Key {
    /// The key of the marker that says that this id has ended.
    pub(crate) fn marker_of(id: &Id) -> Self {
        let mut text = [MARK; 43];
        text[1..].copy_from_slice(&id.digest_text().as_bytes()[..42]);
        Key::from_text(std::str::from_utf8(&text).unwrap_or_default())
    }

    pub(crate) fn is_marker(&self) -> bool {
        self.as_bytes().first() == Some(&MARK) && self.as_bytes().len() == 43
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::token::Target;

    #[test]
    fn a_marker_is_told_from_the_key_that_ended_and_from_all_others() {
        for hashed in [true, false] {
            let of = |token: &str| Id::of(Target::from(token), hashed, 43).unwrap();
            let (one, other) = (Key::marker_of(&of("one")), Key::marker_of(&of("other")));
            assert!(one.is_marker() && one != other && one.as_bytes().len() == 43);
            assert!(!of("one").key().is_marker());
        }
    }
}
