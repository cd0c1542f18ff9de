//! Every statement that is sent, as text. Values, `now` included, are always parameters.

use super::layout::Layout;

/// A statement, but for how many rows it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Statement {
    // By primary key; keys, then now.
    Find,
    Exists,
    // Rows of (token, data, expiry, subject); Save then takes now where there are subjects.
    Save,
    Insert,
    // One: data, expiry, subject, token, now. Many: rows of (token, data, expiry, subject), then
    // now.
    Update,
    // One: data, expiry, subject, token, expected, now. Many: keys, data, keys, keys, expiries,
    // keys, subjects, keys, now, keys, expected.
    Replace,
    // One: expiry, token, now. Many: rows of (token, expiry), then now.
    Touch,
    // expiry, keys, now: for many that move to the same instant.
    TouchTogether,
    // keys, now
    DeleteLive,
    DeleteDue,
    // keys
    Delete,
    // new token, old token, now
    Rename,
    // new token, data, expiry, subject, old token, now
    RenameWith,
    // now
    Count,
    // after, now, limit
    List,
    // subject, after, now, limit
    ListSubject,
    // subject, after, limit
    KeysOfSubject,
    // keys, subject, now
    DeleteOfSubjectLive,
    // keys, subject
    DeleteOfSubject,
    // now, limit. By the expiry index.
    ExpiredKeys,
    // keys, now
    DeleteExpired,
}

/// Cleanup asks the server's clock too, so that one host with a wrong clock cannot delete what is
/// alive.
const DUE_EVERYWHERE: &str = "expiry <= LEAST(?, UTC_TIMESTAMP(6))";

impl Statement {
    /// All of them, for tests.
    #[cfg(test)]
    pub(super) const ALL: [Statement; 21] = [
        Statement::Find,
        Statement::Exists,
        Statement::Save,
        Statement::Insert,
        Statement::Update,
        Statement::Replace,
        Statement::Touch,
        Statement::TouchTogether,
        Statement::DeleteLive,
        Statement::DeleteDue,
        Statement::Delete,
        Statement::Rename,
        Statement::RenameWith,
        Statement::Count,
        Statement::List,
        Statement::ListSubject,
        Statement::KeysOfSubject,
        Statement::DeleteOfSubjectLive,
        Statement::DeleteOfSubject,
        Statement::ExpiredKeys,
        Statement::DeleteExpired,
    ];

    /// The smallest arity at or above `rows` that is prepared: a connection holds few statements,
    /// and the padding (a repeated key, an empty row) costs less than preparing each number.
    pub(super) fn arity(self, rows: usize) -> usize {
        // Close together where batches are large, for there the padding is what costs.
        const OFTEN: [usize; 16] = [1, 2, 3, 4, 6, 8, 12, 16, 20, 24, 28, 32, 40, 48, 56, 64];
        match self {
            Statement::Find
            | Statement::Save
            | Statement::Update
            | Statement::Replace
            | Statement::Touch => OFTEN.into_iter().find(|arity| *arity >= rows).unwrap_or(rows),
            // A repeated row would be a duplicate.
            Statement::Insert => rows,
            Statement::Exists
            | Statement::TouchTogether
            | Statement::DeleteLive
            | Statement::DeleteDue
            | Statement::Delete
            | Statement::DeleteOfSubjectLive
            | Statement::DeleteOfSubject
            | Statement::DeleteExpired => rows.next_power_of_two(),
            Statement::Rename
            | Statement::RenameWith
            | Statement::Count
            | Statement::List
            | Statement::ListSubject
            | Statement::KeysOfSubject
            | Statement::ExpiredKeys => 1,
        }
    }

