"""`AsyncSessionManager` in event loops of every sort."""

import asyncio
import copy
import gc
import inspect
import pickle
import threading
import weakref
from collections.abc import Callable, Coroutine, MutableMapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from conftest import Network

import sessio

# What asks the store; all else of a loaded session is plain.
ASKS = {"take", "ensure_token", "destroy", "merge_from"}
# Methods that only record a change are plain, also in a lazy session.
NOTES = {
    "append", "clear", "flash", "increment", "put", "remember_me", "remove", "set_deadline",
    "set_extra", "set_idle_timeout", "set_subject", "store_empty", "touch",
}  # fmt: skip
# Methods of mappings, which a lazy session does not have because its reads are awaited.
MAPPING = {"items", "popitem", "setdefault", "update"}
LAZY = {"lazy", "lazy_cookie", "lazy_header"}
PLAIN = {"create", "each", "each_subject"}


def public(kind: type) -> set[str]:
    return {name for name in dir(kind) if not name.startswith("_")}


def parameters(function: Callable[..., object]) -> list[tuple[str, object, object]]:
    all_of_them = inspect.signature(function).parameters.values()
    return [(each.name, each.kind, each.default) for each in all_of_them]


def test_all_have_the_same_methods() -> None:
    assert public(sessio.Session) - {"ensure_loaded"} == public(sessio.AsyncSession)
    assert public(sessio.Session) - MAPPING | {"loaded"} == public(sessio.LazySession)
    manager, awaited = sessio.SessionManager, sessio.AsyncSessionManager
    assert public(manager) | LAZY | {"waiting"} == public(awaited)
    for name in public(sessio.AsyncSession):
        is_coroutine = inspect.iscoroutinefunction(getattr(sessio.AsyncSession, name))
        assert is_coroutine is (name in ASKS), name
    for name in public(sessio.LazySession) - {"key", "status", "token"}:
        is_coroutine = inspect.iscoroutinefunction(getattr(sessio.LazySession, name))
        assert is_coroutine is (name not in NOTES), name
        if name not in {
            "increment",
            "loaded",
            "pop",
            "keys",
            "values",
            "set_extra",
        }:  # another's, or alike
            own, theirs = getattr(sessio.LazySession, name), getattr(sessio.Session, name)
            assert parameters(own)[1:] == parameters(theirs)[1:], name
    for name in public(manager) - {"store", "cookie_name"}:
        own, theirs = getattr(awaited, name), getattr(manager, name)
        assert inspect.iscoroutinefunction(own) is (name not in PLAIN), name
        assert parameters(own)[1:] == parameters(theirs)[1:], name
    assert parameters(manager) == parameters(awaited)


def finish(call: Coroutine[Any, Any, Any]) -> Any:
    """What a coroutine gives that never waits."""
    with pytest.raises(StopIteration) as ended:
        call.send(None)
    return ended.value.value


def test_memory_never_touches_an_event_loop() -> None:
    store = sessio.AsyncStore("memory:", cleanup_interval=0)
    events: list[str] = []
    manager = sessio.AsyncSessionManager(store, on_event=events.append)
    assert (manager.store, manager.cookie_name) == (store, "session")
    session = finish(manager.load())
    session["a"] = 1
    session["b"] = [2]
    session.set_subject("ada")
    result = finish(manager.commit(session))
    assert (result.outcome, result.token, events) == ("saved", session.token, ["created"])
    again = finish(manager.load_cookie(f"session={result.token}"))
    assert finish(again.take("b", 7)) == [2]
    assert finish(again.take("b", 7)) == 7
    page = finish(manager.list_subject("ada"))
    assert [type(listed) for listed in page.sessions] == [sessio.AsyncSession]
    assert page.sessions[0].key is not None
    assert again.renew() is True
    assert finish(manager.stats())["renewed"] == 0
    assert finish(manager.commit(again)).set_cookie is not None
    assert finish(manager.stats())["renewed"] == 1
    done = finish(manager.transact(again.token, lambda session: session.increment("a")))
    assert (done.value, done.result.outcome) == (None, "saved")
    assert finish(manager.transact("unknown", lambda session: 5)) is None
    finish(again.destroy())
    assert finish(manager.commit(again)).outcome == "destroyed"
    assert events == ["created", "renewed", "destroyed"]


