"""Sessions in threads and forked children; and no secret in what is printed."""

import asyncio
import logging
import os
import signal
import threading
import time
import traceback
from types import FrameType

import pytest
from conftest import Network, in_child, run_program

import sessio

pytestmark = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded")


def test_threads_share_a_session(url: str) -> None:
    with sessio.Store(url) as store:
        manager = sessio.SessionManager(store)
        shared = manager.load()
        failures: list[BaseException] = []

        def work(number: int) -> None:
            try:
                for turn in range(12):
                    shared[f"{number} {turn}"] = turn
                    assert shared[f"{number} {turn}"] == turn
                    assert manager.commit(shared).outcome in ("saved", "unmodified")
            except BaseException as error:
                failures.append(error)

        shared["first"] = True
        manager.commit(shared)
        threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failures == []
        assert manager.commit(shared).outcome == "unmodified"
        assert len(manager.load(shared.token)) == 97
        assert store.count() == 1


def test_waiting_releases_the_interpreter_and_hears_ctrl_c(network: Network) -> None:
    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    with sessio.Store(network.url, timeout=15, connections=1) as store:
        manager = sessio.SessionManager(store)
        session = manager.load()
        session["a"] = 1
        manager.commit(session)
        session["a"] = 2
        release = network.hold()
        turns = 0
        ended = threading.Event()

        def count() -> None:
            nonlocal turns
            while not ended.wait(0.001):
                turns += 1

        counting = threading.Thread(target=count)
        counting.start()
        before = signal.signal(signal.SIGALRM, interrupt)
        try:
            signal.setitimer(signal.ITIMER_REAL, 0.3)
            started = time.monotonic()
            with pytest.raises(KeyboardInterrupt):
                manager.commit(session)
            assert time.monotonic() - started < 5
        finally:
            signal.signal(signal.SIGALRM, before)
            ended.set()
            counting.join()
            release()
        assert turns > 20
        # The answer is lost, the write is not.
        store.ping()
        assert manager.load(session.token)["a"] == 2


def test_a_child_goes_on_with_a_session_of_its_parent(url: str) -> None:
    with sessio.Store(url) as store:
        events: list[str] = []
        manager = sessio.SessionManager(store, on_event=events.append)
        session = manager.load()
        session["parent"] = 1
        token = manager.commit(session).token

        def child() -> list[str]:
            session["child"] = 2
            assert manager.commit(session).outcome == "saved"
            session.renew()
            assert manager.commit(session).set_cookie is not None
            return events

        # Its events are its own.
        assert in_child(child) == ["created", "renewed"]
        assert events == ["created"]
        assert manager.load(token).is_new()
        session["parent"] = 3
        assert manager.commit(session).outcome == "gone"


def test_in_memory_a_child_starts_without_sessions() -> None:
    with sessio.Store("memory:") as store:
        manager = sessio.SessionManager(store)
        session = manager.load()
        session["a"] = 1
        token = manager.commit(session).token
        assert in_child(lambda: manager.load(token).is_new())
        session["a"] = 2
        assert in_child(lambda: manager.commit(session).outcome) == "gone"
        assert manager.load(token)["a"] == 1


def test_a_loop_that_goes_on_in_the_child_learns_that_its_calls_are_the_parents(
    network: Network,
) -> None:
    reading, writing = os.pipe()

    async def main() -> None:
        store = sessio.AsyncStore(network.url, connections=1)
        manager = sessio.AsyncSessionManager(store)
        session = await manager.load()
        session.put("a", 1)
        await manager.commit(session)
        session.put("a", 2)
        release = network.hold()
        committing = asyncio.create_task(manager.commit(session))
        await asyncio.sleep(0.05)
        if os.fork() == 0:
            signal.alarm(10)
            try:
                await committing
            except BaseException as error:
                os.write(writing, type(error).__name__.encode())
            finally:
                os._exit(0)
        assert os.read(reading, 100) == b"Forked"
        release()
        assert (await committing).outcome == "saved"
        await asyncio.to_thread(os.wait)
        await store.close()

    asyncio.run(main())


def test_a_process_ends_cleanly_with_commits_in_flight(silent: str) -> None:
    program = """
import asyncio, sys, threading, time, sessio
store = sessio.Store(sys.argv[1], timeout=15)
manager = sessio.SessionManager(store, on_event=print)
session = manager.load()
session["a"] = 1
threading.Thread(target=manager.commit, args=(session,), daemon=True).start()
async def main():
    other = sessio.AsyncSessionManager(sessio.AsyncStore(sys.argv[1]), on_event=print)
    asyncio.create_task(other.load("token"))
    await asyncio.sleep(0.2)
asyncio.run(main())
"""
    started = time.monotonic()
    assert run_program(program, silent) == ""
    assert time.monotonic() - started < 10


def test_a_process_can_end_while_events_are_dispatched(url: str) -> None:
    program = """
import sys, threading, time, sessio
store = sessio.Store(sys.argv[1])
manager = sessio.SessionManager(store, on_event=lambda event: None)
def forever():
    while True:
        session = manager.load()
        session["a"] = 1
        manager.commit(session)
for _ in range(4):
    threading.Thread(target=forever, daemon=True).start()
time.sleep(0.3)
"""
    for _ in range(3):
        assert run_program(program, url) == ""


def without_secrets(*values: object) -> None:
    for value in values:
        for text in (repr(value), str(value), f"{value!a}"):
            assert "s3cret" not in text


def test_no_secret_is_printed(url: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "sessio")
    value = "d4ta-s3cret"
    with sessio.Store(url) as store:
        manager = sessio.SessionManager(store, on_corrupt="fail")
        session = manager.load("t0ken-s3cret")
        session["k"] = value
        result = manager.commit(session)
        without_secrets(session, session.keys(), session.items(), session.values(), manager)
        for thing in (result, manager.list(), session):
            without_secrets(thing)
            assert str(result.token) not in repr(thing)
        store.save("t0ken-s3cret", value.encode(), None)
        failing = (
            lambda: session.get_as("k", int),
            lambda: session.put("k", {1: value}),  # type: ignore[dict-item]
            lambda: session.put("k", [value, object()]),  # type: ignore[list-item]
            lambda: session.put("k", [value + "\ud800"]),
            lambda: manager.load("t0ken-s3cret").ensure_loaded(),
            lambda: manager.load(value.encode()),  # type: ignore[arg-type]
            lambda: manager.commit(value),  # type: ignore[arg-type]
            lambda: session.merge_from(value.encode()),  # type: ignore[arg-type]
            lambda: session.set_subject(value * 100),
        )
        for fail in failing:
            with pytest.raises((sessio.SessioError, TypeError)) as caught:
                fail()
            without_secrets(caught.value, caught.value.args, vars(caught.value))
            without_secrets(traceback.format_exception_only(caught.value))
    without_secrets(caplog.text)
