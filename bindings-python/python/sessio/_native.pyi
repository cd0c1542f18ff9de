"""The compiled half of the package. Documentation is in its docstrings."""

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
    """A new token for a new session: 32 bytes straight from the operating system as 43
    characters of base64url, so that no two processes ever make the same one, forked or not.
    """

def panic_on_purpose() -> None: ...

@final
class Key:
    """What the table holds for a session's token: by default a hash of it. Keys come with listed
    sessions and are accepted wherever a token is, so that what is listed can be acted on.

    `repr` does not show it; `text` and `id` do. Keys compare in the order of the list.
    """

    def __new__(cls, text: str) -> Self: ...
    @property
    def text(self) -> str:
        """What the table holds."""
    @staticmethod
    def from_id(id: str) -> Key:
        """The key from its `id`, for what an administrator has chosen on a page that lists
        sessions.

        A text that came in the place of a token must never be read so: who has seen the
        table, or a backup of it, knows all keys. Raises `InvalidArgument` for what is no such
        text.
        """
    @property
    def id(self) -> str:
        """The key as text that no token is written as, for links on a page that lists sessions:
        `from_id` reads it.
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
    """A clock for tests: it stands still until `advance` is called. Give it to stores as
    `clock=...`; it decides what is expired and when sessions end, while deadlines of calls
    and the pauses of the background cleanup go by real time.
    """

    def __new__(cls, start: datetime) -> Self: ...
    def now(self) -> datetime:
        """What it shows, in UTC."""
    def advance(self, by: timedelta) -> None:
        """Moves it forward by a timedelta, for every store that has it.

        Raises InvalidArgument if that would be backward.
        """

@final
class Record:
    """A live session as it was stored: `data`, `expires_at` and `subject`. It does not change.

    `repr` shows neither data nor subject.
    """

    def __new__(
        cls, data: Bytes, expires_at: datetime | None = None, subject: str | None = None
    ) -> Self: ...
    @property
    def data(self) -> bytes:
        """The bytes that were saved. Every access makes a new object."""
    @property
    def expires_at(self) -> datetime | None:
        """When the session ends, in UTC; None means never."""
    @property
    def subject(self) -> str | None:
        """Whose session it is, where that was said."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __getnewargs__(self) -> tuple[bytes, datetime | None, str | None]: ...

