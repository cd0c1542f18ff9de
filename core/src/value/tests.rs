use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use super::instant::{parse as parse_instant, write as write_instant};
use super::*;
use crate::protocol::error::ErrorKind;

#[derive(Serialize, Deserialize, PartialEq, Debug, Clone)]
enum Shape {
    Empty,
    One(Box<Shape>),
    Pair(i8, String),
    Fields { inner: Option<Box<Shape>>, at: Timestamp },
}

#[derive(Serialize, Deserialize, PartialEq, Eq, PartialOrd, Ord, Debug, Clone)]
struct Id(u64);

#[derive(Serialize, Deserialize, PartialEq, Debug, Clone)]
struct Unit;

#[derive(Serialize, Deserialize, PartialEq, Debug, Clone)]
struct All {
    shapes: Vec<Shape>,
    numbers: HashMap<i32, f32>,
    flags: BTreeMap<bool, char>,
    ids: BTreeMap<Id, ()>,
    named: BTreeMap<Name, Unit>,
    wide: (i128, u128, u64, i64),
    none: Option<u8>,
    bytes: Vec<u8>,
    value: Value,
    #[serde(flatten)]
    rest: Rest,
}

#[derive(Serialize, Deserialize, PartialEq, Debug, Clone)]
struct Rest {
    seen: Timestamp,
    either: Either,
}

#[derive(Serialize, Deserialize, PartialEq, Debug, Clone)]
#[serde(untagged)]
enum Either {
    Number(i32),
    Time { at: Timestamp },
}

#[derive(Serialize, Deserialize, PartialEq, Eq, PartialOrd, Ord, Debug, Clone)]
enum Name {
    First,
    Second,
}

fn list<const N: usize>(items: [Value; N]) -> Value {
    Value::List(items.into())
}

fn time() -> Timestamp {
    Timestamp::from_micros(1_704_164_645_678_901)
}

fn everything() -> Value {
    Value::from(Map::from([
        ("null".into(), Value::Null),
        ("bool".into(), true.into()),
        ("int".into(), i64::MIN.into()),
        ("unsigned".into(), u64::MAX.into()),
        ("float".into(), (-0.5).into()),
        ("text".into(), "ö".into()),
        ("bytes".into(), vec![0u8, 255].into()),
        ("time".into(), time().into()),
        ("list".into(), list([1.into(), time().into()])),
    ]))
}

#[test]
fn a_type_with_everything_goes_in_and_out() {
    let all = All {
        shapes: vec![
            Shape::Empty,
            Shape::One(Box::new(Shape::One(Box::new(Shape::Empty)))),
            Shape::Pair(-3, "x".into()),
            Shape::Fields { inner: Some(Box::new(Shape::Pair(1, String::new()))), at: time() },
        ],
        numbers: HashMap::from([(-1, 0.5), (7, f32::MAX)]),
        flags: BTreeMap::from([(true, 'ß'), (false, 'n')]),
        ids: BTreeMap::from([(Id(u64::MAX), ()), (Id(0), ())]),
        named: BTreeMap::from([(Name::First, Unit), (Name::Second, Unit)]),
        wide: (i128::from(i64::MIN), u128::from(u64::MAX), u64::MAX, -1),
        none: None,
        bytes: vec![1, 2, 255],
        value: everything(),
        rest: Rest { seen: time(), either: Either::Time { at: time() } },
    };
    let value = to_value(&all).unwrap();
    let back: All = from_value(value.clone()).unwrap();
    assert_eq!(back, all);
    let Value::Map(map) = value else { panic!("a struct is a map") };
    assert!(map["seen"] == time().into());
    assert!(map["value"] == everything());
    assert!(map["shapes"] == to_value(&all.shapes).unwrap());
}

#[test]
fn enums_are_spelled_as_serde_json_does() {
    let one = |name: &str, content: Value| Value::from(Map::from([(name.to_owned(), content)]));
    let inner = Shape::Pair(-3, "x".into());
    assert!(to_value(&Shape::Empty).unwrap() == "Empty".into());
    let pair = one("Pair", list([(-3).into(), "x".into()]));
    assert!(to_value(&inner).unwrap() == pair);
    assert!(to_value(&Shape::One(Box::new(inner))).unwrap() == one("One", pair));
    let fields = Map::from([("inner".into(), Value::Null), ("at".into(), time().into())]);
    let shape = Shape::Fields { inner: None, at: time() };
    assert!(to_value(&shape).unwrap() == one("Fields", fields.into()));
    // A unit variant may also come with nothing.
    assert_eq!(from_value::<Shape>(one("Empty", Value::Null)).unwrap(), Shape::Empty);
}

