//! Makes a live table that another system made one of ours, in place.
//!
//! One ALTER TABLE does all that a table lacks, so that it is copied once if it has to be, and so
//! that it is either the old one or the new one. SCS names the columns in its statements, and goes
//! on with them.

use std::time::Duration;

use tokio::time::sleep;

use crate::config::names::ColumnNames;
use crate::protocol::clock::NEVER;
use crate::protocol::command::SourceLibrary;
use crate::protocol::error::{Error, ErrorKind};

use super::columns::ExpiryEncoding;
use super::connection::Connection;
use super::failure::Failure;
use super::layout::{self, Layout};
use super::schema::TableSchema;
use super::{alter, migrate};

/// What lets most others go on comes first; the server refuses what it cannot do so. MySQL and
/// MariaDB copy for every change of a column's type, and MariaDB lets writers go on meanwhile from
/// 11.2 on.
const WAYS: [&str; 4] = [
    "ALGORITHM=INSTANT",
    "ALGORITHM=INPLACE, LOCK=NONE",
    "ALGORITHM=COPY, LOCK=NONE",
    "ALGORITHM=COPY, LOCK=SHARED",
];

/// How often it is tried to get in between the statements of others. While it waits for one that
/// runs, all that come after it wait too, so it waits for two seconds at most.
const TRIES: u32 = 30;
const PATIENCE: &str = "SET SESSION lock_wait_timeout = 2";

pub(super) async fn run(connection: &mut Connection, origin: SourceLibrary) -> Result<(), Failure> {
    match origin {
        SourceLibrary::Scs => no_other_columns(connection)?,
    }
    connection.execute(PATIENCE).await?;
    while !is_ours(connection).await? {}
    // To the newest version.
    migrate::run(connection).await
}

/// SCS names its columns in its statements, so that a table with others is none of its.
fn no_other_columns(connection: &Connection) -> Result<(), Failure> {
    let others = |names: &ColumnNames| {
        names.token.is_some() || names.data.is_some() || names.expiry.is_some()
    };
    match connection.pool.columns.as_ref().is_some_and(others) {
        true => Err(Failure::Final(Error::invalid(
            "a table of SCS has the columns token, data and expiry: to migrate from \"scs\", open \
             the store without these names in columns",
        ))),
        false => Ok(()),
    }
}

/// Gives the table what it lacks. False when another process was at it meanwhile, so that it has to
/// be looked at again.
async fn is_ours(connection: &mut Connection) -> Result<bool, Failure> {
    let seen = migrate::seen(connection).await?;
    let (lifetime, names) = (connection.pool.max_lifetime, connection.pool.columns.as_ref());
    let layout = layout::shape(&connection.pool.table, &seen.columns, lifetime, names)?;
    let changes = changes(&layout, &seen)?;
    if changes.is_empty() {
        return Ok(true);
    }
    let ExpiryEncoding::Timestamp { .. } = layout.expiry else {
        return alter(connection, &layout, &changes).await;
    };
    // Go wrote UTC's time and read it back in this zone. As a DATETIME it stays what it was to Go.
    let zone = connection.time_zone().await?;
    let changed = alter(connection, &layout, &changes).await?;
    if changed {
        forever(connection, &layout, zone.instants).await?;
    }
    Ok(changed)
}

/// What never ended in the old column, where that was its last instant, must not end in the new
/// one.
async fn forever(
    connection: &mut Connection,
    layout: &Layout,
    old: ExpiryEncoding,
) -> Result<(), Failure> {
    let (ours, expiry) = (ExpiryEncoding::DateTime, &layout.columns.expiry);
    let as_text = |instants: ExpiryEncoding| {
        let value = instants.store(NEVER).map_err(Failure::Final)?;
        Ok::<String, Failure>(value.as_sql(true))
    };
    let (never, last) = (as_text(ours)?, as_text(old)?);
    // By the index, and few at once, so that no writer waits for long.
    let change = format!(
        "UPDATE {} SET {expiry} = {never} WHERE {expiry} = {last} LIMIT 1000",
        layout.table,
    );
    while connection.execute_count(&change).await? > 0 {}
    Ok(())
}

