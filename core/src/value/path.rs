//! Where in a value something is: `user.address.zip`, `cart[2].price`. Made from the inside out,
//! while an error comes up; also by bindings, whose errors name places in their own values.

use std::fmt::Write as _;

/// Keys that are longer are cut: an error is no place for a megabyte.
const MAX_KEY: usize = 64;

/// The same of all of it.
const MAX_PATH: usize = 256;

/// The path of what is at `rest` in the value of a key.
pub fn in_key(key: &str, rest: &str) -> String {
    let cut: String = key.chars().take(MAX_KEY).collect();
    let is_whole = cut.len() == key.len();
    let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '-' || c == '$';
    let mut path = match is_whole && !key.is_empty() && key.chars().all(is_word) {
        true => cut,
        false => format!("[{cut:?}{}]", if is_whole { "" } else { "…" }),
    };
    if !rest.is_empty() && !rest.starts_with('[') {
        path.push('.');
    }
    joined(path, rest)
}

/// The path of what is at `rest` in the item of a list; without an index in one that is to be
/// appended.
pub fn in_item(index: Option<usize>, rest: &str) -> String {
    let index = index.map(|index| index.to_string()).unwrap_or_default();
    let dot = if rest.is_empty() || rest.starts_with('[') { "" } else { "." };
    joined(format!("[{index}]{dot}"), rest)
}

fn joined(mut path: String, rest: &str) -> String {
    let left = MAX_PATH.saturating_sub(path.len());
    match rest.char_indices().nth(left) {
        None => path.push_str(rest),
        Some((end, _)) => {
            let _ = write!(path, "{}…", &rest[..end]);
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_written_as_programs_write_it() {
        assert_eq!(in_key("user", &in_key("address", &in_key("zip", ""))), "user.address.zip");
        assert_eq!(in_key("cart", &in_item(Some(2), &in_key("price", ""))), "cart[2].price");
        assert_eq!(in_key("cart", &in_item(None, "")), "cart[]");
        assert_eq!(in_item(Some(0), &in_item(Some(1), "")), "[0][1]");
        assert_eq!(in_key("m", &in_key("a b", &in_key("c", ""))), r#"m["a b"].c"#);
        assert_eq!(in_key("", ""), r#"[""]"#);
        assert_eq!(in_key("a\n\"", ""), r#"["a\n\""]"#);
    }

    #[test]
    fn a_path_is_never_long() {
        let long = in_key(&"ü".repeat(5000), "");
        assert!(long.starts_with("[\"ü") && long.ends_with("\"…]") && long.len() < 200);
        let deep = (0..1000).fold(String::new(), |rest, _| in_key("key", &rest));
        assert!(deep.starts_with("key.key.") && deep.ends_with('…') && deep.len() < 300);
    }
}
