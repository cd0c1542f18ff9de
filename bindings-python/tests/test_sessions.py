"""Sessions as mappings, and what managers give beside them. What languages share is a vector."""

import gc
import hmac
import sys
import weakref
from base64 import b64encode
from collections.abc import MutableMapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Literal
from urllib.parse import quote, unquote

import pytest
from conftest import committed

import sessio


def test_a_session_is_a_mutable_mapping(manager: sessio.SessionManager) -> None:
    session = manager.load(committed(manager, b=2, a=1))
    assert isinstance(session, MutableMapping)
    assert (dict(session), list(session), len(session)) == ({"a": 1, "b": 2}, ["a", "b"], 2)
    assert (list(session.keys()), list(session.values())) == (["a", "b"], [1, 2])
    assert list(session.items()) == [("a", 1), ("b", 2)]
    assert session == {"a": 1, "b": 2} != {"a": 1}
    assert ("a" in session, "c" in session, bool(session)) == (True, False, True)
    with pytest.raises(KeyError, match="'c'"):
        session["c"]
    with pytest.raises(KeyError, match="'c'"):
        del session["c"]
    with pytest.raises(KeyError, match="'c'"):
        session.pop("c")
    assert (session.get("c"), session.get("c", 3), session.pop("c", None)) == (None, 3, None)
    assert session.setdefault("c", 3) == session.setdefault("c", 4) == 3
    assert (session.pop("c"), session.pop("b", 5), session.get("b")) == (3, 2, None)
    session.update({"e": 5}, f=6)
    del session["a"]
    assert session.popitem() == ("e", 5)
    match session:
        case {"f": found, **rest}:
            assert (found, rest) == (6, {})
        case _:
            pytest.fail("it is no mapping to match")
    session.clear()
    assert not session
    with pytest.raises(TypeError):
        hash(session)


def test_a_typed_read_takes_that_very_type_alone(manager: sessio.SessionManager) -> None:
    instant = datetime(2030, 6, 1, 12, 0, 0, 123456, tzinfo=UTC)
    values = {
        bool: True, int: 1, float: 1.0, str: "1", bytes: b"1", datetime: instant,
        list: [1], dict: {"a": 1},
    }  # fmt: skip
    session = manager.load()
    for kind, value in values.items():
        session[kind.__name__] = value  # type: ignore[assignment]
    session["none"] = None
    for asked in values:
        wanted: Any = asked
        assert session.get_as("no such key", wanted) is None
        for kind, value in values.items():
            if kind is asked:
                assert session.get_as(kind.__name__, wanted) == value
                continue
            with pytest.raises(sessio.InvalidArgument, match=kind.__name__):
                session.get_as(kind.__name__, wanted)
        with pytest.raises(sessio.InvalidArgument, match="null"):
            session.get_as("none", wanted)


def test_other_types_that_mean_the_same(manager: sessio.SessionManager) -> None:
    east = timezone(timedelta(hours=5, minutes=30))
    session = manager.load()
    session["tuple"] = (1, (2,))
    session["array"] = bytearray(b"ab")
    session["view"] = memoryview(b"abcd")[::2]
    session["time"] = datetime(2030, 1, 1, 5, 30, tzinfo=east)
    session["mapping"] = manager.load(committed(manager, a=1))
    assert session["tuple"] == [1, [2]]
    assert (session["array"], session["view"]) == (b"ab", b"ac")
    assert session["mapping"] == {"a": 1}
    read = session.get_as("time", datetime)
    assert read is not None
    assert (read, read.tzinfo) == (datetime(2030, 1, 1, tzinfo=UTC), UTC)


