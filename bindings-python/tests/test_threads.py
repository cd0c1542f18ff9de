"""Threads of ours and threads of theirs."""

import signal
import threading
import time
from datetime import timedelta
from types import FrameType

import pytest
from conftest import run_program

import sessio

COUNT = """
import asyncio, os, sessio, sys
def threads(): return len(os.listdir("/proc/self/task"))
def use(store):
    store.save("token", b"data", None); store.find("token"); store.find_many(["token"] * 100)
    store.delete_expired(); store.list(); store.count()
async def use_async():
    async with sessio.AsyncStore(sys.argv[1]) as store:
        await store.save("token", b"data", None)
        await store.find("token")
        return threads()
store = sessio.Store(sys.argv[1])
use(store)
print(threads(), asyncio.run(use_async()))
store.close()
"""


def test_a_program_in_memory_has_no_thread_of_ours() -> None:
    assert run_program(COUNT, "memory:?cleanup_interval=0") == "1 1\n"


def test_the_cleaner_is_one_thread_a_store() -> None:
    assert run_program(COUNT, "memory:") == "2 3\n"


def test_opening_starts_nothing(silent: str) -> None:
    program = """
import os, sys, sessio
store, other = sessio.Store(sys.argv[1]), sessio.AsyncStore(sys.argv[1])
print(len(os.listdir("/proc/self/task")))
store.close()
"""
    assert run_program(program, silent) == "1\n"


def test_threads_share_a_store(url: str) -> None:
    with sessio.Store(url) as store:
        failures: list[BaseException] = []

        def work(number: int) -> None:
            try:
                for turn in range(50):
                    store.save(f"{number}", b"%d" % turn, None)
                    record = store.find(f"{number}")
                    assert record is not None
                    assert record.data == b"%d" % turn
            except BaseException as error:
                failures.append(error)

        threads = [threading.Thread(target=work, args=(number,)) for number in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failures == []
        assert store.count() == 16


def test_waiting_releases_the_interpreter(silent: str) -> None:
    with sessio.Store(silent, timeout=0.5) as store:
        ended = threading.Event()

        def wait() -> None:
            with pytest.raises(sessio.Unavailable):
                store.ping()
            ended.set()

        waiting = threading.Thread(target=wait)
        waiting.start()
        turns = 0
        while not ended.wait(0.001) and waiting.is_alive():
            turns += 1
        waiting.join()
        assert ended.is_set()
        assert turns > 50


def test_ctrl_c_ends_a_wait(silent: str) -> None:
    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    store = sessio.Store(silent, timeout=15)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.1)
        started = time.monotonic()
        with pytest.raises(KeyboardInterrupt):
            store.ping()
        # Closing waits for pending operations, and can be interrupted too.
        signal.setitimer(signal.ITIMER_REAL, 0.1)
        with pytest.raises(KeyboardInterrupt):
            store.close()
        assert time.monotonic() - started < 5
    finally:
        signal.signal(signal.SIGALRM, before)


EXITS = {
    "a daemon thread that waits": """
threading.Thread(target=store.ping, daemon=True).start()
time.sleep(0.2)
""",
    "a coroutine that waits": """
async def main():
    asyncio.create_task(sessio.AsyncStore(url).ping())
    await asyncio.sleep(0.2)
asyncio.run(main())
""",
    "a loop that is stopped in mid-call": """
loop = asyncio.new_event_loop()
other = sessio.AsyncStore(url)
future = asyncio.ensure_future(other.ping(), loop=loop)
loop.call_later(0.2, loop.stop)
loop.run_forever()
future.cancel()
loop.run_until_complete(asyncio.gather(future, return_exceptions=True))
loop.close()
""",
    "an exception": """
threading.Thread(target=store.ping, daemon=True).start()
try:
    raise SystemExit
finally:
    time.sleep(0.1)
""",
}


@pytest.mark.parametrize("how", EXITS)
def test_a_process_ends_cleanly_with_operations_in_flight(how: str, silent: str) -> None:
    head = "import asyncio, sys, threading, time, sessio\nurl = sys.argv[1]\n"
    started = time.monotonic()
    run_program(head + "store = sessio.Store(url, timeout=15)\n" + EXITS[how], silent)
    assert time.monotonic() - started < 10


def test_a_process_ends_cleanly_with_answers_pouring_in(url: str) -> None:
    program = """
import asyncio, sys, sessio
async def main():
    store = sessio.AsyncStore(sys.argv[1])
    await store.save("token", b"data", None)
    async def forever():
        while True:
            await store.find("token")
    tasks = [asyncio.create_task(forever()) for _ in range(64)]
    await asyncio.sleep(0.3)
asyncio.run(main())
"""
    for _ in range(5):
        assert run_program(program, url) == ""


def test_the_cleaner_removes_and_stops() -> None:
    with sessio.Store("memory:", cleanup_interval=0.02) as store:
        store.save("token", b"", timedelta(seconds=-1))
        while store.stats()["removed"] == 0:
            time.sleep(0.01)
        store.stop_cleanup()
        store.stop_cleanup()
        rounds = store.stats()["cleanups"]
        time.sleep(0.1)
        assert store.stats()["cleanups"] == rounds
