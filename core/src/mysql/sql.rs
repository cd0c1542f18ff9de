//! Every statement that is sent, as text. Values, `now` included, are always parameters.

use super::columns::ExpiryEncoding;
use super::layout::{Columns, Layout, TableKind};

/// A statement, but for how many rows it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Statement {
    // By primary key. Where the layout is guarded, keys are the keys twice, and a token is given
    // twice wherever it says which row is meant.
    // keys, now
    Find,
    Exists,
    // token: whose row is in the way, whether it lives or not.
    Holder,
    // Rows of (token, data, expiry, subject); Save then takes now where there are subjects.
    Save,
    Insert,
    // One: data, expiry, subject, token, now. Many: rows of (token, data, expiry, subject), then
    // now.
    Update,
    // One: data, expiry, subject, token, expected, now. Many: keys, data, keys, nonce, nonce, keys,
    // expiries, keys, subjects, keys, now, keys, expected.
    Replace,
    // One: expiry, token, now. Many: rows of (token, expiry), then now.
    Touch,
    // expiry, keys, now: for many that move to the same instant.
    TouchTogether,
    // keys, now. DeleteLive of one fails where the session has expired.
    DeleteLive,
    DeleteDue,
    // keys
    Delete,
    // new token, old token, now
    Rename,
    // new token, data, expiry, subject, old token, now
    RenameWith,
    // Of beego's: new token, data, expiry, old token, expected, now. Otherwise: the marker's expiry
    // and token, old token twice, expected, now; then the old token before each of data, expiry,
    // subject, new token.
    Move,
    // the marker's token and expiry, token, now
    End,
    // now
    Count,
    // after, now, limit
    List,
    // subject, after, now, limit
    ListSubject,
    // after, limit
    Keys,
    // subject, after, limit
    KeysOfSubject,
    // keys, subject, now
    DeleteOfSubjectLive,
    // keys, subject
    DeleteOfSubject,
    // now, the last expiry of the page before twice, its last token, how old markers must be,
    // limit. By the expiry index.
    ExpiredKeys,
    // keys, now
    DeleteExpired,
}

