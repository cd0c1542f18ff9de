"""Whole maps, tokens before the commit, and other features for framework adapters."""

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from conftest import committed

import sessio


@pytest.fixture
def clock() -> sessio.ManualClock:
    return sessio.ManualClock(datetime(2024, 1, 1, tzinfo=UTC))


@pytest.fixture
def manager(clock: sessio.ManualClock) -> Iterator[sessio.SessionManager]:
    with sessio.Store("memory:", cleanup_interval=0, clock=clock) as store:
        yield sessio.SessionManager(store)


VALUES: dict[str, Any] = {
    "none": None, "true": True, "int": 1, "float": 1.0, "text": "é😀\0\n",
    "list": [1, [2.5, {"a": None}]], "map": {"b": {"c": []}}, "": "empty",
}  # fmt: skip
TAGGED: dict[str, Any] = {
    "bytes": b"\0\xff", "time": datetime(2030, 1, 1, tzinfo=UTC), "large": 2**64 - 1,
    "dollar": {"$int": "5"}, "text": '"$x"', "infinity": float("inf"),
}  # fmt: skip


@pytest.mark.parametrize("codec", ["json", "msgpack"])
@pytest.mark.parametrize("values", [{}, VALUES, TAGGED, VALUES | TAGGED])
def test_a_snapshot_is_everything_with_its_types(
    codec: Any, values: dict[str, Any], manager: sessio.SessionManager
) -> None:
    manager = sessio.SessionManager(manager.store, codec=codec)
    session = manager.load(committed(manager, **values, x=1))
    del session["x"]
    snapshot = session.snapshot()
    assert snapshot == values == dict(session)
    assert list(snapshot) == sorted(values)
    assert {key: type(value) for key, value in snapshot.items()} == {
        key: type(value) for key, value in values.items()
    }


def test_a_snapshot_is_a_copy_with_what_was_changed(manager: sessio.SessionManager) -> None:
    session = manager.load(committed(manager, a=[1], b=2))
    handed: Any = session["a"]
    handed.append(2)
    snapshot: Any = session.snapshot()
    assert snapshot == {"a": [1, 2], "b": 2}
    snapshot["a"].append(3)
    assert session["a"] == [1, 2]


def test_only_what_differs_from_what_was_loaded_is_a_change(
    manager: sessio.SessionManager,
) -> None:
    token = committed(manager, a=[1, {"b": 2}], c=3, d=4)
    one, two = manager.load(token), manager.load(token)
    first, second = one.snapshot(), two.snapshot()
    one.assign(first)
    assert one.status == "unmodified"
    first["c"] = 30
    del first["d"]
    second["a"] = [1, {"b": True}]
    one.assign(first)
    two.assign(second)
    assert manager.commit(one).outcome == manager.commit(two).outcome == "saved"
    assert manager.load(token).snapshot() == {"a": [1, {"b": True}], "c": 30}
    # Objects read before it are not tracked any more.
    handed: Any = one["a"]
    one.assign({"a": [1, {"b": 2}]})
    handed.append(3)
    assert one["a"] == [1, {"b": 2}]


def test_a_refused_assign_changes_nothing(manager: sessio.SessionManager) -> None:
    session = manager.load()
    session["x"] = 1
    for values, error, says in (
        ({"y": 2, "a": [1, {2}]}, TypeError, r"^a\[1\] must be"),
        ({"y": 2, 7: 1}, TypeError, "a key must be str, not int"),
        ({"y": 2, "a": {"b c": 2**64}}, sessio.InvalidArgument, r'^a\["b c"\]: an int'),
        ([("y", 2)], TypeError, "values must be a mapping, not list"),
    ):
        given: Any = values
        with pytest.raises(error, match=says):
            session.assign(given)
        assert dict(session) == {"x": 1}
    lenient: Any = {7: UUID(int=5), None: (1, 2)}
    session.assign(lenient, lenient=True)
    assert dict(session) == {"7": str(UUID(int=5)), "null": [1, 2]}
    assert json.loads(json.dumps(session.snapshot())) == session


def test_an_equal_value_is_no_change(manager: sessio.SessionManager) -> None:
    session = manager.load(committed(manager, a=1, b=[{"c": 1.0}]))
    assert not session.put_if_changed("a", 1)
    assert not session.put_if_changed("b", [{"c": 1.0}])
    assert session.status == "unmodified"
    assert session.put_if_changed("a", True)
    assert session.put_if_changed("b", [{"c": 1}])
    handed: Any = session["b"]
    handed.append(2)
    assert not session.put_if_changed("b", [{"c": 1}, 2])
    assert manager.commit(session).outcome == "saved"
    assert manager.load(session.token).snapshot() == {"a": True, "b": [{"c": 1}, 2]}


def test_a_token_before_the_commit(manager: sessio.SessionManager) -> None:
    session = manager.load()
    token = session.ensure_token()
    assert token is not None
    assert token == session.token == session.ensure_token()
    assert manager.commit(session).outcome == "unmodified"
    assert manager.find(token) is None
    session["a"] = 1
    assert manager.commit(session).token == token
    found = manager.find(token)
    assert found is not None
    assert found["a"] == 1
    assert manager.find("planted") is None
    with pytest.raises(TypeError, match="token must be str"):
        manager.find(5)  # type: ignore[arg-type]


def test_a_token_chosen_by_the_program(manager: sessio.SessionManager) -> None:
    token = sessio.generate_token()
    session, late = manager.create(token), manager.create(token)
    session.store_empty()
    late["a"] = 1
    assert (manager.commit(session).token, manager.store.exists(token)) == (token, True)
    result = manager.commit(late)
    assert (result.outcome, result.set_cookie) == ("conflict", None)
    assert manager.load(token).get("a") is None
    for wrong in ("", "x" * 10_000, "\ud800"):
        with pytest.raises(sessio.InvalidArgument):
            manager.create(wrong)


