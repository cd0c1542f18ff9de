//! Creates the table, or brings it to the newest version.

use crate::protocol::error::{Error, ErrorKind};

use super::connection::Connection;
use super::failure::Failure;
use super::layout::{self, Columns, TableKind};
use super::schema::TableSchema;

/// In order, never edited once released. Each ends by writing its number into the table's comment
/// (`sessio schema 1`), which is where the version is read from: no second table to grant and to
/// forget.
const MIGRATIONS: [&str; 1] = [include_str!("../../migrations/0001_create_sessions.sql")];

pub(super) const MARK: &str = "sessio schema ";

pub(super) async fn run(connection: &mut Connection) -> Result<(), Failure> {
    let version = version(connection).await?;
    let quoted = format!("`{}`", connection.pool.table);
    let columns = Columns::named(&connection.pool.columns.clone().unwrap_or_default());
    for migration in &MIGRATIONS[version.min(MIGRATIONS.len())..] {
        for statement in statements(migration) {
            let parts: Vec<String> =
                statement.split("`sessions`").map(|part| with_columns(part, &columns)).collect();
            connection.execute(&parts.join(&quoted)).await?;
        }
    }
    connection.pool.forget_layout();
    // Whatever is there now must be usable.
    connection.layout().await.map(drop)
}

/// The table, if it is not one of beego's: that is of use to beego alone.
pub(super) async fn seen(connection: &mut Connection) -> Result<TableSchema, Failure> {
    let seen = TableSchema::read(connection).await?;
    if connection.pool.columns.is_none() && layout::is_of_beego(&seen.columns) {
        return Err(unsupported(format!(
            "{} is a beego table and is used as it is, because beego goes on using it; check says \
             what could be better and how. For a table of sessio's own set the table option to a \
             new name, without max_lifetime",
            connection.pool.table,
        )));
    }
    Ok(seen)
}

/// How many migrations the table has seen.
async fn version(connection: &mut Connection) -> Result<usize, Failure> {
    let seen = seen(connection).await?;
    let table = &connection.pool.table;
    if seen.columns.is_empty() {
        return match connection.pool.max_lifetime {
            None => Ok(0),
            Some(_) => Err(Failure::Final(Error::invalid(format!(
                "there is no table {table}, and a beego table is made as beego's documentation \
                 says; leave max_lifetime away for a table of sessio's own"
            )))),
        };
    }
    let (lifetime, names) = (connection.pool.max_lifetime, connection.pool.columns.as_ref());
    let layout = layout::recognise(table, &seen.columns, lifetime, names)?;
    if layout.kind == TableKind::Scs && names.is_some() {
        return Err(unsupported(format!(
            "{table} is a table that others made and is used as it is; check says what could be \
             better and how"
        )));
    }
    if layout.kind == TableKind::Scs {
        return Err(unsupported(format!(
            "{table} is an SCS table and is used as it is; check says what could be better and \
             how, and migrate from \"scs\" makes it one of sessio's that SCS can go on using"
        )));
    }
    // A table with all our columns but without the mark was made by hand: it is version 1.
    let number = seen.comment.strip_prefix(MARK);
    Ok(number.and_then(|number| number.parse().ok()).unwrap_or(1))
}

fn unsupported(message: String) -> Failure {
    Failure::Final(Error::new(ErrorKind::Unsupported, message))
}

/// The SQL of a migration with other names for the columns.
fn with_columns(sql: &str, columns: &Columns) -> String {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut written = String::with_capacity(sql.len());
    let mut rest = sql;
    while let Some(start) = rest.find(is_word) {
        let word = &rest[start..];
        let word = &word[..word.find(|c| !is_word(c)).unwrap_or(word.len())];
        written.push_str(&rest[..start]);
        written.push_str(match word {
            "token" => &columns.token,
            "data" => &columns.data,
            "expiry" => &columns.expiry,
            "subject" => &columns.subject,
            other => other,
        });
        rest = &rest[start + word.len()..];
    }
    written + rest
}

/// The statements of a file, without its comments.
fn statements(sql: &str) -> Vec<String> {
    let code: Vec<&str> = sql.lines().filter(|line| !line.trim_start().starts_with("--")).collect();
    let code = code.join("\n");
    code.split(';').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::names::ColumnNames;

    #[test]
    fn columns_get_other_names_wherever_they_are_named() {
        let names = ColumnNames::parse("token=sid,expiry=ends-at,subject=data2").unwrap();
        let sql = "token CHAR(43), data BLOB, INDEX sessions_expiry_idx (expiry), INDEX (subject)";
        assert_eq!(
            with_columns(sql, &Columns::named(&names)),
            "`sid` CHAR(43), data BLOB, INDEX sessions_expiry_idx (`ends-at`), INDEX (`data2`)"
        );
        for migration in MIGRATIONS {
            let code = statements(migration).join(";");
            let usual = Columns::named(&ColumnNames::default());
            assert_eq!(with_columns(&code, &usual), code);
        }
    }

    #[test]
    fn each_migration_marks_its_version_and_names_the_table_so_that_it_can_be_replaced() {
        for (version, migration) in (1..).zip(MIGRATIONS) {
            let code = statements(migration).join(";");
            assert!(code.contains(&format!("'{MARK}{version}'")), "{version}");
            assert!(code.contains("`sessions`"), "{version}");
        }
    }
}
