//! Creates the table, or brings it to the newest version.

use mysql_async::Value;

use crate::error::{Error, ErrorKind};

use super::failure::Failure;
use super::layout::{self, Kind};
use super::line::Line;

/// In order, never edited once released. Each ends by writing its number into the table's comment
/// (`sessio schema 1`), which is where the version is read from: no second table to grant and to
/// forget.
const MIGRATIONS: [&str; 1] = [include_str!("../../migrations/0001_create_sessions.sql")];

const MARK: &str = "sessio schema ";

pub(super) async fn run(line: &mut Line) -> Result<(), Failure> {
    let version = version(line).await?;
    let quoted = format!("`{}`", line.shared.table);
    for migration in &MIGRATIONS[version.min(MIGRATIONS.len())..] {
        for statement in statements(migration) {
            line.say(&statement.replace("`sessions`", &quoted)).await?;
        }
    }
    line.shared.forget_layout();
    // Whatever is there now must be usable.
    line.layout().await.map(drop)
}

/// How many migrations the table has seen.
async fn version(line: &mut Line) -> Result<usize, Failure> {
    let table = line.shared.table.clone();
    let found = line.table_columns().await?;
    if found.is_empty() {
        return match line.shared.max_lifetime {
            None => Ok(0),
            Some(_) => Err(Failure::Final(Error::invalid(format!(
                "there is no table {table}, and a beego table is made as beego's documentation \
                 says; leave max_lifetime away for a table of sessio's own"
            )))),
        };
    }
    let layout = layout::recognise(&table, &found, line.shared.max_lifetime)?;
    let foreign =
        |message: String| Err(Failure::Final(Error::new(ErrorKind::Unsupported, message)));
    match layout.kind {
        Kind::Sessio => {}
        Kind::Scs => {
            return foreign(format!(
                "{table} is an SCS table and is used as it is; check says what could be better \
                 and how, and migrate from \"scs\" makes it one of sessio's that SCS can go on using"
            ));
        }
        Kind::Beego => {
            return foreign(format!(
                "{table} is a beego table and is used as it is, because beego goes on using it; \
                 check says what could be better and how. For a table of sessio's own set the \
                 table option to a new name, without max_lifetime"
            ));
        }
    }
    // The name holds letters, digits, _ and $ only.
    let comment = format!(
        "SELECT TABLE_COMMENT FROM information_schema.TABLES \
         WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = '{table}'"
    );
    let rows = line.ask(&comment).await?;
    let comment = match rows.into_iter().flatten().next() {
        Some(Value::Bytes(text)) => String::from_utf8_lossy(&text).into_owned(),
        _ => String::new(),
    };
    // A table with all our columns but without the mark was made by hand: it is version 1.
    Ok(comment.strip_prefix(MARK).and_then(|number| number.parse().ok()).unwrap_or(1))
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

    #[test]
    fn each_migration_marks_its_version_and_names_the_table_so_that_it_can_be_replaced() {
        for (version, migration) in (1..).zip(MIGRATIONS) {
            let code = statements(migration).join(";");
            assert!(code.contains(&format!("'{MARK}{version}'")), "{version}");
            assert!(code.contains("`sessions`"), "{version}");
        }
    }
}
