"""Wrong calls of sessions raise clear errors; malformed input of clients raises none."""

import copy
import pickle
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from conftest import Network

import sessio

Call = Callable[[Any, Any], Any]
ODD = "\ud800"


@pytest.fixture
def store() -> Iterator[sessio.Store]:
    with sessio.Store("memory:", cleanup_interval=0) as store:
        yield store


@pytest.fixture
def manager(store: sessio.Store) -> sessio.SessionManager:
    return sessio.SessionManager(store)


WRONG_TYPES: dict[str, Call] = {
    "token must be str or None": lambda manager, _: manager.load(b"token"),
    "header must be str, bytes, a list": lambda manager, _: manager.load_cookie(5),
    "header must be str, bytes, a list of": lambda manager, _: manager.load_cookie([b"a", None]),
    "header must be str, bytes or None": lambda manager, _: manager.load_header([b"a"]),
    "session must be a session of sessio": lambda manager, _: manager.commit("token"),
    "session must be": lambda manager, _: manager.commit(sessio.Record(b"")),
    "limit must be int": lambda manager, _: manager.list(limit="10"),
    "after must be a sessio.Key": lambda manager, _: manager.list(after="key"),
    "subject must be str": lambda manager, _: manager.list_subject(1),
    "key must be str": lambda _, session: session[5],
    "key must be": lambda _, session: session.get(b"a"),
    "key must": lambda _, session: 5 in session,
    "key mus": lambda _, session: session.put(None, 1),
    "key mu": lambda _, session: session.remove(1),
    "key m": lambda _, session: session.flash(1, 1),
    "key ": lambda _, session: session.get_as(1, int),
    "key": lambda _, session: session.pop(1),
    "the type to get must be": lambda _, session: session.get_as("a", Decimal),
    "the type to get must": lambda _, session: session.get_as("a", "int"),
    "^a must be None, .*, not object": lambda _, session: session.put("a", object()),
    "^a must be None, .*, not Decimal": lambda _, session: session.put("a", Decimal(1)),
    "^a must be None, .*, not date": lambda _, s: s.flash("a", date(2030, 1, 1)),
    r"^a\[0\]\.b must be None, .*, not set": lambda _, s: s.update({"a": [{"b": {1}}]}),
    r"^user\.zip\[1\] must be .*, not set": lambda _, s: s.put("user", {"zip": (1, {1})}),
    r"^a\[\]\.b must be .*, not set": lambda _, session: session.append("a", {"b": {1}}),
    "^a must be None, .*, not complex": lambda _, s: s.setdefault("a", 1j),
    "^a key of a must be str, not int": lambda _, session: session.put("a", {1: 2}),
    r"^a key of a\[0\]\.b must be str, not int": lambda _, s: s.put("a", [{"b": {1: 2}}]),
    "by must be int": lambda _, session: session.increment("n", 1.5),
    "by must be int, not bool": lambda _, session: session.increment("n", True),
    "deadline must be a datetime or a timedelta": lambda _, session: session.set_deadline(None),
    "deadline must be": lambda _, session: session.set_deadline(60),
    "remember must be bool": lambda _, session: session.remember_me(1),
    "subject must be": lambda _, session: session.set_subject(b"ada"),
    "token must be str": lambda _, session: session.merge_from(None),
    "store must be a sessio.Store": lambda *_: sessio.SessionManager("memory:"),  # type: ignore[arg-type]
    "lifetime must be": lambda m, _: sessio.SessionManager(m.store, lifetime="24h"),  # type: ignore[arg-type]
    "idle_timeout must be": lambda m, _: sessio.SessionManager(m.store, idle_timeout=True),
    "cookie_secure must be bool": lambda m, _: sessio.SessionManager(m.store, cookie_secure=1),  # type: ignore[arg-type]
    "cookie_name must be str": lambda m, _: sessio.SessionManager(m.store, cookie_name=b"id"),  # type: ignore[arg-type]
    "codec must be str": lambda m, _: sessio.SessionManager(m.store, codec=1),  # type: ignore[arg-type]
    "cookie_secrets must be a list of str, not str": lambda m, _: sessio.SessionManager(
        m.store,
        cookie_secrets="one secret of them",  # type: ignore[arg-type]
    ),
    "each of cookie_secrets must be str, not bytes": lambda m, _: sessio.SessionManager(
        m.store,
        cookie_secrets=["one secret of them", b"another"],  # type: ignore[list-item]
    ),
    "on_event must be callable": lambda m, _: sessio.SessionManager(m.store, on_event="x"),  # type: ignore[arg-type]
    "'tabel'; the options are lifetime, .*, on_event$": lambda m, _: sessio.SessionManager(
        m.store,
        tabel="x",  # type: ignore[call-arg]
    ),
    "argument": lambda manager, _: manager.load("token", "other"),
    "No constructor|cannot create": lambda *_: sessio.Session(),
}


