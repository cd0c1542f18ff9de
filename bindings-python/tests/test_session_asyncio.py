"""`AsyncSessionManager` in event loops of every sort."""

import asyncio
import copy
import gc
import inspect
import pickle
import threading
import weakref
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from conftest import Network

import sessio

# What only notes a change waits for nobody.
NOTES = {"put", "remove", "clear", "flash", "set_deadline", "remember_me", "set_subject"}
LOADS = {"load", "load_cookie", "load_header"}
# What is a mapping's own, and has no place where every read is awaited.
MAPPING = {"items", "popitem", "setdefault", "update"}


def public(kind: type) -> set[str]:
    return {name for name in vars(kind) if not name.startswith("_")}


def parameters(function: Callable[..., object]) -> list[tuple[str, object, object]]:
    all_of_them = inspect.signature(function).parameters.values()
    return [(each.name, each.kind, each.default) for each in all_of_them]


def test_both_have_the_same_methods() -> None:
    assert public(sessio.Session) - MAPPING == public(sessio.AsyncSession)
    assert public(sessio.SessionManager) == public(sessio.AsyncSessionManager)
    pairs = [
        (sessio.Session, sessio.AsyncSession),
        (sessio.SessionManager, sessio.AsyncSessionManager),
    ]
    for waiting, awaited in pairs:
        for name in public(awaited):
            method = getattr(awaited, name)
            if isinstance(method, property):
                continue
            assert inspect.iscoroutinefunction(method) is (name not in NOTES | LOADS), name
            if name not in {"pop", "keys", "values"}:  # which in a mapping are another's
                assert parameters(method)[1:] == parameters(getattr(waiting, name))[1:]
    assert parameters(sessio.SessionManager) == parameters(sessio.AsyncSessionManager)


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
    session = manager.load()
    session.put("a", 1)
    session.put("b", [2])
    session.set_subject("ada")
    sent = finish(manager.commit(session))
    assert (sent.outcome, sent.token, events) == ("saved", session.token, ["created"])
    again = manager.load_cookie(f"session={sent.token}")
    assert finish(again.values()) == {"a": 1, "b": [2]}
    assert (finish(again.get("a")), finish(again.get("c")), finish(again.get("c", 3))) == (
        1,
        None,
        3,
    )
    assert (finish(again.get_as("a", int)), finish(again.get_as("c", int))) == (1, None)
    assert (finish(again.contains("a")), finish(again.keys())) == (True, ["a", "b"])
    assert (finish(again.pop("a")), finish(again.pop("a", 5))) == (1, 5)
    with pytest.raises(KeyError):
        again.pop("a").send(None)
    assert (finish(again.renew()), finish(again.subject())) == (True, "ada")
    assert (finish(again.is_new()), finish(again.flashes())) == (False, {})
    page = finish(manager.list_subject("ada"))
    assert [type(listed) for listed in page.sessions] == [sessio.AsyncSession]
    assert page.sessions[0].key is not None
    assert finish(manager.stats())["renewed"] == 0
    assert finish(manager.commit(again)).set_cookie is not None
    assert finish(manager.stats())["renewed"] == 1
    finish(again.destroy())
    assert finish(manager.commit(again)).outcome == "destroyed"
    assert events == ["created", "renewed", "destroyed"]


def test_a_session_of_a_server_that_was_looked_at_waits_no_more(url: str) -> None:
    async def main() -> None:
        async with sessio.AsyncStore(url) as store:
            manager = sessio.AsyncSessionManager(store)
            session = manager.load()
            session.put("a", 1)
            sent = await manager.commit(session)
            again = manager.load(sent.token)
            await again.look()
            assert (finish(again.get("a")), finish(again.contains("b"))) == (1, False)
            assert await again.deadline() > datetime.now(UTC)
            assert (await manager.list()).next is None

    asyncio.run(main())