    pub(super) fn text(self, layout: &Layout, arity: usize) -> String {
        let table = &layout.table;
        let keys = keys(arity);
        let (columns, row, keep) = match layout.subject {
            true => {
                ("token, data, expiry, subject", "(?,?,?,?)", ", subject = COALESCE(?, subject)")
            }
            false => ("token, data, expiry", "(?,?,?)", ""),
        };
        match self {
            Statement::Find => {
                format!(
                    "SELECT {columns} FROM {table} FORCE INDEX (PRIMARY) WHERE token {keys} AND expiry > ?"
                )
            }
            Statement::Exists => {
                format!(
                    "SELECT token FROM {table} FORCE INDEX (PRIMARY) WHERE token {keys} AND expiry > ?"
                )
            }
            Statement::Save => {
                // The old expiry must be looked at before it is assigned.
                let subject = match layout.subject {
                    true => {
                        "subject = IF(VALUES(subject) IS NULL AND expiry > ?, subject, \
                         VALUES(subject)), "
                    }
                    false => "",
                };
                format!(
                    "INSERT INTO {table} ({columns}) VALUES {} ON DUPLICATE KEY UPDATE {subject}\
                     data = VALUES(data), expiry = VALUES(expiry)",
                    repeat(row, arity),
                )
            }
            Statement::Insert => {
                format!("INSERT INTO {table} ({columns}) VALUES {}", repeat(row, arity))
            }
            Statement::Update if arity == 1 => format!(
                "UPDATE {table} SET data = ?, expiry = ?{keep} WHERE token = ? AND expiry > ?"
            ),
            Statement::Replace if arity == 1 => format!(
                "UPDATE {table} SET data = ?, expiry = ?{keep} \
                 WHERE token = ? AND data = CAST(? AS BINARY) AND expiry > ?"
            ),
            Statement::Touch if arity == 1 => {
                format!("UPDATE {table} SET expiry = ? WHERE token = ? AND expiry > ?")
            }
            Statement::Update => joined(layout, arity, true),
            Statement::Replace => swapped(layout, arity),
            Statement::Touch => joined(layout, arity, false),
            Statement::TouchTogether => format!(
                "UPDATE {table} FORCE INDEX (PRIMARY) SET expiry = ? \
                 WHERE token {keys} AND expiry > ?"
            ),
            Statement::DeleteLive => delete(table, &format!("s.token {keys} AND s.expiry > ?")),
            Statement::DeleteDue => delete(table, &format!("s.token {keys} AND s.expiry <= ?")),
            Statement::Delete => delete(table, &format!("s.token {keys}")),
            Statement::Rename => {
                format!("UPDATE {table} SET token = ? WHERE token = ? AND expiry > ?")
            }
            Statement::RenameWith => format!(
                "UPDATE {table} SET token = ?, data = ?, expiry = ?{keep} \
                 WHERE token = ? AND expiry > ?"
            ),
            Statement::Count => format!("SELECT COUNT(*) FROM {table} WHERE expiry > ?"),
            Statement::List => format!(
                "SELECT {columns} FROM {table} FORCE INDEX (PRIMARY) \
                 WHERE token > ? AND expiry > ? ORDER BY token LIMIT ?"
            ),
            Statement::ListSubject => format!(
                "SELECT {columns} FROM {table} IGNORE INDEX (PRIMARY) \
                 WHERE subject = ? AND token > ? AND expiry > ? ORDER BY token LIMIT ?"
            ),
            Statement::KeysOfSubject => format!(
                "SELECT token FROM {table} IGNORE INDEX (PRIMARY) \
                 WHERE subject = ? AND token > ? ORDER BY token LIMIT ?"
            ),
            Statement::DeleteOfSubjectLive => {
                delete(table, &format!("s.token {keys} AND s.subject = ? AND s.expiry > ?"))
            }
            Statement::DeleteOfSubject => {
                delete(table, &format!("s.token {keys} AND s.subject = ?"))
            }
            Statement::ExpiredKeys => {
                format!("SELECT token FROM {table} WHERE {DUE_EVERYWHERE} ORDER BY expiry LIMIT ?")
            }
            Statement::DeleteExpired => {
                delete(table, &format!("s.token {keys} AND s.{DUE_EVERYWHERE}"))
            }
        }
    }
}

/// By primary key always: on a small table the optimizer would rather scan, and a scan locks what
/// it passes.
fn delete(table: &str, which: &str) -> String {
    format!("DELETE s FROM {table} AS s FORCE INDEX (PRIMARY) WHERE {which}")
}

/// Many rows, each with its own values, joined to the table in the order they are given.
fn joined(layout: &Layout, arity: usize, content: bool) -> String {
    let token = &layout.token_type;
    let mut columns = vec![format!("CONVERT(? USING {}) COLLATE {} AS token", token.0, token.1)];
    let mut set = Vec::new();
    if content {
        columns.push("CAST(? AS BINARY) AS data".to_owned());
        set.push("s.data = x.data");
    }
    columns.push("CAST(? AS DATETIME(6)) AS expiry".to_owned());
    set.push("s.expiry = x.expiry");
    if content && layout.subject {
        columns.push("CONVERT(? USING utf8mb4) COLLATE utf8mb4_bin AS subject".to_owned());
        set.push("s.subject = COALESCE(x.subject, s.subject)");
    }
    // Every row spells its types out: a server may take them from the first one or from each.
    let first = columns.join(", ");
    let plain: Vec<&str> = columns
        .iter()
        .map(|column| column.rsplit_once(" AS ").map_or("?", |(cast, _)| cast))
        .collect();
    let rest = format!(" UNION ALL SELECT {}", plain.join(", ")).repeat(arity - 1);
    format!(
        "UPDATE (SELECT {first}{rest}) AS x STRAIGHT_JOIN {} AS s FORCE INDEX (PRIMARY) \
         ON s.token = x.token SET {} WHERE s.expiry > ?",
        layout.table,
        set.join(", "),
    )
}

/// Swaps of many rows, each of which is done or not: which were, the answer says as the bits of
/// its last insert id, by which it differs from the one before. Nothing else could tell afterwards.
///
/// Each row finds its values by the place of its key's checksum among the checksums, which differ;
/// the keys themselves would be sent, and compared as text, five times. A join to a list of them
/// all would be a table on the server's disk.
fn swapped(layout: &Layout, arity: usize) -> String {
    let table = &layout.table;
    let all = repeat("?", arity);
    let bytes = repeat("CAST(? AS BINARY)", arity);
    let place = format!("FIELD(CRC32(token), {all})");
    let subject = match layout.subject {
        true => format!(", subject = COALESCE(ELT({place}, {all}), subject)"),
        false => String::new(),
    };
    format!(
        "UPDATE {table} FORCE INDEX (PRIMARY) SET data = ELT({place}, {bytes}), \
         expiry = ELT({place} + 0 * LAST_INSERT_ID(LAST_INSERT_ID() ^ (1 << ({place} - 1))), {all})\
         {subject} WHERE token IN ({all}) AND expiry > ? AND data = ELT({place}, {bytes})",
    )
}

fn keys(arity: usize) -> String {
    if arity == 1 { "= ?".to_owned() } else { format!("IN ({})", repeat("?", arity)) }
}

fn repeat(part: &str, times: usize) -> String {
    vec![part; times].join(",")
}
