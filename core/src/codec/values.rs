//! The values of a document, each of which is decoded when somebody wants it.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde_json::value::RawValue;

use super::json;
use crate::error::Result;
use crate::value::{Map, Value};

/// Values by name. What was read as JSON stays as it was written until it is wanted, and is written
/// back like that: most requests look at few of their session's values, and change fewer.
#[derive(Clone, Default)]
pub(crate) struct Values(BTreeMap<String, Slot>);

#[derive(Clone)]
pub(super) struct Slot {
    json: Option<Box<RawValue>>,
    value: OnceLock<Value>,
}

impl Slot {
    /// What `json::is_plain` says can be decoded.
    pub(super) fn undecoded(json: &RawValue) -> Self {
        Slot { json: Some(json.to_owned()), value: OnceLock::new() }
    }

    pub(super) fn json(&self) -> Option<&RawValue> {
        self.json.as_deref()
    }

    pub(super) fn value(&self) -> Result<&Value> {
        if let (None, Some(json)) = (self.value.get(), &self.json) {
            let _ = self.value.set(json::decode_plain(json.get())?);
        }
        Ok(self.value.get().unwrap_or(&Value::Null))
    }
}

impl From<Value> for Slot {
    fn from(value: Value) -> Self {
        Slot { json: None, value: OnceLock::from(value) }
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

    pub(crate) fn insert(&mut self, key: String, value: Value) {
        self.0.insert(key, value.into());
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
        let entry = |(key, slot): (&String, &Slot)| Ok((key.clone(), slot.value()?.clone()));
        self.0.iter().map(entry).collect()
    }

    pub(super) fn insert_slot(&mut self, key: String, slot: Slot) {
        self.0.insert(key, slot);
    }

    pub(super) fn slots(&self) -> &BTreeMap<String, Slot> {
        &self.0
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
    use crate::codec::Codec;
    use crate::value::Value;

    #[test]
    fn lists_and_maps_are_decoded_once_and_when_they_are_wanted() {
        let json = br#"{"values":{"cart":[1,2],"user":7}}"#;
        let document = Codec::Json.decode(json).unwrap();
        let slots = document.values.slots();
        let decoded = |key: &str| slots[key].value.get().is_some();
        assert_eq!(["cart", "user"].map(decoded), [false, true]);
        assert_eq!(Codec::Json.encode(&document).unwrap(), json);
        assert!(!decoded("cart"));
        let cart = Value::List(vec![1.into(), 2.into()]);
        assert!(document.values.get("cart").unwrap() == Some(cart));
        assert!(decoded("cart"));
    }
}
