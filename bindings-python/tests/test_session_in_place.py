"""Changes inside the lists and dicts of a session are stored, and nothing else is."""

import asyncio
import gc
import math
import weakref
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from conftest import committed

import sessio


def any_of(session: sessio.Session, key: str) -> Any:
    """A read without type checks."""
    return session[key]


def test_what_is_changed_in_a_list_or_dict_is_stored(manager: sessio.SessionManager) -> None:
    token = committed(manager, cart=[{"sku": "tea", "count": 1}], user={"name": "ada"})
    session = manager.load(token)
    any_of(session, "cart").append("cake")
    any_of(session, "cart")[0]["count"] += 1
    any_of(session, "user")["zip"] = "N1"
    assert session.status == "modified"
    assert manager.commit(session).outcome == "saved"
    wanted = {"cart": [{"sku": "tea", "count": 2}, "cake"], "user": {"name": "ada", "zip": "N1"}}
    assert dict(manager.load(token)) == wanted
    assert (manager.commit(session).outcome, session.status) == ("unmodified", "unmodified")
    # Also after a commit.
    any_of(session, "cart").clear()
    manager.commit(session)
    assert manager.load(token)["cart"] == []


def test_every_way_of_reading_tracks_changes(manager: sessio.SessionManager) -> None:
    reads: dict[str, Any] = {
        "[]": lambda session: session["a"],
        "get": lambda session: session.get("a"),
        "get_as": lambda session: session.get_as("a", list),
        "values": lambda session: next(iter(session.values())),
        "items": lambda session: dict(session.items())["a"],
        "dict": lambda session: dict(session)["a"],
        "setdefault": lambda session: session.setdefault("a", []),
    }
    for name, read in reads.items():
        token = committed(manager, a=[1])
        session = manager.load(token)
        read(session).append(2)
        assert read(session) is session["a"], name
        assert session["a"] == [1, 2], name
        manager.commit(session)
        assert manager.load(token)["a"] == [1, 2], name


def test_what_was_put_in_is_the_sessions_own(manager: sessio.SessionManager) -> None:
    session = manager.load()
    cart: list[sessio.Storable] = ["tea"]
    session["cart"] = cart
    session.setdefault("seen", {})
    assert session["cart"] is cart
    cart.append("cake")
    any_of(session, "seen")["/"] = True
    token = manager.commit(session).token
    assert dict(manager.load(token)) == {"cart": ["tea", "cake"], "seen": {"/": True}}
    cart.append("milk")
    manager.commit(session)
    assert manager.load(token)["cart"] == ["tea", "cake", "milk"]


def test_a_change_of_type_is_a_change(manager: sessio.SessionManager) -> None:
    for before, after in ((1, True), (1, 1.0), (0.0, -0.0), (False, 0), (None, 0)):
        token = committed(manager, a=[before])
        session = manager.load(token)
        any_of(session, "a")[0] = after
        assert session.status == "modified"
        manager.commit(session)
        [stored] = any_of(manager.load(token), "a")
        assert (type(stored), str(stored)) == (type(after), str(after))


def test_what_was_only_read_is_not_stored(manager: sessio.SessionManager) -> None:
    token = committed(manager, a=[1, {"b": math.nan}], c={"d": []}, e=5)
    session = manager.load(token)
    dict(session)
    assert session.status == "unmodified"
    assert manager.commit(session).outcome == "unmodified"


def test_what_another_request_changed_is_not_undone_by_what_was_only_read(
    manager: sessio.SessionManager,
) -> None:
    token = committed(manager, cart=["tea"], n=1)
    slow = manager.load(token)
    cart = any_of(slow, "cart")
    other = manager.load(token)
    any_of(other, "cart").append("cake")
    manager.commit(other)
    slow["n"] = 2
    assert manager.commit(slow).outcome == "saved"
    assert manager.load(token)["cart"] == ["tea", "cake"]
    # And not by the next commit of the same view.
    slow["n"] = 3
    manager.commit(slow)
    assert manager.load(token)["cart"] == slow["cart"] == ["tea", "cake"]
    assert slow["cart"] is not cart
    # `take` also brings in what other requests have stored.
    slow.ensure_loaded()
    seen = any_of(slow, "cart")
    any_of(other, "cart").append("milk")
    manager.commit(other)
    assert slow.take("no such key") is None
    slow["n"] = 4
    manager.commit(slow)
    assert manager.load(token)["cart"] == slow["cart"] == ["tea", "cake", "milk"]
    assert seen == ["tea", "cake"]


def test_of_one_key_the_last_change_wins(manager: sessio.SessionManager) -> None:
    def changed(change: Any) -> Any:
        token = committed(manager, a=[1])
        session = manager.load(token)
        handed = any_of(session, "a")
        handed.append(2)
        change(session)
        handed.append(3)
        manager.commit(session)
        return manager.load(token).get("a")

    assert changed(lambda session: session.__delitem__("a")) is None
    assert changed(lambda session: session.remove("a")) is None
    assert changed(lambda session: session.pop("a")) is None
    assert changed(lambda session: session.take("a")) is None
    assert changed(lambda session: session.clear()) is None
    assert changed(lambda session: session.put("a", [7])) == [7]
    assert changed(lambda session: session.put("a", 7)) == 7
    assert changed(lambda session: session.update(a=(7,))) == [7]
    # A change before the append is stored.
    assert changed(lambda session: session.append("a", 7)) == [1, 2, 7]
    assert changed(lambda session: None) == [1, 2, 3]


