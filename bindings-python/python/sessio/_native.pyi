"""The native half of the package. Its docstrings are copied from the module: stub_docstrings.py."""

import builtins
import os
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, MutableMapping
from datetime import datetime, timedelta
from types import EllipsisType
from typing import Literal, Self, TypeVar, final, overload

from typing_extensions import disjoint_base

from ._types import (
    Bytes,
    Codec,
    CommitOutcome,
    CookieSignature,
    Duration,
    Expiry,
    Header,
    Headers,
    OnConflict,
    OnCorrupt,
    Row,
    SameSite,
    Status,
    Storable,
    Value,
)
from ._types import Session as Which
from .async_sessions import LazySession
from .results import CheckIssue, Cookie, Outcome, Page, SessionPage, Transacted

__all__ = [
    "AsyncCalls",
    "AsyncManagerCalls",
    "AsyncSession",
    "CommitResult",
    "Key",
    "ManualClock",
    "Record",
    "Session",
    "SessionManager",
    "SessionView",
    "Store",
    "Transaction",
    "after_fork",
    "drain_log",
    "generate_token",
    "panic_on_purpose",
]

_Type = TypeVar("_Type", bool, int, float, str, bytes, datetime)
_Default = TypeVar("_Default")
_Changed = TypeVar("_Changed")

def after_fork() -> None: ...
def drain_log() -> None: ...
def generate_token() -> str:
    """A new random token for a new session: 32 bytes as 43 characters of base64url. The bytes
    come from the operating system, so a forked process never repeats the tokens of its
    parent.

    Raises `Internal` if the operating system gives no random bytes.
    """

def panic_on_purpose() -> None: ...