@pytest.mark.parametrize("says", WRONG_TYPES)
def test_a_wrong_type_is_a_type_error(says: str, manager: sessio.SessionManager) -> None:
    session = manager.load()
    with pytest.raises(TypeError, match=says):
        WRONG_TYPES[says](manager, session)
    assert session.status == "unmodified"
    assert manager.store.count() == 0


def nested(depth: int) -> Any:
    value: Any = None
    for number in range(depth):
        value = [value] if number % 2 else {"k": value}
    return value


def within_itself() -> Any:
    value: list[Any] = []
    value += [value, {"again": value}]
    return value


WRONG_VALUES: dict[str, Call] = {
    "an int above all": lambda _, session: session.put("a", 2**64),
    "an int below all": lambda _, session: session.put("a", -(2**63) - 1),
    "a huge int": lambda _, session: session.put("a", 10**5000),
    "text that is no Unicode": lambda _, session: session.put("a", ODD),
    "a key that is no Unicode": lambda _, session: session.put(ODD, 1),
    "a read of one": lambda _, session: session.get(ODD),
    "a member that is no Unicode": lambda _, session: session.put("a", {ODD: 1}),
    "a naive datetime": lambda _, session: session.put("a", datetime(2030, 1, 1)),
    "an increment above all": lambda _, session: session.increment("n", 2**63),
    "an item that no session holds": lambda _, session: session.append("l", 2**64),
    "a naive deadline": lambda _, session: session.set_deadline(datetime(2030, 1, 1)),
    "what is too deep": lambda _, session: session.put("a", nested(64)),
    "what is far too deep": lambda _, session: session.flash("a", nested(100_000)),
    "what is within itself": lambda _, session: session.put("a", within_itself()),
    "an empty subject": lambda _, session: session.set_subject(""),
    "a huge subject": lambda _, session: session.set_subject("x" * 256),
    "a subject that is no Unicode": lambda _, session: session.set_subject(ODD),
    "no limit": lambda manager, _: manager.list(limit=0),
    "a limit below 0": lambda manager, _: manager.list_subject("ada", limit=-1),
    "no lifetime": lambda m, _: sessio.SessionManager(m.store, lifetime=0),
    "a lifetime below 0": lambda m, _: sessio.SessionManager(m.store, lifetime=timedelta(-1)),
    "endless seconds": lambda m, _: sessio.SessionManager(m.store, lifetime=float("inf")),
    "an unknown codec": lambda m, _: sessio.SessionManager(m.store, codec="xml"),  # type: ignore[arg-type]
    "an unknown policy": lambda m, _: sessio.SessionManager(m.store, on_conflict="x"),  # type: ignore[arg-type]
    "another policy": lambda m, _: sessio.SessionManager(m.store, on_corrupt="x"),  # type: ignore[arg-type]
    "an unknown site": lambda m, _: sessio.SessionManager(m.store, cookie_same_site="x"),  # type: ignore[arg-type]
    "a cookie's name with a space": lambda m, _: sessio.SessionManager(m.store, cookie_name="a b"),
    "a cookie's name that is no Unicode": lambda m, _: sessio.SessionManager(
        m.store, cookie_name=ODD
    ),
    "a host's cookie for a path": lambda m, _: sessio.SessionManager(
        m.store, cookie_name="__Host-id", cookie_path="/app"
    ),
    "a cookie for all sites without TLS": lambda m, _: sessio.SessionManager(
        m.store, cookie_same_site="none", cookie_secure=False
    ),
    "a secret of two lines": lambda m, _: sessio.SessionManager(
        m.store, cookie_signature="express", cookie_secrets=["one secret\nof two lines"]
    ),
    "a short secret": lambda m, _: sessio.SessionManager(
        m.store, cookie_signature="express", cookie_secrets=["short"]
    ),
    "a signature without secrets": lambda m, _: sessio.SessionManager(
        m.store, cookie_signature="fastify"
    ),
    "secrets without a signature": lambda m, _: sessio.SessionManager(
        m.store, cookie_secrets=["one secret of them"]
    ),
    "an unknown signature": lambda m, _: sessio.SessionManager(
        m.store,
        cookie_signature="x",  # type: ignore[arg-type]
        cookie_secrets=["one secret of them"],
    ),
    "a session of another manager": lambda m, session: sessio.SessionManager(m.store).commit(
        session
    ),
}