def test_starting_over(manager: sessio.SessionManager, clock: sessio.ManualClock) -> None:
    token = committed(manager, a=[1], b=2)
    clock.advance(timedelta(hours=1))
    session = manager.load(token)
    handed: Any = session["a"]
    assert session.expires_at() == clock.now() + timedelta(hours=23)
    assert session.regenerate()
    handed.append(2)
    session["c"] = 3
    assert manager.load(token).snapshot() == {"a": [1], "b": 2}
    result = manager.commit(session)
    assert (result.outcome, result.token == token) == ("saved", False)
    assert (manager.load(token).is_new(), manager.load(result.token).snapshot()) == (True, {"c": 3})
    assert session.expires_at() == result.expires_at == clock.now() + timedelta(hours=24)
    assert manager.load().expires_at() is None


def test_extra_values(manager: sessio.SessionManager) -> None:
    session = manager.load()
    session["a"] = 1
    session.set_extra("django.expiry", {"seconds": [600]})
    session.set_extra("none", None)
    session.set_extra("other", 1)
    token = manager.commit(session).token
    session = manager.load(token)
    session.clear()
    session.set_extra("other")
    manager.commit(session)
    session = manager.load(token)
    kept = [session.extra(name) for name in ("django.expiry", "none", "other", "absent")]
    assert (dict(session), kept) == ({}, [{"seconds": [600]}, None, None, None])
    with pytest.raises(TypeError, match=r"^x\[0\] must be .* not set"):
        session.set_extra("x", [{1}])  # type: ignore[list-item]
    with pytest.raises(TypeError, match="name must be str"):
        session.extra(1)  # type: ignore[arg-type]


def test_the_idle_timeout_of_one_session(
    manager: sessio.SessionManager, clock: sessio.ManualClock
) -> None:
    session = manager.load()
    session["a"] = 1
    assert session.idle_timeout() is None
    session.set_idle_timeout(600)
    session.remember_me(False)
    result = manager.commit(session)
    assert result.expires_at == clock.now() + timedelta(minutes=10)
    assert result.cookie is not None
    assert result.cookie.expires is None
    clock.advance(timedelta(minutes=9))
    session = manager.load(result.token)
    assert (session.idle_timeout(), session.remembered()) == (timedelta(minutes=10), False)
    session.touch()
    assert manager.commit(session).expires_at == clock.now() + timedelta(minutes=10)
    for other in (0.5, timedelta(microseconds=1), 0, None):
        session.set_idle_timeout(other)
        wanted = timedelta(seconds=other) if isinstance(other, float | int) else other
        assert session.idle_timeout() == wanted
    for wrong in (-1, timedelta(-1), float("nan"), float("inf"), 10**300):
        with pytest.raises(sessio.InvalidArgument, match="an idle timeout"):
            session.set_idle_timeout(wrong)
    for odd in ("5", True, b"5"):
        given: Any = odd
        with pytest.raises(TypeError, match="timeout must be a timedelta, seconds or None"):
            session.set_idle_timeout(given)


def test_a_listed_session_is_found_by_its_key(manager: sessio.SessionManager) -> None:
    committed(manager, a=1)
    [listed] = manager.list().sessions
    assert listed.key is not None
    id = listed.key.id
    assert id not in repr(listed.key)
    found = manager.find(sessio.Key.from_id(id))
    assert found is not None
    assert (found["a"], found.token, found.key) == (1, None, listed.key)
    # A key from the table must not work as a token.
    assert manager.find(id) is None
    assert manager.load(id).is_new()
    assert manager.store.delete(sessio.Key.from_id(id))
    for wrong in ("", listed.key.text, "\ud800"):
        with pytest.raises(sessio.InvalidArgument):
            sessio.Key.from_id(wrong)
    with pytest.raises(TypeError, match="id must be str"):
        sessio.Key.from_id(5)  # type: ignore[arg-type]


def test_clearing_a_store(manager: sessio.SessionManager) -> None:
    tokens = [committed(manager, a=number) for number in range(5)]
    assert manager.store.clear() == 5
    assert asyncio.run(sessio.AsyncStore(manager.store).clear()) == 0
    assert all(manager.load(token).is_new() for token in tokens)


def test_event_loops_have_all_of_it_too(manager: sessio.SessionManager) -> None:
    async def main() -> None:
        awaited = sessio.AsyncSessionManager(manager)
        session = await awaited.load()
        token = await session.ensure_token()
        assert token is not None
        session.assign(VALUES)
        await awaited.commit(session)
        found = await awaited.find(token)
        assert found is not None
        assert found.snapshot() == VALUES
        lazy = awaited.lazy(token)
        assert await lazy.snapshot() == VALUES
        await lazy.assign({"a": 1})
        assert (await lazy.put_if_changed("a", 1), await lazy.put_if_changed("a", 2)) == (
            False,
            True,
        )
        assert await lazy.expires_at() == found.expires_at()
        assert await lazy.ensure_token() == token
        await awaited.commit(lazy)
        assert (found.regenerate(), await lazy.regenerate()) == (True, True)
        lazy.set_idle_timeout(60)
        lazy.set_extra("x", 1)
        lazy.touch()
        assert (await lazy.idle_timeout(), await lazy.extra("x")) == (timedelta(seconds=60), 1)
        assert await lazy.remembered() is None
        own = awaited.create(sessio.generate_token())
        own.store_empty()
        assert (await awaited.commit(own)).outcome == "saved"
        assert await awaited.find("unknown") is None

    asyncio.run(main())
