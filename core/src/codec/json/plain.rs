//! Whether a value can be decoded later, because nothing about it can turn out wrong.

use crate::value::Value;

/// More digits may be more than a double holds.
const DIGITS: usize = 32;

/// Whether the JSON text of a list or map can be kept as it is and decoded later: no tags, no
/// escapes, no exponents, not too deep. What this says of a document that sessio wrote is right for
/// nearly all of its values; of the others it says no, and they are decoded at once.
pub(super) fn is_plain(json: &str) -> bool {
    let (mut depth, mut digits, mut before) = (0usize, 0usize, b' ');
    let mut in_text = false;
    for byte in json.bytes() {
        match byte {
            b'\\' => return false,
            b'"' => in_text = !in_text,
            b'$' if in_text && before == b'"' => return false,
            _ if in_text => {}
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth -= 1,
            b'0'..=b'9' => digits += 1,
            b'e' | b'E' if before.is_ascii_digit() => return false,
            _ => digits = 0,
        }
        if depth >= Value::MAX_DEPTH || digits > DIGITS {
            return false;
        }
        before = byte;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_is_what_stands_for_itself() {
        for plain in ["[]", "{}", r#"{"a":[1,-2.5,true,null],"b":{"c":"x$y e5"}}"#, "[ 12 , 3 ]"] {
            assert!(is_plain(plain), "{plain}");
        }
        let deep = format!("{}{}", "[".repeat(64), "]".repeat(64));
        let long = format!("[{}]", "1".repeat(400));
        for other in [
            r#"{"$int":"5"}"#,
            r#"[{"$int":"5"}]"#,
            r#"["\u0041"]"#,
            "[1e5]",
            "[1E999]",
            &deep,
            &long,
        ] {
            assert!(!is_plain(other), "{other}");
        }
    }
}