def test_what_is_popped_or_taken_has_its_changes(manager: sessio.SessionManager) -> None:
    session = manager.load(committed(manager, a=[1], b=[1]))
    any_of(session, "a").append(2)
    any_of(session, "b").append(2)
    assert (session.pop("a"), session.take("b")) == ([1, 2], [1, 2])
    manager.commit(session)
    assert dict(session) == {}


def test_the_commit_refuses_a_list_that_cannot_be_stored(
    manager: sessio.SessionManager,
) -> None:
    token = committed(manager, cart=["tea", "cake"], user={"name": "ada"})
    session = manager.load(token)
    any_of(session, "user")["name"] = "bob"
    any_of(session, "cart").append({1, 2})
    session["n"] = 1
    assert session.status == "modified"
    with pytest.raises(TypeError, match=r"^cart\[2\] must be None, .*, not set$"):
        manager.commit(session)
    assert dict(manager.load(token)) == {"cart": ["tea", "cake"], "user": {"name": "ada"}}
    cart = any_of(session, "cart")
    cart[2] = cart
    with pytest.raises(sessio.InvalidArgument, match=r"^cart: .* never within themselves"):
        manager.commit(session)
    del cart[2]
    assert manager.commit(session).outcome == "saved"
    assert dict(manager.load(token)) == {"cart": ["tea", "cake"], "user": {"name": "bob"}, "n": 1}


def test_after_its_end_nothing_of_it_is_noticed(manager: sessio.SessionManager) -> None:
    token = committed(manager, a=[1])
    session = manager.load(token)
    handed = any_of(session, "a")
    session.destroy()
    handed.append(2)
    assert (session.status, session.get("a")) == ("destroyed", None)
    assert manager.commit(session).outcome == "destroyed"
    late = manager.load(committed(manager, a=[1]))
    handed = any_of(late, "a")
    manager.load(late.token).destroy()
    handed.append(2)
    assert manager.commit(late).outcome == "gone"
    handed.append(3)
    assert (late.get("a"), manager.commit(late).outcome) == (None, "gone")
    assert manager.store.count() == 0


def test_listed_sessions_and_transactions_notice_too(manager: sessio.SessionManager) -> None:
    token = committed(manager, a=[1])
    [listed] = manager.list().sessions
    any_of(listed, "a").append(2)
    assert manager.commit(listed).outcome == "saved"

    def change(session: sessio.Session) -> int:
        any_of(session, "a").append(3)
        return len(any_of(session, "a"))

    done = manager.transact(token, change)
    assert done is not None
    assert (done.value, done.result.outcome) == (3, "saved")
    assert manager.load(token)["a"] == [1, 2, 3]


def test_event_loops_notice_too(manager: sessio.SessionManager) -> None:
    token = committed(manager, a=[1])

    async def main() -> None:
        awaited = sessio.AsyncSessionManager(manager)
        session: Any = await awaited.load(token)
        session["a"].append(2)
        assert (session.status, (await awaited.commit(session)).outcome) == ("modified", "saved")
        lazy = awaited.lazy(token)
        seen: Any = await lazy.get("a")
        seen.append(3)
        assert (await lazy.get("a")) is seen
        assert (lazy.status, (await awaited.commit(lazy)).outcome) == ("modified", "saved")
        session = await awaited.load(token)
        session["a"].append({1})
        with pytest.raises(TypeError, match=r"a\[3\] must be"):
            await awaited.commit(session)
        for listed in (await awaited.list()).sessions:
            changed: Any = listed
            changed["a"].append(4)
            await awaited.commit(listed)

    asyncio.run(main())
    assert manager.load(token)["a"] == [1, 2, 3, 4]


def test_a_session_within_its_own_list_is_no_leak(manager: sessio.SessionManager) -> None:
    class Watched(list[Any]):
        pass

    session = manager.load()
    watched = Watched()
    session["a"] = watched
    watched.append(session)
    gone = weakref.ref(watched)
    del session, watched
    gc.collect()
    assert gone() is None


def test_the_lenient_form_takes_what_json_takes(manager: sessio.SessionManager) -> None:
    class Markup:
        def __html__(self) -> str:
            return "<b>hi</b>"

    number = UUID(int=5)
    given: dict[Any, Any] = {
        7: "int", 1.5: "float", None: "none", True: "bool", "uuid": number,
        "decimal": Decimal("1.10"), "date": date(2030, 1, 2), "time": time(12, 30),
        "naive": datetime(2030, 1, 2, 3, 4), "html": Markup(), "tuple": (1, (2,)),
    }  # fmt: skip
    session = manager.load()
    with pytest.raises(TypeError, match="a key of a must be str, not int"):
        session.put("a", given)
    session.put("a", given, lenient=True)
    wanted = {
        "7": "int", "1.5": "float", "null": "none", "true": "bool", "uuid": str(number),
        "decimal": "1.10", "date": "2030-01-02", "time": "12:30:00",
        "naive": "2030-01-02T03:04:00", "html": "<b>hi</b>", "tuple": [1, [2]],
    }  # fmt: skip
    given[8] = "later"
    token = manager.commit(session).token
    assert manager.load(token)["a"] == wanted | {"8": "later"}
    several: list[Any] = [{1}, object(), {(1, 2): 3}, Markup]
    for refused in several:
        with pytest.raises(TypeError, match=r"b\[0\] must be"):
            session.put("b", [refused], lenient=True)