def test_a_loaded_session_is_a_mutable_mapping() -> None:
    manager = sessio.AsyncSessionManager(sessio.Store("memory:", cleanup_interval=0))
    first = finish(manager.load())
    first.update({"b": 2}, a=1)
    first.flash("note", "saved")
    session = finish(manager.load(finish(manager.commit(first)).token))
    mapping: object = session
    assert isinstance(mapping, MutableMapping)
    assert (dict(session), list(session), len(session)) == ({"a": 1, "b": 2}, ["a", "b"], 2)
    assert session == {"a": 1, "b": 2} == first
    assert ("a" in session, "c" in session, session.get("c", 3)) == (True, False, 3)
    with pytest.raises(KeyError, match="'c'"):
        session["c"]
    assert (session.setdefault("c", 3), session.pop("c"), session.pop("c", 5)) == (3, 3, 5)
    del session["b"]
    assert (session.get_as("a", int), session.flashes()) == (1, {"note": "saved"})
    assert (session.is_new(), session.subject(), session.status) == (False, None, "modified")
    assert session.deadline() > datetime.now(UTC)
    with pytest.raises(TypeError):
        hash(session)


def test_the_lazy_form_asks_when_something_is_read(url: str) -> None:
    async def main() -> None:
        async with sessio.AsyncStore(url) as store:
            manager = sessio.AsyncSessionManager(store)
            session = await manager.load()
            session.update(a=1, b=[2])
            session.set_subject("ada")
            token = (await manager.commit(session)).token

            async def statements(of: Coroutine[Any, Any, object] | None) -> int:
                before = (await store.stats())["statements"]
                if of is not None:
                    await of
                return (await store.stats())["statements"] - before

            lazy = manager.lazy(token)
            lazy.put("c", 3)
            assert await statements(None) == 0
            assert await statements(lazy.get("a")) > 0
            assert await statements(lazy.values()) == 0
            assert (await lazy.get("a"), await lazy.get("x"), await lazy.get("x", 3)) == (
                1,
                None,
                3,
            )
            assert (await lazy.get_as("a", int), await lazy.get_as("x", int)) == (1, None)
            assert (await lazy.contains("a"), await lazy.keys()) == (True, ["a", "b", "c"])
            assert await lazy.values() == {"a": 1, "b": [2], "c": 3}
            assert (await lazy.pop("a"), await lazy.pop("a", 5)) == (1, 5)
            with pytest.raises(KeyError):
                await lazy.pop("a")
            assert (await lazy.renew(), await lazy.subject()) == (True, "ada")
            assert (await lazy.is_new(), await lazy.flashes()) == (False, {})
            assert (await lazy.loaded())["b"] == [2]
            assert (await manager.commit(lazy)).outcome == "saved"
            await lazy.destroy()
            assert (await manager.commit(lazy)).outcome == "destroyed"

    asyncio.run(main())


def test_a_request_without_a_cookie_does_not_ask_the_store(absent: str) -> None:
    manager = sessio.AsyncSessionManager(sessio.AsyncStore(absent))
    loads: list[Any] = [
        manager.load(), manager.load(""), manager.load_cookie(None), manager.load_cookie([]),
        manager.load_cookie([b"a=b", b"c=d"]), manager.load_header(None),
    ]  # fmt: skip
    for load in loads:
        session = finish(load)
        assert (session.get("user"), session.is_new(), dict(session)) == (None, True, {})
    for lazy in (manager.lazy(), manager.lazy_cookie("a=b"), manager.lazy_header("")):
        assert (finish(lazy.get("user")), finish(lazy.is_new())) == (None, True)


def test_reads_of_a_loaded_session_do_not_wait(network: Network) -> None:
    async def main() -> None:
        async with sessio.AsyncStore(network.url, timeout=5) as store:
            manager = sessio.AsyncSessionManager(store)
            session = await manager.load()
            session["a"] = 1
            result = await manager.commit(session)
            again = await manager.load_cookie(["x=y", f"session={result.token}"])
            release = network.hold_all()
            assert (again["a"], "b" in again, again.renew()) == (1, False, True)
            assert again.deadline() > datetime.now(UTC)
            release()
            await manager.commit(again)
            # `renew` works without an `await`.
            assert (await manager.load(result.token)).is_new()
            assert (await manager.load(again.token))["a"] == 1

    asyncio.run(main())


