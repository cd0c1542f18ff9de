//! What no Go program has written, and damage: errors, never more.

use super::gob::vectors;
use super::*;

/// A session of SCS without values, up to where those stand: its definitions, and the value.
const TYPES: &str = "26ff81030102ff820001020108446561646c696e6501ff8400010656616c75657301ff8600000010ff830501010454696d6501ff8400000027ff85040101176d61705b737472696e675d696e74657266616365207b7d01ff8600010c01100000";

/// A message, or what else stands behind its length.
fn counted(bytes: Vec<u8>) -> Vec<u8> {
    let len = u16::try_from(bytes.len()).unwrap().to_be_bytes();
    [&[0xfe], &len[..], &bytes].concat()
}

/// A session whose one value `v` is this: the name of its type and all that follows.
fn session(definitions: &str, value: &str) -> Vec<u8> {
    let body = unhex(&format!("ff8202010176{value}00"));
    [unhex(TYPES), unhex(definitions), counted(body)].concat()
}

/// A definition, behind its length.
fn message(definition: &str) -> String {
    format!("{:02x}{definition}", definition.len() / 2)
}

#[test]
fn what_go_would_refuse_is_corrupt() {
    let text = "06737472696e670c03000161";
    assert!(Codec::Gob.decode(&session("", text)).is_ok());
    for (name, definitions, value) in [
        ("a type that is not defined", "", "03787878ff90020000"),
        ("a name that is not of its type", "", "06737472696e670402000a"),
        ("a value that is of any type again", "", "037878781002000000"),
        ("a value that is not announced", "", "06737472696e670c03010161"),
        ("a name that is not UTF-8", "", "01ff0402000a"),
        ("a text that is longer than all", "", "06737472696e670c0300f8ffffffffffffffff61"),
        ("a number of nine bytes", "", "03696e74040a00f7010101010101010101"),
        // A slice of strings, whose count is larger than what is there.
        (
            "a count that is larger",
            &message("ff87020102ff8800010c0000"),
            "085b5d737472696e67ff880400ff800161",
        ),
        ("a type that is defined twice", &message("ff85020102ff8600010c0000"), text),
        ("a type of gob's own", &message("19020102120001080000"), text),
        ("a slice of nothing", &message("ff87020102ff88000000"), text),
        ("a slice of what is not defined", &message("ff87020102ff880001fe01000000"), text),
        ("a kind of types that gob has not", &message("ff87080102ff88000000"), text),
        ("a type of two kinds", &message("ff87020102ff8800010c000101"), text),
        ("a field without a name", &message("ff87030102ff880001010204000000"), text),
        (
            "an array that is longer than its type",
            &message("ff87010102ff8800010401060000"),
            "0178ff880500040202020200",
        ),
        (
            "a field that the struct has not",
            &message("ff87030102ff8800010101014e010400000000"),
            "0178ff88030202020000",
        ),
    ] {
        let error = Codec::Gob.decode(&session(definitions, value)).err();
        let error = error.unwrap_or_else(|| panic!("{name} is read"));
        assert_eq!(error.kind(), ErrorKind::Corrupt, "{name}");
    }
    let again = [session("", text), vec![0]].concat();
    assert_eq!(Codec::Gob.decode(&again).err().unwrap().kind(), ErrorKind::Corrupt);
}

#[test]
fn a_session_of_go_cut_anywhere_is_corrupt() {
    for vector in vectors() {
        for len in 0..vector.bytes.len() {
            // Nothing at all is what beego stores at first.
            let fits = len == 0 && vector.codec == Codec::Beego;
            let read = vector.codec.decode(&vector.bytes[..len]);
            assert_eq!(read.is_ok(), fits, "{} {len}", vector.name);
        }
    }
}

/// A list of lists, so deep.
fn nested(depth: usize) -> Vec<u8> {
    let slice = message("ff87020102ff880001100000");
    let name = "0e5b5d696e74657266616365207b7d";
    let mut value = unhex("00");
    for _ in 0..depth {
        let inner = [vec![0, 1], value].concat();
        value = [unhex(name), unhex("ff88"), counted(inner)].concat();
    }
    session(&slice, &hex(&value))
}

#[test]
fn what_is_deep_is_stored_up_to_a_limit() {
    for depth in [1, 63, 64, 65, 500] {
        let read = Codec::Gob.decode(&nested(depth));
        assert_eq!(read.is_ok(), depth < Value::MAX_DEPTH, "{depth}");
        if let Ok(document) = read {
            let values = Value::Map(document.values.to_map().unwrap());
            values.to_json().unwrap();
        }
    }
}

#[test]
fn a_few_bytes_do_not_become_many() {
    // A struct of 250 numbers, and a list of 4,000 of them in which each is one zero byte.
    let field = |at| format!("0104{}010400", hex(format!("f{at:03}").as_bytes()));
    let fields: String = (0..250).map(field).collect();
    let whole = counted(unhex(&format!("ff87030102ff880001fffa{fields}0000")));
    let list = message("ff89020102ff8a0001ff880000");
    let value = |count: u16| {
        let zeros = "00".repeat(count.into());
        format!("0178ff8afe{:04x}00fe{count:04x}{zeros}", count + 4)
    };
    let read = |count| Codec::Gob.decode(&session(&(hex(&whole) + &list), &value(count)));
    assert!(read(4).is_ok());
    assert_eq!(read(4000).err().unwrap().kind(), ErrorKind::Corrupt);
    let types: Vec<String> =
        (0..1100).map(|at| message(&format!("fe{:04x}020100010c0000", 0x201 + 2 * at))).collect();
    assert!(Codec::Gob.decode(&session(&types[..1000].concat(), "00")).is_ok());
    let error = Codec::Gob.decode(&session(&types.concat(), "00")).err().unwrap();
    assert!(error.message().contains("1024 types"), "{error}");
}