@disjoint_base
class Store:
    """Sessions, in MySQL or in memory, with calls that wait; `AsyncStore` has the same for
    asyncio.

    The URL is `memory:`, `mysql://user:password@host:3306/database?table=sessions`, the same
    with several hosts (`a:3306,b:3306`, tried in this order), a Go DSN
    (`user:password@tcp(host:3306)/database`), or the JSON that a beego program gives to
    `NewManager`: then the table and its lifetimes are beego's, and so are the defaults of the
    store's managers, cookie and all. Keywords are options of the same names as in the URL,
    and overrule it: `table`, `hash_tokens`, `max_lifetime` (of a beego table),
    `cleanup_interval` and `timeout` (timedeltas or seconds, all three), `connections` (the
    most that are opened, 16), `max_data`, `max_sessions`, `max_bytes`, `tls`, `ca`,
    `tls_cert` and `tls_key` (paths, all three), `columns` (`"token=sid,data=payload"`, of a
    table that others made), `session_variables` (`"wsrep_sync_wait=7"`, set on each
    connection), `spread_hosts` (start on any of several hosts), and `clock` (a `ManualClock`,
    for tests).

    Opening connects to nothing and starts nothing: the first operation does. Any number of
    threads may share a store. Waiting releases the interpreter and ends early on Ctrl-C: the
    answer is lost then, never the write. A forked child can go on using the store, with
    connections of its own; in memory it starts empty there. As a context manager it closes
    itself.

    Every verb raises `InvalidArgument` (a `ValueError` too) or `TypeError` for what it cannot
    take, and `Timeout`, `Unavailable`, `Overloaded`, `Schema`, `Corrupt` or `Closed`; further
    kinds are named where they can happen.
    """

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
    def __enter__(self) -> Self: ...
    def __exit__(self, *_exception: object) -> None: ...
    def find(self, token: Which) -> Record | None:
        """The live session, or None: absent, expired and malformed tokens are all None."""
    def exists(self, token: Which) -> bool:
        """Whether a live session has the token."""
    def save(
        self, token: Which, data: Bytes, expires_at: Expiry, *, subject: str | None = None
    ) -> None:
        """Stores a session, whatever was there before. `expires_at` is an aware datetime, a
        timedelta from now, or None for never; what has expired already is saved, and
        invisible. `subject` says whose session it is: None leaves that as it is, and "" takes
        it away. Over a session that was just logged out this brings it back: use `update` or
        `replace` for what was loaded.

        Raises `TooLarge`, `Full` in memory, and `Unsupported` for a subject where the table
        has no place for it.
        """
    def insert(
        self, token: Which, data: Bytes, expires_at: Expiry, *, subject: str | None = None
    ) -> None:
        """Stores a session only if no live one has the token; an expired one is replaced.

        Raises `AlreadyExists`; otherwise as `save`.
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
        """Changes a live session only if its data is still `expected`: compare and swap. The
        `Outcome` is true when it was saved, and false on a conflict or when it is gone.

        Raises as `save`.
        """
    def touch(self, token: Which, expires_at: Expiry) -> bool:
        """Moves the expiry of a live session and leaves its data alone. False when it is gone."""
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
        """Gives a live session another token, and new content if data and expires_at are given,
        in one step: never are both tokens valid, and never neither. False when it is gone.

        Raises `AlreadyExists` when a live session has the new token; otherwise as `save`.
        """
    @overload
    def rename(
        self,
        old: Which,
        new: Which,
        data: Bytes,
        expires_at: Expiry,
        *,
        subject: str | None = None,
    ) -> bool:
        """Gives a live session another token, and new content if data and expires_at are given,
        in one step: never are both tokens valid, and never neither. False when it is gone.

        Raises `AlreadyExists` when a live session has the new token; otherwise as `save`.
        """
    def delete(self, token: Which) -> bool:
        """Ends a session. Whether there was a live one; none is no error."""
    def find_many(self, tokens: Iterable[Which]) -> builtins.list[Record | None]:
        """`find` for up to 10,000 at once: a list of records and Nones in the order asked."""
    def save_many(self, rows: Iterable[Row]) -> None:
        """`save` for up to 10,000 at once: tuples `(token, data, expires_at)` or `(token, data,
        expires_at, subject)`. All are checked before any is written; each is written on its
        own, so after an error some may be saved.

        Raises as `save`.
        """
    def delete_many(self, tokens: Iterable[Which]) -> int:
        """`delete` for up to 10,000 at once: how many were live."""
    def clear(self) -> int:
        """Ends all sessions, in slices: how many were live. What is opened while it runs may
        stay.
        """
    def count(self) -> int:
        """How many sessions are live. Reads the expiry index of the whole table."""
    def list(self, after: Key | None = None, limit: int = 100) -> Page:
        """A `Page` of 1 to 1,000 live sessions in the order of their keys, after the given one:
        pass the `next` of one page to get the next.
        """
    def list_subject(self, subject: str, after: Key | None = None, limit: int = 100) -> Page:
        """The same for the sessions of one subject: a user's devices.

        Raises `Unsupported` where the table has no subjects.
        """
    def delete_subject(self, subject: str, *, keep: Which | None = None) -> int:
        """Ends all sessions of a subject, but for the one with the token `keep`: how many were
        live. What the subject opens while this runs may stay.

        Raises `Unsupported` where the table has no subjects.
        """
    def delete_expired(self, limit: int = 1000) -> int:
        """Removes up to `limit` (1 to 100,000) expired sessions: how many it removed."""
    def migrate(self) -> None:
        """Creates the table, or upgrades it. Changes nothing where it is up to date.

        Raises `Schema` for a table of no known layout, and `Unsupported` for one that another
        library made: see `migrate_from`.
        """

    def migrate_from(self, library: Literal["scs"]) -> None:
        """Makes a live table of another library one of sessio's, in place. `library` is "scs".

        No session is lost, and Go goes on using the table. It takes the time that copying the
        table takes, during which writers wait and readers do not; the store's timeout does
        not apply.

        Raises `Schema` for a table of no known layout, and `Unsupported` where it cannot be
        upgraded.
        """

    def check(self) -> builtins.list[CheckIssue]:
        """What is wrong with the table, as a list of `CheckIssue`; empty when nothing is."""
    def ping(self) -> None:
        """Reaches the server and comes back."""
    def stop_cleanup(self) -> None:
        """Ends the background cleanup of this store in this process and waits for a round that
        is running. Idempotent; nothing starts it again.
        """
    def stats(self) -> dict[str, int]:
        """What this store has done in this process, as counters by name: `statements`,
        `batches`, `retries`, `connections`, `cleanups`, `cleanup_errors`, `removed`,
        `sessions`, `bytes`.
        """
    def close(self) -> None:
        """Refuses new operations, finishes those in flight, and lets go of connections and
        memory. Idempotent; takes at most the `timeout` option.
        """

@final
class AsyncCalls:
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
    @property
    def store(self) -> Store: ...
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
    def clear(self) -> Awaitable[int]: ...
    def count(self) -> Awaitable[int]: ...
    def list(self, after: Key | None = None, limit: int = 100) -> Awaitable[Page]: ...
    def list_subject(
        self, subject: str, after: Key | None = None, limit: int = 100
    ) -> Awaitable[Page]: ...
    def delete_subject(self, subject: str, *, keep: Which | None = None) -> Awaitable[int]: ...
    def delete_expired(self, limit: int = 1000) -> Awaitable[int]: ...
    def migrate(self) -> Awaitable[None]: ...
    def migrate_from(self, library: Literal["scs"]) -> Awaitable[None]: ...
    def check(self) -> Awaitable[builtins.list[CheckIssue]]: ...
    def ping(self) -> Awaitable[None]: ...
    def stop_cleanup(self) -> None: ...
    def stats(self) -> dict[str, int]: ...
    def close(self) -> Awaitable[None]: ...

@final
class CommitResult:
    """What a commit says that the client shall be sent. It does not change.

    `repr` shows neither token nor cookie.
    """

    @property
    def outcome(self) -> CommitOutcome:
        """How the commit ended: `"saved"`, `"unmodified"` (there was nothing to store),
        `"destroyed"` (by this request), `"gone"` (ended or renewed by another one; nothing
        was stored, and no cookie is sent) or `"conflict"` (changed by another one meanwhile,
        and `on_conflict` is `"fail"`; nothing was stored).
        """
    @property
    def token(self) -> str | None:
        """The session's token, if it has one: for clients without cookies."""
    @property
    def expires_at(self) -> datetime | None:
        """When the session ends if nobody uses it, in UTC; None when there is none, or never."""
    @property
    def set_cookie(self) -> str | None:
        """The value of a `Set-Cookie` header if one is to be sent: the token, or its deletion.
        `headers` has it too, and what belongs to it.
        """
    @property
    def cookie(self) -> Cookie | None:
        """The same cookie part by part, for programs that set cookies by a function of their
        framework.
        """
    @property
    def headers(self) -> list[tuple[str, str]]:
        """All headers that are to be added to the answer, as pairs of name and value, and never
        set in the place of the program's own: `Set-Cookie` and `Cache-Control: no-cache="Set-
        Cookie"` with a cookie, and `Vary: Cookie` if the session was read or the cookie is
        sent.
        """
    @property
    def was_read(self) -> bool:
        """Whether the program has read or written something of this session: then its answer may
        be another one for another cookie.
        """
    def _taken(self) -> None: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...

