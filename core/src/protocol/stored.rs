//! A session in memory: one piece, shared by the table and by those who found it.

use std::sync::atomic::{AtomicI64, Ordering};

use triomphe::ThinArc;

use crate::protocol::token::Id;

/// Expiry, key, subject and data in one piece of memory behind one thin pointer: a session costs
/// one allocation and a find few cache misses, and it is handed out without copying while the
/// lock is held. Clones are the same session.
#[derive(Clone)]
pub(crate) struct StoredSession(ThinArc<Head, u8>);

struct Head {
    /// Moved by a touch, under the shard's lock; everything else never changes.
    expires_at: AtomicI64,
    subject_len: u16,
    key_len: u8,
    /// Whether the key is a plain token, not a digest.
    plain: bool,
}

impl StoredSession {
    pub(crate) fn new(id: &Id, data: &[u8], subject: Option<&str>, expires_at: i64) -> Self {
        let (key, subject) = (id.bytes(), subject.unwrap_or_default().as_bytes());
        let head = Head {
            expires_at: AtomicI64::new(expires_at),
            subject_len: u16::try_from(subject.len()).expect("a subject has at most 1020 bytes"),
            key_len: u8::try_from(key.len()).expect("a key has at most 64 bytes"),
            plain: matches!(id, Id::Plain(_)),
        };
        StoredSession(ThinArc::from_header_and_slice(head, &[key, subject, data].concat()))
    }

    fn head(&self) -> &Head {
        &self.0.header.header
    }

    fn key_end(&self) -> usize {
        usize::from(self.head().key_len)
    }

    fn data_start(&self) -> usize {
        self.key_end() + usize::from(self.head().subject_len)
    }

    fn id_bytes(&self) -> &[u8] {
        &self.0.slice[..self.key_end()]
    }

    pub(crate) fn id(&self) -> Id {
        Id::from_bytes(self.id_bytes(), self.head().plain)
    }

    /// Whether it is the session of this id.
    #[inline]
    pub(crate) fn is(&self, id: &Id) -> bool {
        match id {
            // A comparison of a known length takes a few instructions, and no call.
            Id::Digest(digest) => !self.head().plain && self.0.slice.first_chunk() == Some(digest),
            Id::Plain(_) => self.head().plain && self.id_bytes() == id.bytes(),
        }
    }

    #[inline]
    pub(crate) fn subject(&self) -> Option<&str> {
        let subject = &self.0.slice[self.key_end()..self.data_start()];
        if subject.is_empty() { None } else { std::str::from_utf8(subject).ok() }
    }

    pub(crate) fn data(&self) -> &[u8] {
        &self.0.slice[self.data_start()..]
    }

    pub(crate) fn expires_at(&self) -> i64 {
        self.head().expires_at.load(Ordering::Relaxed)
    }

    /// The one before.
    pub(crate) fn move_expiry(&self, expires_at: i64) -> i64 {
        self.head().expires_at.swap(expires_at, Ordering::Relaxed)
    }

    pub(crate) fn is_live(&self, now: i64) -> bool {
        now < self.expires_at()
    }
}