def test_without_a_loop_nothing_is_written(url: str) -> None:
    store = sessio.AsyncStore(url)
    manager = sessio.AsyncSessionManager(store)
    session = manager.load()
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
            first = manager.load()
            first.put("user", "ada")
            token = (await manager.commit(first)).token

            async def request(number: int) -> str:
                session = manager.load(token)
                assert await session.get("user") == "ada"
                session.put(f"page {number}", number)
                return (await manager.commit(session)).outcome

            assert set(await asyncio.gather(*map(request, range(30)))) == {"saved"}
            assert len(await manager.load(token).keys()) == 31
            counts = await manager.stats()
            assert counts["merged"] == events.count("merged") > 0
            assert (events.count("created"), loops) == (1, {asyncio.get_running_loop()})

    asyncio.run(main())


def test_a_cancelled_commit_loses_its_answer_not_its_write(network: Network) -> None:
    async def main() -> None:
        async with sessio.AsyncStore(network.url, connections=1) as store:
            manager = sessio.AsyncSessionManager(store)
            session = manager.load()
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
            assert await manager.load(token).get("a") == 2
            fresh = manager.load()
            fresh.put("a", 3)
            committing = asyncio.create_task(manager.commit(fresh))
            await asyncio.sleep(0)
            committing.cancel()
            with pytest.raises(asyncio.CancelledError):
                await committing
            sent = await manager.commit(fresh)
            assert (sent.outcome, sent.set_cookie is None) == ("unmodified", False)
            assert await manager.load(sent.token).get("a") == 3
            assert (await manager.commit(fresh)).set_cookie is None

    asyncio.run(main())


def test_loops_in_threads_share_a_manager(url: str) -> None:
    store = sessio.AsyncStore(url)
    manager = sessio.AsyncSessionManager(store)
    failures: list[BaseException] = []

    async def work(number: int) -> None:
        for turn in range(20):
            session = manager.load()
            session.put("number", number)
            sent = await manager.commit(session)
            assert await manager.load(sent.token).get_as("number", int) == number, turn

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
            session = manager.load("token")
            for call in (session.get("a"), session.look(), session.renew(), manager.list()):
                with pytest.raises(sessio.Unavailable):
                    await call
            with pytest.raises(TypeError, match=r"a sessio\.AsyncSession"):
                await manager.commit(5)  # type: ignore[arg-type]
            with pytest.raises(TypeError, match="key must be str"):
                await session.get(5)  # type: ignore[call-overload]
            with pytest.raises(TypeError, match="a value of a session"):
                session.put("a", object())  # type: ignore[arg-type]
            with pytest.raises(sessio.InvalidArgument):
                session.set_deadline(datetime(2030, 1, 1))
        session.set_deadline(timedelta(hours=1))
        with pytest.raises(sessio.Closed):
            await manager.commit(session)

    asyncio.run(main())
    with pytest.raises(TypeError, match=r"a sessio\.AsyncStore"):
        sessio.AsyncSessionManager(sessio.Store("memory:"))  # type: ignore[arg-type]


def test_nothing_holds_a_manager_whose_calls_were_answered(url: str) -> None:
    async def main() -> weakref.ref[sessio.AsyncSessionManager]:
        async with sessio.AsyncStore(url) as store:
            manager = sessio.AsyncSessionManager(store, on_event=lambda event: manager.stats)
            session = manager.load()
            session.put("a", 1)
            await manager.commit(session)
            return weakref.ref(manager)

    gone = asyncio.run(main())
    gc.collect()
    assert gone() is None


def test_they_do_not_travel() -> None:
    manager = sessio.AsyncSessionManager(sessio.AsyncStore("memory:", cleanup_interval=0))
    for thing in (manager, manager.load()):
        for attempt in (copy.deepcopy, pickle.dumps):
            with pytest.raises(TypeError, match="cannot pickle"):
                attempt(thing)
    assert repr(manager) == "<sessio.AsyncSessionManager on memory:>"
    assert repr(manager.load()) == "<sessio.AsyncSession: unmodified>"