impl Statement {
    /// All of them, for tests.
    #[cfg(test)]
    pub(super) const ALL: [Statement; 25] = [
        Statement::Find,
        Statement::Exists,
        Statement::Holder,
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
        Statement::Move,
        Statement::End,
        Statement::Count,
        Statement::List,
        Statement::ListSubject,
        Statement::Keys,
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
        const OFTEN: [usize; 11] = [1, 2, 4, 8, 12, 16, 24, 32, 40, 48, 64];
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
            Statement::Holder
            | Statement::Rename
            | Statement::RenameWith
            | Statement::Move
            | Statement::End
            | Statement::Count
            | Statement::List
            | Statement::ListSubject
            | Statement::Keys
            | Statement::KeysOfSubject
            | Statement::ExpiredKeys => 1,
        }
    }

    /// Whether a statement of so many rows is worth preparing: sent as text it costs the server a
    /// little more, and each that is prepared is one of few.
    pub(super) fn is_prepared(self, arity: usize) -> bool {
        self != Statement::Insert || arity.is_power_of_two()
    }

    pub(super) fn text(self, layout: &Layout, arity: usize) -> String {
        let table = &layout.table;
        let Columns { token, data, expiry, subject: whose } = &layout.columns;
        let (row, keep) = match layout.subject {
            true => ("(?,?,?,?)", format!(", {whose} = COALESCE(?, {whose})")),
            false => ("(?,?,?)", String::new()),
        };
        let subject = if layout.subject { format!(", {whose}") } else { String::new() };
        let columns = format!("{token}, {data}, {expiry}{subject}");
        let keyed = keyed(layout, "", arity);
        let due = due_everywhere(layout);
        let live = live(layout, "");
        match self {
            Statement::Find => {
                format!(
                    "SELECT {columns} FROM {table} FORCE INDEX (PRIMARY) WHERE {keyed} AND {expiry} > ?"
                )
            }
            Statement::Exists => {
                format!(
                    "SELECT {token} FROM {table} FORCE INDEX (PRIMARY) WHERE {keyed} AND {expiry} > ?"
                )
            }
            Statement::Holder => {
                format!("SELECT {token} FROM {table} FORCE INDEX (PRIMARY) WHERE {token} = ?")
            }
            Statement::Save => format!(
                "INSERT INTO {table} ({columns}) VALUES {} ON DUPLICATE KEY UPDATE {}\
                 {data} = VALUES({data}), {expiry} = VALUES({expiry})",
                repeat(row, arity),
                unless_of_another(layout),
            ),
            Statement::Insert => {
                format!("INSERT INTO {table} ({columns}) VALUES {}", repeat(row, arity))
            }
            Statement::Update if arity == 1 => format!(
                "UPDATE {table} SET {data} = ?, {expiry} = ?{keep} WHERE {keyed} AND {live}"
            ),
            Statement::Replace if arity == 1 => format!(
                "UPDATE {table} SET {data} = ?, {expiry} = ?{keep} \
                 WHERE {keyed} AND {} = CAST(? AS BINARY) AND {live}",
                content(layout),
            ),
            Statement::Touch if arity == 1 => {
                format!("UPDATE {table} SET {expiry} = ? WHERE {keyed} AND {live}")
            }
            Statement::Update => joined(layout, arity, true),
            Statement::Replace => swapped(layout, arity),
            Statement::Touch => joined(layout, arity, false),
            Statement::TouchTogether => format!(
                "UPDATE {table} FORCE INDEX (PRIMARY) SET {expiry} = ? \
                 WHERE {keyed} AND {live}"
            ),
            Statement::DeleteLive if arity == 1 => delete_or_fail(layout),
            Statement::DeleteLive => delete(layout, arity, &format!(" AND s.{expiry} > ?")),
            Statement::DeleteDue => delete(layout, arity, &format!(" AND s.{expiry} <= ?")),
            Statement::Delete => delete(layout, arity, ""),
            Statement::Rename => {
                let still = unmoved(layout);
                format!("UPDATE {table} SET {token} = ?{still} WHERE {keyed} AND {live}")
            }
            Statement::RenameWith => format!(
                "UPDATE {table} SET {token} = ?, {data} = ?, {expiry} = ?{keep} \
                 WHERE {keyed} AND {live}"
            ),
            Statement::Move if layout.kind == TableKind::Beego => format!(
                "UPDATE {table} SET {token} = ?, {data} = ?, {expiry} = ?{keep} \
                 WHERE {keyed} AND {} = CAST(? AS BINARY) AND {live}",
                content(layout),
            ),
            Statement::Move => moved(layout),
            Statement::End => {
                let no_subject =
                    if layout.subject { format!(", {whose} = NULL") } else { String::new() };
                format!(
                    "UPDATE {table} SET {token} = ?, {data} = '', {expiry} = ?{no_subject} \
                     WHERE {keyed} AND {live}"
                )
            }
            Statement::Count => format!("SELECT COUNT(*) FROM {table} WHERE {expiry} > ?"),
            Statement::List => format!(
                "SELECT {columns} FROM {table} FORCE INDEX (PRIMARY) \
                 WHERE {token} > ? AND {expiry} > ? ORDER BY {token} LIMIT ?"
            ),
            Statement::ListSubject => format!(
                "SELECT {columns} FROM {table} IGNORE INDEX (PRIMARY) \
                 WHERE {whose} = ? AND {token} > ? AND {expiry} > ? ORDER BY {token} LIMIT ?"
            ),
            Statement::Keys => format!(
                "SELECT {token} FROM {table} FORCE INDEX (PRIMARY) \
                 WHERE {token} > ? ORDER BY {token} LIMIT ?"
            ),
            Statement::KeysOfSubject => format!(
                "SELECT {token} FROM {table} IGNORE INDEX (PRIMARY) \
                 WHERE {whose} = ? AND {token} > ? ORDER BY {token} LIMIT ?"
            ),
            Statement::DeleteOfSubjectLive => {
                delete(layout, arity, &format!(" AND s.{whose} = ? AND s.{expiry} > ?"))
            }
            Statement::DeleteOfSubject => delete(layout, arity, &format!(" AND s.{whose} = ?")),
            Statement::ExpiredKeys => {
                format!(
                    "SELECT {token}, {expiry} FROM {table} WHERE {due} AND {expiry} >= ? \
                     AND ({expiry} > ? OR {token} > ?) \
                     AND ({token} NOT LIKE '!%' OR {expiry} <= ?) \
                     ORDER BY {expiry}, {token} LIMIT ?"
                )
            }
            Statement::DeleteExpired => delete(layout, arity, &format!(" AND s.{due}")),
        }
    }
}

/// By primary key always: on a small table the optimizer would rather scan, and a scan locks what
/// it passes.
fn delete(layout: &Layout, arity: usize, and: &str) -> String {
    let keyed = keyed(layout, "s.", arity);
    format!("DELETE s FROM {} AS s FORCE INDEX (PRIMARY) WHERE {keyed}{and}", layout.table)
}

/// The error of a sum that is out of range, which none of our statements has but this one.
pub(super) const OUT_OF_RANGE: u16 = 1690;

/// Of a live session one row is deleted, of one that is not there none, and one that has expired is
/// an error: so a single statement tells the three apart. The largest number and the length of the
/// row's expiry have no sum, in no mode of the server. (Of the token, which is given, the sum would
/// be tried without a row.) A server that took it for a warning would delete the row, which is what
/// is done with it anyway.
fn delete_or_fail(layout: &Layout) -> String {
    let expiry = &layout.columns.expiry;
    let fail = format!("{} + LENGTH(s.{expiry})", u64::MAX);
    delete(layout, 1, &format!(" AND IF(s.{expiry} > ?, 1, {fail})"))
}