def test_deadlines(manager: sessio.SessionManager) -> None:
    clock = sessio.ManualClock(datetime(2024, 1, 1, tzinfo=UTC))
    with sessio.Store("memory:", cleanup_interval=0, clock=clock) as store:
        manager = sessio.SessionManager(store, lifetime=60, idle_timeout=timedelta(seconds=10))
        session = manager.load()
        assert session.deadline() == clock.now() + timedelta(seconds=60)
        session.set_deadline(timedelta(seconds=5))
        assert session.deadline() == clock.now() + timedelta(seconds=5)
        session.set_deadline(clock.now() + timedelta(seconds=7))
        session["user"] = "ada"
        result = manager.commit(session)
        assert result.expires_at == clock.now() + timedelta(seconds=7)
        assert (result.outcome, result.token) == ("saved", session.token)
        assert result.set_cookie is not None
        assert result.set_cookie.startswith(f"session={result.token}; ")


def test_options_are_what_they_say() -> None:
    with sessio.Store("memory:", cleanup_interval=0) as store:
        manager = sessio.SessionManager(
            store,
            lifetime=timedelta(days=1),
            idle_timeout=60.5,
            touch_interval=1,
            codec="msgpack",
            on_conflict="fail",
            on_corrupt="fail",
            cookie_name="id",
            cookie_path="/app",
            cookie_domain="example.com",
            cookie_secure=True,
            cookie_http_only=False,
            cookie_same_site="none",
            cookie_partitioned=True,
            cookie_persist=False,
            on_event=None,
        )
        assert (manager.cookie_name, manager.store) == ("id", store)
        session = manager.load()
        session["a"] = 1
        token = manager.commit(session).token
        wanted = f"id={token}; SameSite=None; Secure; Path=/app; Domain=example.com; Partitioned"
        session.remember_me(True)
        cookie = manager.commit(session).set_cookie
        assert cookie is not None
        parts = [part for part in cookie.split("; ") if part[:8] not in ("Max-Age=", "Expires=")]
        assert sorted(parts) == sorted(wanted.split("; "))
        assert len(cookie.split("; ")) == len(parts) + 2


def test_lists_and_signing_out_everywhere(manager: sessio.SessionManager) -> None:
    tokens = []
    for number in range(5):
        session = manager.load()
        session["number"] = number
        session.set_subject("ada" if number < 3 else None)
        tokens.append(manager.commit(session).token)
    first = manager.list_subject("ada", limit=2)
    assert (len(first.sessions), first.next is None) == (2, False)
    rest = manager.list_subject("ada", after=first.next, limit=2)
    assert (len(rest.sessions), rest.next) == (1, None)
    listed = first.sessions + rest.sessions
    assert [session.subject() for session in listed] == ["ada"] * 3
    assert {session["number"] for session in listed} == {0, 1, 2}
    assert all(session.token is None and session.key for session in listed)
    listed[0]["number"] = 10
    result = manager.commit(listed[0])
    assert (result.outcome, result.token, result.set_cookie) == ("saved", None, None)
    for session in listed:
        session.destroy()
        assert manager.commit(session).set_cookie is None
    assert [len(manager.load(token)) for token in tokens] == [0, 0, 0, 1, 1]
    assert len(manager.list().sessions) == 2


def test_what_others_did_meanwhile(manager: sessio.SessionManager) -> None:
    token = committed(manager, a=1)
    careful = sessio.SessionManager(manager.store, on_conflict="fail")
    one, two, three = manager.load(token), manager.load(token), careful.load(token)
    for session in (one, two, three):
        session.ensure_loaded()
    one["one"], two["two"], three["three"] = 1, 2, 3
    assert manager.commit(one).outcome == manager.commit(two).outcome == "saved"
    assert careful.commit(three).outcome == "conflict"
    assert dict(manager.load(token)) == {"a": 1, "one": 1, "two": 2}
    late = manager.load(token)
    late.ensure_loaded()
    manager.load(token).destroy()
    late["late"] = True
    result = manager.commit(late)
    assert (result.outcome, result.token, result.expires_at) == ("gone", None, None)
    assert result.set_cookie is None
    assert manager.stats()["merged"] == manager.stats()["gone"] == 1


