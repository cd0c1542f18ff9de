//! Whether a value is what is there already.

use super::{Map, Value};

impl Value {
    /// Whether it is stored as the other one is: with its type, so that 1 is neither 1.0 nor true,
    /// 0.0 is not -0.0, and what is no number is the same as itself. What
    /// [`put_if_changed`](crate::Session::put_if_changed) goes by.
    pub fn is_same(&self, other: &Value) -> bool {
        match (self, other) {
            (Value::Float(one), Value::Float(two)) => {
                one.to_bits() == two.to_bits() || (one.is_nan() && two.is_nan())
            }
            // One of them may have been made by hand.
            (Value::Int(signed), Value::Unsigned(unsigned))
            | (Value::Unsigned(unsigned), Value::Int(signed)) => {
                u64::try_from(*signed) == Ok(*unsigned)
            }
            (Value::List(one), Value::List(two)) => {
                one.len() == two.len() && one.iter().zip(two).all(|(one, two)| one.is_same(two))
            }
            (Value::Map(one), Value::Map(two)) => are_same(one, two),
            _ => self == other,
        }
    }
}

fn are_same(one: &Map, two: &Map) -> bool {
    let same = |((key, value), (other_key, other)): ((&String, &Value), (&String, &Value))| {
        key == other_key && value.is_same(other)
    };
    one.len() == two.len() && one.iter().zip(two).all(same)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_the_same_with_its_type_alone() {
        let map = |value: Value| Value::Map(Map::from([("k".to_owned(), value)]));
        let different: Vec<Value> = vec![
            Value::Null,
            false.into(),
            0.into(),
            0.0.into(),
            (-0.0).into(),
            f64::NAN.into(),
            "".into(),
            "0".into(),
            Value::Bytes(Vec::new()),
            Value::Bytes(b"0".to_vec()),
            Value::Time(crate::Timestamp::from_micros(0)),
            Value::List(Vec::new()),
            Value::List(vec![Value::Null]),
            Value::Map(Map::new()),
        ];
        for (index, one) in different.iter().enumerate() {
            for (other_index, other) in different.iter().enumerate() {
                let same = index == other_index;
                assert_eq!(one.is_same(other), same, "{index} {other_index}");
                assert_eq!(map(one.clone()).is_same(&map(other.clone())), same);
                let list = |value: &Value| Value::List(vec![1.into(), value.clone()]);
                assert_eq!(list(one).is_same(&list(other)), same);
            }
        }
        assert!(Value::Unsigned(5).is_same(&5.into()) && !Value::Unsigned(5).is_same(&6.into()));
        assert!(!Value::Unsigned(u64::MAX).is_same(&(-1).into()));
        let other_key = Value::Map(Map::from([("l".to_owned(), Value::Null)]));
        assert!(!map(Value::Null).is_same(&other_key));
    }
}
