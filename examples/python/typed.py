"""The types of the API, by example: `mypy --strict` proves that each line is what it says."""

import os
from collections.abc import Awaitable, Callable, KeysView, MutableMapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal, assert_never, assert_type

import sessio


def store(store: sessio.Store, token: str, key: sessio.Key) -> None:
    assert_type(sessio.generate_token(), str)
    for expires_at in (datetime.now(UTC), timedelta(hours=1), None):
        store.save(token, b"bytes", expires_at, subject="ada")
    for data in (b"bytes", bytearray(b"array"), memoryview(b"view")):
        store.insert(key, data, None)
    assert_type(store.find(token), sessio.Record | None)
    assert_type(store.exists(key), bool)
    assert_type(store.update(token, b"", None), bool)
    assert_type(store.touch(token, timedelta(hours=1)), bool)
    assert_type(store.rename(token, "new"), bool)
    assert_type(store.rename(token, "new", b"data", None, subject=""), bool)
    assert_type(store.delete(token), bool)
    assert_type(store.find_many({token, "other"}), list[sessio.Record | None])
    store.save_many([(token, b"", None), (key, b"", timedelta(1), "ada")])
    sessions: list[str | sessio.Key] = [token, key]
    assert_type(store.delete_many(iter(sessions)), int)
    assert_type(store.count(), int)
    assert_type(store.clear(), int)
    assert_type(store.delete_subject("ada", keep=token), int)
    assert_type(store.delete_expired(), int)
    assert_type(store.stats()["removed"], int)
    [issue] = store.check()
    assert_type(issue.fix, str)


def outcome(store: sessio.Store, token: str) -> str:
    outcome = store.replace(token, b"expected", b"data", None)
    match outcome:
        case sessio.Outcome.SAVED:
            return "saved"
        case sessio.Outcome.CONFLICT | sessio.Outcome.GONE:
            return "not saved"
        case _:
            assert_never(outcome)


def pages(store: sessio.Store) -> list[str]:
    keys: list[str] = []
    page = store.list_subject("ada", limit=10)
    while page.next is not None:
        keys += [entry.key.text for entry in page.entries if not entry.record.data]
        page = store.list(page.next, limit=10)
    return keys


def record(record: sessio.Record) -> None:
    assert_type(record.data, bytes)
    assert_type(record.expires_at, datetime | None)
    assert_type(record.subject, str | None)


def session(manager: sessio.SessionManager, key: sessio.Key) -> None:
    assert_type(manager.load(), sessio.Session)
    assert_type(manager.load_cookie(b"session=token"), sessio.Session)
    session = manager.load_header("Bearer token")
    mapping: MutableMapping[str, sessio.Value] = session
    mapping["user"] = "ada"
    session["cart"] = [{"sku": "tea", "count": 1}]
    numbers: list[int] = [1, 2]
    session.put("numbers", numbers)
    session.flash("note", ("a", b"b", datetime.now(UTC)))
    assert_type(session["user"], sessio.Value)
    assert_type(session.get("user"), sessio.Value)
    assert_type(session.get_as("user", str), str | None)
    assert_type(session.get_as("admin", bool), bool | None)
    assert_type(session.get_as("seen", datetime), datetime | None)
    assert_type(session.get_as("cart", list), list[sessio.Value] | None)
    assert_type(session.get_as("cart", dict), dict[str, sessio.Value] | None)
    assert_type(session.keys(), KeysView[str])
    session.put("by id", {"7": 1}, lenient=True)
    session.increment("n")
    session.append("cart", {"sku": "tea"})
    assert_type(session.snapshot(), dict[str, sessio.Value])
    session.assign({"user": "ada", "seen": datetime.now(UTC)})
    assert_type(session.put_if_changed("numbers", numbers), bool)
    assert_type(session.regenerate(), bool)
    assert_type(session.ensure_token(), str | None)
    assert_type(session.expires_at(), datetime | None)
    session.set_extra("flask.permanent", True)
    session.set_extra("flask.permanent")
    assert_type(session.extra("flask.permanent"), sessio.Value)
    session.set_idle_timeout(timedelta(minutes=10))
    assert_type(session.idle_timeout(), timedelta | None)
    assert_type(session.remembered(), bool | None)
    session.touch()
    assert_type(manager.find("token"), sessio.Session | None)
    assert_type(manager.find(sessio.Key.from_id(key.id)), sessio.Session | None)
    assert_type(manager.create("token"), sessio.Session)
    assert_type(session.take("code"), sessio.Value)
    assert_type(session.take("code", 5), sessio.Value | int)
    assert_type(session.flashes(), dict[str, sessio.Value])
    assert_type(session.renew(), bool)
    assert_type(session.deadline(), datetime)
    session.set_deadline(timedelta(hours=1))
    assert_type(session.subject(), str | None)
    assert_type(session.status, Literal["unmodified", "modified", "destroyed"])
    assert_type(session.token, str | None)
    page = manager.list_subject("ada", after=key, limit=10)
    assert_type(page, sessio.SessionPage[sessio.Session])
    assert_type(page.next, sessio.Key | None)
    assert_type(page.sessions[0].key, sessio.Key | None)
    assert_type(next(manager.each()), sessio.Session)
    assert_type(next(manager.each_subject("ada", page=10)), sessio.Session)
    assert_type(manager.transact("token", len), sessio.Transacted[int] | None)
    assert_type(manager.load_cookie(["a=b", "session=token"]), sessio.Session)
    assert_type(manager.stats(), dict[str, int])
    assert_type(manager.store, sessio.Store)


