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

    async def loaded(self) -> AsyncSession:
        """Loads the session and returns the view as an `AsyncSession`, whose reads are plain."""
        await self._session._ensure_loaded()
        return self._session

    # Made by `cargo xtask gen` for LazySession: change `api/session.toml`.
    async def ensure_loaded(self) -> None:
        """Loads the session from the store unless it is loaded, whether the store has it or not.
        Every read does so by itself; after this call none waits for the store.
        """
        await self._session._ensure_loaded()

    @overload
    async def get(self, key: str, default: None = None) -> Value: ...
    @overload
    async def get(self, key: str, default: _Default) -> Value | _Default: ...
    async def get(self, key: str, default: object = None) -> object:
        """The value of a key, or `default` if there is no such key.

        Raises as `AsyncStore.find`, and `Corrupt` if the option `on_corrupt` is `fail`.
        """
        return (await self.loaded()).get(key, default)

    @overload
    async def get_as(self, key: str, type: builtins.type[_Type]) -> _Type | None: ...
    @overload
    async def get_as(self, key: str, type: builtins.type[list]) -> list[Value] | None: ...  # type: ignore[type-arg]
    @overload
    async def get_as(self, key: str, type: builtins.type[dict]) -> dict[str, Value] | None: ...  # type: ignore[type-arg]
    async def get_as(self, key: str, type: builtins.type[object]) -> object:
        """The value of a key, which must be of exactly this type: bool, int, float, str, bytes,
        datetime, list or dict. None if there is no such key. Nothing is converted, and a bool
        is not an int.

        Raises `InvalidArgument` if the value is of another type, and `TypeError` for other
        types.
        """
        # The cast picks one overload; the session checks the type.
        return (await self.loaded()).get_as(key, cast("builtins.type[str]", type))

    @overload
    async def pop(self, key: str) -> Value: ...
    @overload
    async def pop(self, key: str, default: _Default) -> Value | _Default: ...
    async def pop(self, key: str, default: object = ...) -> object:
        """Removes a key and returns its value, or `default` if there is no such key. The commit
        stores the removal; two requests can both pop a key: see `take`.

        Raises `KeyError` if there is no such key and no default.
        """
        return (await self.loaded()).pop(key, default)

    async def contains(self, key: str) -> bool:
        """Whether there is a value with this key."""
        return (await self.loaded()).contains(key)

    async def keys(self) -> list[str]:
        """The keys, sorted."""
        return list(await self.loaded())

    async def values(self) -> dict[str, Value]:
        """All values, by key."""
        return dict(await self.loaded())

    async def snapshot(self) -> dict[str, Value]:
        """A copy of all values. Changes to the copy are not stored: pass it to `assign`."""
        return (await self.loaded()).snapshot()

    async def flashes(self) -> dict[str, Value]:
        """The flash values that earlier requests left for this one, by name. The commit removes
        them; a request that does not ask for them, or is not committed, leaves them. Those of
        a listed session stay for its owner.
        """
        return (await self.loaded()).flashes()

    async def extra(self, name: str) -> Value:
        """A copy of the extra value of this name; None if there is none. See `set_extra`."""
        return (await self.loaded()).extra(name)

    async def deadline(self) -> datetime:
        """When the lifetime of the session ends. The time is an aware datetime in UTC."""
        return (await self.loaded()).deadline()

    async def expires_at(self) -> datetime | None:
        """When the session ends if it is not used from now on, as the store has it: what was
        loaded, or what the last commit stored. None for a session that never ends, and for
        one that is not stored. The time is an aware datetime in UTC.
        """
        return (await self.loaded()).expires_at()

    async def remembered(self) -> bool | None:
        """What `remember_me` has set; None if it was not called: then the option
        `cookie_persist` decides.
        """
        return (await self.loaded()).remembered()

    async def idle_timeout(self) -> timedelta | None:
        """The idle timeout that `set_idle_timeout` has set for this session; None if it was not
        called: then the manager's option applies.
        """
        return (await self.loaded()).idle_timeout()

    async def subject(self) -> str | None:
        """Whose session it is, such as a user id; None if that was not set."""
        return (await self.loaded()).subject()

    async def is_new(self) -> bool:
        """Whether the store does not have this session (yet)."""
        return (await self.loaded()).is_new()

    def put(self, key: str, value: Storable, *, lenient: bool = False) -> None:
        """Sets the value of a key. Later changes inside a list or dict that was put are stored
        too.

        With `lenient`, dict keys that are int, float, bool or None are accepted and stored as
        `json` writes them; UUIDs, Decimals, dates, times, naive datetimes and markup (objects
        with `__html__`) are stored as text.

        Raises `TypeError` for a type that a session cannot hold, and `InvalidArgument` for a
        value beyond its limits. Both name the path of the value, such as `cart[2].price`.
        """
        self._session.put(key, value, lenient=lenient)

    async def put_if_changed(self, key: str, value: Storable) -> bool:
        """Sets the value of a key unless it has an equal one already, and says whether it did.
        The comparison is deep and includes types: 1, 1.0 and true differ, and NaN equals NaN.

        Raises as `put`.
        """
        return (await self.loaded()).put_if_changed(key, value)

    async def assign(self, values: Mapping[str, Storable], *, lenient: bool = False) -> None:
        """Replaces all values by these. Only what differs is a change, found as by
        `put_if_changed`, and keys that are not among these are removed: so requests that meet
        keep each other's changes. For programs that hold all values in a map of their own.
        After an error nothing is changed. Lists and dicts are copied. `lenient` as in `put`.

        Raises as `put`.
        """
        (await self.loaded()).assign(values, lenient=lenient)

    def increment(self, key: str, by: int = 1) -> None:
        """Adds `by`, which may be negative, to the integer of a key; a missing value counts as
        0. The commit adds to what is stored by then, so the increments of several requests
        add up.

        Raises `InvalidArgument` if the value is no integer, or the sum would be below -2^63
        or above 2^64 - 1; where that is not known yet, the commit fails.
        """
        self._session.increment(key, by)

    def append(self, key: str, item: Storable) -> None:
        """Appends an item to the list of a key; a missing value counts as an empty list. The
        commit appends to what is stored by then, so the items of several requests are all
        kept.

        Raises as `put`, and `InvalidArgument` if the value of the key is no list; where that
        is not known yet, the commit fails.
        """
        self._session.append(key, item)

    def remove(self, key: str) -> None:
        """Removes a key, if it is there."""
        self._session.remove(key)

    def clear(self) -> None:
        """Removes all values. Token, deadline, subject, "remember me", idle timeout and extra
        values stay.
        """
        self._session.clear()

    def flash(self, key: str, value: Storable) -> None:
        """Leaves a value for the next request that calls `flashes`, and for no other. Of two
        values of one name the later is left.

        Raises as `put`.
        """
        self._session.flash(key, value)

    def set_extra(self, name: str, value: Storable | EllipsisType = ...) -> None:
        """Sets an extra value: bookkeeping that a framework's adapter keeps beside the values.
        No value (`...`) removes it. It is not among the values, stays when these are cleared,
        and is merged name by name when two requests meet. It ends with the session, and with
        `regenerate`. A session with nothing else is not stored. Names should begin with the
        framework's, because all programs of a session share them; `sessio` is taken.

        Raises as `put`.
        """
        self._session.set_extra(name, value)

    async def renew(self) -> bool:
        """Gives the session a new token at the commit, in one step with all other changes: at
        any moment exactly one of the two tokens is valid, and without a commit nothing
        changes. Call it when a user logs in or out, so that a token that was planted before
        becomes worthless. False if another request is known to have ended the session.
        """
        return (await self.loaded()).renew()

    async def regenerate(self) -> bool:
        """Starts over under a new token at the commit: values, flash values, subject, "remember
        me", idle timeout, extra values and earlier changes are dropped, and a new lifetime
        begins. What is put in afterwards belongs to the new session. The new token and the
        emptied session are stored in one step: at any moment exactly one of the two tokens is
        valid, and without a commit nothing changes. A session that is not stored yet is only
        emptied. False if another request is known to have ended the session.
        """
        return (await self.loaded()).regenerate()

    def store_empty(self) -> None:
        """Makes the commit store a new session even if it has no values, for programs that need
        its token or its row. No effect on a session that is stored already.
        """
        self._session.store_empty()

    def set_deadline(self, deadline: datetime | timedelta) -> None:
        """Moves the end of the session's lifetime. With a time in the past the commit ends the
        session. The deadline is fixed from then on: neither use of the session nor `touch`
        moves it. `deadline` is an aware datetime (a naive one is `InvalidArgument`), or a
        timedelta from now.
        """
        self._session.set_deadline(deadline)

    def touch(self) -> None:
        """Makes the commit extend the session because it is used now, whatever the option
        `touch_interval` says, even if nothing else was changed. With an idle timeout, the
        session's own or the manager's, that starts again, and the deadline stays. Without one
        a new lifetime begins; but a deadline of `set_deadline` stays, and so does any
        deadline in a document of a Go program, because it does not say who has set it.

        `AsyncStore.touch` moves the expiry of the row only, and a session does not outlive
        the expiry within its data.
        """
        self._session.touch()

    def remember_me(self, remember: bool) -> None:
        """Whether the cookie of this session outlives the browser, whatever the option
        `cookie_persist` says: true keeps it until the session ends, false until the browser
        is closed. Stored with the session.
        """
        self._session.remember_me(remember)

    def set_idle_timeout(self, timeout: Duration) -> None:
        """Sets the idle timeout of this session, whatever the option of the managers says. It is
        stored with the session and applies to every manager that reads it. 0 is no idle
        timeout; None returns to the managers' option. The commit moves the expiry
        accordingly, but not beyond the deadline. `timeout` is a timedelta, or a number of
        seconds.

        Raises `InvalidArgument` below 0 and above 200,000 years.
        """
        self._session.set_idle_timeout(timeout)

    def set_subject(self, subject: str | None) -> None:
        """Sets whose session it is, such as a user id, so that all sessions of a user can be
        listed and ended. None removes it. The commit fails with `Unsupported` if the table
        has no column for subjects.

        Raises `InvalidArgument` for a subject that is empty, longer than 255 characters, or
        ends with a space.
        """
        self._session.set_subject(subject)

    @overload
    async def take(self, key: str, default: None = None) -> Value: ...
    @overload
    async def take(self, key: str, default: _Default) -> Value | _Default: ...
    async def take(self, key: str, default: object = None) -> object:
        """Removes a key from the stored session now, and returns its value. If there is no such
        key, takes the flash value of this name; if there is none either, returns `default`.
        Of concurrent requests exactly one gets the value: for one-time codes. The other
        changes of this request are stored by the commit. If the call is cancelled, the value
        is removed and lost.

        Raises as `AsyncSessionManager.commit`.
        """
        return await self._session.take(key, default)

    async def ensure_token(self) -> str | None:
        """The token under which the next commit stores the session, chosen now if it is to get a
        new one: for programs that need it before the commit, such as for CSRF tokens that are
        bound to a session. This alone stores nothing, and a later `renew` or `regenerate`
        chooses another token. None for a listed session, whose token is unknown, and for one
        that another request has ended.

        Raises as `LazySession.get`, and `Internal` if the system has no randomness.
        """
        return await self._session.ensure_token()

    async def destroy(self) -> None:
        """Ends the session now and forgets its values. The commit then deletes the cookie. What
        is put in afterwards makes a new session. If the call is cancelled, the session still
        ends.

        Raises as `AsyncStore.delete`.
        """
        await self._session.destroy()

    async def merge_from(self, token: str) -> None:
        """Copies everything from the session of another token, key by key, and the later
        deadline of the two. The other session ends when this one is stored. Nothing happens
        if there is no such session, or if it is this one.

        Raises as `LazySession.get`.
        """
        await self._session.merge_from(token)

    # The end of what `cargo xtask gen` makes.


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

    # Made by `cargo xtask gen` for AsyncSessionManager: change `api/session.toml`.
    async def find(self, token: str | Key) -> AsyncSession | None:
        """The live session of a token, already loaded, or None. A session that is found by its
        key is as those of `list`: another client's, without a token and a cookie.

        Raises as `LazySession.get`.
        """
        return await self._calls.find(token)

    def create(self, token: str) -> AsyncSession:
        """A new session under a token that the program chooses, for frameworks that make their
        own ids. The commit inserts it if it has values, or after `AsyncSession.store_empty`.
        If a session with this token is live by then, the commit stores nothing, sends no
        cookie, and its outcome is a conflict.

        The token is the client's secret. It must be random, at least 128 bits, and made by
        the program: a token that was taken from a client is shared with the attacker who
        planted it.

        Raises `InvalidArgument` for a token that cannot be stored.
        """
        return self._calls.create(token)

    async def commit(self, session: AsyncSession | LazySession | Session) -> CommitResult:
        """Stores the changes of a session at the end of its request, and says what to send to
        the client. A new session is inserted under a new token. Only the changes of this
        request are stored, key by key, on top of what other requests have changed since it
        was loaded (see the option `on_conflict`). A session that another request has ended
        stays ended. Without changes nothing is stored, but the expiry may be extended. After
        an error the session keeps its changes: commit it again. A list or dict that was
        changed to hold what a session cannot hold is a `TypeError` or `InvalidArgument`,
        whose message names its path, and nothing is stored. The sessions of `SessionManager`
        and `AsyncSessionManager` are accepted by both. A cancelled commit is still completed,
        and the next commit of the session repeats the cookie.

        Raises as `LazySession.get`, and `TooLarge`, `Full` in memory, `Unsupported` for a
        subject where the table has no column for it, `Overloaded` if other requests keep
        changing the session first, and `InvalidArgument` for a session of another manager and
        for an increment or an item that does not fit what is stored.
        """
        result = await self._calls.commit(session)
        result._taken()
        return result

    async def list(
        self, *, after: Key | None = None, limit: int = 100
    ) -> SessionPage[AsyncSession]:
        """A page of 1 to 1,000 live sessions in the order of their keys, after the given one:
        pass the `next` of one page to get the next. Each can be read, changed, committed and
        destroyed. They are other clients' sessions: they have no token, and their commits
        send no cookie.

        Raises as `AsyncStore.list`, and `InvalidArgument` for the limit.
        """
        return await self._calls.list(after=after, limit=limit)

    async def list_subject(
        self, subject: str, *, after: Key | None = None, limit: int = 100
    ) -> SessionPage[AsyncSession]:
        """`list` for the sessions of one subject, such as a user's devices.

        Raises as `list`, and `InvalidArgument` for a subject that is not 1 to 255 characters
        long, and `Unsupported` where the table has no column for subjects.
        """
        return await self._calls.list_subject(subject, after=after, limit=limit)

    # The end of what `cargo xtask gen` makes.

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
