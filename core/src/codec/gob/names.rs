//! What Go calls its types, and which of them a Go program can read without being told.

use super::types::{BOOL, BYTES, COMPLEX, FLOAT, INT, INTERFACE, STRING, TypeId, UINT};
use crate::protocol::error::{Error, Result};

pub(super) const TIME: &str = "time.Time";
pub(super) const LIST: &str = "[]interface {}";
/// What is written for an empty list where nothing says what belongs into it.
pub(super) const EMPTY_LIST: &str = "[]string";
pub(super) const MAP: &str = "map[string]interface {}";
pub(super) const MAP_OF_TEXT: &str = "map[string]string";

/// The types that are not registered by Go itself, but that sessio may have to write.
const REGISTRABLE: [&str; 4] = [TIME, LIST, MAP, MAP_OF_TEXT];

/// Which of these types the Go programs of a table know how to read where any type may stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Registered(u8);

impl Registered {
    pub(crate) const NONE: Registered = Registered(0);
    /// What beego registers.
    pub(super) const BEEGO: Registered = Registered(0b1110);

    /// From a comma list, in which `any` stands for `interface {}`.
    pub(crate) fn parse(list: &str) -> Result<Self> {
        let names = list.split(',').map(str::trim).filter(|name| !name.is_empty());
        names.map(Self::named).try_fold(Registered::NONE, |all, one| Ok(all.and(one?)))
    }

    fn named(name: &str) -> Result<Self> {
        let spelled = name.replace("interface{}", "interface {}").replace("any", "interface {}");
        let one = Self::of(&spelled);
        if one == Registered::NONE {
            return Err(Error::invalid_with(
                "{option gob_registered} takes any of {}; not {}",
                &[&REGISTRABLE.join(", "), &format_args!("{name:?}")],
            ));
        }
        Ok(one)
    }

    /// This type, if it is one of them.
    pub(super) fn of(name: &str) -> Self {
        let at = REGISTRABLE.iter().position(|known| *known == name);
        Registered(at.map_or(0, |at| 1 << at))
    }

    pub(super) fn and(self, other: Self) -> Self {
        Registered(self.0 | other.0)
    }

    pub(super) fn has(self, name: &str) -> bool {
        self.0 & Self::of(name).0 != 0
    }
}

/// What gob makes of a type that Go registers itself.
pub(super) fn basic(name: &str) -> Option<TypeId> {
    Some(match name {
        "bool" => BOOL,
        "int" | "int8" | "int16" | "int32" | "int64" => INT,
        "uint" | "uint8" | "uint16" | "uint32" | "uint64" | "uintptr" => UINT,
        "float32" | "float64" => FLOAT,
        "complex64" | "complex128" => COMPLEX,
        "string" => STRING,
        "[]uint8" => BYTES,
        "interface {}" => INTERFACE,
        _ => return None,
    })
}

/// Whether a number of this type can be so large. What a declared type holds is not known; then
/// 64 bits are taken for right.
pub(super) fn holds_int(name: &str, number: i64) -> bool {
    match name {
        "int8" => i8::try_from(number).is_ok(),
        "int16" => i16::try_from(number).is_ok(),
        "int32" => i32::try_from(number).is_ok(),
        _ => true,
    }
}

pub(super) fn holds_uint(name: &str, number: u64) -> bool {
    match name {
        "uint8" => u8::try_from(number).is_ok(),
        "uint16" => u16::try_from(number).is_ok(),
        "uint32" => u32::try_from(number).is_ok(),
        _ => true,
    }
}

/// The nearest number of this type; `None` for what is beyond all of them.
#[expect(clippy::cast_possible_truncation, reason = "rounding is what is wanted")]
pub(super) fn nearest_float(name: &str, number: f64) -> Option<f64> {
    if !matches!(name, "float32" | "complex64") {
        return Some(number);
    }
    let nearest = f64::from(number as f32);
    (nearest.is_finite() || !number.is_finite()).then_some(nearest)
}

/// What the elements of a list of this type are called: `int8` of `[]int8` and `[4]int8`, and of
/// `map[string]int8`. Nothing where the name does not say it.
pub(super) fn element(name: &str) -> &str {
    let rest = name.strip_prefix("map").unwrap_or(name);
    let Some(rest) = rest.strip_prefix('[') else { return "" };
    // The key of a map may be an array, with brackets of its own.
    let mut open = 1;
    for (at, byte) in rest.bytes().enumerate() {
        match byte {
            b'[' => open += 1,
            b']' => open -= 1,
            _ => {}
        }
        if open == 0 {
            return rest.get(at + 1..).unwrap_or_default();
        }
    }
    ""
}

/// What the keys of a map of this type are called.
pub(super) fn key(name: &str) -> &str {
    let element = element(name);
    let key = name.strip_prefix("map[").and_then(|rest| rest.strip_suffix(element));
    key.and_then(|rest| rest.strip_suffix(']')).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_what_they_are_made_of() {
        for (name, of_key, of) in [
            ("[]int8", "", "int8"),
            ("[4][]uint16", "", "[]uint16"),
            ("map[string]int8", "string", "int8"),
            ("map[[2]int8][]string", "[2]int8", "[]string"),
            ("main.Role", "", ""),
            ("map[", "", ""),
            ("", "", ""),
        ] {
            assert_eq!((key(name), element(name)), (of_key, of), "{name}");
        }
    }

    #[test]
    fn registered_types_are_named_in_any_of_their_spellings() {
        let all = Registered::parse("time.Time, []any,map[string]interface{} ,map[string]string");
        let all = all.unwrap();
        assert!(REGISTRABLE.iter().all(|name| all.has(name)));
        assert_eq!(Registered::parse("").unwrap(), Registered::NONE);
        assert!(!Registered::BEEGO.has(TIME) && Registered::BEEGO.has(MAP_OF_TEXT));
        assert!(Registered::parse("time.Time,main.User").is_err());
    }
}