def result(result: sessio.CommitResult) -> str:
    assert_type(result.token, str | None)
    assert_type(result.set_cookie, str | None)
    assert_type(result.headers, list[tuple[str, str]])
    assert_type(result.cookie, sessio.Cookie | None)
    assert_type(result.was_read, bool)
    assert_type(result.expires_at, datetime | None)
    match result.outcome:
        case "saved" | "unmodified" | "destroyed":
            return "as it was meant"
        case "gone" | "conflict":
            return "another request was faster"
        case _:
            assert_never(result.outcome)


async def awaited(store: sessio.AsyncStore) -> None:
    manager = sessio.AsyncSessionManager(
        store, lifetime=timedelta(days=1), idle_timeout=1800, codec="json", on_event=print
    )
    session = await manager.load("token")
    assert_type(session, sessio.AsyncSession)
    mapping: MutableMapping[str, sessio.Value] = session
    mapping["user"] = "ada"
    assert_type(session["user"], sessio.Value)
    assert_type(session.get("user", "anonymous"), sessio.Value | str)
    assert_type(session.get_as("user", int), int | None)
    assert_type(session.renew(), bool)
    assert_type(await session.take("code"), sessio.Value)
    assert_type(await session.ensure_token(), str | None)
    assert_type(await manager.find("token"), sessio.AsyncSession | None)
    assert_type(manager.create("token"), sessio.AsyncSession)
    await session.destroy()
    assert_type(await manager.commit(session), sessio.CommitResult)
    assert_type(await manager.list(), sessio.SessionPage[sessio.AsyncSession])
    async for listed in manager.each_subject("ada", page=10):
        assert_type(listed, sessio.AsyncSession)

    async def waits(session: sessio.AsyncSession) -> int:
        return len(session)

    assert_type(await manager.transact("token", waits), sessio.Transacted[int] | None)
    assert_type(await manager.transact("token", len), sessio.Transacted[int] | None)


async def lazy(store: sessio.Store) -> None:
    """A manager for both: what one loads the other commits."""
    waiting = sessio.SessionManager(store)
    manager = sessio.AsyncSessionManager(waiting)
    assert_type(manager.waiting, sessio.SessionManager)
    assert_type(sessio.AsyncStore(store).waiting, sessio.Store)
    session = manager.lazy_cookie([b"session=token"])
    assert_type(session, sessio.LazySession)
    session.put("user", "ada")
    assert_type(await session.get("user"), sessio.Value)
    assert_type(await session.get_as("user", int), int | None)
    assert_type(await session.pop("user", 5), sessio.Value | int)
    assert_type(await session.keys(), list[str])
    assert_type(await session.values(), dict[str, sessio.Value])
    assert_type(await session.loaded(), sessio.AsyncSession)
    assert_type(waiting.commit(session), sessio.CommitResult)
    assert_type(await manager.commit(waiting.load()), sessio.CommitResult)


async def asynchronous(token: str) -> None:
    ca: os.PathLike[str] = Path("ca.pem")
    clock = sessio.ManualClock(datetime.now(UTC))
    async with sessio.AsyncStore(
        "mysql://localhost/app", tls="verify-ca", ca=ca, timeout=timedelta(seconds=1), clock=clock
    ) as store:
        assert_type(store, sessio.AsyncStore)
        assert_type(await store.find(token), sessio.Record | None)
        assert_type(await store.replace(token, b"", b"", None), sessio.Outcome)
        assert_type(await store.list(limit=1), sessio.Page)
        assert_type(await store.stats(), dict[str, int])
        find: Callable[[str], Awaitable[sessio.Record | None]] = store.find
        await find(token)


def errors(store: sessio.Store) -> None:
    try:
        store.ping()
    except sessio.Timeout as error:
        builtin: TimeoutError = error
        raise builtin from None
    except sessio.SessioError as error:
        assert_type(error.retryable, bool)
        assert_type(error.errno, int | None)
        assert_type(error.sqlstate, str | None)


def wrong_sessions(manager: sessio.SessionManager, store: sessio.AsyncStore) -> None:
    """As below."""
    session = manager.load(b"token")  # type: ignore[arg-type]
    session["set"] = {1, 2}  # type: ignore[assignment]
    session["dict"] = {1: 2}  # type: ignore[dict-item]
    session[5] = 5  # type: ignore[index]
    session.get_as("user", object)  # type: ignore[type-var]
    session.set_deadline(60)  # type: ignore[arg-type]
    session.token = "token"  # type: ignore[misc]
    manager.commit("token")  # type: ignore[arg-type]
    manager.list(session.key)  # type: ignore[call-arg]
    sessio.SessionManager(store)  # type: ignore[arg-type]
    sessio.SessionManager(manager.store, codec="xml")  # type: ignore[arg-type]
    sessio.SessionManager(manager.store, life_time=5)  # type: ignore[call-arg]
    sessio.AsyncSessionManager(store).lazy().put("set", {1})  # type: ignore[arg-type]
    manager.load_cookie([5])  # type: ignore[arg-type]
    session.increment("n", "1")  # type: ignore[arg-type]
    manager.transact("token")  # type: ignore[call-arg]


def wrong(store: sessio.Store) -> None:
    """With `warn_unused_ignores`, each line here fails the check if it were accepted."""
    store.find(b"token")  # type: ignore[arg-type]
    store.save("token", "text", None)  # type: ignore[arg-type]
    store.save("token", b"data")  # type: ignore[call-arg]
    store.save("token", b"data", 3600)  # type: ignore[arg-type]
    store.save("token", b"data", None, "ada")  # type: ignore[call-arg]
    store.rename("old", "new", b"data")  # type: ignore[call-overload]
    sessio.Store("memory:", tls="maybe")  # type: ignore[arg-type]
    sessio.Store("memory:", tabel="x")  # type: ignore[call-arg]
    sessio.Record(b"").data = b""  # type: ignore[misc]
