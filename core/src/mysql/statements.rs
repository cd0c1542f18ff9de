//! The prepared statements of one connection: few, because the server has a number for all
//! programs together.

use std::collections::HashMap;

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