@final
class Key:
    """What the table stores in place of a session's token: by default a hash of the token. Keys
    come with listed sessions, and every verb accepts a key where it accepts a token.

    Keys are immutable, hashable and can be pickled. They compare in the order of `list`.
    `repr` does not show the key; `text` and `id` do.
    """

    def __new__(cls, text: str) -> Self: ...
    @property
    def text(self) -> str:
        """The value of the token column in the table."""
    @staticmethod
    def from_id(id: str) -> Key:
        """The key with this `id`: for links on an administrator's page that lists sessions.

        Never read a client's token with it: keys are not secret. Anyone who has seen the
        table or a backup knows them.

        Raises `InvalidArgument` if the text is not the `id` of a key.
        """
    @property
    def id(self) -> str:
        """The key as text for links on a page that lists sessions: see `from_id`. No token has
        this format.
        """
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __lt__(self, other: Key, /) -> bool: ...
    def __le__(self, other: Key, /) -> bool: ...
    def __gt__(self, other: Key, /) -> bool: ...
    def __ge__(self, other: Key, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __getnewargs__(self) -> tuple[str]: ...

@final
class ManualClock:
    """A clock for tests, which moves only when `advance` is called. Stores take it as
    `clock=...`. It decides when sessions expire. The timeout of calls and the interval of the
    background cleanup use real time.

    Several stores and threads may share a clock.
    """

    def __new__(cls, start: datetime) -> Self: ...
    def now(self) -> datetime:
        """The clock's time, an aware datetime in UTC."""
    def advance(self, by: timedelta) -> None:
        """Moves the clock forward by a timedelta, for all stores that use it.

        Raises `InvalidArgument` for a negative timedelta.
        """

@final
class Record:
    """A live session as it was stored: `data`, `expires_at` and `subject`. Immutable, hashable,
    and can be pickled.

    `repr` shows neither data nor subject.
    """

    def __new__(
        cls, data: Bytes, expires_at: datetime | None = None, subject: str | None = None
    ) -> Self: ...
    @property
    def data(self) -> bytes:
        """The stored bytes. Every access makes a copy."""
    @property
    def expires_at(self) -> datetime | None:
        """When the session expires, an aware datetime in UTC; None means never."""
    @property
    def subject(self) -> str | None:
        """The subject of the session, such as a user id; None if it has none."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __getnewargs__(self) -> tuple[bytes, datetime | None, str | None]: ...

@disjoint_base
class Store:
    """A store of sessions in MySQL or in memory, with blocking calls. `AsyncStore` has the same
    verbs for asyncio.

    `url` is one of: `memory:`; `mysql://user:password@host:3306/database?table=sessions`; the
    same with several hosts (`a:3306,b:3306`, tried in this order); a Go DSN
    (`user:password@tcp(host:3306)/database`); or the JSON that a beego program gives to
    `NewManager`. With beego's JSON, the table, its lifetimes and the defaults of the store's
    managers, cookie included, are those of beego.

    Options are keywords with the names that they have in the URL, and take precedence over
    it. A duration is a timedelta or a number of seconds.

    - `table`: The table's name. Default: "sessions".
    - `hash_tokens`: Whether the table keeps a hash of the token instead of the token: False
      for tables that hold plain tokens, as with `max_lifetime`. Default: True.
    - `max_lifetime`: For a beego table, which has to be told: `maxLifetime` (or `gclifetime`)
      of beego's configuration, a whole number of seconds.
    - `cleanup_interval`: The time from one background cleanup to the next, more or less. 0
      for none. Default: 5 minutes.
    - `timeout`: The time within which every call is answered, waiting and connecting
      included. Default: 5 seconds.
    - `connections`: The most connections to the server, 1 to 64: opened when they are needed,
      closed when they are idle. Default: 16.
    - `max_data`: The most bytes of one session. Default: 1048576.
    - `max_sessions`: The most sessions in memory.
    - `max_bytes`: The most bytes of session data in memory.
    - `tls`: Whether connections are encrypted, and what is verified of the server's
      certificate. One of "off", "required", "verify-ca", "verify-identity". Default: "off".
    - `ca`: A PEM file with the authorities to trust; without it, the usual public ones.
    - `tls_cert`: A PEM file with the certificate that the server asks this client for. Needs
      `tls_key`.
    - `tls_key`: A PEM file with the private key of `tls_cert`, without a passphrase.
    - `columns`: The column names of a table that others made:
      `token=sid,data=payload,expiry=ends_at,subject=user`, any of them.
    - `session_variables`: Variables of the server that each connection sets:
      `wsrep_sync_wait=7,innodb_lock_wait_timeout=2`.
    - `spread_hosts`: With several hosts, whether to start on any of them instead of the
      first. Default: False.
    - `clock`: A `ManualClock`, for tests.

    Opening a store neither connects nor starts threads: the first operation does. A store is
    thread-safe. A blocked call releases the interpreter and can be interrupted by Ctrl-C: its
    answer is lost, but a write still happens. After a fork the child can use the store: it
    opens its own connections, and a store in memory is empty there. As a context manager the
    store closes itself.

    Every verb raises `InvalidArgument` (also a `ValueError`) or `TypeError` for arguments
    that it does not accept, and `Timeout`, `Unavailable`, `Overloaded`, `Schema`, `Corrupt`
    or `Closed`. Other errors are named at the verbs.
    """

    # Made by `cargo xtask gen` for Store: change `api/store.toml` and `api/options.toml`.
    def __new__(
        cls,
        url: str,
        *,
        table: str | None = None,
        hash_tokens: bool | None = None,
        max_lifetime: timedelta | float | None = None,
        cleanup_interval: timedelta | float | None = None,
        timeout: timedelta | float | None = None,
        connections: int | None = None,
        max_data: int | None = None,
        max_sessions: int | None = None,
        max_bytes: int | None = None,
        tls: Literal["off", "required", "verify-ca", "verify-identity"] | None = None,
        ca: str | os.PathLike[str] | None = None,
        tls_cert: str | os.PathLike[str] | None = None,
        tls_key: str | os.PathLike[str] | None = None,
        columns: str | None = None,
        session_variables: str | None = None,
        spread_hosts: bool | None = None,
        clock: ManualClock | None = None,
    ) -> Self: ...
    def find(self, token: Which) -> Record | None:
        """The live session, or None: absent, expired and malformed tokens are all None. An error
        means that the system failed.
        """
    def exists(self, token: Which) -> bool:
        """Whether a live session has the token."""
    def save(
        self, token: Which, data: Bytes, expires_at: Expiry, *, subject: str | None = None
    ) -> None:
        """Stores a session, whatever was there before. When it returns, the session is
        committed. Over a session that was just logged out this brings it back: use `update`
        or `replace` for what was loaded.

        `expires_at` is an aware datetime, a timedelta from now, or None for never; what has
        expired already is saved, and invisible. `subject` says whose session it is: None
        leaves that as it is, and "" takes it away.

        Raises `TooLarge`, `Full` in memory, and `Unsupported` for a subject where the table
        has no column for it.
        """
    def insert(
        self, token: Which, data: Bytes, expires_at: Expiry, *, subject: str | None = None
    ) -> None:
        """Stores a session only if no live one has the token; an expired one is replaced.

        Raises as `save`, and `AlreadyExists`.
        """
    def update(
        self, token: Which, data: Bytes, expires_at: Expiry, *, subject: str | None = None
    ) -> bool:
        """Changes a live session. False, and nothing written, when it is gone: a session that
        was ended is never brought back.

        Raises as `save`.
        """
    def replace(
        self,
        token: Which,
        expected: Bytes,
        data: Bytes,
        expires_at: Expiry,
        *,
        subject: str | None = None,
    ) -> Outcome:
        """Changes a live session only if its data is still `expected`: compare and swap. Saved,
        a conflict, or gone. The `Outcome` is true only when it was saved.

        Raises as `save`.
        """
    def touch(self, token: Which, expires_at: Expiry) -> bool:
        """Moves the expiry of a live session and leaves its data alone. False when it is gone. A
        manager's session lives no longer than its data says: touch it through its manager.
        """
    @overload
    def rename(
        self,
        old: Which,
        new: Which,
        data: None = None,
        expires_at: EllipsisType = ...,
        *,
        subject: None = None,
    ) -> bool:
        """Gives a live session another token, and new content if it is given, in one step: never
        are both tokens valid, and never neither. False when it is gone. Do this whenever a
        user's rights change, at login above all.

        Raises as `save`, and `AlreadyExists` when a live session has the new token.
        """
    @overload
    def rename(
        self, old: Which, new: Which, data: Bytes, expires_at: Expiry, *, subject: str | None = None
    ) -> bool:
        """Gives a live session another token, and new content if it is given, in one step: never
        are both tokens valid, and never neither. False when it is gone. Do this whenever a
        user's rights change, at login above all.

        Raises as `save`, and `AlreadyExists` when a live session has the new token.
        """
    def delete(self, token: Which) -> bool:
        """Ends a session. Whether there was a live one; none is no error."""
    def find_many(self, tokens: Iterable[Which]) -> builtins.list[Record | None]:
        """`find` for up to 10,000 at once; the records are in the order asked.

        Raises `InvalidArgument` for more.
        """
    def save_many(self, rows: Iterable[Row]) -> None:
        """`save` for up to 10,000 at once. All are checked before any is written; each is
        written on its own, so after an error some may be saved.

        A row is a tuple `(token, data, expires_at)` or `(token, data, expires_at, subject)`.

        Raises as `save`, and `InvalidArgument` for more.
        """
    def delete_many(self, tokens: Iterable[Which]) -> int:
        """`delete` for up to 10,000 at once: how many were live.

        Raises `InvalidArgument` for more.
        """
    def count(self) -> int:
        """How many sessions are live. Reads the expiry index of the whole table."""
    def list(self, after: Key | None = None, limit: int = 100) -> Page:
        """A page of 1 to 1,000 live sessions in the order of their keys, after the given one:
        pass the `next` of one page to get the next.

        Raises `InvalidArgument` for the limit.
        """
    def list_subject(self, subject: str, after: Key | None = None, limit: int = 100) -> Page:
        """`list` for the sessions of one subject: a user's devices.

        Raises as `list`, and `InvalidArgument` for a subject that is not 1 to 255 characters
        long, and `Unsupported` where the table has no subject column.
        """
    def delete_subject(self, subject: str, *, keep: Which | None = None) -> int:
        """Ends all sessions of a subject, but for `keep`: "sign out everywhere (else)". How many
        were live. What the subject opens while this runs may stay.

        Raises `InvalidArgument` for a subject that is not 1 to 255 characters long, and
        `Unsupported` where the table has no subject column.
        """
    def clear(self) -> int:
        """Ends all sessions: how many were live. Whatever the table holds is deleted, in slices,
        so that no other call waits for it long; what is stored while it runs may stay. A
        large table may take longer than the `timeout` option allows: after `Timeout` a part
        is gone, and calling it again goes on.

        Raises an error of the server for rows that another table's foreign key holds, and
        then all others are gone.
        """
    def delete_expired(self, limit: int = 1000) -> int:
        """Removes up to `limit` (1 to 100,000) expired sessions: how many it removed.

        Raises `InvalidArgument` for the limit.
        """
    def migrate(self) -> None:
        """Creates the table, or upgrades it. Changes nothing where it is up to date.

        Raises `Schema` for a table of no known layout, and `Unsupported` for one that another
        library made: see `migrate_from`.
        """
    def migrate_from(self, library: Literal["scs"]) -> None:
        """Makes a live table of another library one of sessio's, in place: no session is lost,
        and the other library goes on using it. `library` is "scs". Changes nothing where it
        is up to date.

        What changes the type of a column makes the server copy the table, and until it has,
        readers go on and writers wait: about a minute for a million sessions on a small
        machine, in which a store answers writes with `Timeout`. Call `delete_expired` before
        it, and it has less to copy. (MariaDB lets writers go on too, from version 11.2.) A
        subject column and indexes are added while readers and writers go on. At its start and
        end it waits for the statements that run, and all other statements wait behind it;
        after two seconds it steps back and tries again. The `timeout` option is not for it,
        and when the connection breaks, the server undoes it.

        Other programs' stores may stay open. They learn by their next cleanup what the table
        has become, and use it as it was till then.

        Raises `InvalidArgument` for another library, `Schema` for a table of no known layout,
        and `Unsupported` for one that cannot be upgraded; then nothing has changed.
        """
    def check(self) -> builtins.list[CheckIssue]:
        """What is wrong with the table; empty when nothing is. A missing or unknown table is an
        issue, too, not an error.
        """
    def ping(self) -> None:
        """Reaches the server and comes back."""
    # The end of what `cargo xtask gen` makes.
    def __enter__(self) -> Self: ...
    def __exit__(self, *_exception: object) -> None: ...
    def stop_cleanup(self) -> None:
        """Stops the background cleanup of this store in this process, and waits for a pass that
        is running. It cannot be started again. Idempotent.
        """
    def stats(self) -> dict[str, int]:
        """The counters of this store in this process, by name: `statements`, `batches`,
        `retries`, `connections`, `cleanups`, `cleanup_errors`, `removed`, `sessions`,
        `bytes`.
        """
    def close(self) -> None:
        """Closes the store: refuses new operations, finishes those in flight, and frees
        connections and memory. Afterwards every verb raises `Closed`. Takes at most the
        `timeout` option. Idempotent.
        """

@final
class AsyncCalls:
    # Made by `cargo xtask gen` for AsyncCalls: change `api/store.toml` and `api/options.toml`.
    def __new__(
        cls,
        url: str | Store,
        *,
        table: str | None = None,
        hash_tokens: bool | None = None,
        max_lifetime: timedelta | float | None = None,
        cleanup_interval: timedelta | float | None = None,
        timeout: timedelta | float | None = None,
        connections: int | None = None,
        max_data: int | None = None,
        max_sessions: int | None = None,
        max_bytes: int | None = None,
        tls: Literal["off", "required", "verify-ca", "verify-identity"] | None = None,
        ca: str | os.PathLike[str] | None = None,
        tls_cert: str | os.PathLike[str] | None = None,
        tls_key: str | os.PathLike[str] | None = None,
        columns: str | None = None,
        session_variables: str | None = None,
        spread_hosts: bool | None = None,
        clock: ManualClock | None = None,
    ) -> Self: ...
    def find(self, token: Which) -> Awaitable[Record | None]: ...
    def exists(self, token: Which) -> Awaitable[bool]: ...
    def save(
        self, token: Which, data: Bytes, expires_at: Expiry, *, subject: str | None = None
    ) -> Awaitable[None]: ...
    def insert(
        self, token: Which, data: Bytes, expires_at: Expiry, *, subject: str | None = None
    ) -> Awaitable[None]: ...
    def update(
        self, token: Which, data: Bytes, expires_at: Expiry, *, subject: str | None = None
    ) -> Awaitable[bool]: ...
    def replace(
        self,
        token: Which,
        expected: Bytes,
        data: Bytes,
        expires_at: Expiry,
        *,
        subject: str | None = None,
    ) -> Awaitable[Outcome]: ...
    def touch(self, token: Which, expires_at: Expiry) -> Awaitable[bool]: ...
    def rename(
        self,
        old: Which,
        new: Which,
        data: Bytes | None = None,
        expires_at: Expiry | EllipsisType = ...,
        *,
        subject: str | None = None,
    ) -> Awaitable[bool]: ...
    def delete(self, token: Which) -> Awaitable[bool]: ...
    def find_many(self, tokens: Iterable[Which]) -> Awaitable[builtins.list[Record | None]]: ...
    def save_many(self, rows: Iterable[Row]) -> Awaitable[None]: ...
    def delete_many(self, tokens: Iterable[Which]) -> Awaitable[int]: ...
    def count(self) -> Awaitable[int]: ...
    def list(self, after: Key | None = None, limit: int = 100) -> Awaitable[Page]: ...
    def list_subject(
        self, subject: str, after: Key | None = None, limit: int = 100
    ) -> Awaitable[Page]: ...
    def delete_subject(self, subject: str, *, keep: Which | None = None) -> Awaitable[int]: ...
    def clear(self) -> Awaitable[int]: ...
    def delete_expired(self, limit: int = 1000) -> Awaitable[int]: ...
    def migrate(self) -> Awaitable[None]: ...
    def migrate_from(self, library: Literal["scs"]) -> Awaitable[None]: ...
    def check(self) -> Awaitable[builtins.list[CheckIssue]]: ...
    def ping(self) -> Awaitable[None]: ...
    # The end of what `cargo xtask gen` makes.
    @property
    def store(self) -> Store: ...
    def stop_cleanup(self) -> None: ...
    def stats(self) -> dict[str, int]: ...
    def close(self) -> Awaitable[None]: ...

@final
class CommitResult:
    """The result of a commit: its outcome, and the headers to send to the client. Immutable.

    `repr` shows neither token nor cookie.
    """

    @property
    def outcome(self) -> CommitOutcome:
        """How the commit ended: `"saved"`; `"unmodified"` (there was nothing to store);
        `"destroyed"` (by this request); `"gone"` (another request has destroyed or renewed
        the session; nothing was stored and there is no cookie); or `"conflict"` (another
        request has changed the session and `on_conflict` is `"fail"`, or the token given to
        `create` was in use; nothing was stored).
        """
    @property
    def token(self) -> str | None:
        """The session's token, for clients without cookies; None if the session is not stored."""
    @property
    def expires_at(self) -> datetime | None:
        """When the session expires unless it is used again, an aware datetime in UTC. None if it
        never expires, or is not stored.
        """
    @property
    def set_cookie(self) -> str | None:
        """The value of the `Set-Cookie` header that sets or deletes the cookie; None if the
        browser's cookie need not change. `headers` includes it.
        """
    @property
    def cookie(self) -> Cookie | None:
        """The parts of the same cookie, for frameworks with a function of their own to set
        cookies; None if there is no cookie to send.
        """
    @property
    def headers(self) -> list[tuple[str, str]]:
        """The headers to add to the response, as pairs of name and value: `Set-Cookie` and
        `Cache-Control: no-cache="Set-Cookie"` if there is a cookie to send, and `Vary:
        Cookie` if the session was read or there is a cookie. Add them; do not replace headers
        of the same name.
        """
    @property
    def was_read(self) -> bool:
        """Whether the request has read or changed the session. If so, its response may differ
        from cookie to cookie, and `headers` has `Vary: Cookie`.
        """
    def _taken(self) -> None: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...

@disjoint_base
class SessionView(MutableMapping[str, Value]):
    """One request's view of a session, a mutable mapping from str to values: the base class of
    `Session` and `AsyncSession`.
    """

    @property
    def status(self) -> Status:
        """Whether there is something to commit: `"unmodified"`, `"modified"` or `"destroyed"`.
        Compares the lists and dicts that were read, so changes inside them count.
        """
    @property
    def token(self) -> str | None:
        """The token, which is the client's secret: the one that the request brought, or the one
        to be sent. None for a session that was never stored (unless `ensure_token` or
        `create` gave it one), and for a listed session.
        """
    @property
    def key(self) -> Key | None:
        """The key of a listed session; None for others."""
    def __getitem__(self, key: str, /) -> Value: ...
    def __setitem__(self, key: str, value: Storable, /) -> None: ...
    def __delitem__(self, key: str, /) -> None: ...
    def __contains__(self, key: object, /) -> bool: ...
    def __iter__(self) -> Iterator[str]: ...
    def __len__(self) -> int: ...
    # Made by `cargo xtask gen` for SessionView: change `api/session.toml`.
    @overload
    def get(self, key: str, default: None = None) -> Value:
        """The value of a key, or `default` if there is no such key.

        Raises as `Store.find`, and `Corrupt` if the option `on_corrupt` is `fail`.
        """
    @overload
    def get(self, key: str, default: _Default) -> Value | _Default:
        """The value of a key, or `default` if there is no such key.

        Raises as `Store.find`, and `Corrupt` if the option `on_corrupt` is `fail`.
        """
    @overload
    def get_as(self, key: str, type: builtins.type[_Type]) -> _Type | None:
        """The value of a key, which must be of exactly this type: bool, int, float, str, bytes,
        datetime, list or dict. None if there is no such key. Nothing is converted, and a bool
        is not an int.

        Raises `InvalidArgument` if the value is of another type, and `TypeError` for other
        types.
        """
    @overload
    def get_as(self, key: str, type: builtins.type[list]) -> list[Value] | None:  # type: ignore[type-arg]
        """The value of a key, which must be of exactly this type: bool, int, float, str, bytes,
        datetime, list or dict. None if there is no such key. Nothing is converted, and a bool
        is not an int.

        Raises `InvalidArgument` if the value is of another type, and `TypeError` for other
        types.
        """
    @overload
    def get_as(self, key: str, type: builtins.type[dict]) -> dict[str, Value] | None:  # type: ignore[type-arg]
        """The value of a key, which must be of exactly this type: bool, int, float, str, bytes,
        datetime, list or dict. None if there is no such key. Nothing is converted, and a bool
        is not an int.

        Raises `InvalidArgument` if the value is of another type, and `TypeError` for other
        types.
        """
    @overload
    def pop(self, key: str) -> Value:
        """Removes a key and returns its value, or `default` if there is no such key. The commit
        stores the removal; two requests can both pop a key: see `take`.

        Raises `KeyError` if there is no such key and no default.
        """
    @overload
    def pop(self, key: str, default: _Default) -> Value | _Default:
        """Removes a key and returns its value, or `default` if there is no such key. The commit
        stores the removal; two requests can both pop a key: see `take`.

        Raises `KeyError` if there is no such key and no default.
        """
    def contains(self, key: str) -> bool:
        """Whether there is a value with this key."""
    def snapshot(self) -> dict[str, Value]:
        """A copy of all values. Changes to the copy are not stored: pass it to `assign`."""
    def flashes(self) -> dict[str, Value]:
        """The flash values that earlier requests left for this one, by name. The commit removes
        them; a request that does not ask for them, or is not committed, leaves them. Those of
        a listed session stay for its owner.
        """
    def extra(self, name: str) -> Value:
        """A copy of the extra value of this name; None if there is none. See `set_extra`."""
    def deadline(self) -> datetime:
        """When the lifetime of the session ends. The time is an aware datetime in UTC."""
    def expires_at(self) -> datetime | None:
        """When the session ends if it is not used from now on, as the store has it: what was
        loaded, or what the last commit stored. None for a session that never ends, and for
        one that is not stored. The time is an aware datetime in UTC.
        """
    def remembered(self) -> bool | None:
        """What `remember_me` has set; None if it was not called: then the option
        `cookie_persist` decides.
        """
    def idle_timeout(self) -> timedelta | None:
        """The idle timeout that `set_idle_timeout` has set for this session; None if it was not
        called: then the manager's option applies.
        """
    def subject(self) -> str | None:
        """Whose session it is, such as a user id; None if that was not set."""
    def is_new(self) -> bool:
        """Whether the store does not have this session (yet)."""
    def put(self, key: str, value: Storable, *, lenient: bool = False) -> None:
        """Sets the value of a key. Later changes inside a list or dict that was put are stored
        too.

        With `lenient`, dict keys that are int, float, bool or None are accepted and stored as
        `json` writes them; UUIDs, Decimals, dates, times, naive datetimes and markup (objects
        with `__html__`) are stored as text.

        Raises `TypeError` for a type that a session cannot hold, and `InvalidArgument` for a
        value beyond its limits. Both name the path of the value, such as `cart[2].price`.
        """
    def put_if_changed(self, key: str, value: Storable) -> bool:
        """Sets the value of a key unless it has an equal one already, and says whether it did.
        The comparison is deep and includes types: 1, 1.0 and true differ, and NaN equals NaN.

        Raises as `put`.
        """
    def assign(self, values: Mapping[str, Storable], *, lenient: bool = False) -> None:
        """Replaces all values by these. Only what differs is a change, found as by
        `put_if_changed`, and keys that are not among these are removed: so requests that meet
        keep each other's changes. For programs that hold all values in a map of their own.
        After an error nothing is changed. Lists and dicts are copied. `lenient` as in `put`.

        Raises as `put`.
        """
    def increment(self, key: str, by: int = 1) -> None:
        """Adds `by`, which may be negative, to the integer of a key; a missing value counts as
        0. The commit adds to what is stored by then, so the increments of several requests
        add up.

        Raises `InvalidArgument` if the value is no integer, or the sum would be below -2^63
        or above 2^64 - 1; where that is not known yet, the commit fails.
        """
    def append(self, key: str, item: Storable) -> None:
        """Appends an item to the list of a key; a missing value counts as an empty list. The
        commit appends to what is stored by then, so the items of several requests are all
        kept.

        Raises as `put`, and `InvalidArgument` if the value of the key is no list; where that
        is not known yet, the commit fails.
        """
    def remove(self, key: str) -> None:
        """Removes a key, if it is there."""
    def clear(self) -> None:
        """Removes all values. Token, deadline, subject, "remember me", idle timeout and extra
        values stay.
        """
    def flash(self, key: str, value: Storable) -> None:
        """Leaves a value for the next request that calls `flashes`, and for no other. Of two
        values of one name the later is left.

        Raises as `put`.
        """
    def set_extra(self, name: str, value: Storable | EllipsisType = ...) -> None:
        """Sets an extra value: bookkeeping that a framework's adapter keeps beside the values.
        No value (`...`) removes it. It is not among the values, stays when these are cleared,
        and is merged name by name when two requests meet. It ends with the session, and with
        `regenerate`. A session with nothing else is not stored. Names should begin with the
        framework's, because all programs of a session share them; `sessio` is taken.

        Raises as `put`.
        """
    def renew(self) -> bool:
        """Gives the session a new token at the commit, in one step with all other changes: at
        any moment exactly one of the two tokens is valid, and without a commit nothing
        changes. Call it when a user logs in or out, so that a token that was planted before
        becomes worthless. False if another request is known to have ended the session.
        """
    def regenerate(self) -> bool:
        """Starts over under a new token at the commit: values, flash values, subject, "remember
        me", idle timeout, extra values and earlier changes are dropped, and a new lifetime
        begins. What is put in afterwards belongs to the new session. The new token and the
        emptied session are stored in one step: at any moment exactly one of the two tokens is
        valid, and without a commit nothing changes. A session that is not stored yet is only
        emptied. False if another request is known to have ended the session.
        """
    def store_empty(self) -> None:
        """Makes the commit store a new session even if it has no values, for programs that need
        its token or its row. No effect on a session that is stored already.
        """
    def set_deadline(self, deadline: datetime | timedelta) -> None:
        """Moves the end of the session's lifetime. With a time in the past the commit ends the
        session. The deadline is fixed from then on: neither use of the session nor `touch`
        moves it. `deadline` is an aware datetime (a naive one is `InvalidArgument`), or a
        timedelta from now.
        """
    def touch(self) -> None:
        """Makes the commit extend the session because it is used now, whatever the option
        `touch_interval` says, even if nothing else was changed. With an idle timeout, the
        session's own or the manager's, that starts again, and the deadline stays. Without one
        a new lifetime begins; but a deadline of `set_deadline` stays, and so does any
        deadline in a document of a Go program, because it does not say who has set it.

        `Store.touch` moves the expiry of the row only, and a session does not outlive the
        expiry within its data.
        """
    def remember_me(self, remember: bool) -> None:
        """Whether the cookie of this session outlives the browser, whatever the option
        `cookie_persist` says: true keeps it until the session ends, false until the browser
        is closed. Stored with the session.
        """
    def set_idle_timeout(self, timeout: Duration) -> None:
        """Sets the idle timeout of this session, whatever the option of the managers says. It is
        stored with the session and applies to every manager that reads it. 0 is no idle
        timeout; None returns to the managers' option. The commit moves the expiry
        accordingly, but not beyond the deadline. `timeout` is a timedelta, or a number of
        seconds.

        Raises `InvalidArgument` below 0 and above 200,000 years.
        """
    def set_subject(self, subject: str | None) -> None:
        """Sets whose session it is, such as a user id, so that all sessions of a user can be
        listed and ended. None removes it. The commit fails with `Unsupported` if the table
        has no column for subjects.

        Raises `InvalidArgument` for a subject that is empty, longer than 255 characters, or
        ends with a space.
        """
    # The end of what `cargo xtask gen` makes.

@final
class Session(SessionView):
    """One request's view of a session: a mutable mapping from str to values. A `SessionManager`
    loads it, and the manager's `commit` stores its changes.

    Values are None, bool, int (-2**63 to 2**64 - 1), float, str, bytes, aware datetimes (read
    back in UTC, with microseconds), lists, and dicts with str keys, nested at most 63 deep.
    Keys are read back sorted. A list or dict is the same object at each read, and changes
    inside it are stored. A later `put`, `append`, `take`, `pop` or `remove` of its key
    replaces it: then changes inside the old object are not stored.

    The first read asks the store; changes alone do not. A read raises `Timeout`,
    `Unavailable`, `Overloaded`, `Schema` or `Closed`, and `Corrupt` if `on_corrupt` is
    "fail".

    A session is thread-safe. After a fork the child can use it. Without a commit its changes
    are discarded. It cannot be pickled. `repr` shows neither token nor values.
    """

    # Made by `cargo xtask gen` for Session: change `api/session.toml`.
    def ensure_loaded(self) -> None:
        """Loads the session from the store unless it is loaded, whether the store has it or not.
        Every read does so by itself; after this call none waits for the store.
        """
    @overload
    def take(self, key: str, default: None = None) -> Value:
        """Removes a key from the stored session now, and returns its value. If there is no such
        key, takes the flash value of this name; if there is none either, returns `default`.
        Of concurrent requests exactly one gets the value: for one-time codes. The other
        changes of this request are stored by the commit.

        Raises as `SessionManager.commit`.
        """
    @overload
    def take(self, key: str, default: _Default) -> Value | _Default:
        """Removes a key from the stored session now, and returns its value. If there is no such
        key, takes the flash value of this name; if there is none either, returns `default`.
        Of concurrent requests exactly one gets the value: for one-time codes. The other
        changes of this request are stored by the commit.

        Raises as `SessionManager.commit`.
        """
    def ensure_token(self) -> str | None:
        """The token under which the next commit stores the session, chosen now if it is to get a
        new one: for programs that need it before the commit, such as for CSRF tokens that are
        bound to a session. This alone stores nothing, and a later `renew` or `regenerate`
        chooses another token. None for a listed session, whose token is unknown, and for one
        that another request has ended.

        Raises as `get`, and `Internal` if the system has no randomness.
        """
    def destroy(self) -> None:
        """Ends the session now and forgets its values. The commit then deletes the cookie. What
        is put in afterwards makes a new session.

        Raises as `Store.delete`.
        """
    def merge_from(self, token: str) -> None:
        """Copies everything from the session of another token, key by key, and the later
        deadline of the two. The other session ends when this one is stored. Nothing happens
        if there is no such session, or if it is this one.

        Raises as `get`.
        """
    # The end of what `cargo xtask gen` makes.

@final
class AsyncSession(SessionView):
    """One request's view of a session, for asyncio: a mutable mapping from str to values. An
    `AsyncSessionManager` loads it, and the manager's `commit` stores its changes.

    It is loaded, so reads are plain methods. Only `take`, `destroy`, `merge_from` and
    `ensure_token` are coroutines. Values are those of `Session`: a list or dict is the same
    object at each read, and changes inside it are stored.

    Any task of any event loop may use it, and any thread. Without a commit its changes are
    discarded. It cannot be pickled. `repr` shows neither token nor values.
    """

    # Made by `cargo xtask gen` for AsyncSession: change `api/session.toml`.
    @overload
    async def take(self, key: str, default: None = None) -> Value:
        """Removes a key from the stored session now, and returns its value. If there is no such
        key, takes the flash value of this name; if there is none either, returns `default`.
        Of concurrent requests exactly one gets the value: for one-time codes. The other
        changes of this request are stored by the commit. If the call is cancelled, the value
        is removed and lost.

        Raises as `AsyncSessionManager.commit`.
        """
    @overload
    async def take(self, key: str, default: _Default) -> Value | _Default:
        """Removes a key from the stored session now, and returns its value. If there is no such
        key, takes the flash value of this name; if there is none either, returns `default`.
        Of concurrent requests exactly one gets the value: for one-time codes. The other
        changes of this request are stored by the commit. If the call is cancelled, the value
        is removed and lost.

        Raises as `AsyncSessionManager.commit`.
        """
    async def ensure_token(self) -> str | None:
        """The token under which the next commit stores the session, chosen now if it is to get a
        new one: for programs that need it before the commit, such as for CSRF tokens that are
        bound to a session. This alone stores nothing, and a later `renew` or `regenerate`
        chooses another token. None for a listed session, whose token is unknown, and for one
        that another request has ended.

        Raises as `LazySession.get`, and `Internal` if the system has no randomness.
        """
    async def destroy(self) -> None:
        """Ends the session now and forgets its values. The commit then deletes the cookie. What
        is put in afterwards makes a new session. If the call is cancelled, the session still
        ends.

        Raises as `AsyncStore.delete`.
        """
    async def merge_from(self, token: str) -> None:
        """Copies everything from the session of another token, key by key, and the later
        deadline of the two. The other session ends when this one is stored. Nothing happens
        if there is no such session, or if it is this one.

        Raises as `LazySession.get`.
        """
    def _ensure_loaded(self) -> Awaitable[None]: ...
    def _take(self, key: str) -> Awaitable[object]: ...
    def _ensure_token(self) -> Awaitable[str | None]: ...
    def _destroy(self) -> Awaitable[None]: ...
    def _merge_from(self, token: str) -> Awaitable[None]: ...
    # The end of what `cargo xtask gen` makes.

@final
class Transaction: ...

@disjoint_base
class SessionManager:
    """Loads sessions at the beginning of requests and commits them at the end, with blocking
    calls. `AsyncSessionManager` has the same methods for asyncio.

    Options are keywords. A duration is a timedelta or a number of seconds.

    - `lifetime`: The longest that a session lives, from its creation on. Default: 24 hours.
    - `idle_timeout`: How long a session lives without a request that reads it. Without one,
      it lives until `lifetime` is over.
    - `touch_interval`: The expiry of a session that is only read is moved at most this often.
      At most half of `idle_timeout`. Default: a tenth of `idle_timeout`.
    - `ended_window`: How long a token that was renewed or destroyed makes no new session: a
      late request with it stores nothing and sends no cookie. At most 10 minutes. 0 for none.
      Default: 30 seconds.
    - `codec`: How sessions are stored, the same for all programs on one table. To share the
      table with a Go program, its own: `gob` (SCS v2), `scs_v1` or `beego`. One of "json",
      "msgpack", "gob", "scs_v1", "beego". Default: "json".
    - `read_codecs`: Other codecs to try, as `msgpack,gob`, for what `codec` cannot read: for
      changing it while programs run.
    - `gob_registered`: The types that the Go program has passed to `gob.Register`, any of
      `time.Time,[]any,map[string]any,map[string]string`. For `gob` and `beego`.
    - `on_conflict`: What a commit does when another request has changed the session since it
      was loaded: `merge` puts this request's changes, key by key, on top; `overwrite` stores
      this request's copy of all values; `fail` stores nothing. One of "merge", "overwrite",
      "fail". Default: "merge".
    - `on_corrupt`: What happens to data that cannot be decoded: `fresh` is a new session,
      `fail` is the error `Corrupt`. One of "fresh", "fail". Default: "fresh".
    - `cookie_name`: The name of the cookie; `__Host-session` is the safest choice. Default:
      "session".
    - `cookie_path`: The `Path` of the cookie. Default: "/".
    - `cookie_domain`: The `Domain` of the cookie. Without one, only the host that sets it
      gets it.
    - `cookie_secure`: `Secure`: browsers send the cookie over HTTPS only. False for
      development. Default: True.
    - `cookie_http_only`: `HttpOnly`: scripts of the page cannot read the cookie. Default:
      True.
    - `cookie_same_site`: `SameSite`: whether requests from other sites carry the cookie. One
      of "lax", "strict", "none", "unset". Default: "lax".
    - `cookie_partitioned`: `Partitioned`: a separate cookie for each site that embeds this
      one. Default: False.
    - `cookie_persist`: Whether the browser keeps the cookie after it is closed. A session can
      say otherwise. Default: True.
    - `cookie_signature`: Signs the cookie as express-session (`express`) or
      `@fastify/session` (`fastify`) does, to share its cookie or to take over its sessions. A
      cookie without a valid signature is ignored. Needs `cookie_secrets`. One of "express",
      "fastify".
    - `cookie_secrets`: The secrets for `cookie_signature`, each of at least 16 bytes: the
      first signs, all verify.

    `on_event` is called with the name of each event (see `stats`), on a thread that uses the
    manager, before one of its calls returns. Its exceptions go to `sys.unraisablehook`.

    A manager is thread-safe. A blocked call releases the interpreter and can be interrupted
    by Ctrl-C: its answer is lost, but a write still happens. After a fork the child can use
    the manager. Once the store is closed, everything that asks the store raises `Closed`.

    Raises `InvalidArgument` for invalid or contradicting options, including cookie attributes
    that browsers reject, and `TypeError` for unknown options and wrong types.
    """

    # Made by `cargo xtask gen` from `api/manager_options.toml`: change that.
    def __new__(
        cls,
        store: Store,
        *,
        lifetime: timedelta | float | None = None,
        idle_timeout: timedelta | float | None = None,
        touch_interval: timedelta | float | None = None,
        ended_window: timedelta | float | None = None,
        codec: Codec | None = None,
        read_codecs: str | None = None,
        gob_registered: str | None = None,
        on_conflict: OnConflict | None = None,
        on_corrupt: OnCorrupt | None = None,
        cookie_name: str | None = None,
        cookie_path: str | None = None,
        cookie_domain: str | None = None,
        cookie_secure: bool | None = None,
        cookie_http_only: bool | None = None,
        cookie_same_site: SameSite | None = None,
        cookie_partitioned: bool | None = None,
        cookie_persist: bool | None = None,
        cookie_signature: CookieSignature | None = None,
        cookie_secrets: list[str] | tuple[str, ...] | None = None,
        on_event: Callable[[str], object] | None = None,
    ) -> Self: ...
    # The end of what `cargo xtask gen` makes.
    @property
    def store(self) -> Store:
        """The store of the manager."""
    @property
    def cookie_name(self) -> str:
        """The name of the cookie that carries the token."""
    def load(self, token: str | None = None) -> Session:
        """Returns the session of a token, or a new session without one. Does not ask the store
        yet: the first read does. If the token turns out to be unknown or malformed, the
        session is new and gets a token of its own.
        """
    def load_cookie(self, header: Headers) -> Session:
        """Returns the session of a request's `Cookie` header: str, bytes or None; or a list of
        them if the request has several. Otherwise as `load`. A malformed header gives a new
        session.
        """
    def load_header(self, header: Header) -> Session:
        """Returns the session of another request header, whose value is the token, with or
        without `Bearer ` before it. Otherwise as `load`.
        """
    def transact(
        self, token: str, change: Callable[[Session], _Changed]
    ) -> Transacted[_Changed] | None:
        """Calls `change` with the current session of a token, and stores its changes atomically.

        If another request changes the session meanwhile, nothing is stored and `change` is
        called again with the new state. So `change` should have no effects but on the
        session. Use it for changes that depend on other values, for which `take`, `increment`
        and `append` are not enough.

        Returns the last return value of `change` and the `CommitResult`; None if there is no
        such session. An exception of `change` is raised, and nothing is stored. Raises as
        `commit`, and `Overloaded` if the changes of other requests keep it from committing
        for the store's timeout.
        """
    # Made by `cargo xtask gen` for SessionManager: change `api/session.toml`.
    def find(self, token: Which) -> Session | None:
        """The live session of a token, already loaded, or None. A session that is found by its
        key is as those of `list`: another client's, without a token and a cookie.

        Raises as `Session.get`.
        """
    def create(self, token: str) -> Session:
        """A new session under a token that the program chooses, for frameworks that make their
        own ids. The commit inserts it if it has values, or after `Session.store_empty`. If a
        session with this token is live by then, the commit stores nothing, sends no cookie,
        and its outcome is a conflict.

        The token is the client's secret. It must be random, at least 128 bits, and made by
        the program: a token that was taken from a client is shared with the attacker who
        planted it.

        Raises `InvalidArgument` for a token that cannot be stored.
        """
    def commit(self, session: SessionView | LazySession) -> CommitResult:
        """Stores the changes of a session at the end of its request, and says what to send to
        the client. A new session is inserted under a new token. Only the changes of this
        request are stored, key by key, on top of what other requests have changed since it
        was loaded (see the option `on_conflict`). A session that another request has ended
        stays ended. Without changes nothing is stored, but the expiry may be extended. After
        an error the session keeps its changes: commit it again. A list or dict that was
        changed to hold what a session cannot hold is a `TypeError` or `InvalidArgument`,
        whose message names its path, and nothing is stored. The sessions of `SessionManager`
        and `AsyncSessionManager` are accepted by both.

        Raises as `Session.get`, and `TooLarge`, `Full` in memory, `Unsupported` for a subject
        where the table has no column for it, `Overloaded` if other requests keep changing the
        session first, and `InvalidArgument` for a session of another manager and for an
        increment or an item that does not fit what is stored.
        """
    def list(self, *, after: Key | None = None, limit: int = 100) -> SessionPage[Session]:
        """A page of 1 to 1,000 live sessions in the order of their keys, after the given one:
        pass the `next` of one page to get the next. Each can be read, changed, committed and
        destroyed. They are other clients' sessions: they have no token, and their commits
        send no cookie.

        Raises as `Store.list`, and `InvalidArgument` for the limit.
        """
    def list_subject(
        self, subject: str, *, after: Key | None = None, limit: int = 100
    ) -> SessionPage[Session]:
        """`list` for the sessions of one subject, such as a user's devices.

        Raises as `list`, and `InvalidArgument` for a subject that is not 1 to 255 characters
        long, and `Unsupported` where the table has no column for subjects.
        """
    # The end of what `cargo xtask gen` makes.
    def each(self, *, page: int = 100) -> Iterator[Session]:
        """Iterates over all live sessions in the order of their keys, reading `page` at a time.

        Sessions can be changed, committed and destroyed during the iteration. Sessions that
        begin or end meanwhile may be missing or included. Raises as `list`.
        """
    def each_subject(self, subject: str, *, page: int = 100) -> Iterator[Session]:
        """Iterates over the live sessions of one subject, such as the devices of a user.

        Otherwise as `each`. Raises `Unsupported` if the table has no column for subjects.
        """
    def stats(self) -> dict[str, int]:
        """Returns how often each event has happened in this manager and process, by name:
        `created`, `renewed`, `destroyed`, `touched`, `merged`, `conflict`, `gone`, `corrupt`.
        """
    def _transaction(self, token: str) -> Transaction: ...
    def _begin(self, transaction: Transaction) -> Session | None: ...
    def _finish(self, transaction: Transaction, session: Session) -> CommitResult | None: ...

@final
class AsyncManagerCalls:
    def __new__(cls, manager: SessionManager) -> Self: ...
    def load(self, token: str | None) -> AsyncSession: ...
    def load_cookie(self, header: Headers) -> AsyncSession: ...
    def load_header(self, header: Header) -> AsyncSession: ...
    def begin(self, transaction: Transaction) -> Awaitable[AsyncSession | None]: ...
    def finish(
        self, transaction: Transaction, session: AsyncSession
    ) -> Awaitable[CommitResult | None]: ...
    # Made by `cargo xtask gen` for AsyncManagerCalls: change `api/session.toml`.
    def find(self, token: Which) -> Awaitable[AsyncSession | None]: ...
    def create(self, token: str) -> AsyncSession: ...
    def commit(self, session: SessionView | LazySession) -> Awaitable[CommitResult]: ...
    def list(
        self, *, after: Key | None = None, limit: int = 100
    ) -> Awaitable[SessionPage[AsyncSession]]: ...
    def list_subject(
        self, subject: str, *, after: Key | None = None, limit: int = 100
    ) -> Awaitable[SessionPage[AsyncSession]]: ...
    # The end of what `cargo xtask gen` makes.
