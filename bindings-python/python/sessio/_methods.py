"""Methods of the native classes that are written in Python."""

import inspect
from collections.abc import Callable, Iterator, MutableMapping
from typing import TypeVar

from ._native import AsyncSession, CommitResult, Key, Session, SessionManager, SessionView
from .results import SessionPage, Transacted

__all__ = ["complete"]

_Changed = TypeVar("_Changed")


def complete() -> None:
    # The derived methods of a mapping come from the standard library.
    for name in ("keys", "items", "values", "popitem", "update", "setdefault", "__eq__"):
        setattr(SessionView, name, getattr(MutableMapping, name))
    # Mutable mappings are not hashable.
    SessionView.__hash__ = None  # type: ignore[assignment, method-assign]
    MutableMapping.register(SessionView)
    for method in (transact, each, each_subject):
        setattr(SessionManager, method.__name__, method)
    # Coroutine functions, because `create_task` and `iscoroutinefunction` require them.
    for coroutine in COROUTINES:
        setattr(AsyncSession, coroutine.__name__, coroutine)


def transact(
    self: SessionManager, token: str, change: Callable[[Session], _Changed]
) -> Transacted[_Changed] | None:
    """Calls `change` with the current session of a token, and stores its changes atomically.

    If another request changes the session meanwhile, nothing is stored and `change` is called again
    with the new state. So `change` should have no effects but on the session. Use it for changes
    that depend on other values, for which `take`, `increment` and `append` are not enough.

    Returns the last return value of `change` and the `CommitResult`; None if there is no such
    session. An exception of `change` is raised, and nothing is stored. Raises as `commit`, and
    `Overloaded` if the changes of other requests keep it from committing for the store's timeout.
    """
    transaction = self._transaction(token)
    while (session := self._begin(transaction)) is not None:
        value = change(session)
        if inspect.iscoroutine(value):
            value.close()
            raise TypeError(
                "change must not be a coroutine function: use AsyncSessionManager.transact"
            )
        result = self._finish(transaction, session)
        if result is not None:
            return transacted(value, result)
    return None


def transacted(value: _Changed, result: CommitResult) -> Transacted[_Changed] | None:
    return None if result.outcome == "gone" else Transacted(value, result)


def each(self: SessionManager, *, page: int = 100) -> Iterator[Session]:
    """Iterates over all live sessions in the order of their keys, reading `page` at a time.

    Sessions can be changed, committed and destroyed during the iteration. Sessions that begin or
    end meanwhile may be missing or included. Raises as `list`.
    """
    return _all(lambda after: self.list(after=after, limit=page))


def each_subject(self: SessionManager, subject: str, *, page: int = 100) -> Iterator[Session]:
    """Iterates over the live sessions of one subject, such as the devices of a user.

    Otherwise as `each`. Raises `Unsupported` if the table has no column for subjects.
    """
    return _all(lambda after: self.list_subject(subject, after=after, limit=page))


def _all(ask: Callable[[Key | None], SessionPage[Session]]) -> Iterator[Session]:
    after: Key | None = None
    while True:
        sessions, after = ask(after)
        yield from sessions
        if after is None:
            return


# Made by `cargo xtask gen` for AsyncSession: change `api/session.toml`.
async def take(self: AsyncSession, key: str, default: object = None) -> object:
    """Removes a key from the stored session now, and returns its value. If there is no such key,
    takes the flash value of this name; if there is none either, returns `default`. Of
    concurrent requests exactly one gets the value: for one-time codes. The other changes of
    this request are stored by the commit. If the call is cancelled, the value is removed and
    lost.

    Raises as `AsyncSessionManager.commit`.
    """
    value = await self._take(key)
    return default if value is ... else value


async def ensure_token(self: AsyncSession) -> str | None:
    """The token under which the next commit stores the session, chosen now if it is to get a new
    one: for programs that need it before the commit, such as for CSRF tokens that are bound
    to a session. This alone stores nothing, and a later `renew` or `regenerate` chooses
    another token. None for a listed session, whose token is unknown, and for one that another
    request has ended.

    Raises as `LazySession.get`, and `Internal` if the system has no randomness.
    """
    return await self._ensure_token()


async def destroy(self: AsyncSession) -> None:
    """Ends the session now and forgets its values. The commit then deletes the cookie. What is
    put in afterwards makes a new session. If the call is cancelled, the session still ends.

    Raises as `AsyncStore.delete`.
    """
    await self._destroy()


async def merge_from(self: AsyncSession, token: str) -> None:
    """Copies everything from the session of another token, key by key, and the later deadline of
    the two. The other session ends when this one is stored. Nothing happens if there is no
    such session, or if it is this one.

    Raises as `LazySession.get`.
    """
    await self._merge_from(token)


COROUTINES = (take, ensure_token, destroy, merge_from)
# The end of what `cargo xtask gen` makes.
