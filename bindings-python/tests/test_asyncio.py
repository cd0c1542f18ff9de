"""`AsyncStore` in event loops of every sort."""

import asyncio
import inspect
import os
import threading
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from conftest import Network

import sessio


def open_files() -> int:
    return len(os.listdir("/proc/self/fd"))


def test_every_verb_of_store_is_a_coroutine_function() -> None:
    verbs = {name for name in vars(sessio.Store) if not name.startswith("_")}
    assert len(verbs) >= 23
    for name in verbs:
        method = getattr(sessio.AsyncStore, name)
        assert inspect.iscoroutinefunction(method)
        if name != "rename":  # whose default `...` has another spelling in the native half
            theirs = inspect.signature(getattr(sessio.Store, name)).parameters
            ours = inspect.signature(method).parameters
            assert [(p.name, p.kind, p.default) for p in list(ours.values())[1:]] == [
                (p.name, p.kind, p.default) for p in list(theirs.values())[1:]
            ]


def test_memory_never_touches_an_event_loop() -> None:
    store = sessio.AsyncStore("memory:", cleanup_interval=0)

    def finish(call: Awaitable[Any]) -> Any:
        with pytest.raises(StopIteration) as ended:
            call.__await__().send(None)
        return ended.value.value

    assert finish(store.save("token", b"data", None)) is None
    assert finish(store.find("token")).data == b"data"
    assert finish(store.find_many(["token", "other"]))[1] is None
    assert finish(store.find("other")) is None
    assert finish(store.close()) is None


def test_without_a_loop_nothing_is_written(url: str) -> None:
    store = sessio.AsyncStore(url)
    with pytest.raises(RuntimeError, match="no running event loop"):
        store.save("token", b"data", None).send(None)

    async def main() -> bool:
        async with store:
            return await store.exists("token")

    assert asyncio.run(main()) is False


def test_many_short_loops_leave_nothing_behind(url: str) -> None:
    store = sessio.AsyncStore(url)

    async def turn() -> int:
        await store.save("token", b"data", None)
        await asyncio.gather(*(store.find("token") for _ in range(10)))
        return open_files()

    asyncio.run(turn())
    before = open_files()
    during = {asyncio.run(turn()) for _ in range(50)}
    assert open_files() <= before + 3  # the store's connections, if it opens more
    assert max(during) - min(during) <= 3
    asyncio.run(store.close())


def test_a_closed_loop_that_is_kept_holds_no_socket_of_ours(url: str) -> None:
    store = sessio.AsyncStore(url)
    loops = []
    counts = []
    for _ in range(10):
        loop = asyncio.new_event_loop()
        loop.run_until_complete(store.find("token"))
        loop.close()
        loops.append(loop)
        counts.append(open_files())
    assert counts[-1] <= counts[1] + 3  # the store's connections, if it opens more
    asyncio.run(store.close())


def test_a_loop_can_be_closed_during_a_call(network: Network) -> None:
    store = sessio.AsyncStore(network.url, connections=1)
    asyncio.run(store.save("token", b"data", None))
    release = network.hold()
    for _ in range(5):
        loop = asyncio.new_event_loop()
        call = store.find("token")
        task = loop.create_task(call)
        loop.run_until_complete(asyncio.sleep(0.01))
        assert not task.done()
        task.cancel()
        loop.run_until_complete(asyncio.gather(task, return_exceptions=True))
        loop.close()
    release()
    assert asyncio.run(store.find("token")) is not None
    asyncio.run(store.close())


def test_loops_in_threads_share_a_store(url: str) -> None:
    store = sessio.AsyncStore(url)
    failures: list[BaseException] = []

    async def work(number: int) -> None:
        async def caller(turn: int) -> None:
            token = f"{number} {turn}"
            await store.save(token, token.encode(), timedelta(hours=1))
            record = await store.find(token)
            assert record is not None
            assert record.data == token.encode()

        await asyncio.gather(*(caller(turn) for turn in range(100)))

    def thread(number: int) -> None:
        try:
            asyncio.run(work(number))
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=thread, args=(number,)) for number in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert failures == []
    assert asyncio.run(store.count()) == 800
    asyncio.run(store.close())


