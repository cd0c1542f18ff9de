"""No token, data or password is in anything that people print or log."""

import asyncio
import copy
import logging
import pickle
import traceback
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
from conftest import Network

import sessio

TOKEN, DATA, PASSWORD, SUBJECT = "t0ken-s3cret", b"d4ta-s3cret", "p4ssword-s3cret", "sub-s3cret"
ODD = "t0ken-s3cret\ud800"


def without_secrets(*values: object) -> None:
    for value in values:
        for text in (repr(value), str(value), f"{value}", f"{value!a}"):
            assert "s3cret" not in text


def calls(store: Any) -> list[Callable[[], Any]]:
    """Every verb that takes a secret, rightly and wrongly."""
    wrong: Any = 5
    return [
        lambda: store.find(TOKEN),
        lambda: store.find(ODD),
        lambda: store.find(TOKEN.encode()),
        lambda: store.find_many([TOKEN, wrong]),
        lambda: store.find_many(TOKEN),
        lambda: store.save(TOKEN, DATA, None, subject=SUBJECT),
        lambda: store.save(TOKEN, DATA.decode(), None),
        lambda: store.save(TOKEN * 1000, DATA, None),
        lambda: store.save(TOKEN, DATA * 200_000, None),
        lambda: store.save(TOKEN, DATA, None, subject=ODD),
        lambda: store.save(TOKEN, DATA, DATA),
        lambda: store.save_many([(TOKEN, DATA, wrong)]),
        lambda: store.save_many([TOKEN]),
        lambda: store.insert(TOKEN, DATA, None),
        lambda: store.insert(TOKEN, DATA, None),
        lambda: store.rename(TOKEN, TOKEN, DATA),
        lambda: store.rename(TOKEN, ODD),
        lambda: store.replace(TOKEN, DATA.decode(), DATA, None),
        lambda: store.list(after=TOKEN),
        lambda: store.delete_subject(SUBJECT, keep=wrong),
        lambda: store.ping(),
        lambda: store.migrate(),
    ]


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.DEBUG, "sessio")
    return caplog


def secret_url(url: str) -> str:
    parts = urlsplit(url)
    netloc = f"ada:{PASSWORD}@{parts.hostname}:{parts.port}"
    return urlunsplit(parts._replace(netloc=netloc))


def use(store: sessio.Store) -> int:
    """Returns how many calls failed, and asserts that no error contains a secret."""
    failures = 0
    for call in calls(store):
        try:
            without_secrets(call())
        except (sessio.SessioError, TypeError) as error:
            failures += 1
            without_secrets(error, error.args, error.__cause__, error.__context__, vars(error))
            without_secrets(traceback.format_exception_only(error))
            without_secrets(copy.copy(error), pickle.dumps(error))
    return failures


def test_in_memory(log: pytest.LogCaptureFixture) -> None:
    with sessio.Store("memory:", cleanup_interval=0) as store:
        assert use(store) >= 12
        page = store.list()
        without_secrets(store, page, page.entries[0], store.find(TOKEN), store.stats())
        without_secrets(sessio.Key(TOKEN), store.list_subject(SUBJECT), sessio.Record(DATA))
    without_secrets(log.text)


def test_on_a_server(url: str, network: Network, log: pytest.LogCaptureFixture) -> None:
    cleaning = network.url.replace("cleanup_interval=0", "cleanup_interval=0.05")
    with sessio.Store(cleaning, timeout=0.3) as store:
        without_secrets(store)
        assert use(store) >= 12
        network.cut()
        assert use(store) == len(calls(store))
    assert log.records != []
    without_secrets(log.text)


def test_on_one_that_refuses_us(server: str, log: pytest.LogCaptureFixture) -> None:
    for url in (secret_url(server), f"{secret_url(server)}?tls=required"):
        with sessio.Store(url, timeout=1) as store:
            without_secrets(store)
            assert use(store) == len(calls(store))
    without_secrets(log.text)


def test_in_urls_that_are_wrong() -> None:
    for url in (
        f"mysql://ada:{PASSWORD}@",
        f"mysql://ada:{PASSWORD}@host:port/db",
        f"mysql://ada:{PASSWORD}@host/db?tabel=x",
        f"mysql://ada:{PASSWORD}@host/db\ud800",
        f"ada:{PASSWORD}@tcp(host:3306/db",
        f"ada:{PASSWORD}@carrier-pigeon(host)/db",
        f"postgres://ada:{PASSWORD}@host/db",
        f"mysql://ada:%zz{PASSWORD}@host/db",
    ):
        try:
            without_secrets(sessio.Store(url))
        except sessio.InvalidArgument as error:
            without_secrets(error, error.args)
    without_secrets(sessio.AsyncStore(f"mysql://ada:{PASSWORD}@host/db"))


def test_in_coroutines(absent: str, log: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        async with sessio.AsyncStore(secret_url(absent), timeout=0.3) as store:
            without_secrets(store)
            for call in calls(store):
                without_secrets(call_name := call())
                with pytest.raises((sessio.SessioError, TypeError)) as caught:
                    await call_name
                without_secrets(caught.value, caught.value.args)

    asyncio.run(main(), debug=True)
    without_secrets(log.text)