def test_events_are_dispatched_before_the_call_returns() -> None:
    events: list[str] = []
    with sessio.Store("memory:", cleanup_interval=0) as store:
        manager = sessio.SessionManager(store, on_event=events.append)
        session = manager.load()
        session["a"] = 1
        manager.commit(session)
        assert events == ["created"]
        session.renew()
        assert events == ["created"]
        manager.commit(session)
        assert events == ["created", "renewed"]
        store.save("broken", b"\xff", None)
        assert manager.load("broken").get("a") is None
        session.destroy()
        assert events == ["created", "renewed", "corrupt", "destroyed"]
        counts = {name: count for name, count in manager.stats().items() if count}
        assert counts == dict.fromkeys(events, 1)


def test_a_listener_may_use_the_manager_and_may_raise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    unraisable: list[object] = []
    monkeypatch.setattr("sys.unraisablehook", lambda args: unraisable.append(args.exc_value))
    seen: list[str] = []

    def listener(event: str) -> None:
        seen.append(event)
        if event == "created" and len(seen) < 3:
            committed(told, inner=True)
        raise RuntimeError(event)

    with sessio.Store("memory:", cleanup_interval=0) as store:
        told = sessio.SessionManager(store, on_event=listener)
        assert committed(told, outer=True)
    assert seen == ["created"] * 3
    assert [str(error) for error in unraisable] == ["created"] * 3


def test_a_listener_that_refers_to_its_manager_is_no_leak() -> None:
    class Watcher:
        def __init__(self, store: sessio.Store) -> None:
            self.manager = sessio.SessionManager(store, on_event=self.happened)
            self.session = self.manager.load()

        def happened(self, event: str) -> None:
            self.last = event

    with sessio.Store("memory:", cleanup_interval=0) as store:
        watcher = Watcher(store)
        committed(watcher.manager, a=1)
        assert watcher.last == "created"
        gone = weakref.ref(watcher)
        before = sys.getrefcount(store)
        del watcher
        gc.collect()
        assert gone() is None
        assert sys.getrefcount(store) < before


def test_a_manager_can_be_subclassed() -> None:
    class Mine(sessio.SessionManager):
        def login(self, user: str) -> sessio.CommitResult:
            session = self.load()
            session["user"] = user
            return self.commit(session)

    with sessio.Store("memory:", cleanup_interval=0) as store:
        mine = Mine(store, lifetime=60)
        assert mine.load(mine.login("ada").token)["user"] == "ada"


def test_a_manager_keeps_its_store() -> None:
    def made() -> sessio.Session:
        return sessio.SessionManager(sessio.Store("memory:", cleanup_interval=0)).load()

    session = made()
    gc.collect()
    session["a"] = 1
    assert (session.renew(), session["a"]) == (True, 1)


def test_the_answer_as_data(manager: sessio.SessionManager) -> None:
    session = manager.load()
    session["user"] = "ada"
    result = manager.commit(session)
    assert result.cookie is not None
    assert result.token is not None
    assert result.headers == [
        ("Set-Cookie", result.set_cookie),
        ("Cache-Control", 'no-cache="Set-Cookie"'),
        ("Vary", "Cookie"),
    ]
    assert result.cookie == sessio.Cookie(
        name="session", value=result.token, path="/", domain=None, expires=result.cookie.expires,
        max_age=result.cookie.max_age, secure=True, http_only=True, same_site="lax",
        partitioned=False,
    )  # fmt: skip
    assert result.cookie.max_age in (86400, 86401)
    assert result.cookie.expires is not None
    assert result.cookie.expires.utcoffset() == timedelta(0)
    assert result.token not in repr(result.cookie)
    # Loading alone does not count as reading.
    again = manager.load(result.token)
    again.ensure_loaded()
    unread = manager.commit(again)
    assert (unread.headers, unread.cookie, unread.was_read) == ([], None, False)
    assert again["user"] == "ada"
    read = manager.commit(again)
    assert (read.headers, read.was_read) == ([("Vary", "Cookie")], True)
    again.destroy()
    gone = manager.commit(again).cookie
    assert gone is not None
    assert (gone.value, gone.max_age) == ("", 0)