@disjoint_base
class SessionView(MutableMapping[str, Value]):
    """What `Session` and `AsyncSession` have in common: a mutable mapping from str to values,
    which is one request's view.
    """

    @property
    def status(self) -> Status:
        """Whether there is something to commit: `"unmodified"`, `"modified"` or `"destroyed"`.
        It sees what was changed in lists and dicts too, and compares them for that.
        """
    @property
    def token(self) -> str | None:
        """The client's secret: what was brought, or what it is to get. None for a session that
        was never stored (unless `ensure_token` or `create` gave it one), and for one from a
        list.
        """
    @property
    def key(self) -> Key | None:
        """The key of a session from a list."""
    def __getitem__(self, key: str, /) -> Value: ...
    def __setitem__(self, key: str, value: Storable, /) -> None: ...
    def __delitem__(self, key: str, /) -> None: ...
    def __contains__(self, key: object, /) -> bool: ...
    def __iter__(self) -> Iterator[str]: ...
    def __len__(self) -> int: ...
    @overload
    def get(self, key: str, default: None = None) -> Value:
        """The value of a key, or the default."""
    @overload
    def get(self, key: str, default: _Default) -> Value | _Default:
        """The value of a key, or the default."""
    @overload
    def get_as(self, key: str, type: builtins.type[_Type]) -> _Type | None:
        """The value of a key if it is of this very type: bool, int, float, str, bytes, datetime,
        list or dict. None when there is no value; never a default, never a conversion.

        Raises `InvalidArgument` when it is of another type.
        """
    @overload
    def get_as(self, key: str, type: builtins.type[list]) -> list[Value] | None:  # type: ignore[type-arg]
        """The value of a key if it is of this very type: bool, int, float, str, bytes, datetime,
        list or dict. None when there is no value; never a default, never a conversion.

        Raises `InvalidArgument` when it is of another type.
        """
    @overload
    def get_as(self, key: str, type: builtins.type[dict]) -> dict[str, Value] | None:  # type: ignore[type-arg]
        """The value of a key if it is of this very type: bool, int, float, str, bytes, datetime,
        list or dict. None when there is no value; never a default, never a conversion.

        Raises `InvalidArgument` when it is of another type.
        """
    @overload
    def pop(self, key: str) -> Value:
        """The value of a key, which is removed; the default where there is none.

        Raises `KeyError` where there is neither.
        """
    @overload
    def pop(self, key: str, default: _Default) -> Value | _Default:
        """The value of a key, which is removed; the default where there is none.

        Raises `KeyError` where there is neither.
        """
    def contains(self, key: str) -> bool:
        """Whether there is such a key."""
    def put(self, key: str, value: Storable, *, lenient: bool = False) -> None:
        """Sets the value of a key. A list or dict is the session's own from then on: what is
        changed in it is stored too. With `lenient` it takes what `json` takes, as text: keys
        that are int, float, bool or None, and UUIDs, Decimals, dates, times, datetimes
        without a time zone, and markup.

        Raises `TypeError` for what no session can hold, and `InvalidArgument` for values
        beyond its limits; both say where, as `cart[2].price`.
        """
    def put_if_changed(self, key: str, value: Storable) -> bool:
        """Sets the value of a key, unless it has this very value: what is equal, deep and with
        its types, is no change. 1 is neither 1.0 nor True. Whether it was a change.

        Raises as `put`.
        """
    def increment(self, key: str, by: int = 1) -> None:
        """Adds to the integer of a key, from 0 where there is none. Of several requests that do,
        all count: at the commit it is added to what is stored by then.

        Raises `InvalidArgument` where the value is known to be no integer, or too large;
        otherwise the commit does.
        """
    def append(self, key: str, item: Storable) -> None:
        """Adds an item to the list of a key, a new list where there is none. Of several requests
        that do, no item is lost: at the commit it is added to what is stored by then.

        Raises as `put`, and `InvalidArgument` where the value is known to be no list;
        otherwise the commit does.
        """
    def snapshot(self) -> dict[str, Value]:
        """Everything in it, by key, as a dict of the program's own: what is changed in it is for
        `assign`, and for nobody else.
        """
    def assign(self, values: Mapping[str, Storable], *, lenient: bool = False) -> None:
        """The values shall be those of this mapping and no others. Only the differences to what
        the session holds are changes, deep and with their types, so that requests which meet
        keep what each has changed. Lists and dicts are copied. `lenient` is that of `put`.

        Raises as `put`, and then nothing is changed.
        """
    def remove(self, key: str) -> None:
        """Removes a key, if it is there."""
    def clear(self) -> None:
        """Removes all values; token, deadline and "remember me" stay."""
    def flash(self, key: str, value: Storable) -> None:
        """Leaves a value for the next request that asks for `flashes`, and for that one alone.
        Raises as `put`.
        """
    def flashes(self) -> dict[str, Value]:
        """What earlier requests left, by key; from the commit on it is gone."""
    def renew(self) -> bool:
        """Gives it a new token at the commit, in one step with whatever else was changed: at any
        moment exactly one of the two tokens is valid, and without a commit the session is as
        before. To be called when a user logs in or out. False when it is known that another
        request ended the session.
        """
    def touch(self) -> None:
        """The commit moves its end because it is used now, whatever `touch_interval` says, and
        if nothing else was changed. With an idle timeout, its own or the manager's, that
        begins anew, and the deadline stays; without one a new lifetime begins, unless
        `set_deadline` has set its end.
        """
    def set_idle_timeout(self, timeout: Duration) -> None:
        """How long this session lives without a request that looks at it, whatever the managers'
        option says: a timedelta or seconds. It is kept with the session. 0 is as long as the
        deadline allows; None leaves it to the managers again.

        Raises `InvalidArgument` for one below 0, or of more than 200,000 years.
        """
    def idle_timeout(self) -> timedelta | None:
        """The idle timeout of this session alone; None where that of the manager holds."""
    def remembered(self) -> bool | None:
        """What `remember_me` was told; None if nothing, and then `cookie_persist` decides."""
    def extra(self, name: str) -> Value:
        """What an adapter keeps beside the values under this name, as a copy; None where there
        is nothing.
        """
    def set_extra(self, name: str, value: Storable | EllipsisType = ...) -> None:
        """Keeps something beside the values, for the bookkeeping of a framework's adapter: who
        reads values does not see it, `clear` leaves it, and it is merged name by name when
        two requests meet. Without a value it is removed. Names should begin with the
        framework's: all programs of a session share them. By itself it makes no session worth
        storing.

        Raises as `put`.
        """
    def regenerate(self) -> bool:
        """Starts over at the commit, under a new token: values, flash values, subject and
        "remember me" are gone, and a new lifetime begins; what is put in afterwards is in the
        new session. For logins and logouts that keep nothing. It is one step, and without a
        commit the session is as before. False when it is known that another request ended the
        session.
        """
    def store_empty(self) -> None:
        """The commit stores a new session even if it holds nothing: for programs that need its
        token or its row.
        """
    def expires_at(self) -> datetime | None:
        """When it ends if nobody uses it from now on, in UTC, as the store has it: what was
        loaded, or what the last commit stored. None for a session that never ends, and for
        one that is not stored.
        """
    def deadline(self) -> datetime:
        """When its lifetime ends, in UTC."""
    def set_deadline(self, deadline: datetime | timedelta) -> None:
        """Moves the end of its lifetime: to an aware datetime, or a timedelta from now. One in
        the past ends the session at the commit.
        """
    def remember_me(self, remember: bool) -> None:
        """Whether its cookie outlives the browser, whatever `cookie_persist` says: True keeps it
        until the session ends, False until the browser is closed. Kept with the session.
        """
    def subject(self) -> str | None:
        """Whose session it is, where that was said."""
    def set_subject(self, subject: str | None) -> None:
        """Says whose session it is, so that all of a user's can be listed and ended; None takes
        that away.

        Raises `InvalidArgument` for a subject that is empty, longer than 255 characters, or
        ends with a space.
        """
    def is_new(self) -> bool:
        """Whether the store has no such session (yet)."""

