//! The store's verbs.
//!
//! Made by `cargo xtask gen` from `api/store.toml`: change that.

/// Hands the table of verbs to `$mode`, which writes the methods.
macro_rules! verbs {
    ($mode:ident) => {
        $mode! {
            /// The live session, or `None`: absent, expired and malformed tokens are all `None`. An
            /// error means that the system failed.
            ///
            /// # Errors
            /// Fails as every verb: `Timeout`, `Unavailable`, `Overloaded`, `Schema`, `Closed`.
            fn find['a](token: impl Into<Target<'a>>) -> Option<Record> {
                Request::Find(token.into()) => Answer::Found(record) => record
            }

            /// Whether a live session has the token.
            ///
            /// # Errors
            /// Fails as [`find`](Self::find).
            fn exists['a](token: impl Into<Target<'a>>) -> bool {
                Request::Exists(token.into()) => Answer::Is(yes) => yes
            }

            /// Stores a session, whatever was there before. When it returns, the session is
            /// committed. Over a session that was just logged out this brings it back: use
            /// [`update`](Self::update) or [`replace`](Self::replace) for what was loaded.
            ///
            /// # Errors
            /// Fails as [`find`](Self::find), and with `TooLarge`, `Full` in memory, and
            /// `Unsupported` for a subject where the table has no column for it.
            fn save['a](token: impl Into<Target<'a>>, data: &[u8], expires_at: impl Into<Expiry>) -> () {
                Request::Save(token.into(), Content::new(data, expires_at)) => Answer::Done => ()
            }

            /// [`save`](Self::save) with a subject.
            ///
            /// # Errors
            /// As [`save`](Self::save).
            fn save_content['a](token: impl Into<Target<'a>>, content: Content<'_>) -> () {
                Request::Save(token.into(), content) => Answer::Done => ()
            }

            /// Stores a session only if no live one has the token; an expired one is replaced.
            ///
            /// # Errors
            /// Fails as [`save`](Self::save), and with `AlreadyExists`.
            fn insert['a](token: impl Into<Target<'a>>, content: Content<'_>) -> () {
                Request::Insert(token.into(), content) => Answer::Done => ()
            }

            /// Changes a live session. False, and nothing written, when it is gone: a session that
            /// was ended is never brought back.
            ///
            /// # Errors
            /// Fails as [`save`](Self::save).
            fn update['a](token: impl Into<Target<'a>>, content: Content<'_>) -> bool {
                Request::Update(token.into(), content) => Answer::Wrote(outcome) => outcome == Outcome::Saved
            }

            /// Changes a live session only if its data is still `expected`: compare and swap.
            /// Saved, a conflict, or gone.
            ///
            /// # Errors
            /// Fails as [`save`](Self::save).
            fn replace['a](token: impl Into<Target<'a>>, expected: &[u8], content: Content<'_>) -> Outcome {
                Request::Replace(token.into(), expected, content) => Answer::Wrote(outcome) => outcome
            }

            /// Moves the expiry of a live session and leaves its data alone. False when it is gone.
            /// A manager's session lives no longer than its data says: touch it through its
            /// manager.
            ///
            /// # Errors
            /// Fails as [`find`](Self::find).
            fn touch['a](token: impl Into<Target<'a>>, expires_at: impl Into<Expiry>) -> bool {
                Request::Touch(token.into(), expires_at.into()) => Answer::Wrote(outcome) => outcome == Outcome::Saved
            }

            /// Gives a live session another token, and new content if it is given, in one step:
            /// never are both tokens valid, and never neither. False when it is gone. Do this
            /// whenever a user's rights change, at login above all.
            ///
            /// # Errors
            /// Fails as [`save`](Self::save), and with `AlreadyExists` when a live session has the
            /// new token.
            fn rename['a, 'b](old: impl Into<Target<'a>>, new: impl Into<Target<'b>>, content: Option<Content<'_>>) -> bool {
                Request::Rename(old.into(), new.into(), content) => Answer::Wrote(outcome) => outcome == Outcome::Saved
            }

            /// Ends a session. Whether there was a live one; none is no error.
            ///
            /// # Errors
            /// Fails as [`find`](Self::find).
            fn delete['a](token: impl Into<Target<'a>>) -> bool {
                Request::Delete(token.into()) => Answer::Is(yes) => yes
            }

            /// [`find`](Self::find) for up to 10,000 at once; the records are in the order asked.
            ///
            /// # Errors
            /// Fails as [`find`](Self::find), and with `InvalidArgument` for more.
            fn find_many[](tokens: &[Target<'_>]) -> Vec<Option<Record>> {
                Request::FindMany(tokens) => Answer::FoundMany(records) => records
            }

            /// [`save`](Self::save) for up to 10,000 at once. All are checked before any is
            /// written; each is written on its own, so after an error some may be saved.
            ///
            /// # Errors
            /// Fails as [`save`](Self::save), and with `InvalidArgument` for more.
            fn save_many[](rows: &[(Target<'_>, Content<'_>)]) -> () {
                Request::SaveMany(rows) => Answer::Done => ()
            }

            /// [`delete`](Self::delete) for up to 10,000 at once: how many were live.
            ///
            /// # Errors
            /// Fails as [`find`](Self::find), and with `InvalidArgument` for more.
            fn delete_many[](tokens: &[Target<'_>]) -> u64 {
                Request::DeleteMany(tokens) => Answer::Count(count) => count
            }

            /// How many sessions are live. Reads the expiry index of the whole table.
            ///
            /// # Errors
            /// Fails as [`find`](Self::find).
            fn count[]() -> u64 {
                Request::Count => Answer::Count(count) => count
            }

            /// A page of 1 to 1,000 live sessions in the order of their keys, after the given one:
            /// pass the `next` of one page to get the next.
            ///
            /// # Errors
            /// Fails as [`find`](Self::find), and with `InvalidArgument` for the limit.
            fn list[](after: Option<&Key>, limit: usize) -> Page {
                Request::List(after, limit) => Answer::Listed(page) => page
            }

            /// [`list`](Self::list) for the sessions of one subject: a user's devices.
            ///
            /// # Errors
            /// Fails as [`list`](Self::list), and with `InvalidArgument` for a subject that is not
            /// 1 to 255 characters long, and `Unsupported` where the table has no subject column.
            fn list_subject[](subject: &str, after: Option<&Key>, limit: usize) -> Page {
                Request::ListSubject(subject, after, limit) => Answer::Listed(page) => page
            }

            /// Ends all sessions of a subject, but for `keep`: "sign out everywhere (else)". How
            /// many were live. What the subject opens while this runs may stay.
            ///
            /// # Errors
            /// Fails as [`find`](Self::find), and with `InvalidArgument` for a subject that is not
            /// 1 to 255 characters long, and `Unsupported` where the table has no subject column.
            fn delete_subject[](subject: &str, keep: Option<Target<'_>>) -> u64 {
                Request::DeleteSubject(subject, keep) => Answer::Count(count) => count
            }

            /// Ends all sessions: how many were live. Whatever the table holds is deleted, in
            /// slices, so that no other call waits for it long; what is stored while it runs may
            /// stay. A large table may take longer than the `timeout` option allows: after
            /// `Timeout` a part is gone, and calling it again goes on.
            ///
            /// # Errors
            /// Fails as [`find`](Self::find), and with an error of the server for rows that another
            /// table's foreign key holds, and then all others are gone.
            fn clear[]() -> u64 {
                Request::Clear => Answer::Count(count) => count
            }

            /// Removes up to `limit` (1 to 100,000) expired sessions: how many it removed.
            ///
            /// # Errors
            /// Fails as [`find`](Self::find), and with `InvalidArgument` for the limit.
            fn delete_expired[](limit: usize) -> u64 {
                Request::DeleteExpired(limit) => Answer::Count(count) => count
            }

            /// Creates the table, or upgrades it. Changes nothing where it is up to date.
            ///
            /// # Errors
            /// Fails as [`find`](Self::find), and with `Schema` for a table of no known layout, and
            /// `Unsupported` for one that another library made: see
            /// [`migrate_from`](Self::migrate_from).
            fn migrate[]() -> () {
                Request::Migrate => Answer::Done => ()
            }

            /// Makes a live table of another library one of sessio's, in place: no session is lost,
            /// and the other library goes on using it. `library` is "scs". Changes nothing where it
            /// is up to date.
            ///
            /// What changes the type of a column makes the server copy the table, and until it has,
            /// readers go on and writers wait: about a minute for a million sessions on a small
            /// machine, in which a store answers writes with `Timeout`. Call
            /// [`delete_expired`](Self::delete_expired) before it, and it has less to copy.
            /// (MariaDB lets writers go on too, from version 11.2.) A subject column and indexes
            /// are added while readers and writers go on. At its start and end it waits for the
            /// statements that run, and all other statements wait behind it; after two seconds it
            /// steps back and tries again. The `timeout` option is not for it, and when the
            /// connection breaks, the server undoes it.
            ///
            /// Other programs' stores may stay open. They learn by their next cleanup what the
            /// table has become, and use it as it was till then.
            ///
            /// # Errors
            /// Fails as [`find`](Self::find), and with `InvalidArgument` for another library,
            /// `Schema` for a table of no known layout, and `Unsupported` for one that cannot be
            /// upgraded; then nothing has changed.
            fn migrate_from[](library: &str) -> () {
                Request::MigrateFrom(library) => Answer::Done => ()
            }

            /// What is wrong with the table; empty when nothing is. A missing or unknown table is
            /// an issue, too, not an error.
            ///
            /// # Errors
            /// Fails as [`find`](Self::find).
            fn check[]() -> Vec<CheckIssue> {
                Request::Check => Answer::Checked(issues) => issues
            }

            /// Reaches the server and comes back.
            ///
            /// # Errors
            /// Fails as [`find`](Self::find).
            fn ping[]() -> () {
                Request::Ping => Answer::Done => ()
            }
        }
    };
}

pub(super) use verbs;
