"""`AsyncSessionManager` and `AsyncSession`: sessions whose reads and commits are coroutines."""

import builtins
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar, overload

from ._native import AsyncManagerCalls, AsyncSessionCalls, Key, Sent
from ._types import (
    Codec,
    Duration,
    Header,
    OnConflict,
    OnCorrupt,
    SameSite,
    Status,
    Storable,
    Value,
)
from .asynchronous import AsyncStore
from .results import SessionPage

__all__ = ["AsyncSession", "AsyncSessionManager"]

_Type = TypeVar("_Type", bool, int, float, str, bytes, datetime)
_Default = TypeVar("_Default")


class AsyncSession:
    """A session, as one request sees it.

    It comes from an `AsyncSessionManager`, and what is changed is stored by the manager's `commit`.

    Values are None, bool, int (from -2**63 to 2**64 - 1), float, str, bytes, aware datetimes (read
    back in UTC, to the microsecond), lists and dicts with str keys, 63 deep at most. They are
    copies: change one and put it back. Keys come back sorted.

    Nothing is asked of the store until something is read. What reads is a coroutine, and raises
    `Timeout`, `Unavailable`, `Overloaded`, `Schema`, `Closed`, or `Corrupt` where `on_corrupt` is
    "fail"; what only changes the session is a plain method and waits for nobody.

    Any task of any loop may use it. Dropped without a commit, its changes are lost. It cannot be
    pickled. `repr` shows neither token nor values.
    """

    __slots__ = ("__weakref__", "_calls")

    def __init__(self, calls: AsyncSessionCalls) -> None:
        self._calls = calls

    def __repr__(self) -> str:
        return repr(self._calls).replace("AsyncSessionCalls", type(self).__name__)

    @property
    def status(self) -> Status:
        """Whether there is something to commit."""
        return self._calls.status

    @property
    def token(self) -> str | None:
        """The client's secret: what was brought, or what it is to get.

        None for a session that was never stored, and for one from a list.
        """
        return self._calls.token

    @property
    def key(self) -> Key | None:
        """The key of a session from a list."""
        return self._calls.key

    @overload
    async def get(self, key: str, default: None = None) -> Value: ...
    @overload
    async def get(self, key: str, default: _Default) -> Value | _Default: ...
    async def get(self, key: str, default: object = None) -> object:
        """The value of a key, or the default."""
        value = await self._calls.get(key)
        return default if value is ... else value

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
        value = await self._calls.get_as(key, type)
        return None if value is ... else value

    @overload
    async def pop(self, key: str) -> Value: ...
    @overload
    async def pop(self, key: str, default: _Default) -> Value | _Default: ...
    async def pop(self, key: str, default: object = ...) -> object:
        """The value of a key, which is removed; the default where there is none.

        Raises `KeyError` where there is neither.
        """
        value = await self._calls.pop(key)
        if value is not ...:
            return value
        if default is ...:
            raise KeyError(key)
        return default

    async def contains(self, key: str) -> bool:
        """Whether there is such a key."""
        return await self._calls.contains(key)

    async def keys(self) -> list[str]:
        """The keys, sorted."""
        return await self._calls.keys()

    async def values(self) -> dict[str, Value]:
        """Everything in it, by key."""
        return await self._calls.values()

    def put(self, key: str, value: Storable) -> None:
        """Sets the value of a key, to a copy.

        Raises `TypeError` for what no session can hold, and `InvalidArgument` for values beyond its
        limits.
        """
        self._calls.put(key, value)

    def remove(self, key: str) -> None:
        """Removes a key, if it is there."""
        self._calls.remove(key)

    def clear(self) -> None:
        """Removes all values; token, deadline and "remember me" stay."""
        self._calls.clear()

    def flash(self, key: str, value: Storable) -> None:
        """Leaves a value for the next request that asks for `flashes`, and for that one alone.

        Raises as `put`.
        """
        self._calls.flash(key, value)

    async def flashes(self) -> dict[str, Value]:
        """What earlier requests left, by key; from the commit on it is gone."""
        return await self._calls.flashes()

    async def look(self) -> None:
        """Asks the store now, unless that was done.

        The methods that read do it by themselves; afterwards none of them waits for the store.
        """
        await self._calls.look()

    async def renew(self) -> bool:
        """Gives it a new token at the commit, in one step with whatever else was changed.

        At any moment exactly one of the two tokens is valid, and without a commit the session is as
        before. To be called when a user logs in or out. False when it is known that another request
        ended the session.
        """
        return await self._calls.renew()

    async def destroy(self) -> None:
        """Ends the session now, and forgets its values; the commit then takes the cookie away.

        What is put in afterwards makes a new session.
        """
        await self._calls.destroy()

    async def merge_from(self, token: str) -> None:
        """Takes over everything from the session of another token, and the later deadline.

        The other one ends when this one is stored. Nothing happens when there is no such session,
        or when it is this one.
        """
        await self._calls.merge_from(token)

    async def deadline(self) -> datetime:
        """When its lifetime ends, in UTC."""
        return await self._calls.deadline()

    def set_deadline(self, deadline: datetime | timedelta) -> None:
        """Moves the end of its lifetime: to an aware datetime, or a timedelta from now.

        One in the past ends the session at the commit.
        """
        self._calls.set_deadline(deadline)

    def remember_me(self, remember: bool) -> None:
        """Whether its cookie outlives the browser, where `cookie_persist` is False."""
        self._calls.remember_me(remember)

    async def subject(self) -> str | None:
        """Whose session it is, where that was said."""
        return await self._calls.subject()

    def set_subject(self, subject: str | None) -> None:
        """Says whose session it is, so that all of a user's can be listed and ended.

        None takes that away. Raises `InvalidArgument` for a subject that is empty, longer than 255
        characters, or ends with a space.
        """
        self._calls.set_subject(subject)

    async def is_new(self) -> bool:
        """Whether the store has no such session (yet)."""
        return await self._calls.is_new()


