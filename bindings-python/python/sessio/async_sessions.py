"""`AsyncSessionManager`: sessions for event loops, loaded or lazy."""

import builtins
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from types import EllipsisType
from typing import Any, TypeVar, cast, overload

from ._methods import transacted
from ._native import AsyncManagerCalls, AsyncSession, Key, CommitResult, Session, SessionManager, Store
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
    """A session, as one request sees it, of which the store is asked when something is read.

    It comes from the `lazy` methods of an `AsyncSessionManager`, for requests that may not look at
    their session: those cost nothing. What reads is a coroutine, and raises `Timeout`,
    `Unavailable`, `Overloaded`, `Schema`, `Closed`, or `Corrupt` where `on_corrupt` is "fail"; what
    only changes the session is a plain method and waits for nobody. It is no mapping.

    `await session.loaded()` is the same view as an `AsyncSession`, whose reads are plain.

    Any task of any loop may use it. Dropped without a commit, its changes are lost. It cannot be
    pickled. `repr` shows neither token nor values.
    """

    __slots__ = ("__weakref__", "_session")

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    def __repr__(self) -> str:
        return repr(self._session).replace("AsyncSession", type(self).__name__)

    @property
    def status(self) -> Status:
        """Whether there is something to commit. It sees what was changed in lists and dicts too."""
        return self._session.status

    @property
    def token(self) -> str | None:
        """The client's secret: what was brought, or what it is to get.

        None for a session that was never stored.
        """
        return self._session.token

    @property
    def key(self) -> Key | None:
        """None: only sessions from a list have one."""
        return self._session.key

    async def ensure_loaded(self) -> None:
        """Asks the store now, unless that was done. What reads does it by itself."""
        await self._session._look()

    async def loaded(self) -> AsyncSession:
        """The same view, loaded: reading it waits for nobody."""
        await self._session._look()
        return self._session

    @overload
    async def get(self, key: str, default: None = None) -> Value: ...
    @overload
    async def get(self, key: str, default: _Default) -> Value | _Default: ...
    async def get(self, key: str, default: object = None) -> object:
        """The value of a key, or the default."""
        return (await self.loaded()).get(key, default)

    @overload
    async def get_as(self, key: str, type: builtins.type[_Type]) -> _Type | None: ...
    @overload
    async def get_as(self, key: str, type: builtins.type[list]) -> list[Value] | None: ...  # type: ignore[type-arg]
    @overload
    async def get_as(self, key: str, type: builtins.type[dict]) -> dict[str, Value] | None: ...  # type: ignore[type-arg]
    async def get_as(self, key: str, type: builtins.type[object]) -> object:
        """The value of a key if it is of this very type, or None where there is no value.

        The types are bool, int, float, str, bytes, datetime, list and dict. Never a default, never
        a conversion: raises `InvalidArgument` when the value is of another type.
        """
        # Which of the types it is, the session says.
        return (await self.loaded()).get_as(key, cast("builtins.type[str]", type))

    @overload
    async def pop(self, key: str) -> Value: ...
    @overload
    async def pop(self, key: str, default: _Default) -> Value | _Default: ...
    async def pop(self, key: str, default: object = ...) -> object:
        """The value of a key, which is removed; the default where there is none.

        Raises `KeyError` where there is neither.
        """
        return (await self.loaded()).pop(key, default)

    @overload
    async def take(self, key: str, default: None = None) -> Value: ...
    @overload
    async def take(self, key: str, default: _Default) -> Value | _Default: ...
    async def take(self, key: str, default: object = None) -> object:
        """The value of a key, or else a flash value of this name, removed from the store now.

        Of all requests that take it exactly one gets it, and the others the default. For codes that
        may be used once. What else this request has changed waits for the commit. Cancelled, nobody
        gets the value. Raises as `commit`; after `Timeout` and `Unavailable` it is not known
        whether the value is still there.
        """
        return await self._session.take(key, default)

    async def contains(self, key: str) -> bool:
        """Whether there is such a key."""
        return (await self.loaded()).contains(key)

    async def keys(self) -> list[str]:
        """The keys, sorted."""
        return list(await self.loaded())

    async def values(self) -> dict[str, Value]:
        """Everything in it, by key."""
        return dict(await self.loaded())

    def put(self, key: str, value: Storable, *, lenient: bool = False) -> None:
        """Sets the value of a key; see `Session.put`.

        Raises `TypeError` for what no session can hold, and `InvalidArgument` for values beyond its
        limits; both say where, as `cart[2].price`.
        """
        self._session.put(key, value, lenient=lenient)

    async def put_if_changed(self, key: str, value: Storable) -> bool:
        """Sets the value of a key, unless it has this very value: whether it was a change.

        What is equal, deep and with its types, is no change. Raises as `put`.
        """
        return (await self.loaded()).put_if_changed(key, value)

    def increment(self, key: str, by: int = 1) -> None:
        """Adds to the integer of a key, from 0 where there is none.

        Of several requests that do, all count: at the commit it is added to what is stored by then.
        Raises `InvalidArgument` where the value is known to be no integer, or too large; otherwise
        the commit does.
        """
        self._session.increment(key, by)

    def append(self, key: str, item: Storable) -> None:
        """Adds an item to the list of a key, a new list where there is none.

        Of several requests that do, no item is lost: at the commit it is added to what is stored by
        then. Raises as `put`, and `InvalidArgument` where the value is known to be no list;
        otherwise the commit does.
        """
        self._session.append(key, item)

    async def snapshot(self) -> dict[str, Value]:
        """Everything in it, by key, as a dict of the program's own: see `Session.snapshot`."""
        return (await self.loaded()).snapshot()

    async def assign(self, values: Mapping[str, Storable], *, lenient: bool = False) -> None:
        """The values shall be those of this mapping and no others: see `Session.assign`."""
        (await self.loaded()).assign(values, lenient=lenient)

    def remove(self, key: str) -> None:
        """Removes a key, if it is there."""
        self._session.remove(key)

    def clear(self) -> None:
        """Removes all values; token, deadline and "remember me" stay."""
        self._session.clear()

    def flash(self, key: str, value: Storable) -> None:
        """Leaves a value for the next request that asks for `flashes`, and for that one alone.

        Raises as `put`.
        """
        self._session.flash(key, value)

    async def flashes(self) -> dict[str, Value]:
        """What earlier requests left, by key; from the commit on it is gone."""
        return (await self.loaded()).flashes()

    async def renew(self) -> bool:
        """Gives it a new token at the commit, in one step with whatever else was changed.

        At any moment exactly one of the two tokens is valid, and without a commit the session is as
        before. To be called when a user logs in or out. False when it is known that another request
        ended the session.
        """
        return (await self.loaded()).renew()

    async def regenerate(self) -> bool:
        """Starts over at the commit, empty and under a new token: see `Session.regenerate`.

        False when it is known that another request ended the session.
        """
        return (await self.loaded()).regenerate()

    def store_empty(self) -> None:
        """The commit stores a new session even if it holds nothing."""
        self._session.store_empty()

    async def ensure_token(self) -> str | None:
        """The token under which the next commit stores the session, chosen now if it is new.

        For what has to know it before, such as CSRF tokens that are bound to a session. Nothing is
        stored by that alone. None for a session that another request has ended.
        """
        return await self._session.ensure_token()

    async def destroy(self) -> None:
        """Ends the session now, and forgets its values; the commit then takes the cookie away.

        What is put in afterwards makes a new session. Cancelled, it is done all the same.
        """
        await self._session.destroy()

    async def merge_from(self, token: str) -> None:
        """Takes over everything from the session of another token, and the later deadline.

        The other one ends when this one is stored. Nothing happens when there is no such session,
        or when it is this one.
        """
        await self._session.merge_from(token)

    def touch(self) -> None:
        """The commit moves its end because it is used now: see `Session.touch`."""
        self._session.touch()

    def set_idle_timeout(self, timeout: Duration) -> None:
        """How long this session lives without a request that looks at it, kept with the session.

        0 is as long as the deadline allows; None leaves it to the managers again.
        """
        self._session.set_idle_timeout(timeout)

    async def idle_timeout(self) -> timedelta | None:
        """The idle timeout of this session alone; None where that of the manager holds."""
        return (await self.loaded()).idle_timeout()

    async def remembered(self) -> bool | None:
        """What `remember_me` was told; None if nothing, and then `cookie_persist` decides."""
        return (await self.loaded()).remembered()

    async def extra(self, name: str) -> Value:
        """What an adapter keeps beside the values under this name; None where there is nothing."""
        return (await self.loaded()).extra(name)

    def set_extra(self, name: str, value: Storable | EllipsisType = ...) -> None:
        """Keeps something beside the values; without a value it is removed.

        See `Session.set_extra`.
        """
        self._session.set_extra(name, value)

    async def deadline(self) -> datetime:
        """When its lifetime ends, in UTC."""
        return (await self.loaded()).deadline()

    async def expires_at(self) -> datetime | None:
        """When it ends if nobody uses it from now on, in UTC, as the store has it.

        None for a session that never ends, and for one that is not stored.
        """
        return (await self.loaded()).expires_at()

    def set_deadline(self, deadline: datetime | timedelta) -> None:
        """Moves the end of its lifetime: to an aware datetime, or a timedelta from now.

        One in the past ends the session at the commit.
        """
        self._session.set_deadline(deadline)

    def remember_me(self, remember: bool) -> None:
        """Whether its cookie outlives the browser, whatever `cookie_persist` says."""
        self._session.remember_me(remember)

    async def subject(self) -> str | None:
        """Whose session it is, where that was said."""
        return (await self.loaded()).subject()

    def set_subject(self, subject: str | None) -> None:
        """Says whose session it is, so that all of a user's can be listed and ended.

        None takes that away. Raises `InvalidArgument` for a subject that is empty, longer than 255
        characters, or ends with a space.
        """
        self._session.set_subject(subject)

    async def is_new(self) -> bool:
        """Whether the store has no such session (yet)."""
        return (await self.loaded()).is_new()