@pytest.mark.parametrize("what", WRONG_VALUES)
def test_a_wrong_value_is_an_invalid_argument(what: str, manager: sessio.SessionManager) -> None:
    session = manager.load()
    with pytest.raises(sessio.InvalidArgument) as caught:
        WRONG_VALUES[what](manager, session)
    assert isinstance(caught.value, ValueError)
    assert session.status == "unmodified"
    assert manager.store.count() == 0


PLACES: dict[str, Any] = {
    "cart[2]: text": {"cart": [1, 2, ODD]},
    "user.address.zip: an int": {"user": {"address": {"zip": 2**64}}},
    "seen: a datetime": {"seen": datetime(2030, 1, 1)},
    "a key of user must be valid": {"user": {ODD: 1}},
    "deep: lists and dicts": {"deep": nested(64)},
}


@pytest.mark.parametrize("says", PLACES)
def test_an_error_about_a_value_names_its_path(says: str, manager: sessio.SessionManager) -> None:
    session = manager.load()
    with pytest.raises(sessio.InvalidArgument) as caught:
        session.update(PLACES[says])
    assert str(caught.value).startswith(says)


def test_what_is_no_number_or_list_is_not_added_to(manager: sessio.SessionManager) -> None:
    session = manager.load()
    session["text"] = "x"
    adds: list[Callable[[], object]] = [
        lambda: session.increment("text"),
        lambda: session.append("text", 1),
    ]
    for add in adds:
        with pytest.raises(sessio.InvalidArgument, match="text"):
            add()
    assert session["text"] == "x"


def test_the_limits_themselves_are_allowed(manager: sessio.SessionManager) -> None:
    session = manager.load()
    values = [2**64 - 1, -(2**63), nested(63), "", b"", datetime.min.replace(tzinfo=UTC)]
    session.update({f"{number}": value for number, value in enumerate(values)})
    session[""] = session["\0"] = None
    session["k" * 100_000] = "v" * 100_000
    token = manager.commit(session).token
    assert dict(manager.load(token)) == dict(session)


def test_too_much_is_too_large_and_the_changes_are_kept(manager: sessio.SessionManager) -> None:
    session = manager.load()
    session["a"] = "x" * 2_000_000
    with pytest.raises(sessio.TooLarge):
        manager.commit(session)
    assert (session.status, len(session)) == ("modified", 1)
    session["a"] = "x"
    assert manager.commit(session).outcome == "saved"


COOKIES: dict[str, str | bytes | None] = {
    "none": None,
    "nothing": "",
    "long": "session=" + "x" * 1_000_000,
    "long without a name": b"x" * 1_000_000,
    "binary": bytes(range(256)) * 10,
    "binary in a value": b"session=\xff\xfe\x00\x01",
    "text that is no Unicode": f"session={ODD}",
    "an empty value": "session=",
    "an empty quoted value": 'session=""',
    "half a quote": 'session="abc',
    "quotes": 'session="abc"',
    "two of them": "session=a; session=b",
    "a thousand of them": "; ".join(["session=a"] * 5000),
    "thousands of others": "; ".join(f"a{number}=b" for number in range(5000)),
    "only separators": ";;;; ; ;=;=;",
    "lines": "session=a\r\nSet-Cookie: b=c",
    "no equals": "session",
}