@final
class Session(SessionView):
    """A session, as one request sees it: a mutable mapping from str to values. It comes from a
    `SessionManager`, and what is changed is stored by the manager's `commit`.

    Values are None, bool, int (from -2**63 to 2**64 - 1), float, str, bytes, aware datetimes
    (read back in UTC, to the microsecond), lists and dicts with str keys, 63 deep at most.
    Keys come back sorted. Lists and dicts are the same objects at each read, and what a
    program changes in them is stored; what is put, appended, taken or removed under their key
    afterwards takes their place.

    Nothing is asked of the store until something is read; what only changes the session waits
    for nobody. Whatever reads raises `Timeout`, `Unavailable`, `Overloaded`, `Schema`,
    `Closed`, or `Corrupt` where `on_corrupt` is "fail".

    Any thread may use it. Dropped without a commit, its changes are lost. It cannot be
    pickled. `repr` shows neither token nor values.
    """

    def ensure_loaded(self) -> None:
        """Asks the store now, unless that was done. The methods that read do it by themselves;
        afterwards none of them waits for the store.
        """
    @overload
    def take(self, key: str, default: None = None) -> Value:
        """The value of a key, or else a flash value of this name, which is removed from the
        stored session now: of all requests that take it exactly one gets it, and the others
        the default. For codes that may be used once. What else this request has changed waits
        for the commit.

        Raises as `commit`. After `Timeout` and `Unavailable` it is not known whether the
        value is still there.
        """
    @overload
    def take(self, key: str, default: _Default) -> Value | _Default:
        """The value of a key, or else a flash value of this name, which is removed from the
        stored session now: of all requests that take it exactly one gets it, and the others
        the default. For codes that may be used once. What else this request has changed waits
        for the commit.

        Raises as `commit`. After `Timeout` and `Unavailable` it is not known whether the
        value is still there.
        """
    def ensure_token(self) -> str | None:
        """The token under which the next commit stores the session, chosen now if it is to get a
        new one: for what has to know it before, such as CSRF tokens that are bound to a
        session. Nothing is stored by that alone. None for a session from a list, and for one
        that another request has ended.
        """
    def destroy(self) -> None:
        """Ends the session now, and forgets its values; the commit then takes the cookie away.
        What is put in afterwards makes a new session.
        """
    def merge_from(self, token: str) -> None:
        """Takes over everything from the session of another token, key by key, and the later
        deadline of the two; the other one ends when this one is stored. Nothing happens when
        there is no such session, or when it is this one.
        """