def test_one_store_and_one_manager_for_both() -> None:
    with sessio.Store("memory:", cleanup_interval=0) as store:
        waiting = sessio.SessionManager(store, cookie_name="id")
        manager = sessio.AsyncSessionManager(waiting)
        assert (manager.waiting, manager.cookie_name) == (waiting, "id")
        assert manager.store.waiting is store
        assert repr(manager.store) == "<sessio.AsyncStore memory:>"
        # A session that one has loaded, the other commits.
        session = finish(manager.load())
        session["a"] = 1
        token = waiting.commit(session).token
        theirs = waiting.load(token)
        theirs["b"] = 2
        assert finish(manager.commit(theirs)).outcome == "saved"
        lazy = manager.lazy(token)
        lazy.put("c", 3)
        assert waiting.commit(lazy).outcome == "saved"
        assert dict(waiting.load(token)) == {"a": 1, "b": 2, "c": 3}
        assert finish(sessio.AsyncStore(store).count()) == 1
        over = sessio.AsyncSessionManager(sessio.AsyncStore(store), cookie_name="id")
        assert finish(over.load(token)) == {"a": 1, "b": 2, "c": 3}
        with pytest.raises(sessio.InvalidArgument, match="another manager"):
            over.commit(theirs).send(None)
        with pytest.raises(TypeError, match="options already"):
            sessio.AsyncSessionManager(waiting, lifetime=5)
        with pytest.raises(TypeError, match=r"or a sessio\.SessionManager, not str"):
            sessio.AsyncSessionManager("memory:")  # type: ignore[arg-type]
        with pytest.raises(sessio.InvalidArgument, match="options already"):
            sessio.AsyncStore(store, timeout=5)
        finish(manager.store.close())
        with pytest.raises(sessio.Closed):
            store.count()


def test_one_pool_for_both(url: str) -> None:
    with sessio.Store(url, connections=2) as store:
        store.count()

        async def main() -> None:
            awaited = sessio.AsyncStore(store)
            await asyncio.gather(*(awaited.count() for _ in range(20)))

        asyncio.run(main())
        assert store.stats()["connections"] <= 2


def test_a_transaction_may_wait_within_its_change(url: str) -> None:
    async def main() -> None:
        async with sessio.AsyncStore(url) as store:
            manager = sessio.AsyncSessionManager(store)
            session = await manager.load()
            session["credit"] = 10
            token = (await manager.commit(session)).token
            assert token is not None
            runs = 0

            async def pay(session: sessio.AsyncSession) -> bool:
                nonlocal runs
                runs += 1
                credit = session.get_as("credit", int) or 0
                await asyncio.sleep(0)
                if credit >= 3:
                    session["credit"] = credit - 3
                return credit >= 3

            paid = await asyncio.gather(*(manager.transact(token, pay) for _ in range(6)))
            assert sum(done is not None and done.value for done in paid) == 3
            assert (await manager.load(token))["credit"] == 1
            assert runs > 6

            async def fail(session: sessio.AsyncSession) -> None:
                session["credit"] = 0
                raise LookupError("no")

            with pytest.raises(LookupError):
                await manager.transact(token, fail)
            assert (await manager.load(token))["credit"] == 1

            async def log_out_first(session: sessio.AsyncSession) -> None:
                await (await manager.load(token)).destroy()
                session["credit"] = 0

            assert await manager.transact(token, log_out_first) is None
            assert await manager.transact(token, fail) is None

    asyncio.run(main())


def test_all_pages_one_by_one(url: str) -> None:
    async def main() -> None:
        async with sessio.AsyncStore(url) as store:
            manager = sessio.AsyncSessionManager(store)
            for number in range(7):
                session = await manager.load()
                session["number"] = number
                session.set_subject("ada" if number % 2 else "bob")
                await manager.commit(session)
            everyone = [session["number"] async for session in manager.each(page=2)]
            assert set(everyone) == set(range(7))
            async for session in manager.each_subject("ada", page=1):
                await session.destroy()
            assert [session.subject() async for session in manager.each(page=3)] == ["bob"] * 4

    asyncio.run(main())


def test_without_a_loop_nothing_is_written(url: str) -> None:
    store = sessio.AsyncStore(url)
    manager = sessio.AsyncSessionManager(store)
    session = finish(manager.load())
    session.put("a", 1)
    with pytest.raises(RuntimeError, match="no running event loop"):
        manager.commit(session).send(None)

    async def main() -> int:
        async with store:
            assert await store.count() == 0
            await manager.commit(session)
            return await store.count()

    assert asyncio.run(main()) == 1