@pytest.mark.parametrize("what", COOKIES)
def test_a_malformed_cookie_is_no_session(what: str, manager: sessio.SessionManager) -> None:
    header = COOKIES[what]
    loads: list[sessio.Session] = [manager.load_cookie(header), manager.load_header(header)]
    if isinstance(header, str | None):
        loads.append(manager.load(header))
    else:
        loads += [manager.load_cookie(bytearray(header)), manager.load_cookie(memoryview(header))]
    for session in loads:
        assert (session.get("a"), len(session), session.is_new()) == (None, 0, True)
        result = manager.commit(session)
        assert (result.outcome, result.token, result.set_cookie) == ("unmodified", None, None)
    manager.load().merge_from(header if isinstance(header, str) else ODD)
    assert manager.store.count() == 0


def test_what_is_planted_is_not_adopted(manager: sessio.SessionManager) -> None:
    session = manager.load_cookie("session=planted")
    session["user"] = "ada"
    result = manager.commit(session)
    assert result.token not in (None, "planted")
    assert manager.store.count() == 1


def test_a_closed_store_raises_closed(store: sessio.Store, manager: sessio.SessionManager) -> None:
    token = manager.load()
    token["a"] = 1
    result = manager.commit(token)
    store.close()
    store.close()
    session = manager.load(result.token)
    asks: list[Callable[[], object]] = [
        lambda: session["a"],
        lambda: "a" in session,
        lambda: list(session),
        session.ensure_loaded,
        session.renew,
        session.destroy,
        session.flashes,
        session.deadline,
        session.subject,
        session.is_new,
        manager.list,
        lambda: manager.list_subject("ada"),
        lambda: session.merge_from("token"),
    ]
    for ask in asks:
        with pytest.raises(sessio.Closed):
            ask()
    session["a"] = 2
    with pytest.raises(sessio.Closed):
        manager.commit(session)
    assert (session.status, manager.stats()["created"]) == ("modified", 1)
    assert manager.commit(manager.load()).outcome == "unmodified"


def test_they_are_neither_copied_nor_pickled(manager: sessio.SessionManager) -> None:
    for thing in (manager, manager.load(), manager.commit(manager.load())):
        for attempt in (copy.copy, copy.deepcopy, pickle.dumps):
            with pytest.raises(TypeError, match="cannot pickle"):
                attempt(thing)
        with pytest.raises(AttributeError):
            thing.token = "other"  # type: ignore[misc, union-attr]


def test_corrupt_data_where_that_is_to_fail(store: sessio.Store) -> None:
    manager = sessio.SessionManager(store, on_corrupt="fail")
    for data in (b"\xff", b"", b"[]", b'{"values": 5}', b"\x80\x04\x95" * 1000):
        store.save("broken", data, None)
        session = manager.load("broken")
        with pytest.raises(sessio.Corrupt):
            session.ensure_loaded()
        assert sessio.SessionManager(store).load("broken").is_new()


def test_a_server_that_is_too_slow_or_dies(network: Network) -> None:
    with sessio.Store(network.url, timeout=0.5, connections=1) as store:
        manager = sessio.SessionManager(store)
        session = manager.load()
        session["a"] = 1
        token = manager.commit(session).token
        release = network.hold_all()
        started = time.monotonic()
        session["a"] = 2
        with pytest.raises(sessio.Timeout):
            manager.commit(session)
        assert time.monotonic() - started < 3
        release()
        # The write may have happened; now it has.
        assert manager.commit(session).token == token
        assert manager.load(token)["a"] == 2
        network.cut()
        with pytest.raises(sessio.Unavailable):
            manager.load(token).ensure_loaded()


def test_a_missing_table(server: str) -> None:
    with sessio.Store(server, table="no_such_table", cleanup_interval=0) as store:
        manager = sessio.SessionManager(store)
        with pytest.raises(sessio.Schema):
            manager.load("token").ensure_loaded()
        session = manager.load()
        session["a"] = 1
        with pytest.raises(sessio.Schema, match="migrate"):
            manager.commit(session)