/// What the table lacks.
fn changes(layout: &Layout, seen: &TableSchema) -> Result<Vec<String>, Failure> {
    let layout::Columns { token, data, expiry, subject } = &layout.columns;
    if let Some((message, change)) = layout.no_key(&seen.columns) {
        return Err(Failure::Final(Error::new(
            ErrorKind::Unsupported,
            format!("{message}: run {change} first; nothing was changed"),
        )));
    }
    let is = |name: &str, as_ours: &dyn Fn(&layout::Column) -> bool| {
        seen.column(name).is_some_and(as_ours)
    };
    let mut changes = Vec::new();
    if !is(token, &|column| column.collation == "ascii_bin") {
        changes.push(layout.exact_token());
    }
    if !is(data, &|column| column.width >= (1 << 24) - 1) {
        changes.push(layout.large_data());
    }
    if !is(expiry, &|column| column.full_type == "datetime(6)" && column.extra.is_empty()) {
        changes.push(layout.plain_expiry());
    }
    if !is(subject, &|_| true) {
        changes.push(layout.subject_column());
    }
    for (name, column) in [("expiry", expiry), ("subject", subject)] {
        if !seen.is_indexed(column) {
            changes.push(format!("ADD INDEX sessions_{name}_idx ({column})"));
        }
    }
    if seen.engine != "innodb" {
        changes.push("ENGINE=InnoDB".to_owned());
    }
    let longer = !seen.is_indexed(subject) || seen.engine != "innodb";
    if seen.has_old_rows() || (longer && seen.has_short_indexes()) {
        changes.push(alter::ROWS.to_owned());
    }
    if !seen.comment.starts_with(migrate::MARK) {
        changes.push(format!("COMMENT='{}1'", migrate::MARK));
    }
    Ok(changes)
}

/// False when another process has made such a change already.
async fn alter(
    connection: &mut Connection,
    layout: &Layout,
    changes: &[String],
) -> Result<bool, Failure> {
    let change = format!("ALTER TABLE {} {}", layout.table, changes.join(", "));
    let (mut ways, mut tries) = (WAYS.iter().peekable(), 0);
    while let Some(way) = ways.peek() {
        match connection.execute(&format!("{change}, {way}")).await {
            Ok(()) => return Ok(true),
            Err(Failure::Final(error)) if [Some(1060), Some(1061)].contains(&error.errno()) => {
                return Ok(false);
            }
            Err(Failure::Busy(_) | Failure::Locked(_)) if tries < TRIES => {
                tries += 1;
                sleep(Duration::from_secs(1)).await;
            }
            Err(Failure::Final(error)) if [Some(1845), Some(1846)].contains(&error.errno()) => {
                ways.next();
            }
            Err(Failure::Row(error)) => return Err(Failure::Final(unfit(&error))),
            Err(failure) => return Err(failure),
        }
    }
    Err(Failure::Final(Error::internal("the server changes no table in any way")))
}

/// The table is as it was.
fn unfit(error: &Error) -> Error {
    // What a row has does not fit: a value, a key of two rows, a condition.
    let of_a_row = [1048, 1062, 1264, 1265, 1292, 1366, 1406, 3819, 3854, 4025];
    if !error.errno().is_some_and(|errno| of_a_row.contains(&errno)) {
        return Error::new(
            ErrorKind::Unsupported,
            format!("{}: the table cannot be changed; nothing was changed", error.message()),
        );
    }
    Error::new(
        ErrorKind::Unsupported,
        format!(
            "{}: a row does not fit into sessio's table, such as a token that is not ASCII; \
             nothing was changed. Delete such rows and call again",
            error.message(),
        ),
    )
}
