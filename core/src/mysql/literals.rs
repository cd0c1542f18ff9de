//! Statements with their parameters written into the text.

use mysql_async::Value;

/// The statement with its parameters in it, for a server that prepares none. Text of ours has no
/// question mark but for the parameters.
pub(super) fn with_parameters(text: &str, params: &[Value]) -> String {
    let mut filled = String::with_capacity(text.len() * 2);
    let mut params = params.iter();
    for part in text.split_inclusive('?') {
        let Some(before) = part.strip_suffix('?') else {
            filled.push_str(part);
            continue;
        };
        filled.push_str(before);
        match params.next() {
            // As text where it is text: only so can it be compared by the column's own index.
            Some(value) => filled.push_str(&value.as_sql(false)),
            None => filled.push_str("NULL"),
        }
    }
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_cannot_leave_their_quotes() {
        let text = "SELECT data FROM t WHERE token = ? AND data = ? LIMIT ?";
        let params = [Value::from("a'b\\"), Value::Bytes(vec![0xff, b'?']), Value::UInt(3)];
        assert_eq!(
            with_parameters(text, &params),
            "SELECT data FROM t WHERE token = 'a\\'b\\\\' AND data = 0xFF3F LIMIT 3"
        );
    }
}