def test_calls_at_once_share_statements(url: str) -> None:
    async def main() -> None:
        async with sessio.AsyncStore(url) as store:
            tokens = [sessio.generate_token() for _ in range(1000)]
            await store.save_many((token, b"data", None) for token in tokens)
            before = (await store.stats())["statements"]
            left = iter(tokens)

            async def caller() -> int:
                return sum([await store.exists(token) for token in left])

            assert sum(await asyncio.gather(*(caller() for _ in range(64)))) == 1000
            assert (await store.stats())["statements"] - before <= 200

    asyncio.run(main())


def test_a_cancelled_call_loses_its_answer_not_its_write(network: Network) -> None:
    async def main() -> None:
        async with sessio.AsyncStore(network.url, connections=1) as store:
            await store.save("token", b"old", None)
            release = network.hold()
            saving = asyncio.create_task(store.save("token", b"new", None))
            await asyncio.sleep(0.05)
            saving.cancel()
            with pytest.raises(asyncio.CancelledError):
                await saving
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(store.save("token", b"newest", None), 0.05)
            release()
            await store.save("another", b"", None)
            record = await store.find("token")
            assert record is not None
            assert record.data in (b"new", b"newest")

    asyncio.run(main())


def test_close_finishes_what_is_in_flight(url: str) -> None:
    async def main() -> list[Any]:
        store = sessio.AsyncStore(url)
        await store.save("token", b"data", None)
        tasks = [asyncio.create_task(store.find("token")) for _ in range(100)]
        await asyncio.sleep(0)
        await asyncio.gather(store.close(), store.close())
        await store.close()
        with pytest.raises(sessio.Closed):
            await store.find("token")
        return await asyncio.gather(*tasks)

    assert all(record.data == b"data" for record in asyncio.run(main()))


def test_errors_arrive_where_they_are_awaited(absent: str) -> None:
    async def main() -> None:
        async with sessio.AsyncStore(absent, timeout=5) as store:
            calls = [store.find("token"), store.save("token", b"", None), store.count()]
            for error in await asyncio.gather(*calls, return_exceptions=True):
                assert isinstance(error, sessio.Unavailable)
                assert error.retryable
            with pytest.raises(TypeError):
                await store.find(b"token")  # type: ignore[arg-type]

    asyncio.run(main())


def test_stop_cleanup_does_not_hold_up_the_loop() -> None:
    async def main() -> None:
        async with sessio.AsyncStore("memory:", cleanup_interval=0.01) as store:
            await store.save("token", b"", None)
            await asyncio.gather(store.stop_cleanup(), store.stop_cleanup())
            rounds = (await store.stats())["cleanups"]
            await asyncio.sleep(0.05)
            assert (await store.stats())["cleanups"] == rounds

    asyncio.run(main())


def test_a_loop_with_work_of_its_own_gets_its_turns(url: str) -> None:
    async def main() -> int:
        turns = 0
        async with sessio.AsyncStore(url) as store:
            await store.save("token", b"data", None)
            calls = asyncio.gather(*(store.find("token") for _ in range(5000)))
            while not calls.done():
                turns += 1
                await asyncio.sleep(0)
        return turns

    assert asyncio.run(main()) > 5


def test_debug_mode_has_nothing_to_say(url: str, caplog: pytest.LogCaptureFixture) -> None:
    async def main(work: Callable[[], Awaitable[object]]) -> None:
        await asyncio.gather(*(work() for _ in range(10)))

    store = sessio.AsyncStore(url)
    asyncio.run(main(lambda: store.find("token")), debug=True)
    asyncio.run(store.close(), debug=True)
    said = [record for record in caplog.records if record.name == "asyncio"]
    # A slow machine makes asyncio log slow callbacks.
    assert [record for record in said if "took" not in record.getMessage()] == []
