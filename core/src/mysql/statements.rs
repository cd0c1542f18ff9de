//! The prepared statements of one connection: few, because the server has a number for all
//! programs together.

use std::collections::HashMap;

use mysql_async::Value;

use super::sql::Statement;

/// The most that a connection keeps. Sixteen thousand are MySQL's default for all connections.
const MOST: usize = 64;

/// A statement, and how many rows it takes.
pub(super) type Shape = (Statement, usize);

#[derive(Default)]
pub(super) struct Statements {
    prepared: HashMap<Shape, (mysql_async::Statement, u64)>,
    uses: u64,
    /// The server has none left: statements go as text.
    pub(super) none_left: bool,
}

impl Statements {
    pub(super) fn get(&mut self, shape: Shape) -> Option<mysql_async::Statement> {
        self.uses += 1;
        let (prepared, used) = self.prepared.get_mut(&shape)?;
        *used = self.uses;
        Some(prepared.clone())
    }

    /// Keeps one more. The one to be closed for it, which was not used for longest, if there are
    /// too many.
    pub(super) fn put(
        &mut self,
        shape: Shape,
        prepared: mysql_async::Statement,
    ) -> Option<mysql_async::Statement> {
        let oldest = || self.prepared.iter().min_by_key(|(_, (_, used))| *used);
        let oldest = oldest().map(|(shape, _)| *shape).filter(|_| self.prepared.len() >= MOST);
        let closed = oldest.and_then(|shape| self.prepared.remove(&shape));
        self.prepared.insert(shape, (prepared, self.uses));
        closed.map(|(prepared, _)| prepared)
    }

    /// The server does not know it any more.
    pub(super) fn forget(&mut self, shape: Shape) {
        self.prepared.remove(&shape);
    }

    pub(super) fn clear(&mut self) {
        self.prepared.clear();
    }
}

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
