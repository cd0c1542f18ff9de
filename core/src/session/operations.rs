//! Changes that are merged as what they do, not as the value that they lead to.

use crate::protocol::error::{Error, Result};
use crate::value::Value;

/// What is done to the value of a key, whatever it is by then.
#[derive(Clone)]
pub(super) enum Operation {
    /// So much more; from 0, where there is no value.
    Increment(i64),
    /// One more item; the first, where there is no value.
    Append(Value),
}

impl Operation {
    /// The new value. `InvalidArgument` where the value is of another kind, or is beyond what an
    /// integer can be.
    pub(super) fn apply(&self, key: &str, value: Option<&Value>) -> Result<Value> {
        match (self, value) {
            (Operation::Increment(by), None) => Ok(Value::Int(*by)),
            (Operation::Increment(by), Some(Value::Int(value))) => sum(key, (*value).into(), *by),
            (Operation::Increment(by), Some(Value::Unsigned(value))) => {
                sum(key, (*value).into(), *by)
            }
            (Operation::Append(item), None) => Ok(Value::List(vec![item.clone()])),
            (Operation::Append(item), Some(Value::List(list))) => {
                let list = Value::List(list.iter().chain([item]).cloned().collect());
                list.check_at(key)?;
                Ok(list)
            }
            (Operation::Increment(_), Some(other)) => Err(wrong(key, other, "incremented")),
            (Operation::Append(_), Some(other)) => Err(wrong(key, other, "appended to")),
        }
    }
}

fn sum(key: &str, value: i128, by: i64) -> Result<Value> {
    let sum = value + i128::from(by);
    let small = i64::try_from(sum).map(Value::Int);
    small.or_else(|_| u64::try_from(sum).map(Value::Unsigned)).map_err(|_| {
        Error::invalid(format!("the value of {key:?} would be beyond 64 bits: store a new one"))
    })
}

fn wrong(key: &str, value: &Value, what: &str) -> Error {
    let kind = value.kind();
    Error::invalid(format!("the value of {key:?} is of kind {kind} and cannot be {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_grow_up_to_what_they_can_be() {
        let plus = |by, value: Value| Operation::Increment(by).apply("n", Some(&value));
        assert!(plus(1, Value::Int(i64::MAX)).unwrap() == Value::Unsigned(1 << 63));
        assert!(plus(-1, Value::Unsigned(1 << 63)).unwrap() == Value::Int(i64::MAX));
        assert!(plus(1, Value::Unsigned(u64::MAX)).is_err());
        assert!(plus(-1, Value::Int(i64::MIN)).is_err());
        assert!(plus(1, Value::Float(1.0)).is_err());
    }

    #[test]
    fn only_lists_are_appended_to() {
        let append = |value: Option<&Value>| Operation::Append(2.into()).apply("l", value);
        assert!(
            append(Some(&Value::List(vec![1.into()]))).unwrap()
                == Value::List(vec![1.into(), 2.into()])
        );
        assert!(append(None).unwrap() == Value::List(vec![2.into()]));
        assert!(append(Some(&Value::Null)).is_err());
    }
}