class AsyncSessionManager:
    """Sessions over an `AsyncStore`, for asyncio: the same methods and options as `SessionManager`.

    Loading asks nobody and is a plain method; the others are coroutines.
    Over `memory:` they never touch an event loop. Cancelling a call loses its answer, never its
    write. `on_event` is called in the loop of a task that uses the manager. In a forked child what
    was in flight raises `Forked`.

    Raises `InvalidArgument` for options that contradict each other or what browsers accept.
    """

    __slots__ = ("__weakref__", "_calls", "_store")

    def __init__(
        self,
        store: AsyncStore,
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
        on_event: Callable[[str], object] | None = None,
    ) -> None:
        self._store = store
        self._calls = AsyncManagerCalls(
            store._calls if isinstance(store, AsyncStore) else store,
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
            on_event=on_event,
        )

    def __repr__(self) -> str:
        return repr(self._calls).replace("AsyncManagerCalls", type(self).__name__)

    @property
    def store(self) -> AsyncStore:
        """The store beneath."""
        return self._store

    @property
    def cookie_name(self) -> str:
        """The name of the cookie that carries the token."""
        return self._calls.cookie_name

    def load(self, token: str | None = None) -> AsyncSession:
        """The session of a token, or a new one where there is none.

        Asks nobody yet; a token that turns out to be unknown is not adopted.
        """
        return AsyncSession(self._calls.load(token))

    def load_cookie(self, header: Header) -> AsyncSession:
        """The same from the `Cookie` header of a request. A malformed header is no session."""
        return AsyncSession(self._calls.load_cookie(header))

    def load_header(self, header: Header) -> AsyncSession:
        """The same from a header of the program's own: the token, after `Bearer ` or alone."""
        return AsyncSession(self._calls.load_header(header))

    async def commit(self, session: AsyncSession) -> Sent:
        """Stores what the request changed, and says what to send to the client.

        Of a session that was loaded only this request's changes are stored, key by key, on top of
        what other requests did meanwhile; if one of them ended the session, it stays ended. Where
        nothing was changed, nothing is stored.

        After an error the changes are kept, so it can be called again. A commit that is cancelled
        is done to its end, and the next one gives the cookie. Raises as `AsyncStore.insert` and
        `AsyncStore.replace`, and `InvalidArgument` for a session of another manager.
        """
        calls = session._calls if isinstance(session, AsyncSession) else session
        sent = await self._calls.commit(calls)
        sent._taken()
        return sent

    async def list(
        self, *, after: Key | None = None, limit: int = 100
    ) -> SessionPage[AsyncSession]:
        """A page of 1 to 1,000 live sessions in the order of their keys, after the given one.

        Pass the `next` of one page as `after` to get the next. Each can be read, changed, committed
        or destroyed like one that was loaded, but has no token and gets no cookie: it is another
        client's.
        """
        return _wrapped(await self._calls.list(after=after, limit=limit))

    async def list_subject(
        self, subject: str, *, after: Key | None = None, limit: int = 100
    ) -> SessionPage[AsyncSession]:
        """The same for the sessions of one subject: a user's devices.

        Raises `Unsupported` where the table has no subjects.
        """
        return _wrapped(await self._calls.list_subject(subject, after=after, limit=limit))

    async def stats(self) -> dict[str, int]:
        """How often each event has happened to this manager's sessions in this process, by name.

        The names are `created`, `renewed`, `destroyed`, `touched`, `merged`, `conflict`, `gone` and
        `corrupt`.
        """
        return self._calls.stats()


def _wrapped(page: SessionPage[AsyncSessionCalls]) -> SessionPage[AsyncSession]:
    return SessionPage([AsyncSession(calls) for calls in page.sessions], page.next)
