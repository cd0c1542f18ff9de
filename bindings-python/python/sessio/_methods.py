"""What the native classes have that is written in Python."""

import inspect
from collections.abc import Callable, Iterator, MutableMapping
from typing import TypeVar

from ._native import AsyncSession, Key, CommitResult, Session, SessionManager, SessionView
from .results import SessionPage, Transacted

__all__ = ["complete"]

_Changed = TypeVar("_Changed")


def complete() -> None:
    # What mappings do by means of a few methods is the standard library's.
    for name in ("keys", "items", "values", "popitem", "update", "setdefault", "__eq__"):
        setattr(SessionView, name, getattr(MutableMapping, name))
    # As every mapping that can be changed.
    SessionView.__hash__ = None  # type: ignore[assignment, method-assign]
    MutableMapping.register(SessionView)
    for own in (transact, each, each_subject):
        setattr(SessionManager, own.__name__, own)
    # Coroutine functions, which is what `create_task` and `iscoroutinefunction` ask for.
    for coroutine in (take, ensure_token, destroy, merge_from):
        setattr(AsyncSession, coroutine.__name__, coroutine)


def transact(
    self: SessionManager, token: str, change: Callable[[Session], _Changed]
) -> Transacted[_Changed] | None:
    """Runs `change` on the session of a token as it is now, and stores what it has changed.

    If another request has changed the session since, nothing is stored and `change` runs again,
    on the session as it is then, until it is the first: so it should do nothing but change its
    session. For what depends on other values, where `take`, `increment` and `append` do not do.

    What `change` returned last, and what to send to the client; None where there is no such session
    (any more). What `change` raises is raised, and then nothing is stored. Otherwise raises as
    `commit`, and `Overloaded` when others were faster for longer than the store's timeout.
    """
    transaction = self._transaction(token)
    while (session := self._begin(transaction)) is not None:
        value = change(session)
        if inspect.iscoroutine(value):
            value.close()
            raise TypeError("a coroutine function is for AsyncSessionManager.transact")
        result = self._finish(transaction, session)
        if result is not None:
            return transacted(value, result)
    return None


def transacted(value: _Changed, result: CommitResult) -> Transacted[_Changed] | None:
    return None if result.outcome == "gone" else Transacted(value, result)


def each(self: SessionManager, *, page: int = 100) -> Iterator[Session]:
    """All live sessions, in the order of their keys; so many at a time are asked for.

    Each can be changed, committed or destroyed on the way. What begins or ends meanwhile may be
    among them or not. Raises as `list`.
    """
    return _all(lambda after: self.list(after=after, limit=page))


def each_subject(self: SessionManager, subject: str, *, page: int = 100) -> Iterator[Session]:
    """The same for the sessions of one subject: to sign a user out everywhere.

    Raises `Unsupported` where the table has no subjects.
    """
    return _all(lambda after: self.list_subject(subject, after=after, limit=page))


def _all(ask: Callable[[Key | None], SessionPage[Session]]) -> Iterator[Session]:
    after: Key | None = None
    while True:
        sessions, after = ask(after)
        yield from sessions
        if after is None:
            return


async def take(self: AsyncSession, key: str, default: object = None) -> object:
    """The value of a key, or else a flash value of this name, which is removed from the stored
    session now.

    Of all requests that take it exactly one gets it, and the others the default. For codes that
    may be used once. What else this request has changed waits for the commit. Cancelled, nobody
    gets the value. Raises as `commit`; after `Timeout` and `Unavailable` it is not known whether
    the value is still there.
    """
    value = await self._take(key)
    return default if value is ... else value


async def ensure_token(self: AsyncSession) -> str | None:
    """The token under which the next commit stores the session, chosen now if it is to get a new
    one.

    For what has to know it before, such as CSRF tokens that are bound to a session. Nothing is
    stored by that alone. None for a session from a list, and for one that another request has
    ended.
    """
    return await self._ensure_token()


async def destroy(self: AsyncSession) -> None:
    """Ends the session now, and forgets its values; the commit then takes the cookie away.

    What is put in afterwards makes a new session. Cancelled, it is done all the same.
    """
    await self._destroy()


async def merge_from(self: AsyncSession, token: str) -> None:
    """Takes over everything from the session of another token, and the later deadline.

    The other one ends when this one is stored. Nothing happens when there is no such session, or
    when it is this one.
    """
    await self._merge_from(token)
