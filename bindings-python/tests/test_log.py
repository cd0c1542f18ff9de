"""What happens behind the scenes is told to `logging`, and to nobody who does not ask."""

import asyncio
import logging

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


def test_what_is_left_is_told_at_the_end(url: str) -> None:
    program = """
import logging, sys, time, sessio
logging.basicConfig(stream=sys.stdout, level=logging.DEBUG, format="%(name)s %(levelname)s")
store = sessio.Store(sys.argv[1].replace("cleanup_interval=0", "cleanup_interval=0.05"))
store.save("token", b"", None)
store.save("token", b"", __import__("datetime").timedelta(seconds=-1))
time.sleep(0.5)
print("the end")
"""
    before, after = run_program(program, url).split("the end\n")
    assert after.startswith("sessio ")


def log_of(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    return [record for record in caplog.records if record.name == "sessio"]


def test_a_lost_connection_is_told(network: Network, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "sessio")
    with sessio.Store(network.url, timeout=1) as store:
        store.save("token", b"", None)
        network.cut()
        with pytest.raises(sessio.Unavailable):
            store.find("token")
    assert log_of(caplog) != []


def test_coroutines_tell_too(network: Network, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "sessio")

    async def main() -> None:
        async with sessio.AsyncStore(network.url, timeout=1) as store:
            await store.save("token", b"", None)
            network.cut()
            with pytest.raises(sessio.Unavailable):
                await store.find("token")

    asyncio.run(main())
    assert log_of(caplog) != []


def test_a_handler_may_use_the_store(network: Network) -> None:
    """And one that raises does not fail the call that meets it."""
    logger = logging.getLogger("sessio")
    met: list[str] = []

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            with sessio.Store("memory:", cleanup_interval=0) as store:
                store.save("token", record.getMessage().encode(), None)
                met.append(record.getMessage())

    handler = Handler()
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        with sessio.Store(network.url, timeout=1) as store:
            store.save("token", b"", None)
            network.cut()
            with pytest.raises(sessio.Unavailable):
                store.find("token")
    finally:
        logger.removeHandler(handler)
        logger.setLevel(logging.NOTSET)
    assert met != []
