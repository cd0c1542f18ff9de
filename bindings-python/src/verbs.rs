//! The constructor and the verbs, once, for `Store` and `AsyncCalls`: arguments in, a request out.
//! How it is waited for is the store's own `ask`.
//!
//! Made by `cargo xtask gen` from `api/store.toml` and `api/options.toml`: change those.

use sessio::operation::Request;

/// Writes the Python methods of a store. `$own` are those that differ.
macro_rules! verbs {
    ($store:ident, $answer:ty, $($own:tt)*) => {
        #[pyo3::pymethods]
        impl $store {
            #[allow(clippy::too_many_arguments)] // keywords, to Python
            #[new]
            #[pyo3(signature = (
                url, *, table=None, hash_tokens=None, max_lifetime=None, cleanup_interval=None,
                timeout=None, connections=None, max_data=None, max_sessions=None, max_bytes=None,
                tls=None, ca=None, tls_cert=None, tls_key=None, columns=None,
                session_variables=None, spread_hosts=None, clock=None
            ))]
            fn new(
                url: &Bound<'_, PyAny>,
                table: Option<&Bound<'_, PyAny>>,
                hash_tokens: Option<&Bound<'_, PyAny>>,
                max_lifetime: Option<&Bound<'_, PyAny>>,
                cleanup_interval: Option<&Bound<'_, PyAny>>,
                timeout: Option<&Bound<'_, PyAny>>,
                connections: Option<&Bound<'_, PyAny>>,
                max_data: Option<&Bound<'_, PyAny>>,
                max_sessions: Option<&Bound<'_, PyAny>>,
                max_bytes: Option<&Bound<'_, PyAny>>,
                tls: Option<&Bound<'_, PyAny>>,
                ca: Option<&Bound<'_, PyAny>>,
                tls_cert: Option<&Bound<'_, PyAny>>,
                tls_key: Option<&Bound<'_, PyAny>>,
                columns: Option<&Bound<'_, PyAny>>,
                session_variables: Option<&Bound<'_, PyAny>>,
                spread_hosts: Option<&Bound<'_, PyAny>>,
                clock: Option<&Bound<'_, PyAny>>,
            ) -> PyResult<Self> {
                let options: &[$crate::options::Keyword<'_, '_>] = &[
                    ("table", table, $crate::options::string),
                    ("hash_tokens", hash_tokens, $crate::options::boolean),
                    ("max_lifetime", max_lifetime, $crate::options::duration),
                    ("cleanup_interval", cleanup_interval, $crate::options::duration),
                    ("timeout", timeout, $crate::options::duration),
                    ("connections", connections, $crate::options::number),
                    ("max_data", max_data, $crate::options::number),
                    ("max_sessions", max_sessions, $crate::options::number),
                    ("max_bytes", max_bytes, $crate::options::number),
                    ("tls", tls, $crate::options::string),
                    ("ca", ca, $crate::options::path),
                    ("tls_cert", tls_cert, $crate::options::path),
                    ("tls_key", tls_key, $crate::options::path),
                    ("columns", columns, $crate::options::string),
                    ("session_variables", session_variables, $crate::options::string),
                    ("spread_hosts", spread_hosts, $crate::options::boolean),
                ];
                let keywords = $crate::options::Keywords { options, clock };
                guard(url.py(), || Self::open(url, &keywords))
            }

            /// The live session, or None: absent, expired and malformed tokens are all None. An
            /// error means that the system failed.
            fn find<'py>(
                &self,
                py: Python<'py>,
                token: &Bound<'py, PyAny>,
            ) -> $answer {
                let token = $crate::arguments::TokenOrKey::of(token)?;
                self.ask(py, Request::Find(token.target()))
            }

            /// Whether a live session has the token.
            fn exists<'py>(
                &self,
                py: Python<'py>,
                token: &Bound<'py, PyAny>,
            ) -> $answer {
                let token = $crate::arguments::TokenOrKey::of(token)?;
                self.ask(py, Request::Exists(token.target()))
            }

            /// Stores a session, whatever was there before. When it returns, the session is
            /// committed. Over a session that was just logged out this brings it back: use `update`
            /// or `replace` for what was loaded.
            ///
            /// `expires_at` is an aware datetime, a timedelta from now, or None for never; what has
            /// expired already is saved, and invisible. `subject` says whose session it is: None
            /// leaves that as it is, and "" takes it away.
            ///
            /// Raises `TooLarge`, `Full` in memory, and `Unsupported` for a subject where the table
            /// has no column for it.
            #[pyo3(signature = (token, data, expires_at, *, subject=None))]
            fn save<'py>(
                &self,
                py: Python<'py>,
                token: &Bound<'py, PyAny>,
                data: &Bound<'py, PyAny>,
                expires_at: &Bound<'py, PyAny>,
                subject: Option<&Bound<'py, PyAny>>,
            ) -> $answer {
                let token = $crate::arguments::TokenOrKey::of(token)?;
                let held = $crate::arguments::OwnedContent::new(data, expires_at, subject)?;
                self.ask(py, Request::Save(token.target(), held.content()))
            }

            /// Stores a session only if no live one has the token; an expired one is replaced.
            ///
            /// Raises as `save`, and `AlreadyExists`.
            #[pyo3(signature = (token, data, expires_at, *, subject=None))]
            fn insert<'py>(
                &self,
                py: Python<'py>,
                token: &Bound<'py, PyAny>,
                data: &Bound<'py, PyAny>,
                expires_at: &Bound<'py, PyAny>,
                subject: Option<&Bound<'py, PyAny>>,
            ) -> $answer {
                let token = $crate::arguments::TokenOrKey::of(token)?;
                let held = $crate::arguments::OwnedContent::new(data, expires_at, subject)?;
                self.ask(py, Request::Insert(token.target(), held.content()))
            }

            /// Changes a live session. False, and nothing written, when it is gone: a session that
            /// was ended is never brought back.
            ///
            /// Raises as `save`.
            #[pyo3(signature = (token, data, expires_at, *, subject=None))]
            fn update<'py>(
                &self,
                py: Python<'py>,
                token: &Bound<'py, PyAny>,
                data: &Bound<'py, PyAny>,
                expires_at: &Bound<'py, PyAny>,
                subject: Option<&Bound<'py, PyAny>>,
            ) -> $answer {
                let token = $crate::arguments::TokenOrKey::of(token)?;
                let held = $crate::arguments::OwnedContent::new(data, expires_at, subject)?;
                self.ask(py, Request::Update(token.target(), held.content()))
            }

            /// Changes a live session only if its data is still `expected`: compare and swap.
            /// Saved, a conflict, or gone. The `Outcome` is true only when it was saved.
            ///
            /// Raises as `save`.
            #[pyo3(signature = (token, expected, data, expires_at, *, subject=None))]
            fn replace<'py>(
                &self,
                py: Python<'py>,
                token: &Bound<'py, PyAny>,
                expected: &Bound<'py, PyAny>,
                data: &Bound<'py, PyAny>,
                expires_at: &Bound<'py, PyAny>,
                subject: Option<&Bound<'py, PyAny>>,
            ) -> $answer {
                let token = $crate::arguments::TokenOrKey::of(token)?;
                let expected = $crate::arguments::bytes(expected, "expected")?;
                let held = $crate::arguments::OwnedContent::new(data, expires_at, subject)?;
                self.ask(py, Request::Replace(token.target(), expected.as_bytes(), held.content()))
            }

            /// Moves the expiry of a live session and leaves its data alone. False when it is gone.
            /// A manager's session lives no longer than its data says: touch it through its
            /// manager.
            fn touch<'py>(
                &self,
                py: Python<'py>,
                token: &Bound<'py, PyAny>,
                expires_at: &Bound<'py, PyAny>,
            ) -> $answer {
                let token = $crate::arguments::TokenOrKey::of(token)?;
                let expires_at = $crate::time::expiry(expires_at)?;
                self.ask(py, Request::Touch(token.target(), expires_at))
            }

            /// Gives a live session another token, and new content if it is given, in one step:
            /// never are both tokens valid, and never neither. False when it is gone. Do this
            /// whenever a user's rights change, at login above all.
            ///
            /// Raises as `save`, and `AlreadyExists` when a live session has the new token.
            #[pyo3(signature = (
                old, new, data=None, expires_at=$crate::arguments::Maybe::ABSENT, *, subject=None
            ))]
            fn rename<'py>(
                &self,
                py: Python<'py>,
                old: &Bound<'py, PyAny>,
                new: &Bound<'py, PyAny>,
                data: Option<&Bound<'py, PyAny>>,
                expires_at: $crate::arguments::Maybe<'py>,
                subject: Option<&Bound<'py, PyAny>>,
            ) -> $answer {
                let old = $crate::arguments::TokenOrKey::named(old, "old")?;
                let new = $crate::arguments::TokenOrKey::named(new, "new")?;
                let expires_at = expires_at.get();
                let held = $crate::arguments::OwnedContent::optional(data, expires_at, subject)?;
                let content = held.as_ref().map(|held| held.content());
                self.ask(py, Request::Rename(old.target(), new.target(), content))
            }

            /// Ends a session. Whether there was a live one; none is no error.
            fn delete<'py>(
                &self,
                py: Python<'py>,
                token: &Bound<'py, PyAny>,
            ) -> $answer {
                let token = $crate::arguments::TokenOrKey::of(token)?;
                self.ask(py, Request::Delete(token.target()))
            }

            /// `find` for up to 10,000 at once; the records are in the order asked.
            ///
            /// Raises `InvalidArgument` for more.
            fn find_many<'py>(
                &self,
                py: Python<'py>,
                tokens: &Bound<'py, PyAny>,
            ) -> $answer {
                let parts = $crate::arguments::each(tokens, "tokens")?;
                let sessions = $crate::arguments::sessions(&parts)?;
                let tokens: Vec<_> = sessions.iter().map(|session| session.target()).collect();
                self.ask(py, Request::FindMany(&tokens))
            }

            /// `save` for up to 10,000 at once. All are checked before any is written; each is
            /// written on its own, so after an error some may be saved.
            ///
            /// A row is a tuple `(token, data, expires_at)` or `(token, data, expires_at,
            /// subject)`.
            ///
            /// Raises as `save`, and `InvalidArgument` for more.
            fn save_many<'py>(
                &self,
                py: Python<'py>,
                rows: &Bound<'py, PyAny>,
            ) -> $answer {
                let parts = $crate::arguments::each(rows, "rows")?;
                let rows = parts.iter().map($crate::arguments::row).collect::<PyResult<Vec<_>>>()?;
                let (tokens, held): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
                let sessions = $crate::arguments::sessions(&tokens)?;
                let pairs = sessions.iter().zip(&held);
                let rows: Vec<_> =
                    pairs.map(|(session, held)| (session.target(), held.content())).collect();
                self.ask(py, Request::SaveMany(&rows))
            }

            /// `delete` for up to 10,000 at once: how many were live.
            ///
            /// Raises `InvalidArgument` for more.
            fn delete_many<'py>(
                &self,
                py: Python<'py>,
                tokens: &Bound<'py, PyAny>,
            ) -> $answer {
                let parts = $crate::arguments::each(tokens, "tokens")?;
                let sessions = $crate::arguments::sessions(&parts)?;
                let tokens: Vec<_> = sessions.iter().map(|session| session.target()).collect();
                self.ask(py, Request::DeleteMany(&tokens))
            }

            /// How many sessions are live. Reads the expiry index of the whole table.
            fn count<'py>(
                &self,
                py: Python<'py>,
            ) -> $answer {
                self.ask(py, Request::Count)
            }

            /// A page of 1 to 1,000 live sessions in the order of their keys, after the given one:
            /// pass the `next` of one page to get the next.
            ///
            /// Raises `InvalidArgument` for the limit.
            #[pyo3(
                signature = (after=None, limit=$crate::arguments::Limit(100)),
                text_signature = "($self, after=None, limit=100)"
            )]
            fn list<'py>(
                &self,
                py: Python<'py>,
                after: Option<&Bound<'py, PyAny>>,
                limit: $crate::arguments::Limit,
            ) -> $answer {
                let after = $crate::arguments::after(after)?;
                self.ask(py, Request::List(after, limit.0))
            }

            /// `list` for the sessions of one subject: a user's devices.
            ///
            /// Raises as `list`, and `InvalidArgument` for a subject that is not 1 to 255
            /// characters long, and `Unsupported` where the table has no subject column.
            #[pyo3(
                signature = (subject, after=None, limit=$crate::arguments::Limit(100)),
                text_signature = "($self, subject, after=None, limit=100)"
            )]
            fn list_subject<'py>(
                &self,
                py: Python<'py>,
                subject: &Bound<'py, PyAny>,
                after: Option<&Bound<'py, PyAny>>,
                limit: $crate::arguments::Limit,
            ) -> $answer {
                let subject = $crate::arguments::subject(subject)?;
                let after = $crate::arguments::after(after)?;
                self.ask(py, Request::ListSubject(&subject, after, limit.0))
            }

            /// Ends all sessions of a subject, but for `keep`: "sign out everywhere (else)". How
            /// many were live. What the subject opens while this runs may stay.
            ///
            /// Raises `InvalidArgument` for a subject that is not 1 to 255 characters long, and
            /// `Unsupported` where the table has no subject column.
            #[pyo3(signature = (subject, *, keep=None))]
            fn delete_subject<'py>(
                &self,
                py: Python<'py>,
                subject: &Bound<'py, PyAny>,
                keep: Option<&Bound<'py, PyAny>>,
            ) -> $answer {
                let subject = $crate::arguments::subject(subject)?;
                let named = |keep| $crate::arguments::TokenOrKey::named(keep, "keep");
                let keep = keep.map(named).transpose()?;
                let keep = keep.as_ref().map(|keep| keep.target());
                self.ask(py, Request::DeleteSubject(&subject, keep))
            }

            /// Ends all sessions: how many were live. Whatever the table holds is deleted, in
            /// slices, so that no other call waits for it long; what is stored while it runs may
            /// stay. A large table may take longer than the `timeout` option allows: after
            /// `Timeout` a part is gone, and calling it again goes on.
            ///
            /// Raises an error of the server for rows that another table's foreign key holds, and
            /// then all others are gone.
            fn clear<'py>(
                &self,
                py: Python<'py>,
            ) -> $answer {
                self.ask(py, Request::Clear)
            }

            /// Removes up to `limit` (1 to 100,000) expired sessions: how many it removed.
            ///
            /// Raises `InvalidArgument` for the limit.
            #[pyo3(
                signature = (limit=$crate::arguments::Limit(1000)),
                text_signature = "($self, limit=1000)"
            )]
            fn delete_expired<'py>(
                &self,
                py: Python<'py>,
                limit: $crate::arguments::Limit,
            ) -> $answer {
                self.ask(py, Request::DeleteExpired(limit.0))
            }

            /// Creates the table, or upgrades it. Changes nothing where it is up to date.
            ///
            /// Raises `Schema` for a table of no known layout, and `Unsupported` for one that
            /// another library made: see `migrate_from`.
            fn migrate<'py>(
                &self,
                py: Python<'py>,
            ) -> $answer {
                self.ask(py, Request::Migrate)
            }

            /// Makes a live table of another library one of sessio's, in place: no session is lost,
            /// and the other library goes on using it. `library` is "scs". Changes nothing where it
            /// is up to date.
            ///
            /// What changes the type of a column makes the server copy the table, and until it has,
            /// readers go on and writers wait: about a minute for a million sessions on a small
            /// machine, in which a store answers writes with `Timeout`. Call `delete_expired`
            /// before it, and it has less to copy. (MariaDB lets writers go on too, from version
            /// 11.2.) A subject column and indexes are added while readers and writers go on. At
            /// its start and end it waits for the statements that run, and all other statements
            /// wait behind it; after two seconds it steps back and tries again. The `timeout`
            /// option is not for it, and when the connection breaks, the server undoes it.
            ///
            /// Other programs' stores may stay open. They learn by their next cleanup what the
            /// table has become, and use it as it was till then.
            ///
            /// Raises `InvalidArgument` for another library, `Schema` for a table of no known
            /// layout, and `Unsupported` for one that cannot be upgraded; then nothing has changed.
            fn migrate_from<'py>(
                &self,
                py: Python<'py>,
                library: &Bound<'py, PyAny>,
            ) -> $answer {
                let library = $crate::options::string("library", library)?;
                self.ask(py, Request::MigrateFrom(&library))
            }

            /// What is wrong with the table; empty when nothing is. A missing or unknown table is
            /// an issue, too, not an error.
            fn check<'py>(
                &self,
                py: Python<'py>,
            ) -> $answer {
                self.ask(py, Request::Check)
            }

            /// Reaches the server and comes back.
            fn ping<'py>(
                &self,
                py: Python<'py>,
            ) -> $answer {
                self.ask(py, Request::Ping)
            }

            fn __repr__(&self) -> String {
                format!("<sessio.{} {}>", stringify!($store), self.location())
            }

            $($own)*
        }
    };
}

