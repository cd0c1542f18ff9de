"""`AsyncStore`: the verbs of `Store` as coroutines."""

import asyncio
import builtins
import os
from collections.abc import Iterable
from datetime import timedelta
from types import EllipsisType, TracebackType
from typing import Literal, Self, overload

from ._native import AsyncCalls, Key, ManualClock, Record, Store
from ._types import Bytes, Expiry, Row, Session
from .results import CheckIssue, Outcome, Page

__all__ = ["AsyncStore"]


class AsyncStore:
    """Sessions, in MySQL or in memory, for asyncio: the same verbs and options as `Store`.

    Of a `Store` that is open (`AsyncStore(store)`) it is the same store for event loops: one pool
    of connections, one memory. Closing either closes both.

    Opening connects to nothing and starts nothing: the first operation does. A store may be used
    from any number of event loops, one after the other or in several threads; calls on `memory:`
    are answered without touching a loop. Many calls at once are cheap: they share statements.

    Cancelling a call loses its answer, never its write. A forked child can go on using the store,
    with connections of its own; what was in flight raises `Forked` there, and in memory the store
    starts empty. As an asynchronous context manager it closes itself.

    Every verb raises `InvalidArgument` (a `ValueError` too) or `TypeError` for what it cannot
    take, and `Timeout`, `Unavailable`, `Overloaded`, `Schema`, `Corrupt` or `Closed`; further
    kinds are named where they can happen.
    """

    __slots__ = ("__weakref__", "_calls")

    # Made by `cargo xtask gen` for AsyncStore: change `api/store.toml` and `api/options.toml`.
    def __init__(
        self,
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
    ) -> None:
        self._calls = AsyncCalls(
            url,
            table=table,
            hash_tokens=hash_tokens,
            max_lifetime=max_lifetime,
            cleanup_interval=cleanup_interval,
            timeout=timeout,
            connections=connections,
            max_data=max_data,
            max_sessions=max_sessions,
            max_bytes=max_bytes,
            tls=tls,
            ca=ca,
            tls_cert=tls_cert,
            tls_key=tls_key,
            columns=columns,
            session_variables=session_variables,
            spread_hosts=spread_hosts,
            clock=clock,
        )

    async def find(self, token: Session) -> Record | None:
        """The live session, or None: absent, expired and malformed tokens are all None. An error
        means that the system failed.
        """
        return await self._calls.find(token)

    async def exists(self, token: Session) -> bool:
        """Whether a live session has the token."""
        return await self._calls.exists(token)

    async def save(
        self, token: Session, data: Bytes, expires_at: Expiry, *, subject: str | None = None
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
        await self._calls.save(token, data, expires_at, subject=subject)

    async def insert(
        self, token: Session, data: Bytes, expires_at: Expiry, *, subject: str | None = None
    ) -> None:
        """Stores a session only if no live one has the token; an expired one is replaced.

        Raises as `save`, and `AlreadyExists`.
        """
        await self._calls.insert(token, data, expires_at, subject=subject)

    async def update(
        self, token: Session, data: Bytes, expires_at: Expiry, *, subject: str | None = None
    ) -> bool:
        """Changes a live session. False, and nothing written, when it is gone: a session that
        was ended is never brought back.

        Raises as `save`.
        """
        return await self._calls.update(token, data, expires_at, subject=subject)

    async def replace(
        self,
        token: Session,
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
        return await self._calls.replace(token, expected, data, expires_at, subject=subject)

    async def touch(self, token: Session, expires_at: Expiry) -> bool:
        """Moves the expiry of a live session and leaves its data alone. False when it is gone. A
        manager's session lives no longer than its data says: touch it through its manager.
        """
        return await self._calls.touch(token, expires_at)

    @overload
    async def rename(
        self,
        old: Session,
        new: Session,
        data: None = None,
        expires_at: EllipsisType = ...,
        *,
        subject: None = None,
    ) -> bool: ...
    @overload
    async def rename(
        self,
        old: Session,
        new: Session,
        data: Bytes,
        expires_at: Expiry,
        *,
        subject: str | None = None,
    ) -> bool: ...
    async def rename(
        self,
        old: Session,
        new: Session,
        data: Bytes | None = None,
        expires_at: Expiry | EllipsisType = ...,
        *,
        subject: str | None = None,
    ) -> bool:
        """Gives a live session another token, and new content if it is given, in one step: never
        are both tokens valid, and never neither. False when it is gone. Do this whenever a
        user's rights change, at login above all.

        Raises as `save`, and `AlreadyExists` when a live session has the new token.
        """
        return await self._calls.rename(old, new, data, expires_at, subject=subject)

    async def delete(self, token: Session) -> bool:
        """Ends a session. Whether there was a live one; none is no error."""
        return await self._calls.delete(token)

    async def find_many(self, tokens: Iterable[Session]) -> builtins.list[Record | None]:
        """`find` for up to 10,000 at once; the records are in the order asked.

        Raises `InvalidArgument` for more.
        """
        return await self._calls.find_many(tokens)

    async def save_many(self, rows: Iterable[Row]) -> None:
        """`save` for up to 10,000 at once. All are checked before any is written; each is
        written on its own, so after an error some may be saved.

        A row is a tuple `(token, data, expires_at)` or `(token, data, expires_at, subject)`.

        Raises as `save`, and `InvalidArgument` for more.
        """
        await self._calls.save_many(rows)

    async def delete_many(self, tokens: Iterable[Session]) -> int:
        """`delete` for up to 10,000 at once: how many were live.

        Raises `InvalidArgument` for more.
        """
        return await self._calls.delete_many(tokens)

    async def count(self) -> int:
        """How many sessions are live. Reads the expiry index of the whole table."""
        return await self._calls.count()

    async def list(self, after: Key | None = None, limit: int = 100) -> Page:
        """A page of 1 to 1,000 live sessions in the order of their keys, after the given one:
        pass the `next` of one page to get the next.

        Raises `InvalidArgument` for the limit.
        """
        return await self._calls.list(after, limit)

    async def list_subject(self, subject: str, after: Key | None = None, limit: int = 100) -> Page:
        """`list` for the sessions of one subject: a user's devices.

        Raises as `list`, and `InvalidArgument` for a subject that is not 1 to 255 characters
        long, and `Unsupported` where the table has no subject column.
        """
        return await self._calls.list_subject(subject, after, limit)

    async def delete_subject(self, subject: str, *, keep: Session | None = None) -> int:
        """Ends all sessions of a subject, but for `keep`: "sign out everywhere (else)". How many
        were live. What the subject opens while this runs may stay.

        Raises `InvalidArgument` for a subject that is not 1 to 255 characters long, and
        `Unsupported` where the table has no subject column.
        """
        return await self._calls.delete_subject(subject, keep=keep)

    async def clear(self) -> int:
        """Ends all sessions: how many were live. Whatever the table holds is deleted, in slices,
        so that no other call waits for it long; what is stored while it runs may stay. A
        large table may take longer than the `timeout` option allows: after `Timeout` a part
        is gone, and calling it again goes on.

        Raises an error of the server for rows that another table's foreign key holds, and
        then all others are gone.
        """
        return await self._calls.clear()

    async def delete_expired(self, limit: int = 1000) -> int:
        """Removes up to `limit` (1 to 100,000) expired sessions: how many it removed.

        Raises `InvalidArgument` for the limit.
        """
        return await self._calls.delete_expired(limit)

    async def migrate(self) -> None:
        """Creates the table, or upgrades it. Changes nothing where it is up to date.

        Raises `Schema` for a table of no known layout, and `Unsupported` for one that another
        library made: see `migrate_from`.
        """
        await self._calls.migrate()

    async def migrate_from(self, library: Literal["scs"]) -> None:
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
        await self._calls.migrate_from(library)

    async def check(self) -> builtins.list[CheckIssue]:
        """What is wrong with the table; empty when nothing is. A missing or unknown table is an
        issue, too, not an error.
        """
        return await self._calls.check()

    async def ping(self) -> None:
        """Reaches the server and comes back."""
        await self._calls.ping()

    # The end of what `cargo xtask gen` makes.

    def __repr__(self) -> str:
        return repr(self._calls).replace("AsyncCalls", type(self).__name__)

    @property
    def waiting(self) -> Store:
        """The same store for threads: its verbs wait."""
        return self._calls.store

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    async def stop_cleanup(self) -> None:
        """Ends the background cleanup of this store in this process.

        Waits for a round that is running. Idempotent; nothing starts it again.
        """
        # The wait is for a thread of the core, so it takes one of ours.
        await asyncio.to_thread(self._calls.stop_cleanup)

    async def stats(self) -> dict[str, int]:
        """What this store has done in this process, as counters by name."""
        return self._calls.stats()

    async def close(self) -> None:
        """Refuses new operations, finishes those in flight, lets go of connections and memory.

        Idempotent; takes at most the `timeout` option.
        """
        await self._calls.close()