@final
class AsyncSession(SessionView):
    """A session, as one request sees it, in an event loop: a mutable mapping from str to values.
    It comes from an `AsyncSessionManager`, and what is changed is stored by the manager's
    `commit`.

    It is loaded: reading it waits for nobody. Only `take`, `destroy` and `merge_from`, which
    ask the store, are coroutines. Values are those of `Session`; lists and dicts are the same
    objects at each read, and what a program changes in them is stored.

    Any task of any loop may use it. Dropped without a commit, its changes are lost. It cannot
    be pickled. `repr` shows neither token nor values.
    """

    @overload
    async def take(self, key: str, default: None = None) -> Value:
        """The value of a key, or else a flash value of this name, which is removed from the
        stored session now.

        Of all requests that take it exactly one gets it, and the others the default. For
        codes that may be used once. What else this request has changed waits for the commit.
        Cancelled, nobody gets the value. Raises as `commit`; after `Timeout` and
        `Unavailable` it is not known whether the value is still there.
        """
    @overload
    async def take(self, key: str, default: _Default) -> Value | _Default:
        """The value of a key, or else a flash value of this name, which is removed from the
        stored session now.

        Of all requests that take it exactly one gets it, and the others the default. For
        codes that may be used once. What else this request has changed waits for the commit.
        Cancelled, nobody gets the value. Raises as `commit`; after `Timeout` and
        `Unavailable` it is not known whether the value is still there.
        """
    async def ensure_token(self) -> str | None:
        """The token under which the next commit stores the session, chosen now if it is to get a
        new one.

        For what has to know it before, such as CSRF tokens that are bound to a session.
        Nothing is stored by that alone. None for a session from a list, and for one that
        another request has ended.
        """
    async def destroy(self) -> None:
        """Ends the session now, and forgets its values; the commit then takes the cookie away.

        What is put in afterwards makes a new session. Cancelled, it is done all the same.
        """
    async def merge_from(self, token: str) -> None:
        """Takes over everything from the session of another token, and the later deadline.

        The other one ends when this one is stored. Nothing happens when there is no such
        session, or when it is this one.
        """
    def _ensure_loaded(self) -> Awaitable[None]: ...
    def _take(self, key: str) -> Awaitable[object]: ...
    def _ensure_token(self) -> Awaitable[str | None]: ...
    def _destroy(self) -> Awaitable[None]: ...
    def _merge_from(self, token: str) -> Awaitable[None]: ...

