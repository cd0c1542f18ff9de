//! The verbs, once, for `Store` and `AsyncCalls`: arguments in, a request out. How it is waited
//! for is the store's own `ask`.

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
                let keywords = $crate::options::Keywords {
                    table, hash_tokens, max_lifetime, cleanup_interval, timeout, connections,
                    max_data, max_sessions, max_bytes, tls, ca, tls_cert, tls_key, columns,
                    session_variables, spread_hosts, clock,
                };
                guard(url.py(), || Self::open(url, &keywords))
            }

            /// The live session, or None: absent, expired and malformed tokens are all None.
            fn find<'py>(
                &self,
                py: Python<'py>,
                token: &Bound<'py, PyAny>,
            ) -> $answer {
                let session = $crate::arguments::TokenOrKey::of(token)?;
                self.ask(py, Request::Find(session.target()))
            }

            /// Whether a live session has the token.
            fn exists<'py>(
                &self,
                py: Python<'py>,
                token: &Bound<'py, PyAny>,
            ) -> $answer {
                let session = $crate::arguments::TokenOrKey::of(token)?;
                self.ask(py, Request::Exists(session.target()))
            }

            /// Stores a session, whatever was there before. `expires_at` is an aware datetime, a
            /// timedelta from now, or None for never; what has expired already is saved, and
            /// invisible. `subject` says whose session it is: None leaves that as it is, and ""
            /// takes it away. Over a session that was just logged out this brings it back: use
            /// `update` or `replace` for what was loaded.
            ///
            /// Raises `TooLarge`, `Full` in memory, and `Unsupported` for a subject where the
            /// table has no place for it.
            #[pyo3(signature = (token, data, expires_at, *, subject=None))]
            fn save<'py>(
                &self,
                py: Python<'py>,
                token: &Bound<'py, PyAny>,
                data: &Bound<'py, PyAny>,
                expires_at: &Bound<'py, PyAny>,
                subject: Option<&Bound<'py, PyAny>>,
            ) -> $answer {
                let session = $crate::arguments::TokenOrKey::of(token)?;
                let held = $crate::arguments::OwnedContent::new(data, expires_at, subject)?;
                self.ask(py, Request::Save(session.target(), held.content()))
            }

            /// Stores a session only if no live one has the token; an expired one is replaced.
            ///
            /// Raises `AlreadyExists`; otherwise as `save`.
            #[pyo3(signature = (token, data, expires_at, *, subject=None))]
            fn insert<'py>(
                &self,
                py: Python<'py>,
                token: &Bound<'py, PyAny>,
                data: &Bound<'py, PyAny>,
                expires_at: &Bound<'py, PyAny>,
                subject: Option<&Bound<'py, PyAny>>,
            ) -> $answer {
                let session = $crate::arguments::TokenOrKey::of(token)?;
                let held = $crate::arguments::OwnedContent::new(data, expires_at, subject)?;
                self.ask(py, Request::Insert(session.target(), held.content()))
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
                let session = $crate::arguments::TokenOrKey::of(token)?;
                let held = $crate::arguments::OwnedContent::new(data, expires_at, subject)?;
                self.ask(py, Request::Update(session.target(), held.content()))
            }

            /// Changes a live session only if its data is still `expected`: compare and swap. The
            /// `Outcome` is true when it was saved, and false on a conflict or when it is gone.
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
                let session = $crate::arguments::TokenOrKey::of(token)?;
                let expected = $crate::arguments::bytes(expected, "expected")?;
                let held = $crate::arguments::OwnedContent::new(data, expires_at, subject)?;
                let (target, content) = (session.target(), held.content());
                self.ask(py, Request::Replace(target, expected.as_bytes(), content))
            }

            /// Moves the expiry of a live session and leaves its data alone. False when it is
            /// gone.
            fn touch<'py>(
                &self,
                py: Python<'py>,
                token: &Bound<'py, PyAny>,
                expires_at: &Bound<'py, PyAny>,
            ) -> $answer {
                let session = $crate::arguments::TokenOrKey::of(token)?;
                let expiry = $crate::time::expiry(expires_at)?;
                self.ask(py, Request::Touch(session.target(), expiry))
            }

            /// Gives a live session another token, and new content if data and expires_at are
            /// given, in one step: never are both tokens valid, and never neither. False when it
            /// is gone.
            ///
            /// Raises `AlreadyExists` when a live session has the new token; otherwise as `save`.
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
                let held = $crate::arguments::OwnedContent::optional(data, expires_at.get(), subject)?;
                let content = held.as_ref().map(|held| held.content());
                self.ask(py, Request::Rename(old.target(), new.target(), content))
            }

            /// Ends a session. Whether there was a live one; none is no error.
            fn delete<'py>(
                &self,
                py: Python<'py>,
                token: &Bound<'py, PyAny>,
            ) -> $answer {
                let session = $crate::arguments::TokenOrKey::of(token)?;
                self.ask(py, Request::Delete(session.target()))
            }

            /// `find` for up to 10,000 at once: a list of records and Nones in the order asked.
            fn find_many<'py>(
                &self,
                py: Python<'py>,
                tokens: &Bound<'py, PyAny>,
            ) -> $answer {
                let parts = $crate::arguments::each(tokens, "tokens")?;
                let sessions = $crate::arguments::sessions(&parts)?;
                let targets: Vec<_> = sessions.iter().map(|session| session.target()).collect();
                self.ask(py, Request::FindMany(&targets))
            }

            /// `save` for up to 10,000 at once: tuples `(token, data, expires_at)` or
            /// `(token, data, expires_at, subject)`. All are checked before any is written; each
            /// is written on its own, so after an error some may be saved.
            ///
            /// Raises as `save`.
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
            fn delete_many<'py>(
                &self,
                py: Python<'py>,
                tokens: &Bound<'py, PyAny>,
            ) -> $answer {
                let parts = $crate::arguments::each(tokens, "tokens")?;
                let sessions = $crate::arguments::sessions(&parts)?;
                let targets: Vec<_> = sessions.iter().map(|session| session.target()).collect();
                self.ask(py, Request::DeleteMany(&targets))
            }

            /// Ends all sessions, in slices: how many were live. What is opened while it runs may
            /// stay.
            fn clear<'py>(&self, py: Python<'py>) -> $answer {
                self.ask(py, Request::Clear)
            }

            /// How many sessions are live. Reads the expiry index of the whole table.
            fn count<'py>(&self, py: Python<'py>) -> $answer {
                self.ask(py, Request::Count)
            }

            /// A `Page` of 1 to 1,000 live sessions in the order of their keys, after the given
            /// one: pass the `next` of one page to get the next.
            #[pyo3(
                signature = (after=None, limit=$crate::arguments::Limit::PAGE),
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

            /// The same for the sessions of one subject: a user's devices.
            ///
            /// Raises `Unsupported` where the table has no subjects.
            #[pyo3(
                signature = (subject, after=None, limit=$crate::arguments::Limit::PAGE),
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

            /// Ends all sessions of a subject, but for the one with the token `keep`: how many
            /// were live. What the subject opens while this runs may stay.
            ///
            /// Raises `Unsupported` where the table has no subjects.
            #[pyo3(signature = (subject, *, keep=None))]
            fn delete_subject<'py>(
                &self,
                py: Python<'py>,
                subject: &Bound<'py, PyAny>,
                keep: Option<&Bound<'py, PyAny>>,
            ) -> $answer {
                let subject = $crate::arguments::subject(subject)?;
                let keep = keep.map(|keep| $crate::arguments::TokenOrKey::named(keep, "keep"));
                let keep = keep.transpose()?;
                let keep = keep.as_ref().map(|session| session.target());
                self.ask(py, Request::DeleteSubject(&subject, keep))
            }

            /// Removes up to `limit` (1 to 100,000) expired sessions: how many it removed.
            #[pyo3(
                signature = (limit=$crate::arguments::Limit::ROUND),
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
            fn migrate<'py>(&self, py: Python<'py>) -> $answer {
                self.ask(py, Request::Migrate)
            }

            /// Makes a live table of another library one of sessio's, in place. `library` is "scs".
            ///
            /// No session is lost, and Go goes on using the table. It takes the time that copying
            /// the table takes, during which writers wait and readers do not; the store's timeout
            /// does not apply.
            ///
            /// Raises `Schema` for a table of no known layout, and `Unsupported` where it cannot be
            /// upgraded.
            fn migrate_from<'py>(&self, py: Python<'py>, library: &Bound<'py, PyAny>) -> $answer {
                let library = $crate::options::string("library", library)?;
                self.ask(py, Request::MigrateFrom(&library))
            }

            /// What is wrong with the table, as a list of `CheckIssue`; empty when nothing is.
            fn check<'py>(&self, py: Python<'py>) -> $answer {
                self.ask(py, Request::Check)
            }

            /// Reaches the server and comes back.
            fn ping<'py>(&self, py: Python<'py>) -> $answer {
                self.ask(py, Request::Ping)
            }

            fn __repr__(&self) -> String {
                format!("<sessio.{} {}>", stringify!($store), self.location())
            }

            $($own)*
        }
    };
}

pub(crate) use verbs;
