//! The verbs, once, for the asynchronous and the blocking store.

use crate::protocol::clock::Expiry;
use crate::protocol::error::{Error, Result};
use crate::protocol::record::{CheckIssue, Content, Outcome, Page, Record};
use crate::protocol::request::{Answer, Request};
use crate::protocol::token::{Key, Target};

/// Hands the table of verbs to `$mode`, which writes the methods.
macro_rules! verbs {
    ($mode:ident) => {
        $mode! {
            /// The live session, or `None`: absent, expired and malformed tokens are all none.
            ///
            /// # Errors
            /// As every verb: `Timeout`, `Unavailable`, `Overloaded`, `Schema`, `Closed`.
            fn find['a](target: impl Into<Target<'a>>) -> Option<Record> {
                Request::Find(target.into()) => Answer::Found(record) => record
            }

            /// Whether a live session has the token.
            ///
            /// # Errors
            /// As [`find`](Self::find).
            fn exists['a](target: impl Into<Target<'a>>) -> bool {
                Request::Exists(target.into()) => Answer::Is(yes) => yes
            }

            /// Stores a session, whatever was there before. Follows SCS `Commit` (`Save` in v1).
            /// Over a session that was just logged out this brings it back: use
            /// [`update`](Self::update) or [`replace`](Self::replace) for what was loaded.
            ///
            /// # Errors
            /// As [`find`](Self::find); `InvalidArgument` for a token that cannot be stored,
            /// `TooLarge`, and `Full` in memory.
            fn save['a](target: impl Into<Target<'a>>, data: &[u8], expires_at: impl Into<Expiry>) -> () {
                Request::Save(target.into(), Content::new(data, expires_at)) => Answer::Done => ()
            }

            /// [`save`](Self::save) with a subject.
            ///
            /// # Errors
            /// As [`save`](Self::save); `Unsupported` where the table has no subject column.
            fn save_content['a](target: impl Into<Target<'a>>, content: Content<'_>) -> () {
                Request::Save(target.into(), content) => Answer::Done => ()
            }

            /// Stores a session only if no live one has the token; an expired one is replaced.
            ///
            /// # Errors
            /// `AlreadyExists`; otherwise as [`save_content`](Self::save_content).
            fn insert['a](target: impl Into<Target<'a>>, content: Content<'_>) -> () {
                Request::Insert(target.into(), content) => Answer::Done => ()
            }

            /// Changes a live session. False, and nothing written, when it is gone: a session
            /// that was ended is never brought back.
            ///
            /// # Errors
            /// As [`save_content`](Self::save_content).
            fn update['a](target: impl Into<Target<'a>>, content: Content<'_>) -> bool {
                Request::Update(target.into(), content) => Answer::Wrote(outcome) => outcome == Outcome::Saved
            }

            /// Changes a live session only if its data is still `expected`: compare and swap.
            ///
            /// # Errors
            /// As [`save_content`](Self::save_content).
            fn replace['a](target: impl Into<Target<'a>>, expected: &[u8], content: Content<'_>) -> Outcome {
                Request::Replace(target.into(), expected, content) => Answer::Wrote(outcome) => outcome
            }

            /// Moves the expiry of a live session and leaves its data alone. False when it is gone.
            /// A manager's session lives no longer than its data says: see
            /// [`Session::touch`](crate::Session::touch).
            ///
            /// # Errors
            /// As [`find`](Self::find).
            fn touch['a](target: impl Into<Target<'a>>, expires_at: impl Into<Expiry>) -> bool {
                Request::Touch(target.into(), expires_at.into()) => Answer::Wrote(outcome) => outcome == Outcome::Saved
            }

            /// Gives a live session another token, and new content if it is given, in one step:
            /// never are both tokens valid, and never neither. False when it is gone.
            ///
            /// # Errors
            /// `AlreadyExists` when a live session has the new token; otherwise as
            /// [`save_content`](Self::save_content).
            fn rename['a, 'b](old: impl Into<Target<'a>>, new: impl Into<Target<'b>>, content: Option<Content<'_>>) -> bool {
                Request::Rename(old.into(), new.into(), content) => Answer::Wrote(outcome) => outcome == Outcome::Saved
            }

            /// Ends a session. Whether there was a live one; none is no error.
            ///
            /// # Errors
            /// As [`find`](Self::find).
            fn delete['a](target: impl Into<Target<'a>>) -> bool {
                Request::Delete(target.into()) => Answer::Is(yes) => yes
            }

            /// [`find`](Self::find) for up to 10,000 at once; the records are in the order asked.
            ///
            /// # Errors
            /// As [`find`](Self::find).
            fn find_many[](targets: &[Target<'_>]) -> Vec<Option<Record>> {
                Request::FindMany(targets) => Answer::FoundMany(records) => records
            }

            /// [`save`](Self::save) for up to 10,000 at once. All are checked before any is
            /// written; each is written on its own, so after an error some may be saved.
            ///
            /// # Errors
            /// As [`save_content`](Self::save_content).
            fn save_many[](rows: &[(Target<'_>, Content<'_>)]) -> () {
                Request::SaveMany(rows) => Answer::Done => ()
            }

            /// [`delete`](Self::delete) for up to 10,000 at once: how many were live.
            ///
            /// # Errors
            /// As [`find`](Self::find).
            fn delete_many[](targets: &[Target<'_>]) -> u64 {
                Request::DeleteMany(targets) => Answer::Count(count) => count
            }

            /// How many sessions are live. Reads the expiry index of the whole table.
            ///
            /// # Errors
            /// As [`find`](Self::find).
            fn count[]() -> u64 {
                Request::Count => Answer::Count(count) => count
            }

            /// A page of 1 to 1,000 live sessions in the order of their keys, after the given one.
            ///
            /// # Errors
            /// As [`find`](Self::find); `InvalidArgument` for the limit.
            fn list[](after: Option<&Key>, limit: usize) -> Page {
                Request::List(after, limit) => Answer::Listed(page) => page
            }

            /// The same for the sessions of one subject: a user's devices.
            ///
            /// # Errors
            /// As [`list`](Self::list); `Unsupported` where the table has no subject column.
            fn list_subject[](subject: &str, after: Option<&Key>, limit: usize) -> Page {
                Request::ListSubject(subject, after, limit) => Answer::Listed(page) => page
            }

            /// Ends all sessions of a subject, but for `keep`: how many were live. What the
            /// subject opens while this runs may stay.
            ///
            /// # Errors
            /// As [`list_subject`](Self::list_subject).
            fn delete_subject[](subject: &str, keep: Option<Target<'_>>) -> u64 {
                Request::DeleteSubject(subject, keep) => Answer::Count(count) => count
            }

            /// Ends all sessions: how many were live. Whatever the table holds is deleted, in
            /// slices, so that no other call waits for it long; what is stored while it runs may
            /// stay. A large table may take longer than the `timeout` option allows: after
            /// `Timeout` a part is gone, and calling it again goes on.
            ///
            /// # Errors
            /// As [`find`](Self::find); one for rows that another table's foreign key holds, and
            /// then all others are gone.
            fn clear[]() -> u64 {
                Request::Clear => Answer::Count(count) => count
            }

            /// Removes up to `limit` (1 to 100,000) expired sessions: how many it removed.
            ///
            /// # Errors
            /// As [`list`](Self::list).
            fn delete_expired[](limit: usize) -> u64 {
                Request::DeleteExpired(limit) => Answer::Count(count) => count
            }

            /// Creates the table, or upgrades it. Changes nothing where it is up to date.
            ///
            /// # Errors
            /// As [`find`](Self::find); `Schema` for a table of no known layout, `Unsupported` for
            /// one that others made.
            fn migrate[]() -> () {
                Request::Migrate => Answer::Done => ()
            }

            /// Makes a live table that another system made one of sessio's, in place: no session is
            /// lost, and the other system goes on using it. `from` is `"scs"`. Changes nothing
            /// where it is up to date.
            ///
            /// What changes the type of a column makes the server copy the table, and until it has,
            /// readers go on and writers wait: about a minute for a million sessions on a small
            /// machine, in which a store answers writes with `Timeout`. Call
            /// [`delete_expired`](Self::delete_expired) before it, and it has less to copy.
            /// (MariaDB lets writers go on too, from version 11.2.) A subject column and indexes
            /// are added while readers and writers go on. At its start and end it waits for the
            /// statements that run, and all other statements wait behind it; after two seconds it
            /// steps back and tries again. The
            /// `timeout` option is not for it, and when the connection breaks, the server undoes
            /// it.
            ///
            /// Other programs' stores may stay open. They learn by their next cleanup what the
            /// table has become, and use it as it was till then.
            ///
            /// # Errors
            /// As [`find`](Self::find), and then nothing has changed; `InvalidArgument` for another
            /// `from`, `Schema` for a table of no known layout, `Unsupported` for one that cannot
            /// be upgraded.
            fn migrate_from[](from: &str) -> () {
                Request::MigrateFrom(from) => Answer::Done => ()
            }

            /// What is wrong with the table; empty when nothing is.
            ///
            /// # Errors
            /// As [`find`](Self::find), but a missing or unknown table is a issue.
            fn check[]() -> Vec<CheckIssue> {
                Request::Check => Answer::Checked(issues) => issues
            }

            /// Reaches the server and comes back.
            ///
            /// # Errors
            /// As [`find`](Self::find).
            fn ping[]() -> () {
                Request::Ping => Answer::Done => ()
            }
        }
    };
}

macro_rules! asynchronous {
    ($($(#[$doc:meta])* fn $name:ident[$($life:lifetime),*]($($arg:ident: $of:ty),*) -> $out:ty {
        $request:expr => $answer:pat => $value:expr
    })*) => {
        impl crate::store::Store {
            $($(#[$doc])* pub async fn $name<$($life),*>(&self, $($arg: $of),*) -> Result<$out> {
                match self.call($request).await? {
                    $answer => Ok($value),
                    other => Err(mismatch(&other)),
                }
            })*
        }
    };
}

macro_rules! waiting {
    ($($(#[$doc:meta])* fn $name:ident[$($life:lifetime),*]($($arg:ident: $of:ty),*) -> $out:ty {
        $request:expr => $answer:pat => $value:expr
    })*) => {
        impl crate::store::blocking::Store {
            $($(#[$doc])* pub fn $name<$($life),*>(&self, $($arg: $of),*) -> Result<$out> {
                match self.call($request)? {
                    $answer => Ok($value),
                    other => Err(mismatch(&other)),
                }
            })*
        }
    };
}

verbs!(asynchronous);
verbs!(waiting);

fn mismatch(_: &Answer) -> Error {
    Error::internal("the answer does not fit the question")
}