#[test]
fn a_value_goes_through_as_it_is() {
    assert!(to_value(&everything()).unwrap() == everything());
    assert!(from_value::<Value>(everything()).unwrap() == everything());
    for micros in [i64::MIN, i64::MAX] {
        let value = Value::Time(Timestamp::from_micros(micros));
        assert!(from_value::<Value>(value.clone()).unwrap() == value);
        assert!(from_value::<Timestamp>(value).unwrap().as_micros() == micros);
    }
}

#[test]
fn a_value_goes_through_other_formats_as_far_as_they_know_it() {
    let json = serde_json::to_string(&everything()).unwrap();
    let back: Value = serde_json::from_str(&json).unwrap();
    let Value::Map(back) = back else { panic!("a map stays one") };
    assert!(back["time"] == "2024-01-02T03:04:05.678901Z".into());
    assert!(back["bytes"] == list([0.into(), 255.into()]));
    assert!(back["unsigned"] == u64::MAX.into());
    let foreign = serde_json::json!({"a": [1, 2.5, null], "b": "x"});
    assert_eq!(from_value::<serde_json::Value>(to_value(&foreign).unwrap()).unwrap(), foreign);
}

#[test]
fn a_time_is_text_elsewhere() {
    let text = "\"2024-01-02T03:04:05.678901Z\"";
    assert_eq!(serde_json::to_string(&time()).unwrap(), text);
    assert_eq!(serde_json::from_str::<Timestamp>(text).unwrap(), time());
    let offset = "\"2024-01-02T05:04:05.678901999+02:00\"";
    assert_eq!(serde_json::from_str::<Timestamp>(offset).unwrap(), time());
    assert!(serde_json::from_str::<Timestamp>("1704164645678901").is_err());
    assert!(serde_json::to_string(&Timestamp::from_micros(i64::MAX)).is_err());
}

#[test]
fn instants_have_one_spelling_within_the_years_1_to_9999() {
    for (micros, text) in [
        (0, "1970-01-01T00:00:00.000000Z"),
        (-1, "1969-12-31T23:59:59.999999Z"),
        (-62_135_596_800_000_000, "0001-01-01T00:00:00.000000Z"),
        (253_402_300_799_999_999, "9999-12-31T23:59:59.999999Z"),
        (951_782_400_000_000, "2000-02-29T00:00:00.000000Z"),
    ] {
        let instant = Timestamp::from_micros(micros);
        assert_eq!(write_instant(instant).as_deref(), Some(text));
        assert_eq!(parse_instant(text), Some(instant));
    }
    for micros in [-62_135_596_800_000_001, 253_402_300_800_000_000, i64::MIN, i64::MAX] {
        assert_eq!(write_instant(Timestamp::from_micros(micros)), None);
    }
    for text in [
        "",
        "2024-01-02",
        "2024-01-02T03:04:05",
        "2023-02-29T00:00:00Z",
        "0000-12-31T23:59:59Z",
        "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
        "10000-01-01T00:00:00Z",
        " 2024-01-02T03:04:05Z",
    ] {
        assert_eq!(parse_instant(text), None, "{text}");
    }
}

#[test]
fn bytes_are_what_asks_for_them() {
    struct Raw;
    impl Serialize for Raw {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_bytes(b"\0\xff")
        }
    }
    let value = to_value(&Raw).unwrap();
    assert!(value == vec![0u8, 255].into());
    assert_eq!(from_value::<Vec<u8>>(value.clone()).unwrap(), [0, 255]);
    assert_eq!(from_value::<(u8, u8)>(value.clone()).unwrap(), (0, 255));
    assert!(from_value::<(u8,)>(value).is_err());
    assert!(to_value(&[0u8, 255]).unwrap() == list([0.into(), 255.into()]));
}

