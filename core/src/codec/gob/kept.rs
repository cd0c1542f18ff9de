//! What stays of a document that was read, so that it can be written back.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use super::corrupt;
use super::decode::Concrete;
use super::names::Registered;
use super::types::{TypeId, Types};
use super::walk::Walker;
use super::wire::GobReader;
use crate::protocol::error::Result;
use crate::value::Value;

/// The values of a document, free of definitions, and the types they name.
pub(super) struct Blob {
    bytes: Vec<u8>,
    pub(super) types: Types,
}

impl Blob {
    pub(super) fn bytes(&self, at: &Range<usize>) -> Result<&[u8]> {
        self.bytes.get(at.clone()).ok_or_else(|| corrupt("it is cut off"))
    }
}

/// A value as it was read: the name of its Go type, the type's number, length and bytes.
#[derive(Clone)]
pub(in crate::codec) struct Kept {
    pub(super) blob: Arc<Blob>,
    at: Range<usize>,
    /// The types that it names.
    pub(super) needs: Box<[TypeId]>,
}

impl Kept {
    pub(in crate::codec) fn bytes(&self) -> Result<&[u8]> {
        self.blob.bytes(&self.at)
    }

    pub(super) fn concrete(&self) -> Result<Option<Concrete<'_>>> {
        Concrete::read(&mut GobReader::of_value(self.bytes()?), &self.blob.types)
    }

    pub(in crate::codec) fn value(&self) -> Result<Value> {
        self.concrete()?.map_or(Ok(Value::Null), |concrete| concrete.decode(&self.blob.types))
    }
}

/// The document around its values.
pub(crate) struct GobOrigin {
    pub(super) blob: Arc<Blob>,
    /// What a value in it shows to be registered.
    pub(super) shown: Registered,
    pub(super) around: Around,
}

/// What is around the values of a document, and where it stands.
pub(super) struct Around {
    /// The type of the whole.
    pub(super) top: TypeId,
    /// SCS: the deadline as it was understood, and as it stands there.
    pub(super) deadline: Option<(i64, Range<usize>)>,
    /// SCS: fields that this version does not know, each with its place in the struct.
    pub(super) others: Vec<(usize, Range<usize>)>,
    /// Entries whose keys only Go can name.
    pub(super) hidden: Vec<Range<usize>>,
    /// beego: the keys that are shown as text, but are none.
    pub(super) keys: BTreeMap<String, Range<usize>>,
    /// The types that all this names.
    pub(super) needs: Vec<TypeId>,
}

/// An [`GobOrigin`] that is being read.
pub(super) struct Reading<'a> {
    pub(super) walker: Walker<'a>,
    pub(super) around: Around,
    pub(super) values: Vec<(String, Range<usize>, Box<[TypeId]>)>,
}

impl<'a> Reading<'a> {
    /// Up to the one value of the document.
    pub(super) fn new(bytes: &'a [u8]) -> Result<Self> {
        let mut walker = Walker::new(bytes);
        let top = walker.type_of_next(false)?;
        walker.alone(top)?;
        let around = Around {
            top,
            deadline: None,
            others: Vec::new(),
            hidden: Vec::new(),
            keys: BTreeMap::new(),
            needs: vec![top],
        };
        Ok(Reading { walker, around, values: Vec::new() })
    }

    /// Walks over a part of the document. Says where it is, and which types it names.
    pub(super) fn part(
        &mut self,
        walk: impl FnOnce(&mut Walker<'a>) -> Result<usize>,
    ) -> Result<(Range<usize>, Box<[TypeId]>)> {
        let start = self.walker.out.len();
        walk(&mut self.walker)?;
        let needs = std::mem::take(&mut self.walker.needs).into_boxed_slice();
        Ok((start..self.walker.out.len(), needs))
    }

    /// The document is read: what is left are its values.
    pub(super) fn done(self) -> Result<(GobOrigin, Vec<(String, Kept)>)> {
        let Reading { walker, around, values } = self;
        if walker.reader.left() > 0 {
            return Err(corrupt("something follows the value"));
        }
        walker.types.check()?;
        let (shown, blob) = (walker.shown, Blob { bytes: walker.out, types: walker.types });
        let blob = Arc::new(blob);
        let kept = |(key, at, needs)| (key, Kept { blob: Arc::clone(&blob), at, needs });
        let values = values.into_iter().map(kept).collect();
        let origin = GobOrigin { blob, shown, around };
        Ok((origin, values))
    }
}
