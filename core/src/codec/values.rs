//! The values of a document, each of which is decoded when it is read.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde_json::value::RawValue;

use super::{gob, json};
use crate::protocol::error::Result;
use crate::value::{Map, Value};

/// Values by name. What was read stays as it was written until it is wanted, and is written
/// back like that: most requests look at few of their session's values, and change fewer.
#[derive(Clone, Default)]
pub(crate) struct Values(BTreeMap<String, LazyValue>);

/// One of the values, and what its codec knows of it.
#[derive(Clone)]
pub(crate) struct LazyValue {
    stored: StoredValue,
    value: OnceLock<Value>,
}

/// What is stored where a value belongs.
#[derive(Clone)]
pub(super) enum StoredValue {
    /// Nothing that matters.
    Nothing,
    /// The value, as JSON in which nothing needs a tag, and nothing looks like one.
    Json(Box<RawValue>),
    /// The value, as JSON without tags.
    Untagged(Box<RawValue>),
    /// The value, as gob.
    Gob(gob::Kept),
    /// Another value, whose Go type this one takes over.
    Instead(gob::Kept),
}

impl LazyValue {
    /// What `json::is_plain` says can be decoded.
    pub(super) fn undecoded(json: &RawValue) -> Self {
        LazyValue { stored: StoredValue::Json(json.to_owned()), value: OnceLock::new() }
    }

    /// A value and how it was written, without tags.
    pub(super) fn untagged(json: &RawValue, value: Value) -> Self {
        LazyValue { stored: StoredValue::Untagged(json.to_owned()), value: value.into() }
    }

    pub(super) fn kept(kept: gob::Kept) -> Self {
        LazyValue { stored: StoredValue::Gob(kept), value: OnceLock::new() }
    }

    pub(super) fn stored(&self) -> &StoredValue {
        &self.stored
    }

    #[cfg(test)]
    pub(super) fn stored_gob(&self) -> Option<&[u8]> {
        match &self.stored {
            StoredValue::Gob(kept) => kept.bytes().ok(),
            StoredValue::Nothing
            | StoredValue::Json(_)
            | StoredValue::Untagged(_)
            | StoredValue::Instead(_) => None,
        }
    }

    pub(crate) fn value(&self) -> Result<&Value> {
        if self.value.get().is_none() {
            let value = match &self.stored {
                StoredValue::Json(json) => json::decode_plain(json.get())?,
                StoredValue::Gob(kept) => kept.value()?,
                // These are made with their values.
                StoredValue::Nothing | StoredValue::Untagged(_) | StoredValue::Instead(_) => {
                    Value::Null
                }
            };
            let _ = self.value.set(value);
        }
        Ok(self.value.get().unwrap_or(&Value::Null))
    }

    /// This, where that one was.
    fn instead_of(&mut self, former: &LazyValue) {
        if let (StoredValue::Nothing, StoredValue::Gob(kept) | StoredValue::Instead(kept)) =
            (&self.stored, &former.stored)
        {
            self.stored = StoredValue::Instead(kept.clone());
        }
    }
}

impl From<Value> for LazyValue {
    fn from(value: Value) -> Self {
        LazyValue { stored: StoredValue::Nothing, value: OnceLock::from(value) }
    }
}

impl Values {
    pub(crate) fn get(&self, key: &str) -> Result<Option<Value>> {
        self.0.get(key).map(|slot| slot.value().cloned()).transpose()
    }

    pub(crate) fn contains_key(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &String> {
        self.0.keys()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a key has this very value.
    pub(crate) fn has(&self, key: &str, value: &Value) -> Result<bool> {
        self.0.get(key).map_or(Ok(false), |slot| Ok(slot.value()?.is_same(value)))
    }

    /// A value that was put takes over the Go type of the one that it replaces; one that comes
    /// from another session keeps its own.
    pub(crate) fn insert(&mut self, key: String, slot: impl Into<LazyValue>) {
        let mut slot = slot.into();
        if let Some(former) = self.0.get(&key) {
            slot.instead_of(former);
        }
        self.0.insert(key, slot);
    }

    /// Whether it was there.
    pub(crate) fn remove(&mut self, key: &str) -> bool {
        self.0.remove(key).is_some()
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// All of them, decoded.
    pub(crate) fn to_map(&self) -> Result<Map> {
        let entry = |(key, slot): (&String, &LazyValue)| Ok((key.clone(), slot.value()?.clone()));
        self.0.iter().map(entry).collect()
    }

    pub(super) fn insert_slot(&mut self, key: String, slot: LazyValue) {
        self.0.insert(key, slot);
    }

    pub(crate) fn slots(&self) -> &BTreeMap<String, LazyValue> {
        &self.0
    }

    /// Those that have other keys than these.
    pub(super) fn besides<T>(
        &self,
        others: &[(&str, T)],
    ) -> impl Iterator<Item = (&String, &LazyValue)> + Clone {
        self.0.iter().filter(|(key, _)| others.iter().all(|(other, _)| other != key))
    }
}

impl From<Map> for Values {
    fn from(map: Map) -> Self {
        Values(map.into_iter().map(|(key, value)| (key, value.into())).collect())
    }
}

#[cfg(test)]
impl PartialEq for Values {
    fn eq(&self, other: &Self) -> bool {
        matches!((self.to_map(), other.to_map()), (Ok(one), Ok(two)) if one == two)
    }
}

#[cfg(test)]
mod tests {
    use crate::codec::{Codec, Registered};
    use crate::value::Value;

    #[test]
    fn lists_and_maps_are_decoded_once_and_when_they_are_wanted() {
        let json = br#"{"values":{"cart":[1,2],"user":7}}"#;
        let document = Codec::Json.decode(json).unwrap();
        let slots = document.values.slots();
        let decoded = |key: &str| slots[key].value.get().is_some();
        assert_eq!(["cart", "user"].map(decoded), [false, true]);
        assert_eq!(Codec::Json.encode(&document, Registered::NONE).unwrap(), json);
        assert!(!decoded("cart"));
        let cart = Value::List(vec![1.into(), 2.into()]);
        assert!(document.values.get("cart").unwrap() == Some(cart));
        assert!(decoded("cart"));
    }
}