/// What `help` shows of the options.
macro_rules! option_docs {
    () => {
        r#"- `table`: The table's name. Default: "sessions".
- `hash_tokens`: Whether the table keeps a hash of the token instead of the token: False for
  tables that hold plain tokens, as with `max_lifetime`. Default: True.
- `max_lifetime`: For a beego table, which has to be told: `maxLifetime` (or `gclifetime`) of
  beego's configuration, a whole number of seconds.
- `cleanup_interval`: The time from one background cleanup to the next, more or less. 0 for
  none. Default: 5 minutes.
- `timeout`: The time within which every call is answered, waiting and connecting included.
  Default: 5 seconds.
- `connections`: The most connections to the server, 1 to 64: opened when they are needed,
  closed when they are idle. Default: 16.
- `max_data`: The most bytes of one session. Default: 1048576.
- `max_sessions`: The most sessions in memory.
- `max_bytes`: The most bytes of session data in memory.
- `tls`: Whether connections are encrypted, and what is verified of the server's certificate.
  One of "off", "required", "verify-ca", "verify-identity". Default: "off".
- `ca`: A PEM file with the authorities to trust; without it, the usual public ones.
- `tls_cert`: A PEM file with the certificate that the server asks this client for. Needs
  `tls_key`.
- `tls_key`: A PEM file with the private key of `tls_cert`, without a passphrase.
- `columns`: The column names of a table that others made:
  `token=sid,data=payload,expiry=ends_at,subject=user`, any of them.
- `session_variables`: Variables of the server that each connection sets:
  `wsrep_sync_wait=7,innodb_lock_wait_timeout=2`.
- `spread_hosts`: With several hosts, whether to start on any of them instead of the first.
  Default: False."#
    };
}

pub(crate) use {option_docs, verbs};

/// Whether a request is for many sessions, so that in memory, too, it takes a while.
pub(crate) fn visits_many(request: &Request<'_>) -> bool {
    matches!(
        request,
        Request::FindMany(..)
            | Request::SaveMany(..)
            | Request::DeleteMany(..)
            | Request::Count
            | Request::List(..)
            | Request::ListSubject(..)
            | Request::DeleteSubject(..)
            | Request::Clear
            | Request::DeleteExpired(..)
    )
}

/// Whether a write is answered with an `Outcome`, and not with whether it was saved.
pub(crate) fn has_outcome(request: &Request<'_>) -> bool {
    matches!(request, Request::Replace(..))
}
