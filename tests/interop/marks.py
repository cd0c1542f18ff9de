"""What SCS keeps among the values and sessio does not, and the other way round, between the two.

    python marks.py URL

That a browser is to keep the cookie is one value of many in SCS; in sessio it is none. What a
request leaves for the next one is a value that Go carries along without knowing it.
"""

import sys
from contextlib import ExitStack
from typing import Any

from programs import Server, Table
from variants import SHARED, VARIANTS, Scs

import sessio


def read(go: Server, token: str) -> dict[str, Any]:
    values: dict[str, Any] = go.ask({"do": "read", "token": token})["before"]
    return values


def put(go: Server, token: str | None, key: str, kind: str, value: str) -> str:
    asked = {"do": "put", "token": token, "key": key, "value": {"type": kind, "value": value}}
    return str(go.ask(asked)["token"])


def remember_me(go: Server, manager: sessio.SessionManager) -> None:
    """The cookie of a manager whose cookies do not persist, as either of them wishes."""
    token = put(go, None, "user", "string", "ada")
    for wish in (True, False):
        go.ask({"do": "remember", "token": token, "key": "true" if wish else "false"})
        session = manager.load(token)
        assert dict(session) == {"user": "ada"}
        # A cookie that changes in nothing is not sent again.
        session.renew()
        result = manager.commit(session)
        assert result.token is not None
        assert ("Max-Age" in (result.set_cookie or "")) is wish, result.set_cookie
        token = result.token
    session = manager.load(token)
    session.remember_me(True)
    manager.commit(session)
    assert read(go, token)["__rememberMe"] == {"type": "bool", "value": "true"}


def flash(go: Server, manager: sessio.SessionManager) -> None:
    """For the next request of ours, though one of Go's comes between."""
    session = manager.load()
    session.flash("notice", ["saved", 7])
    token = manager.commit(session).token
    assert token is not None
    assert put(go, token, "user", "string", "ada") == token
    session = manager.load(token)
    assert dict(session) == {"user": "ada"}
    assert session.flashes() == {"notice": ["saved", 7]}
    manager.commit(session)
    assert manager.load(token).flashes() == {}
    assert read(go, token).keys() == {"user"}


def main() -> None:
    [url] = sys.argv[1:]
    variant = VARIANTS["scs"]
    assert isinstance(variant, Scs)
    with ExitStack() as stack:
        stack.enter_context(Table(url)).run("DROP TABLE IF EXISTS sessions")
        variant.make_table(url)
        store = stack.enter_context(sessio.Store(url, hash_tokens=False))
        settings: Any = SHARED
        manager = sessio.SessionManager(store, cookie_persist=False, **settings)
        go = stack.enter_context(variant.server(url))
        remember_me(go, manager)
        flash(go, manager)
    print("remember me and flashes: as each of the two expects")


if __name__ == "__main__":
    main()
