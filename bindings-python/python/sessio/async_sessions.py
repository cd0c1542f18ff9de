"""`AsyncSessionManager` and `LazySession`: sessions for asyncio."""

import builtins
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from types import EllipsisType
from typing import Any, TypeVar, cast, overload

from ._methods import transacted
from ._native import (
    AsyncManagerCalls,
    AsyncSession,
    CommitResult,
    Key,
    Session,
    SessionManager,
    Store,
)
from ._types import (
    Codec,
    CookieSignature,
    Duration,
    Header,
    Headers,
    OnConflict,
    OnCorrupt,
    SameSite,
    Status,
    Storable,
    Value,
)
from .asynchronous import AsyncStore
from .results import SessionPage, Transacted

__all__ = ["AsyncSessionManager", "LazySession"]

_Type = TypeVar("_Type", bool, int, float, str, bytes, datetime)
_Default = TypeVar("_Default")
_Changed = TypeVar("_Changed")


class LazySession:
    """One request's view of a session that is loaded at the first read.

    It comes from the `lazy` methods of an `AsyncSessionManager`, for requests that may not read
    their session: then the store is never asked. Methods that read are coroutines, and raise
    `Timeout`, `Unavailable`, `Overloaded`, `Schema` or `Closed`, and `Corrupt` if `on_corrupt` is
    "fail". Methods that only change the session are plain. It is not a mapping.

    `await session.loaded()` returns the same view as an `AsyncSession`, whose reads are plain.

    Any task of any event loop may use it. Without a commit its changes are discarded. It cannot be
    pickled. `repr` shows neither token nor values.
    """

    __slots__ = ("__weakref__", "_session")

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    def __repr__(self) -> str:
        return repr(self._session).replace("AsyncSession", type(self).__name__)

    @property
    def status(self) -> Status:
        """Whether there is something to commit: `"unmodified"`, `"modified"` or `"destroyed"`.

        Changes inside lists and dicts count.
        """
        return self._session.status

    @property
    def token(self) -> str | None:
        """The token, which is the client's secret: the one that was brought, or the one to be sent.

        None for a session that was never stored.
        """
        return self._session.token

    @property
    def key(self) -> Key | None:
        """None: only listed sessions have a key."""
        return self._session.key

    async def ensure_loaded(self) -> None:
        """Loads the session from the store unless it is loaded. Every read does so by itself."""
        await self._session._ensure_loaded()

    async def loaded(self) -> AsyncSession:
        """Loads the session and returns the view as an `AsyncSession`, whose reads are plain."""
        await self._session._ensure_loaded()
        return self._session

    @overload
    async def get(self, key: str, default: None = None) -> Value: ...
    @overload
    async def get(self, key: str, default: _Default) -> Value | _Default: ...
    async def get(self, key: str, default: object = None) -> object:
        """Returns the value of a key, or `default` if there is no such key."""
        return (await self.loaded()).get(key, default)

    @overload
    async def get_as(self, key: str, type: builtins.type[_Type]) -> _Type | None: ...
    @overload
    async def get_as(self, key: str, type: builtins.type[list]) -> list[Value] | None: ...  # type: ignore[type-arg]
    @overload
    async def get_as(self, key: str, type: builtins.type[dict]) -> dict[str, Value] | None: ...  # type: ignore[type-arg]
    async def get_as(self, key: str, type: builtins.type[object]) -> object:
        """Returns the value of a key, which must be of exactly this type; None if there is no such
        key.

        The types are bool, int, float, str, bytes, datetime, list and dict. Nothing is converted.
        Raises `InvalidArgument` if the value is of another type.
        """
        # The cast picks one overload; the session checks the type.
        return (await self.loaded()).get_as(key, cast("builtins.type[str]", type))

    @overload
    async def pop(self, key: str) -> Value: ...
    @overload
    async def pop(self, key: str, default: _Default) -> Value | _Default: ...
    async def pop(self, key: str, default: object = ...) -> object:
        """Removes a key and returns its value, or `default` if there is no such key.

        Raises `KeyError` if there is no such key and no default.
        """
        return (await self.loaded()).pop(key, default)

    @overload
    async def take(self, key: str, default: None = None) -> Value: ...
    @overload
    async def take(self, key: str, default: _Default) -> Value | _Default: ...
    async def take(self, key: str, default: object = None) -> object:
        """Removes a key from the stored session now, and returns its value.

        If there is no such key, takes the flash value of this name; if there is none either,
        returns `default`. Of concurrent requests exactly one gets the value: for one-time codes.
        The other changes of this request are stored by the commit.

        If the call is cancelled, the value is removed and lost. Raises as `commit`. After `Timeout`
        or `Unavailable` the value may have been removed or not.
        """
        return await self._session.take(key, default)

    async def contains(self, key: str) -> bool:
        """Returns whether there is such a key."""
        return (await self.loaded()).contains(key)

    async def keys(self) -> list[str]:
        """Returns the keys, sorted."""
        return list(await self.loaded())

    async def values(self) -> dict[str, Value]:
        """Returns all values, by key."""
        return dict(await self.loaded())

    def put(self, key: str, value: Storable, *, lenient: bool = False) -> None:
        """Sets the value of a key; see `Session.put`.

        Raises `TypeError` for a type that a session cannot hold, and `InvalidArgument` for a value
        beyond its limits. Both name the path of the value, such as `cart[2].price`.
        """
        self._session.put(key, value, lenient=lenient)

    async def put_if_changed(self, key: str, value: Storable) -> bool:
        """Sets the value of a key if it differs from the present one, and returns whether it did.

        The comparison is deep and includes types. Raises as `put`.
        """
        return (await self.loaded()).put_if_changed(key, value)

    def increment(self, key: str, by: int = 1) -> None:
        """Adds `by` to the integer of a key; a missing key counts as 0.

        The commit adds to the value that is stored by then, so concurrent increments all count.
        Raises `InvalidArgument` if the value is not an integer or would overflow. If the session is
        not loaded yet, the commit raises it.
        """
        self._session.increment(key, by)

    def append(self, key: str, item: Storable) -> None:
        """Appends an item to the list of a key; a missing key counts as an empty list.

        The commit appends to the list that is stored by then, so concurrent appends lose no item.
        Raises as `put`, and `InvalidArgument` if the value is not a list. If the session is not
        loaded yet, the commit raises that.
        """
        self._session.append(key, item)

    async def snapshot(self) -> dict[str, Value]:
        """Returns a copy of all values as a dict: see `Session.snapshot`."""
        return (await self.loaded()).snapshot()

    async def assign(self, values: Mapping[str, Storable], *, lenient: bool = False) -> None:
        """Replaces all values by those of a mapping: see `Session.assign`."""
        (await self.loaded()).assign(values, lenient=lenient)

    def remove(self, key: str) -> None:
        """Removes a key. Does nothing if there is no such key."""
        self._session.remove(key)

    def clear(self) -> None:
        """Removes all values. Token, deadline and "remember me" stay."""
        self._session.clear()

    def flash(self, key: str, value: Storable) -> None:
        """Stores a flash value: the next request that calls `flashes` gets it, and later ones do
        not.

        Raises as `put`.
        """
        self._session.flash(key, value)

    async def flashes(self) -> dict[str, Value]:
        """Returns the flash values of earlier requests, by key. The commit removes them."""
        return (await self.loaded()).flashes()

    async def renew(self) -> bool:
        """Gives the session a new token at the commit, atomically with its other changes.

        At any moment exactly one of the two tokens is valid. Without a commit nothing changes. Call
        it when a user logs in or out, against session fixation. Returns False if the session is
        known to have been ended by another request.
        """
        return (await self.loaded()).renew()

    async def regenerate(self) -> bool:
        """Empties the session and gives it a new token at the commit: see `Session.regenerate`.

        Returns False if the session is known to have been ended by another request.
        """
        return (await self.loaded()).regenerate()

    def store_empty(self) -> None:
        """Makes the commit store a new session even if it is empty."""
        self._session.store_empty()

    async def ensure_token(self) -> str | None:
        """Returns the token under which the next commit stores the session.

        If it will be a new one, it is generated now. For programs that need it before the commit,
        such as for CSRF tokens that are bound to a session. This alone stores nothing. None for a
        session that another request has ended.
        """
        return await self._session.ensure_token()

    async def destroy(self) -> None:
        """Ends the session in the store now and discards its values.

        The commit then deletes the cookie. Values put afterwards make a new session. If the call is
        cancelled, the session still ends.
        """
        await self._session.destroy()

    async def merge_from(self, token: str) -> None:
        """Copies all values of another token's session into this one, key by key.

        Takes the later deadline of the two. The commit ends the other session. Does nothing if
        there is no such session, or if it is this one.
        """
        await self._session.merge_from(token)

    def touch(self) -> None:
        """Makes the commit extend the session's expiry: see `Session.touch`."""
        self._session.touch()

    def set_idle_timeout(self, timeout: Duration) -> None:
        """Sets the idle timeout of this session, a timedelta or seconds; it is stored with the
        session.

        0 means no idle timeout, so that only the deadline counts; None restores the managers'
        option. Raises `InvalidArgument` below 0 or above 200,000 years.
        """
        self._session.set_idle_timeout(timeout)

    async def idle_timeout(self) -> timedelta | None:
        """Returns the idle timeout of this session; None if the manager's option applies."""
        return (await self.loaded()).idle_timeout()

    async def remembered(self) -> bool | None:
        """Returns the argument of the last `remember_me`; None if it was never called.

        Then `cookie_persist` decides.
        """
        return (await self.loaded()).remembered()

    async def extra(self, name: str) -> Value:
        """Returns a copy of the extra value of this name; None if there is none."""
        return (await self.loaded()).extra(name)

    def set_extra(self, name: str, value: Storable | EllipsisType = ...) -> None:
        """Stores an extra value, or removes it if `value` is omitted: see `Session.set_extra`."""
        self._session.set_extra(name, value)

    async def deadline(self) -> datetime:
        """Returns when the lifetime of the session ends, an aware datetime in UTC."""
        return (await self.loaded()).deadline()

    async def expires_at(self) -> datetime | None:
        """Returns when the session expires unless it is used again, an aware datetime in UTC.

        None if it never expires, or is not stored.
        """
        return (await self.loaded()).expires_at()

    def set_deadline(self, deadline: datetime | timedelta) -> None:
        """Sets the end of the session's lifetime: an aware datetime, or a timedelta from now.

        With one in the past the commit ends the session. Raises `TypeError` for other types and
        `InvalidArgument` for a naive datetime.
        """
        self._session.set_deadline(deadline)

    def remember_me(self, remember: bool) -> None:
        """Sets whether the cookie outlives the browser, overriding `cookie_persist`."""
        self._session.remember_me(remember)

    async def subject(self) -> str | None:
        """Returns the subject of the session, such as a user id; None if it has none."""
        return (await self.loaded()).subject()

    def set_subject(self, subject: str | None) -> None:
        """Sets the subject of the session, so that all sessions of a user can be listed and ended.

        None removes it. Raises `InvalidArgument` if the subject is empty, longer than 255
        characters, or ends with a space.
        """
        self._session.set_subject(subject)

    async def is_new(self) -> bool:
        """Returns whether the session is not in the store (yet)."""
        return (await self.loaded()).is_new()