def test_many_requests_at_once_and_their_events(url: str) -> None:
    loops: set[asyncio.AbstractEventLoop] = set()
    events: list[str] = []

    def happened(event: str) -> None:
        loops.add(asyncio.get_running_loop())
        events.append(event)

    async def main() -> None:
        async with sessio.AsyncStore(url) as store:
            manager = sessio.AsyncSessionManager(store, on_event=happened)
            first = await manager.load()
            first["user"] = "ada"
            token = (await manager.commit(first)).token

            async def request(number: int) -> str:
                session = await manager.load(token)
                assert session["user"] == "ada"
                session[f"page {number}"] = number
                return (await manager.commit(session)).outcome

            assert set(await asyncio.gather(*map(request, range(30)))) == {"saved"}
            assert len(await manager.load(token)) == 31
            counts = await manager.stats()
            assert counts["merged"] == events.count("merged") > 0
            assert (events.count("created"), loops) == (1, {asyncio.get_running_loop()})

    asyncio.run(main())


def test_a_cancelled_commit_loses_its_answer_not_its_write(network: Network) -> None:
    async def main() -> None:
        async with sessio.AsyncStore(network.url, connections=1) as store:
            manager = sessio.AsyncSessionManager(store)
            session = await manager.load()
            session.put("a", 1)
            token = (await manager.commit(session)).token
            session.put("a", 2)
            release = network.hold()
            committing = asyncio.create_task(manager.commit(session))
            await asyncio.sleep(0.05)
            committing.cancel()
            with pytest.raises(asyncio.CancelledError):
                await committing
            release()
            await store.ping()
            assert (await manager.load(token))["a"] == 2
            fresh = await manager.load()
            fresh.put("a", 3)
            committing = asyncio.create_task(manager.commit(fresh))
            await asyncio.sleep(0)
            committing.cancel()
            with pytest.raises(asyncio.CancelledError):
                await committing
            result = await manager.commit(fresh)
            assert (result.outcome, result.set_cookie is None) == ("unmodified", False)
            assert (await manager.load(result.token))["a"] == 3
            assert (await manager.commit(fresh)).set_cookie is None

    asyncio.run(main())


def test_loops_in_threads_share_a_manager(url: str) -> None:
    store = sessio.AsyncStore(url)
    manager = sessio.AsyncSessionManager(store)
    failures: list[BaseException] = []

    async def work(number: int) -> None:
        for turn in range(20):
            session = await manager.load()
            session["number"] = number
            result = await manager.commit(session)
            assert (await manager.load(result.token))["number"] == number, turn

    def thread(number: int) -> None:
        try:
            asyncio.run(work(number))
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=thread, args=(number,)) for number in range(6)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert failures == []
    assert asyncio.run(store.count()) == 120
    asyncio.run(store.close())


def test_errors_arrive_where_they_are_awaited(absent: str) -> None:
    async def main() -> None:
        async with sessio.AsyncStore(absent, timeout=1) as store:
            manager = sessio.AsyncSessionManager(store)
            session = manager.lazy("token")
            calls = (session.get("a"), session.ensure_loaded(), session.renew(), manager.list())
            for call in (*calls, manager.load("token"), manager.load_header(b"token")):
                with pytest.raises(sessio.Unavailable):
                    await call
            with pytest.raises(TypeError, match="a session of sessio"):
                await manager.commit(5)  # type: ignore[arg-type]
            with pytest.raises(TypeError, match="key must be str"):
                (await manager.load()).get(5)  # type: ignore[call-overload]
            with pytest.raises(TypeError, match="a must be"):
                session.put("a", object())  # type: ignore[arg-type]
            with pytest.raises(sessio.InvalidArgument):
                session.set_deadline(datetime(2030, 1, 1))
        session.set_deadline(timedelta(hours=1))
        with pytest.raises(sessio.Closed):
            await manager.commit(session)

    asyncio.run(main())


def test_an_idle_manager_is_freed(url: str) -> None:
    async def main() -> weakref.ref[sessio.AsyncSessionManager]:
        async with sessio.AsyncStore(url) as store:
            manager = sessio.AsyncSessionManager(store, on_event=lambda event: manager.stats)
            session = await manager.load()
            session.put("a", 1)
            await manager.commit(session)
            return weakref.ref(manager)

    gone = asyncio.run(main())
    gc.collect()
    assert gone() is None


def test_they_do_not_travel() -> None:
    manager = sessio.AsyncSessionManager(sessio.AsyncStore("memory:", cleanup_interval=0))
    for thing in (manager, finish(manager.load()), manager.lazy()):
        for attempt in (copy.deepcopy, pickle.dumps):
            with pytest.raises(TypeError, match="cannot pickle"):
                attempt(thing)
    assert repr(manager) == "<sessio.AsyncSessionManager on memory:>"
    assert repr(finish(manager.load())) == "<sessio.AsyncSession: unmodified>"
    assert repr(manager.lazy()) == "<sessio.LazySession: unmodified>"