@final
class Transaction: ...

@disjoint_base
class SessionManager:
    """Sessions over a `Store`: what a request asks for at its beginning and commits at its end;
    `AsyncSessionManager` has the same for asyncio.

    The options are keywords: `lifetime` (24 hours), `idle_timeout` (none), `touch_interval`
    (a tenth of the idle timeout; at most half of it) and `ended_window` (30 seconds: so long
    a token that was renewed or destroyed makes no new session) as timedeltas or seconds;
    `codec` ("json" or "msgpack"; or what a Go program stores: "gob" for SCS v2, "scs_v1",
    "beego"), `read_codecs` (others to try for what that cannot read, as "msgpack,gob") and
    `gob_registered` (the types that the Go program has passed to gob.Register: any of
    "time.Time,[]any,map[string]any,map[string]string"); `on_conflict` ("merge", "overwrite"
    or "fail"); `on_corrupt` ("fresh" or "fail"); `cookie_name` ("session"), `cookie_path`
    ("/"), `cookie_domain` (this host alone), `cookie_secure` (True), `cookie_http_only`
    (True), `cookie_same_site` ("lax", "strict", "none" or "unset"), `cookie_partitioned`
    (False) and `cookie_persist` (True); `cookie_signature` ("express" or "fastify") and
    `cookie_secrets` (a list: the first signs, each verifies), for a cookie that is shared
    with express-session or @fastify/session.

    `on_event` is called with the name of each event (as in `stats`), on a thread that uses
    the manager, when one of its calls returns. What it raises goes to `sys.unraisablehook`.

    Any number of threads may share a manager and its sessions. Waiting releases the
    interpreter and ends early on Ctrl-C: the answer is lost then, never the write. A forked
    child can go on using it. Closing the store ends its use: then everything that asks the
    store raises `Closed`.

    Raises `InvalidArgument` for options that contradict each other or what browsers accept.
    """

    def __new__(
        cls,
        store: Store,
        *,
        lifetime: Duration = None,
        idle_timeout: Duration = None,
        touch_interval: Duration = None,
        ended_window: Duration = None,
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
    @property
    def store(self) -> Store:
        """The store beneath."""
    @property
    def cookie_name(self) -> str:
        """The name of the cookie that carries the token."""
    def load(self, token: str | None = None) -> Session:
        """The session of a token, or a new one where there is none. Asks nobody yet; a token
        that turns out to be unknown is not adopted, and a malformed one is none.
        """
    def load_cookie(self, header: Headers) -> Session:
        """The same from the `Cookie` header of a request: str, bytes, or None where there was
        none; or a list of them, where a request has several. A malformed header is no
        session.
        """
    def load_header(self, header: Header) -> Session:
        """The same from a header of the program's own: the token, with `Bearer ` before it or
        not.
        """
    def find(self, token: Which) -> Session | None:
        """The session of a token, or of a listed key, if it lives: loaded by one read. Otherwise
        None. One that is found by its key is as those of `list`: another client's, without a
        cookie.

        Raises as what reads a session does.
        """
    def create(self, token: str) -> Session:
        """A new session under a token of the program's own, for frameworks that choose their ids
        themselves. The commit stores it if something was put in, or `store_empty` was called.
        If a session lives under this token already, the commit stores nothing, sends no
        cookie, and its outcome is `"conflict"`.

        The token is the client's secret: it must be random, at least 128 bits, and made by
        the program. With a token that a client has sent, whoever planted it there would share
        the session.

        Raises `InvalidArgument` for a token that cannot be stored.
        """
    def commit(self, session: SessionView | LazySession) -> CommitResult:
        """Stores what the request changed, and says what to send to the client: `CommitResult`. It takes
        the sessions of an `AsyncSessionManager` over this manager too.

        Of a session that was loaded only this request's changes are stored, key by key, on
        top of what other requests did meanwhile; if one of them ended the session, it stays
        ended. Where nothing was changed, nothing is stored.

        After an error the changes are kept, so it can be called again. Raises as
        `Store.insert` and `Store.replace`, `InvalidArgument` for a session of another
        manager, and `TypeError` or `InvalidArgument` where something that no session can hold
        was put into one of its lists or dicts: the message says where, and nothing is stored.
        """
    def transact(
        self, token: str, change: Callable[[Session], _Changed]
    ) -> Transacted[_Changed] | None:
        """Runs `change` on the session of a token as it is now, and stores what it has changed.

        If another request has changed the session since, nothing is stored and `change` runs
        again, on the session as it is then, until it is the first: so it should do nothing
        but change its session. For what depends on other values, where `take`, `increment`
        and `append` do not do.

        What `change` returned last, and what to send to the client; None where there is no
        such session (any more). What `change` raises is raised, and then nothing is stored.
        Otherwise raises as `commit`, and `Overloaded` when others were faster for longer than
        the store's timeout.
        """
    def list(self, *, after: Key | None = None, limit: int = 100) -> SessionPage[Session]:
        """A `SessionPage` of 1 to 1,000 live sessions in the order of their keys, after the
        given one: pass the `next` of one page to get the next, or use `each`. Each can be
        read, changed, committed or destroyed like one that was loaded, but has no token and
        gets no cookie: it is another client's.
        """
    def list_subject(
        self, subject: str, *, after: Key | None = None, limit: int = 100
    ) -> SessionPage[Session]:
        """The same for the sessions of one subject: a user's devices.

        Raises `Unsupported` where the table has no subjects.
        """
    def each(self, *, page: int = 100) -> Iterator[Session]:
        """All live sessions, in the order of their keys; so many at a time are asked for.

        Each can be changed, committed or destroyed on the way. What begins or ends meanwhile
        may be among them or not. Raises as `list`.
        """
    def each_subject(self, subject: str, *, page: int = 100) -> Iterator[Session]:
        """The same for the sessions of one subject: to sign a user out everywhere.

        Raises `Unsupported` where the table has no subjects.
        """
    def stats(self) -> dict[str, int]:
        """How often each event has happened to this manager's sessions in this process, by name:
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
    def find(self, token: Which) -> Awaitable[AsyncSession | None]: ...
    def create(self, token: str) -> AsyncSession: ...
    def commit(self, session: SessionView | LazySession) -> Awaitable[CommitResult]: ...
    def begin(self, transaction: Transaction) -> Awaitable[AsyncSession | None]: ...
    def finish(
        self, transaction: Transaction, session: AsyncSession
    ) -> Awaitable[CommitResult | None]: ...
    def list(
        self, *, after: Key | None = None, limit: int = 100
    ) -> Awaitable[SessionPage[AsyncSession]]: ...
    def list_subject(
        self, subject: str, *, after: Key | None = None, limit: int = 100
    ) -> Awaitable[SessionPage[AsyncSession]]: ...