class AsyncSessionManager:
    """Sessions for asyncio: the same methods and options as `SessionManager`.

    Over a store, and then it takes the options; or over a `SessionManager`, and then it is the same
    manager for event loops: its store, its options, its events, and either commits what the other
    has loaded. `waiting` is that manager.

    What asks the store is a coroutine. A loaded session is a plain mapping: `session["user"]`. Over
    `memory:`, and for a request without a cookie, nothing touches the event loop. Cancelling a call
    loses its answer, never its write. `on_event` is called in the loop of a task that uses the
    manager. In a forked child what was in flight raises `Forked`.

    Raises `InvalidArgument` for options that contradict each other or what browsers accept.
    """

    __slots__ = ("__weakref__", "_calls", "_manager", "_store")

    def __init__(
        self,
        store: AsyncStore | Store | SessionManager,
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
        if isinstance(store, SessionManager):
            if any(value is not None for value in options.values()):
                raise TypeError("a manager that is there has its options already")
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
        """The store beneath."""
        return self._store

    @property
    def waiting(self) -> SessionManager:
        """The same manager for threads: its methods wait. It commits what this one has loaded."""
        return self._manager

    @property
    def cookie_name(self) -> str:
        """The name of the cookie that carries the token."""
        return self._manager.cookie_name

    async def load(self, token: str | None = None) -> AsyncSession:
        """The session of a token, loaded, or a new one where there is none.

        A token that turns out to be unknown is not adopted, and a malformed one is none. Without a
        token nobody is asked. Raises `Timeout`, `Unavailable`, `Overloaded`, `Schema`, `Closed`, or
        `Corrupt` where `on_corrupt` is "fail".
        """
        return await self.lazy(token).loaded()

    async def load_cookie(self, header: Headers) -> AsyncSession:
        """The same from the `Cookie` header of a request, or a list of them, as ASGI may give.

        A malformed header is no session.
        """
        return await self.lazy_cookie(header).loaded()

    async def load_header(self, header: Header) -> AsyncSession:
        """The same from a header of the program's own: the token, after `Bearer ` or alone."""
        return await self.lazy_header(header).loaded()

    def lazy(self, token: str | None = None) -> LazySession:
        """As `load`, but the store is asked when something is read, and its reads are coroutines.

        For requests that may not look at their session: those cost nothing.
        """
        return LazySession(self._calls.load(token))

    def lazy_cookie(self, header: Headers) -> LazySession:
        """As `load_cookie`, but lazy."""
        return LazySession(self._calls.load_cookie(header))

    def lazy_header(self, header: Header) -> LazySession:
        """As `load_header`, but lazy."""
        return LazySession(self._calls.load_header(header))

    async def find(self, token: str | Key) -> AsyncSession | None:
        """The session of a token, or of a listed key, if it lives: loaded by one read.

        Otherwise None. One that is found by its key is as those of `list`: another client's,
        without a cookie. Raises as `load`.
        """
        return await self._calls.find(token)

    def create(self, token: str) -> AsyncSession:
        """A new session under a token of the program's own: see `SessionManager.create`.

        The token must be random and made by the program, never what a client sent. If a session
        lives under it already, the commit stores nothing, sends no cookie, and its outcome is
        `"conflict"`. Raises `InvalidArgument` for a token that cannot be stored.
        """
        return self._calls.create(token)

    async def commit(self, session: AsyncSession | LazySession | Session) -> CommitResult:
        """Stores what the request changed, and says what to send to the client.

        Of a session that was loaded only this request's changes are stored, key by key, on top of
        what other requests did meanwhile; if one of them ended the session, it stays ended. Where
        nothing was changed, nothing is stored.

        After an error the changes are kept, so it can be called again. A commit that is cancelled
        is done to its end, and the next one gives the cookie. Raises as `AsyncStore.insert` and
        `AsyncStore.replace`, `InvalidArgument` for a session of another manager, and `TypeError` or
        `InvalidArgument` where something that no session can hold was put into one of its lists or
        dicts: the message says where, and nothing is stored.
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
        """Runs `change` on the session of a token as it is now, and stores what it has changed.

        `change` is a function or a coroutine function. If another request has changed the session
        since, nothing is stored and it runs again, on the session as it is then, until it is the
        first: so it should do nothing but change its session. For what depends on other values,
        where `take`, `increment` and `append` do not do.

        What `change` returned last, and what to send to the client; None where there is no such
        session (any more). What `change` raises is raised, and then nothing is stored. Cancelled,
        the last run may be stored or not. Otherwise raises as `commit`, and `Overloaded` when
        others were faster for longer than the store's timeout.
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
        """A page of 1 to 1,000 live sessions in the order of their keys, after the given one.

        Pass the `next` of one page as `after` to get the next, or use `each`. Each can be read,
        changed, committed or destroyed like one that was loaded, but has no token and gets no
        cookie: it is another client's.
        """
        return await self._calls.list(after=after, limit=limit)

    async def list_subject(
        self, subject: str, *, after: Key | None = None, limit: int = 100
    ) -> SessionPage[AsyncSession]:
        """The same for the sessions of one subject: a user's devices.

        Raises `Unsupported` where the table has no subjects.
        """
        return await self._calls.list_subject(subject, after=after, limit=limit)

    async def each(self, *, page: int = 100) -> AsyncIterator[AsyncSession]:
        """All live sessions, in the order of their keys; so many at a time are asked for.

        Each can be changed, committed or destroyed on the way. What begins or ends meanwhile may be
        among them or not. Raises as `list`.
        """
        after: Key | None = None
        while True:
            sessions, after = await self.list(after=after, limit=page)
            for session in sessions:
                yield session
            if after is None:
                return

    async def each_subject(self, subject: str, *, page: int = 100) -> AsyncIterator[AsyncSession]:
        """The same for the sessions of one subject: to sign a user out everywhere.

        Raises `Unsupported` where the table has no subjects.
        """
        after: Key | None = None
        while True:
            sessions, after = await self.list_subject(subject, after=after, limit=page)
            for session in sessions:
                yield session
            if after is None:
                return

    async def stats(self) -> dict[str, int]:
        """How often each event has happened to this manager's sessions in this process, by name.

        The names are `created`, `renewed`, `destroyed`, `touched`, `merged`, `conflict`, `gone` and
        `corrupt`.
        """
        return self._manager.stats()