class AsyncSessionManager:
    """Loads and commits sessions for asyncio: the methods and options of `SessionManager`.

    Created from a store, it takes the options of `SessionManager`. Created from a `SessionManager`,
    it shares that manager's store, options and events, and takes no options; each of the two can
    commit the sessions of the other. `waiting` is the `SessionManager`.

    Methods that ask the store are coroutines. They run in any task of any event loop. With
    `memory:`, and for a request without a cookie, the event loop is not involved. Cancelling a call
    loses its answer, but a write still happens. `on_event` is called in the event loop of a task
    that uses the manager. After a fork the child can use the manager; calls that were pending raise
    `Forked` there.

    Raises `InvalidArgument` for invalid or contradicting options, including cookie attributes that
    browsers reject, and `TypeError` for wrong types.
    """

    __slots__ = ("__weakref__", "_calls", "_manager", "_store")

    # Made by `cargo xtask gen` from `api/manager_options.toml`: change that.
    def __init__(
        self,
        store: AsyncStore | Store | SessionManager,
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
    ) -> None:
        options = dict(
            lifetime=lifetime,
            idle_timeout=idle_timeout,
            touch_interval=touch_interval,
            ended_window=ended_window,
            codec=codec,
            read_codecs=read_codecs,
            gob_registered=gob_registered,
            on_conflict=on_conflict,
            on_corrupt=on_corrupt,
            cookie_name=cookie_name,
            cookie_path=cookie_path,
            cookie_domain=cookie_domain,
            cookie_secure=cookie_secure,
            cookie_http_only=cookie_http_only,
            cookie_same_site=cookie_same_site,
            cookie_partitioned=cookie_partitioned,
            cookie_persist=cookie_persist,
            cookie_signature=cookie_signature,
            cookie_secrets=cookie_secrets,
            on_event=on_event,
        )
        # The end of what `cargo xtask gen` makes.
        if isinstance(store, SessionManager):
            if any(value is not None for value in options.values()):
                raise TypeError(
                    "a SessionManager has its options already: give options only with a store"
                )
            self._manager = store
        elif isinstance(store, AsyncStore | Store):
            waiting = store.waiting if isinstance(store, AsyncStore) else store
            self._manager = SessionManager(waiting, **options)  # type: ignore[arg-type]
        else:
            takes = "a sessio.AsyncStore, a sessio.Store or a sessio.SessionManager"
            raise TypeError(f"store must be {takes}, not {type(store).__name__}")
        self._store = store if isinstance(store, AsyncStore) else AsyncStore(self._manager.store)
        self._calls = AsyncManagerCalls(self._manager)

    def __repr__(self) -> str:
        return repr(self._manager).replace("SessionManager", type(self).__name__)

    @property
    def store(self) -> AsyncStore:
        """The store of the manager."""
        return self._store

    @property
    def waiting(self) -> SessionManager:
        """The same manager with blocking calls, for threads. It can commit the sessions of this
        one.
        """
        return self._manager

    @property
    def cookie_name(self) -> str:
        """The name of the cookie that carries the token."""
        return self._manager.cookie_name

    async def load(self, token: str | None = None) -> AsyncSession:
        """Returns the loaded session of a token, or a new session without one.

        If the token is unknown or malformed, the session is new and gets a token of its own.
        Without a token the store is not asked. Raises `Timeout`, `Unavailable`, `Overloaded`,
        `Schema` or `Closed`, and `Corrupt` if `on_corrupt` is "fail".
        """
        return await self.lazy(token).loaded()

    async def load_cookie(self, header: Headers) -> AsyncSession:
        """Returns the loaded session of a request's `Cookie` header, or of a list of them (ASGI).

        A malformed header gives a new session. Raises as `load`.
        """
        return await self.lazy_cookie(header).loaded()

    async def load_header(self, header: Header) -> AsyncSession:
        """Returns the loaded session of another header: the token, with or without `Bearer ` before
        it.

        Raises as `load`.
        """
        return await self.lazy_header(header).loaded()

    def lazy(self, token: str | None = None) -> LazySession:
        """As `load`, but the session is loaded at the first read, and its reads are coroutines.

        For requests that may not read their session: then the store is never asked.
        """
        return LazySession(self._calls.load(token))

    def lazy_cookie(self, header: Headers) -> LazySession:
        """As `load_cookie`, but the session is loaded at the first read."""
        return LazySession(self._calls.load_cookie(header))

    def lazy_header(self, header: Header) -> LazySession:
        """As `load_header`, but the session is loaded at the first read."""
        return LazySession(self._calls.load_header(header))

    async def find(self, token: str | Key) -> AsyncSession | None:
        """Returns the live session of a token or of a `Key`, loaded with one read, or None.

        A session found by key is like those of `list`: it has no token and gets no cookie. Raises
        as `load`.
        """
        return await self._calls.find(token)

    def create(self, token: str) -> AsyncSession:
        """Returns a new session with a token chosen by the program: see `SessionManager.create`.

        The token must be random and generated by the program, never one that a client has sent. If
        it is in use, the commit stores nothing, sends no cookie, and has the outcome `"conflict"`.
        Raises `InvalidArgument` for a token that cannot be stored.
        """
        return self._calls.create(token)

    async def commit(self, session: AsyncSession | LazySession | Session) -> CommitResult:
        """Stores the changes of a session, and returns a `CommitResult` with the headers to send.

        Only the changes of this request are stored, key by key, on top of the changes that other
        requests made meanwhile (see `on_conflict`). A session that another request has ended stays
        ended. Without changes nothing is stored.

        A cancelled commit is still completed, and the next commit of the session repeats the
        cookie. Raises as `AsyncStore.insert` and `AsyncStore.replace`; `InvalidArgument` for a
        session of another manager; and `TypeError` or `InvalidArgument` if a list or dict contains
        something that a session cannot hold: the message names its path, and nothing is stored.
        After an error the session keeps its changes, and the commit can be repeated.
        """
        result = await self._calls.commit(session)
        result._taken()
        return result

    @overload
    async def transact(
        self, token: str, change: Callable[[AsyncSession], Awaitable[_Changed]]
    ) -> Transacted[_Changed] | None: ...
    @overload
    async def transact(
        self, token: str, change: Callable[[AsyncSession], _Changed]
    ) -> Transacted[_Changed] | None: ...
    async def transact(
        self, token: str, change: Callable[[AsyncSession], Any]
    ) -> Transacted[Any] | None:
        """Calls `change` with the current session of a token, and stores its changes atomically.

        `change` is a function or a coroutine function. If another request changes the session
        meanwhile, nothing is stored and `change` is called again with the new state. So `change`
        should have no effects but on the session. Use it for changes that depend on other values,
        for which `take`, `increment` and `append` are not enough.

        Returns the last return value of `change` and the `CommitResult`; None if there is no such
        session. An exception of `change` is raised, and nothing is stored. If the call is
        cancelled, the last attempt may be stored or not. Raises as `commit`, and `Overloaded` if
        the changes of other requests keep it from committing for the store's timeout.
        """
        transaction = self._manager._transaction(token)
        while (session := await self._calls.begin(transaction)) is not None:
            changed = change(session)
            value = await changed if inspect.isawaitable(changed) else changed
            result = await self._calls.finish(transaction, session)
            if result is not None:
                result._taken()
                return transacted(value, result)
        return None

    async def list(
        self, *, after: Key | None = None, limit: int = 100
    ) -> SessionPage[AsyncSession]:
        """Returns a page of live sessions in the order of their keys: 1 to 1,000, after the key
        `after`.

        Pass the `next` of a page as `after` to get the following page, or use `each`. Listed
        sessions can be read, changed, committed and destroyed. They belong to other clients: they
        have no token, and their commit sends no cookie. Raises as `load`, and `InvalidArgument` for
        another limit.
        """
        return await self._calls.list(after=after, limit=limit)

    async def list_subject(
        self, subject: str, *, after: Key | None = None, limit: int = 100
    ) -> SessionPage[AsyncSession]:
        """Returns a page of the live sessions of one subject, such as the devices of a user.

        Raises as `list`, and `Unsupported` if the table has no column for subjects.
        """
        return await self._calls.list_subject(subject, after=after, limit=limit)

    async def each(self, *, page: int = 100) -> AsyncIterator[AsyncSession]:
        """Iterates over all live sessions in the order of their keys, reading `page` at a time.

        Sessions can be changed, committed and destroyed during the iteration. Sessions that begin
        or end meanwhile may be missing or included. Raises as `list`.
        """
        after: Key | None = None
        while True:
            sessions, after = await self.list(after=after, limit=page)
            for session in sessions:
                yield session
            if after is None:
                return

    async def each_subject(self, subject: str, *, page: int = 100) -> AsyncIterator[AsyncSession]:
        """Iterates over the live sessions of one subject, such as the devices of a user.

        Otherwise as `each`. Raises `Unsupported` if the table has no column for subjects.
        """
        after: Key | None = None
        while True:
            sessions, after = await self.list_subject(subject, after=after, limit=page)
            for session in sessions:
                yield session
            if after is None:
                return

    async def stats(self) -> dict[str, int]:
        """Returns how often each event has happened in this manager and process, by name.

        The names are `created`, `renewed`, `destroyed`, `touched`, `merged`, `conflict`, `gone` and
        `corrupt`.
        """
        return self._manager.stats()
