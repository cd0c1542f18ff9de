"""Wrong calls and broken servers raise a clear error of the right kind, within the deadline."""

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
from conftest import Network

import sessio

Call = Callable[[Any], Any]


@pytest.fixture
def store() -> Any:
    with sessio.Store("memory:", cleanup_interval=0) as store:
        yield store


WRONG_TYPES: dict[str, Call] = {
    "a token of bytes": lambda store: store.find(b"token"),
    "no token": lambda store: store.find(None),
    "a number for a token": lambda store: store.exists(1),
    "a record for a token": lambda store: store.delete(sessio.Record(b"")),
    "text for data": lambda store: store.save("token", "text", None),
    "a list for data": lambda store: store.save("token", [1], None),
    "a number for data": lambda store: store.save("token", 10**9, None),
    "no data": lambda store: store.insert("token", None, None),
    "text for what is expected": lambda store: store.replace("token", "", b"", None),
    "seconds for an expiry": lambda store: store.touch("token", 3600),
    "text for an expiry": lambda store: store.save("token", b"", "tomorrow"),
    "a date for an expiry": lambda store: store.save("token", b"", datetime.now(UTC).date()),
    "no expiry": lambda store: store.save("token", b""),
    "bytes for a subject": lambda store: store.save("token", b"", None, subject=b"ada"),
    "a subject by position": lambda store: store.save("token", b"", None, "ada"),
    "data without an expiry": lambda store: store.rename("a", "b", b""),
    "an expiry without data": lambda store: store.rename("a", "b", expires_at=None),
    "a subject without data": lambda store: store.rename("a", "b", subject="ada"),
    "a text for many tokens": lambda store: store.find_many("token"),
    "a number for many tokens": lambda store: store.delete_many(1),
    "numbers as many tokens": lambda store: store.find_many([1, 2]),
    "rows that are no tuples": lambda store: store.save_many(["abc"]),
    "rows that are too short": lambda store: store.save_many([("token", b"")]),
    "rows that are too long": lambda store: store.save_many([("token", b"", None, None, 1)]),
    "text for a limit": lambda store: store.list(limit="10"),
    "a float for a limit": lambda store: store.delete_expired(10.0),
    "text to start after": lambda store: store.list(after="key"),
    "a number for a subject": lambda store: store.list_subject(1),
    "a number to keep": lambda store: store.delete_subject("ada", keep=1),
    "a number to migrate from": lambda store: store.migrate_from(1),
    "migrate from, by position": lambda store: store.migrate("scs"),
    "text for a lifetime": lambda store: sessio.Store("memory:", max_lifetime="1h"),  # type: ignore[arg-type]
    "a number for a URL": lambda store: sessio.Store(1),  # type: ignore[arg-type]
    "no URL": lambda store: sessio.Store(),  # type: ignore[call-arg]
    "an unknown option": lambda store: sessio.Store("memory:", tabel="x"),  # type: ignore[call-arg]
    "options by position": lambda store: sessio.Store("memory:", "x"),  # type: ignore[call-arg]
    "a number for a table": lambda store: sessio.Store("memory:", table=1),  # type: ignore[arg-type]
    "a truth for a number": lambda store: sessio.Store("memory:", connections=True),
    "a truth for a duration": lambda store: sessio.Store("memory:", timeout=True),
    "a number for a truth": lambda store: sessio.Store("memory:", hash_tokens=1),  # type: ignore[arg-type]
    "text for a duration": lambda store: sessio.Store("memory:", timeout="5s"),  # type: ignore[arg-type]
    "a number for a path": lambda store: sessio.Store("memory:", ca=1),  # type: ignore[arg-type]
    "a number for a key's path": lambda store: sessio.Store("memory:", tls_key=1),  # type: ignore[arg-type]
    "bytes for variables": lambda store: sessio.Store("memory:", session_variables=b"a=1"),  # type: ignore[arg-type]
    "a dict for columns": lambda store: sessio.Store("memory:", columns={"token": "sid"}),  # type: ignore[arg-type]
    "text for a switch": lambda store: sessio.Store("memory:", spread_hosts="yes"),  # type: ignore[arg-type]
    "a function for a clock": lambda store: sessio.Store("memory:", clock=time.time),  # type: ignore[arg-type]
    "a number for a key": lambda store: sessio.Key(1),  # type: ignore[arg-type]
    "text for a start": lambda store: sessio.ManualClock("now"),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("what", WRONG_TYPES)
def test_a_wrong_type_is_a_type_error(what: str, store: sessio.Store) -> None:
    with pytest.raises(TypeError):
        WRONG_TYPES[what](store)
    assert store.count() == 0


WRONG_BY_NAME: dict[str, Call] = {
    "after must be a sessio.Key": lambda store: store.list(5),
    "after must be": lambda store: store.list_subject("ada", "key"),
    "keep must be": lambda store: store.delete_subject("ada", keep=1),
    "old must be": lambda store: store.rename(1, "new"),
    "new must be": lambda store: store.rename("old", b"new"),
    "limit must be": lambda store: store.list(limit="10"),
    "subject must be": lambda store: store.list_subject(1),
    "expires_at must be": lambda store: store.touch("token", 3600),
    "clock must be a sessio.ManualClock": lambda _: sessio.Store("memory:", clock=5),  # type: ignore[arg-type]
    "start must be a datetime": lambda _: sessio.ManualClock(0),  # type: ignore[arg-type]
    "by must be a timedelta": lambda _: sessio.ManualClock(datetime.now(UTC)).advance(5),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("says", WRONG_BY_NAME)
def test_a_type_error_names_the_argument(says: str, store: sessio.Store) -> None:
    with pytest.raises(TypeError, match=rf"^{says}.*, not (int|str|bytes)\b"):
        WRONG_BY_NAME[says](store)


class Nowhere(tzinfo):
    def utcoffset(self, when: datetime | None) -> None:
        return None

    dst = tzname = utcoffset


WRONG_VALUES: dict[str, Call] = {
    "a naive datetime": lambda store: store.save("token", b"", datetime(2030, 1, 1)),
    "a zone without an offset": lambda store: store.touch(
        "a", datetime(2030, 1, 1, tzinfo=Nowhere())
    ),
    "a naive start": lambda store: sessio.ManualClock(datetime(2030, 1, 1)),
    "time that runs backward": lambda store: sessio.ManualClock(
        datetime(2030, 1, 1, tzinfo=UTC)
    ).advance(timedelta(seconds=-1)),
    "an empty token": lambda store: store.save("", b"", None),
    "a huge token": lambda store: store.save("x" * 4097, b"", None),
    "a subject that is no Unicode": lambda store: store.save("a", b"", None, subject="\ud800"),
    "a huge subject": lambda store: store.save("a", b"", None, subject="x" * 256),
    "an empty subject": lambda store: store.list_subject(""),
    "a limit of 0": lambda store: store.list(limit=0),
    "a limit below 0": lambda store: store.list(limit=-1),
    "a huge limit": lambda store: store.delete_expired(10**30),
    "too many at once": lambda store: store.find_many(["x"] * 10_001),
    "an empty URL": lambda store: sessio.Store(""),
    "another server": lambda store: sessio.Store("postgres://localhost/app"),
    "a URL that is no Unicode": lambda store: sessio.Store("mysql://\ud800/app"),
    "an unknown option in the URL": lambda store: sessio.Store("memory:?tabel=x"),
    "a table with SQL": lambda store: sessio.Store("memory:", table="a`; DROP TABLE b"),
    "no connections": lambda store: sessio.Store("memory:", connections=0),
    "connections below 0": lambda store: sessio.Store("memory:", connections=-1),
    "no time": lambda store: sessio.Store("memory:", timeout=0),
    "time below 0": lambda store: sessio.Store("memory:", timeout=timedelta(seconds=-1)),
    "not a number of seconds": lambda store: sessio.Store("memory:", timeout=float("nan")),
    "endless seconds": lambda store: sessio.Store("memory:", timeout=float("inf")),
    "the longest timedelta": lambda store: sessio.Store("memory:", timeout=timedelta.max),
    "an authority for nothing": lambda store: sessio.Store("memory:", tls="off", ca="ca.pem"),
    "no file": lambda store: sessio.Store("memory:", tls="verify-ca", ca="/no/such/ca.pem"),
    "an unknown tls": lambda store: sessio.Store("memory:", tls="maybe"),  # type: ignore[arg-type]
    "a certificate without its key": lambda store: sessio.Store(
        "memory:", tls="required", tls_cert="/no/such/client.pem"
    ),
    "a client's certificate that is no file": lambda store: sessio.Store(
        "memory:", tls="required", tls_cert="/no/such.pem", tls_key=Path("/no/such.pem")
    ),
    "columns with SQL": lambda store: sessio.Store("memory:", columns="token=a`b"),
    "a variable that sessio relies on": lambda store: sessio.Store(
        "memory:", session_variables="sql_mode=ANSI"
    ),
}


WRONG_DURATIONS: list[tuple[float | timedelta, str]] = [
    (-1, "timeout must not be negative"),
    (-0.5, "timeout must not be negative"),
    (timedelta(days=-1), "timeout must not be negative"),
    (float("inf"), "timeout must be finite"),
    (float("nan"), "timeout must be finite"),
]


@pytest.mark.parametrize(("given", "says"), WRONG_DURATIONS)
def test_an_error_about_a_duration_says_what_is_wrong(given: float | timedelta, says: str) -> None:
    with pytest.raises(sessio.InvalidArgument, match=says):
        sessio.Store("memory:", timeout=given)
    with pytest.raises(sessio.InvalidArgument, match=says.replace("timeout", "idle_timeout")):
        sessio.SessionManager(sessio.Store("memory:"), idle_timeout=given)


def test_options_of_servers_are_taken() -> None:
    with sessio.Store(
        "memory:",
        columns="token=sid,data=payload",
        session_variables="wsrep_sync_wait=1,innodb_lock_wait_timeout=2",
        spread_hosts=True,
        table="web-sessions",
    ) as store:
        store.save("a", b"1", None)


@pytest.mark.parametrize("what", WRONG_VALUES)
def test_a_wrong_value_is_an_invalid_argument(what: str, store: sessio.Store) -> None:
    with pytest.raises(sessio.InvalidArgument) as caught:
        WRONG_VALUES[what](store)
    assert isinstance(caught.value, ValueError)
    assert store.count() == 0


@pytest.mark.parametrize("token", ["", "x" * 4097, "x" * 10_000_000, "\ud800", "\0", " "])
def test_a_malformed_token_finds_nothing(token: str, store: sessio.Store) -> None:
    assert store.find(token) is None
    assert store.exists(token) is store.delete(token) is store.touch(token, None) is False
    assert store.update(token, b"", None) is store.rename(token, "new") is False
    assert store.replace(token, b"", b"", None) is sessio.Outcome.GONE


def test_text_that_is_no_unicode_is_a_token_of_its_own(store: sessio.Store) -> None:
    odd = ["\ud800", "\udcc3\udca9", "é", "\udfff"]
    for token in odd:
        store.insert(token, token.encode("utf-8", "surrogatepass"), None)
    for token in odd:
        record = store.find(token)
        assert record is not None
        assert record.data == token.encode("utf-8", "surrogatepass")


def test_every_buffer_is_copied_as_it_is(store: sessio.Store) -> None:
    array = bytearray(range(256))
    for data in (array, memoryview(array), memoryview(array)[::2], memoryview(array).cast("I")):
        store.save("token", data, None)
        record = store.find("token")
        assert record is not None
        before = bytes(data)
        assert record.data == before
        array.reverse()
        assert record.data == before
    released = memoryview(b"data")
    released.release()
    with pytest.raises(ValueError, match="released"):
        store.save("token", released, None)


def test_expiries_of_every_sort(store: sessio.Store) -> None:
    far = timezone(timedelta(hours=-23, minutes=-59))
    for instant in (
        datetime(2030, 6, 1, 12, 0, 0, 123456, tzinfo=UTC),
        datetime(2030, 6, 1, 12, tzinfo=far),
        datetime(9999, 12, 31, 23, 59, 59, 999998, tzinfo=UTC),
    ):
        store.save("token", b"", instant)
        record = store.find("token")
        assert record is not None
        assert record.expires_at == instant
    for never in (None, timedelta.max, datetime.max.replace(tzinfo=far)):
        store.save("token", b"", never)
        record = store.find("token")
        assert record is not None
        assert record.expires_at is None
    for past in (timedelta.min, timedelta(0), datetime.min.replace(tzinfo=UTC)):
        store.save("token", b"", past)
        assert store.find("token") is None


def test_options_are_what_they_say(tmp_path: Path) -> None:
    start = datetime(2024, 1, 1, tzinfo=UTC)
    clock = sessio.ManualClock(start)
    authority = tmp_path / "ca.pem"
    authority.write_text("-----BEGIN CERTIFICATE-----")
    with sessio.Store(
        "memory:?max_sessions=1",
        hash_tokens=False,
        cleanup_interval=timedelta(0),
        timeout=2.5,
        connections=2,
        max_data=4,
        max_sessions=2,
        max_bytes=6,
        tls="verify-ca",
        ca=authority,
        clock=clock,
    ) as store:
        store.save("plain", b"1234", timedelta(seconds=10))
        assert [entry.key.text for entry in store.list().entries] == ["plain"]
        with pytest.raises(sessio.TooLarge):
            store.save("plain", b"12345", None)
        with pytest.raises(sessio.Full):
            store.save("other", b"123", None)
        clock.advance(timedelta(seconds=10))
        assert (clock.now() - start, store.find("plain")) == (timedelta(seconds=10), None)


def test_a_closed_store_raises_closed(store: sessio.Store) -> None:
    store.save("token", b"", None)
    store.close()
    store.close()
    store.stop_cleanup()
    for call in (store.ping, store.count, store.migrate, store.check, store.list):
        with pytest.raises(sessio.Closed):
            call()
    with pytest.raises(sessio.Closed):
        store.find("token")
    assert isinstance(store.stats(), dict)


def fails(kind: type[sessio.SessioError], url: str, *says: str, **options: Any) -> Any:
    """Asserts that a find raises this error with this text, within the deadline."""
    with sessio.Store(url, timeout=2, **options) as store:
        started = time.monotonic()
        with pytest.raises(kind) as caught:
            store.find("token")
        assert time.monotonic() - started < 2.5
        for text in says:
            assert text in str(caught.value)
        return caught.value


def test_no_server(absent: str) -> None:
    error = fails(sessio.Unavailable, absent, f"127.0.0.1:{urlsplit(absent).port}")
    assert error.retryable


def test_a_server_that_never_answers(silent: str) -> None:
    fails(sessio.Unavailable, silent, f"127.0.0.1:{urlsplit(silent).port}")


def test_a_server_that_is_too_slow(network: Network) -> None:
    with sessio.Store(network.url, timeout=0.5, connections=1) as store:
        store.save("token", b"", None)
        release = network.hold_all()
        started = time.monotonic()
        with pytest.raises(sessio.Timeout):
            store.save("token", b"", None)
        assert time.monotonic() - started < 2
        release()
        store.save("token", b"", None)


def test_a_connection_that_is_silent(network: Network) -> None:
    """It is detected within a third of the deadline, and the call is repeated on another one."""
    with sessio.Store(network.url, timeout=3, connections=1) as store:
        store.save("token", b"1", None)
        release = network.hold()
        started = time.monotonic()
        store.save("token", b"2", None)
        assert time.monotonic() - started < 2.5
        # What the network kept of the silent one does not come after it.
        store.save("token", b"3", None)
        release()
        time.sleep(0.2)
        record = store.find("token")
        assert record is not None
        assert record.data == b"3"


def test_a_server_that_dies_in_mid_call(network: Network) -> None:
    with sessio.Store(network.url, timeout=2, connections=1) as store:
        store.save("token", b"", None)
        network.cut()
        with pytest.raises(sessio.Unavailable):
            store.find("token")


def test_a_wrong_password(server: str) -> None:
    parts = urlsplit(server)
    netloc = f"{parts.username}:wrong@{parts.hostname}:{parts.port}"
    error = fails(sessio.Unavailable, urlunsplit(parts._replace(netloc=netloc)))
    assert (error.errno, error.sqlstate) == (1045, "28000")


def test_a_missing_database(server: str) -> None:
    url = urlunsplit(urlsplit(server)._replace(path=f"/missing_{os.getpid()}"))
    with sessio.Store(url, timeout=2) as store, pytest.raises(sessio.SessioError) as caught:
        store.find("token")
    assert isinstance(caught.value, sessio.Schema | sessio.Unavailable)
    assert f"missing_{os.getpid()}" in str(caught.value)


def test_a_missing_table(server: str) -> None:
    error = fails(sessio.Schema, server, "migrate", table=f"missing_{os.getpid()}")
    assert not error.retryable
    with sessio.Store(server, table=f"missing_{os.getpid()}", cleanup_interval=0) as store:
        [issue] = store.check()
        assert (issue.severity, issue.code) == ("broken", "missing_table")


def make_table(server: str, url: str, network: Network, columns: str) -> str:
    """By a statement that travels as one of sessio's; the table's name."""
    table = url.partition("table=")[2].partition("&")[0] + "_other"
    with (
        sessio.Store(network.url, connections=1) as carrier,
        sessio.Store(server, table=table, max_lifetime=1, cleanup_interval=0) as store,
    ):
        carrier.ping()
        network.run(f"CREATE TABLE {table} ({columns})")
        deadline = time.monotonic() + 5
        while store.check()[0].code == "missing_table":
            assert time.monotonic() < deadline
    return table


def test_a_table_of_something_else(server: str, url: str, network: Network) -> None:
    table = make_table(server, url, network, "id INT, payload TEXT")
    with sessio.Store(server, table=table, cleanup_interval=0) as store:
        assert [issue.code for issue in store.check()] == ["unknown_layout"]
        with pytest.raises(sessio.Schema):
            store.migrate()
    error = fails(sessio.Schema, server, table, "id int", "payload text", table=table)
    assert not error.retryable


def test_a_beego_table_without_its_lifetime(server: str, url: str, network: Network) -> None:
    columns = "session_key CHAR(64) PRIMARY KEY, session_data BLOB, session_expiry INT UNSIGNED"
    table = make_table(server, url, network, columns)
    fails(sessio.InvalidArgument, server, table, "set max_lifetime", table=table)
    with sessio.Store(server, table=table, max_lifetime=3600, cleanup_interval=0) as store:
        store.save("sid", b"x", timedelta(minutes=5))
        assert [entry.key.text for entry in store.list().entries] == ["sid"]
        with pytest.raises(sessio.Unsupported, match="beego"):
            store.migrate()
        with pytest.raises(sessio.Unsupported, match="beego"):
            store.migrate_from("scs")