/// The rows with these tokens, by the primary key; and with no others, where the column's
/// collation takes others for the same.
fn keyed(layout: &Layout, alias: &str, arity: usize) -> String {
    let token = format!("{alias}{}", layout.columns.token);
    let keys = keys(arity);
    match layout.guarded {
        true => format!("{token} {keys} AND {} {keys}", bytes_of(&token)),
        false => format!("{token} {keys}"),
    }
}

/// By way of UTF-8, for there are character sets in which ASCII has other bytes.
fn bytes_of(token: &str) -> String {
    format!("CAST(CONVERT({token} USING utf8mb4) AS BINARY)")
}

/// What an upsert over an existing row does first. One that the column takes for another session's
/// fails: NULL is no token (error 1048).
fn unless_of_another(layout: &Layout) -> String {
    let Columns { token, expiry, subject, .. } = &layout.columns;
    let mut first = String::new();
    if layout.guarded {
        let (old, new) = (bytes_of(token), bytes_of(&format!("VALUES({token})")));
        first = format!("{token} = IF({old} = {new}, {token}, NULL), ");
    }
    if layout.subject {
        // The old expiry must be looked at before it is assigned.
        first += &format!(
            "{subject} = IF(VALUES({subject}) IS NULL AND {expiry} > ?, {subject}, \
             VALUES({subject})), "
        );
    }
    first
}

/// The data to compare with. In a table of beego's it can be NULL, which is empty.
fn content(layout: &Layout) -> String {
    match layout.kind {
        TableKind::Sessio | TableKind::Scs => layout.columns.data.clone(),
        TableKind::Beego => format!("COALESCE({}, '')", layout.columns.data),
    }
}

/// A TIMESTAMP can be of the kind that any update sets to the current time if it does not name it.
fn unmoved(layout: &Layout) -> String {
    match layout.expiry {
        ExpiryEncoding::DateTime | ExpiryEncoding::LastWrite { .. } => String::new(),
        ExpiryEncoding::Timestamp { .. } => {
            let expiry = &layout.columns.expiry;
            format!(", {expiry} = {expiry}")
        }
    }
}

/// What a change of a live session asks for: that it lives by this host's clock, which a parameter
/// gives, and by the server's at the moment at which the row is changed. The statement may have
/// waited for a lock since it was sent, or in the network.
fn live(layout: &Layout, alias: &str) -> String {
    let expiry = format!("{alias}{}", layout.columns.expiry);
    if !layout.asks_server {
        return format!("{expiry} > ?");
    }
    // Other functions give the time at which the statement began.
    let now = match layout.expiry {
        ExpiryEncoding::DateTime => "SYSDATE(6)".to_owned(),
        ExpiryEncoding::Timestamp { .. } => "UTC_TIMESTAMP(6) + INTERVAL \
             TIMESTAMPDIFF(MICROSECOND, NOW(6), SYSDATE(6)) MICROSECOND"
            .to_owned(),
        ExpiryEncoding::LastWrite { lifetime } => {
            format!("CAST(UNIX_TIMESTAMP(SYSDATE()) AS SIGNED) - {lifetime}")
        }
    };
    format!("{expiry} > ? AND {expiry} > {now}")
}

/// Cleanup asks the server's clock too, so that one host with a wrong clock cannot delete what is
/// alive.
fn due_everywhere(layout: &Layout) -> String {
    let expiry = &layout.columns.expiry;
    match layout.expiry {
        ExpiryEncoding::DateTime | ExpiryEncoding::Timestamp { .. } => {
            format!("{expiry} <= LEAST(?, UTC_TIMESTAMP(6))")
        }
        ExpiryEncoding::LastWrite { lifetime } => {
            format!("{expiry} <= LEAST(?, CAST(UNIX_TIMESTAMP() AS SIGNED) - {lifetime})")
        }
    }
}

