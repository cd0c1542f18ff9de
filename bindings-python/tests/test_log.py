"""Background work is logged to `logging`, and nowhere unless the program configures it."""

import asyncio
import logging
import time

import pytest
from conftest import Network, run_program

import sessio


def test_it_is_silent_by_default(absent: str) -> None:
    program = """
import sys, sessio
store = sessio.Store(sys.argv[1], timeout=1)
try:
    store.find("token")
except sessio.Unavailable:
    print("failed")
store.close()
"""
    assert run_program(program, absent) == "failed\n"


def test_lines_that_are_left_are_logged_at_exit(url: str) -> None:
    program = """
import logging, sys, time, sessio
logging.basicConfig(stream=sys.stdout, level=logging.DEBUG, format="%(name)s %(levelname)s")
store = sessio.Store(sys.argv[1].replace("cleanup_interval=0", "cleanup_interval=0.05"))
store.save("token", b"", None)
store.save("token", b"", __import__("datetime").timedelta(seconds=-1))
time.sleep(0.5)
print("the end")
"""
    _, after = run_program(program, url).split("the end\n")
    assert after.startswith("sessio ")


def until_cleanup_fails(store: sessio.Store, network: Network) -> None:
    store.save("token", b"", None)
    network.cut()
    while store.stats()["cleanup_errors"] == 0:
        time.sleep(0.01)
    # The counter can change a moment before the line is queued.
    time.sleep(0.1)
    store.stats()


def broken(network: Network) -> str:
    return network.url.replace("cleanup_interval=0", "cleanup_interval=0.05")


def test_the_next_call_logs_what_happened_in_the_background(
    network: Network, caplog: pytest.LogCaptureFixture
) -> None:
    with sessio.Store(broken(network), timeout=1) as store:
        until_cleanup_fails(store, network)
    [record, *_] = [record for record in caplog.records if record.name == "sessio"]
    assert record.levelno == logging.WARNING
    assert "cleanup failed" in record.getMessage()


def test_an_event_loop_logs_too(network: Network, caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        async with sessio.AsyncStore(broken(network), timeout=1) as store:
            await store.save("token", b"", None)
            network.cut()
            while not any("cleanup failed" in line for line in caplog.messages):
                with pytest.raises(sessio.Unavailable):
                    await store.find("token")
                await asyncio.sleep(0.05)

    asyncio.run(asyncio.wait_for(main(), 20))


def test_a_handler_may_use_the_store_and_may_raise(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    unraisable: list[object] = []
    monkeypatch.setattr("sys.unraisablehook", lambda args: unraisable.append(args.exc_value))

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            with sessio.Store("memory:", cleanup_interval=0) as store:
                store.save("line", record.getMessage().encode(), None)
                told.append(record.getMessage())
                raise RuntimeError(record.name)

    handler = Handler()
    logging.getLogger("sessio").addHandler(handler)
    try:
        with sessio.Store(broken(network), timeout=1) as store:
            until_cleanup_fails(store, network)
    finally:
        logging.getLogger("sessio").removeHandler(handler)
    assert "cleanup failed" in told[0]
    assert [str(error) for error in unraisable[:1]] == ["sessio"]