def test_all_pages_one_by_one(manager: sessio.SessionManager) -> None:
    for number in range(7):
        session = manager.load()
        session.set_subject("ada" if number % 2 else "bob")
        session["number"] = number
        manager.commit(session)
    assert {session["number"] for session in manager.each(page=2)} == set(range(7))
    for session in manager.each_subject("ada", page=1):
        session.destroy()
    assert [session.subject() for session in manager.each(page=3)] == ["bob"] * 4
    with pytest.raises(sessio.InvalidArgument):
        next(manager.each(page=0))


def test_of_all_that_take_a_code_one_gets_it(manager: sessio.SessionManager) -> None:
    token = committed(manager, code="X", n=1)
    requests = [manager.load(token) for _ in range(3)]
    for request in requests:
        request.ensure_loaded()
        request.increment("n")
        request.increment("m", by=5)
        request.append("seen", {"by": 1})
    assert [request.take("code", "-") for request in requests] == ["X", "-", "-"]
    for request in requests:
        manager.commit(request)
    assert dict(manager.load(token)) == {"n": 4, "m": 15, "seen": [{"by": 1}] * 3}


def test_a_transaction_runs_until_it_is_the_first(manager: sessio.SessionManager) -> None:
    token = committed(manager, credit=10)
    runs = 0

    def pay(session: sessio.Session) -> int:
        nonlocal runs
        runs += 1
        credit = session.get_as("credit", int) or 0
        if runs < 3:
            other = manager.load(token)
            other["credit"] = credit - 1
            manager.commit(other)
        session["credit"] = credit - 5
        return credit

    done = manager.transact(token, pay)
    assert done is not None
    assert (runs, done.value, done.result.outcome, manager.load(token)["credit"]) == (
        3,
        8,
        "saved",
        3,
    )
    assert manager.transact("unknown", pay) is None

    def fail(session: sessio.Session) -> None:
        session["credit"] = 0
        raise LookupError("no")

    with pytest.raises(LookupError):
        manager.transact(token, fail)

    async def waits(session: sessio.Session) -> None:
        session["credit"] = 0

    with pytest.raises(TypeError, match="AsyncSessionManager"):
        manager.transact(token, waits)
    assert manager.load(token)["credit"] == 3


def test_several_cookie_headers(manager: sessio.SessionManager) -> None:
    token = committed(manager, user="ada")
    for headers in (
        ["a=b", f"session={token}"],
        [b"session=stale", f"session={token}".encode()],
        ("a=b", f"session={token}".encode()),
    ):
        assert manager.load_cookie(headers)["user"] == "ada"
    assert manager.load_cookie([]).is_new()


def test_signed_cookies_of_node_programs(manager: sessio.SessionManager) -> None:
    old, new = "an old secret of theirs", "a new secret of theirs"
    forms: dict[Literal["express", "fastify"], str] = {"express": "s:{}.{}", "fastify": "{}.{}"}
    for signature, form in forms.items():
        signed = sessio.SessionManager(
            manager.store, cookie_signature=signature, cookie_secrets=[new, old]
        )
        token = committed(signed, user="ada")

        def cookie(secret: str, token: str = token, form: str = form) -> str:
            digest = hmac.digest(secret.encode(), token.encode(), "sha256")
            value = form.format(token, b64encode(digest).decode().rstrip("="))
            return f"session={quote(value, safe='')}"

        for secret in (new, old):
            assert signed.load_cookie(cookie(secret))["user"] == "ada"
        for wrong in (cookie("another secret of theirs"), f"session={token}"):
            assert signed.load_cookie(wrong).is_new()
        session = signed.load(token)
        session.renew()
        result = signed.commit(session)
        assert result.token is not None
        assert result.set_cookie is not None
        assert unquote(result.set_cookie).startswith(unquote(cookie(new, result.token)) + ";")
        assert result.token not in repr(signed)
        assert new not in repr(signed)