/// Many rows, each with its own values, joined to the table in the order they are given.
fn joined(layout: &Layout, arity: usize, content: bool) -> String {
    let (charset, collation) = &layout.token_type;
    let Columns { token, data, expiry, subject } = &layout.columns;
    let instant = match layout.expiry {
        ExpiryEncoding::DateTime | ExpiryEncoding::Timestamp { .. } => "DATETIME(6)",
        ExpiryEncoding::LastWrite { .. } => "UNSIGNED",
    };
    let mut columns = vec![format!("CONVERT(? USING {charset}) COLLATE {collation} AS token")];
    let mut set = Vec::new();
    if content {
        columns.push("CAST(? AS BINARY) AS data".to_owned());
        set.push(format!("s.{data} = x.data"));
    }
    columns.push(format!("CAST(? AS {instant}) AS expiry"));
    set.push(format!("s.{expiry} = x.expiry"));
    if content && layout.subject {
        columns.push("CONVERT(? USING utf8mb4) COLLATE utf8mb4_bin AS subject".to_owned());
        set.push(format!("s.{subject} = COALESCE(x.subject, s.{subject})"));
    }
    // Every row spells its types out: a server may take them from the first one or from each.
    let first = columns.join(", ");
    let plain: Vec<&str> = columns
        .iter()
        .map(|column| column.rsplit_once(" AS ").map_or("?", |(cast, _)| cast))
        .collect();
    let rest = format!(" UNION ALL SELECT {}", plain.join(", ")).repeat(arity - 1);
    let exact = match layout.guarded {
        true => format!(" AND {} = {}", bytes_of(&format!("s.{token}")), bytes_of("x.token")),
        false => String::new(),
    };
    format!(
        "UPDATE (SELECT {first}{rest}) AS x STRAIGHT_JOIN {} AS s FORCE INDEX (PRIMARY) \
         ON s.{token} = x.token{exact} SET {} WHERE {}",
        layout.table,
        set.join(", "),
        live(layout, "s."),
    )
}

/// One statement, so that no moment is between them: inserts the marker of the old token, and gives
/// the row of the old token, which the second row of the list meets, its new token and content. If
/// the old token is not live or holds other bytes, the list is empty.
fn moved(layout: &Layout) -> String {
    let (charset, collation) = &layout.token_type;
    let (table, Columns { token, data, expiry, subject }) = (&layout.table, &layout.columns);
    let named = format!("CONVERT(? USING {charset}) COLLATE {collation}");
    let old = format!("VALUES({token}) = ?");
    let subject = match layout.subject {
        true => format!("{table}.{subject} = IF({old}, COALESCE(?, {table}.{subject}), NULL), "),
        false => String::new(),
    };
    format!(
        "INSERT INTO {table} ({token}, {data}, {expiry}) \
         SELECT x.token, '', CAST(? AS DATETIME(6)) \
         FROM (SELECT {named} AS token UNION ALL SELECT {named}) AS x \
         STRAIGHT_JOIN {table} AS s FORCE INDEX (PRIMARY) \
         WHERE {} AND s.{data} = CAST(? AS BINARY) AND {} FOR UPDATE ON DUPLICATE KEY UPDATE \
         {table}.{data} = IF({old}, CAST(? AS BINARY), VALUES({data})), \
         {table}.{expiry} = IF({old}, CAST(? AS DATETIME(6)), VALUES({expiry})), {subject}\
         {table}.{token} = IF({old}, ?, {table}.{token})",
        keyed(layout, "s.", 1),
        live(layout, "s."),
    )
}

/// How many swaps one statement can tell apart, in the lower bits of its last insert id.
pub(super) const MAX_MARKS: usize = 48;

/// Swaps of many rows, each of which is done or not: which were, the answer says as the bits of
/// its last insert id. Nothing else could tell afterwards. The upper bits are a number that no
/// other statement of the connection has: what was there before, of a statement of ours or of
/// another transaction's, is neither kept nor taken for ours.
///
/// Each row finds its values by the place of its key's checksum among the checksums, which differ;
/// the keys themselves would be sent, and compared as text, five times. A join to a list of them
/// all would be a table on the server's disk.
fn swapped(layout: &Layout, arity: usize) -> String {
    let table = &layout.table;
    let Columns { token, data, expiry, subject: whose } = &layout.columns;
    let all = repeat("?", arity);
    let bytes = repeat("CAST(? AS BINARY)", arity);
    let place = format!("FIELD(CRC32({token}), {all})");
    let subject = match layout.subject {
        true => format!(", {whose} = COALESCE(ELT({place}, {all}), {whose})"),
        false => String::new(),
    };
    format!(
        "UPDATE {table} FORCE INDEX (PRIMARY) SET {data} = ELT({place}, {bytes}), \
         {expiry} = ELT({place} + 0 * LAST_INSERT_ID(\
         IF(LAST_INSERT_ID() >> {MAX_MARKS} = ?, LAST_INSERT_ID(), ? << {MAX_MARKS}) \
         | (1 << ({place} - 1))), {all})\
         {subject} WHERE {} AND {} AND {} = ELT({place}, {bytes})",
        keyed(layout, "", arity),
        live(layout, ""),
        content(layout),
    )
}

fn keys(arity: usize) -> String {
    if arity == 1 { "= ?".to_owned() } else { format!("IN ({})", repeat("?", arity)) }
}

fn repeat(part: &str, times: usize) -> String {
    vec![part; times].join(",")
}