#[test]
fn what_does_not_fit_is_told_by_kinds_alone() {
    #[derive(Deserialize, Debug)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)]
    struct Strict {
        known: u8,
    }
    let secret = || Value::from("secret-5309");
    let map = |key: &str| Value::from(Map::from([(key.to_owned(), secret())]));
    let refusals = [
        from_value::<u8>(secret()).unwrap_err(),
        from_value::<u8>(5309.into()).unwrap_err(),
        from_value::<Shape>(secret()).unwrap_err(),
        from_value::<Shape>(map("secret-5309")).unwrap_err(),
        from_value::<Strict>(map("secret-5309")).unwrap_err(),
        from_value::<Strict>(map("known")).unwrap_err(),
        from_value::<Timestamp>(secret()).unwrap_err(),
        from_value::<std::net::IpAddr>(secret()).unwrap_err(),
        from_value::<BTreeMap<u8, Value>>(map("secret-5309")).unwrap_err(),
        from_value::<char>(secret()).unwrap_err(),
        from_value::<i64>(5309.0.into()).unwrap_err(),
        from_value::<(u8,)>(list([1.into(), 5309.into()])).unwrap_err(),
        to_value(&i128::MIN).unwrap_err(),
        to_value(&u128::MAX).unwrap_err(),
        to_value(&Timestamp::from_micros(i64::MAX)).unwrap_err(),
        to_value(&BTreeMap::from([((5309, 1), ())])).unwrap_err(),
    ];
    for (index, error) in refusals.iter().enumerate() {
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{index}");
        assert!(!error.message().contains("5309"), "{index}: {error}");
    }
    assert!(refusals[0].message().contains("is text, but wanted is u8"), "{}", refusals[0]);
    assert_eq!(format!("{:?}", secret()), "Value(text)");
}

#[test]
fn a_failure_says_where_it_is() {
    let map = |key: &str, value: Value| Value::from(Map::from([(key.to_owned(), value)]));
    let never = || Value::Time(Timestamp::from_micros(i64::MAX));
    let user = |zip: Value| map("user", map("address", map("zip", zip)));
    let cart = |price: Value| map("cart", list([map("price", 1.into()), map("price", price)]));
    type User = BTreeMap<String, BTreeMap<String, BTreeMap<String, u32>>>;
    type Cart = BTreeMap<String, Vec<BTreeMap<String, u32>>>;
    #[derive(Serialize)]
    struct Order {
        lines: Vec<Option<(u8, i128)>>,
    }
    let order = Order { lines: vec![None, Some((1, 5)), Some((1, i128::MAX))] };
    let keys = BTreeMap::from([("m", BTreeMap::from([((1, 2), 3)]))]);
    let pair = map("shape", map("Pair", list([300.into(), "x".into()])));
    for (error, place) in [
        (user(never()).check().unwrap_err(), "user.address.zip: "),
        (cart(never()).check().unwrap_err(), "cart[1].price: "),
        (never().check_at("at").unwrap_err(), "at: "),
        (never().check_at("when it was").unwrap_err(), "[\"when it was\"]: "),
        (map("price", never()).check_item_of("cart").unwrap_err(), "cart[].price: "),
        (cart(never()).to_json().unwrap_err(), "cart[1].price: "),
        (from_value::<User>(user("x".into())).unwrap_err(), "user.address.zip: "),
        (from_value_at::<Cart>("shop", cart("x".into())).unwrap_err(), "shop.cart[1].price: "),
        (from_value_at::<u8>("age", 300.into()).unwrap_err(), "age: "),
        (from_value::<BTreeMap<String, Shape>>(pair).unwrap_err(), "shape.Pair[0]: "),
        (to_value_at("order", &order).unwrap_err(), "order.lines[2][1]: "),
        (to_item_of("orders", &order).unwrap_err(), "orders[].lines[2][1]: "),
        (to_value(&keys).unwrap_err(), "m: "),
    ] {
        assert!(error.message().starts_with(place), "{place}: {error}");
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    }
    // Nothing is around what is wrong here.
    assert!(from_value::<u8>(300.into()).unwrap_err().message().starts_with("the session value"));
}

#[test]
fn what_is_too_deep_is_refused() {
    let nested = |depth| (0..depth).fold(Value::Null, |inner, _| list([inner]));
    assert!(to_value(&nested(Value::MAX_DEPTH)).unwrap() == nested(Value::MAX_DEPTH));
    let error = to_value(&nested(Value::MAX_DEPTH + 1)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
}

#[test]
fn integers_have_one_form() {
    assert!(Value::from(5u64) == Value::Int(5));
    assert!(Value::from(1u64 << 63) == Value::Unsigned(1 << 63));
    assert!(to_value(&5u8).unwrap() == Value::Int(5));
    assert!(to_value(&(1u128 << 63)).unwrap() == Value::Unsigned(1 << 63));
    assert!(Value::from(None::<bool>) == Value::Null);
}
