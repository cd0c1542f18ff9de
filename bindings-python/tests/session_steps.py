"""The vectors' steps about sessions, through `SessionManager` or `AsyncSessionManager`."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from tagged import native, same

import sessio

UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600}
MILLISECOND = timedelta(milliseconds=1)

# The steps that are a call without arguments.
PLAIN = {
    "destroy", "flashes", "is_new", "regenerate", "remembered", "renew", "snapshot", "store_empty",
    "subject",
}  # fmt: skip


def seconds(text: str) -> float:
    unit = text.lstrip("0123456789.")
    return float(text.removesuffix(unit)) * UNITS[unit]


def option(name: str, value: str) -> Any:
    """An option in Python's spelling."""
    if name in ("lifetime", "idle_timeout", "touch_interval", "ended_window"):
        return seconds(value)
    if name == "cookie_secrets":
        return value.split("\n")
    return {"true": True, "false": False}.get(value, value)


class Told(dict[str, Any]):
    """What a commit gave, and what else a step may ask of it."""

    def __init__(self, told: dict[str, Any], **more: Any) -> None:
        super().__init__(told)
        self.more = more


class Sessions:
    """What a case has loaded, by name, and the tokens that it remembers."""

    def __init__(
        self,
        store: Any,
        options: dict[str, str],
        settle: Callable[[Any], Any],
        start: datetime,
    ) -> None:
        kinds = {
            sessio.Store: sessio.SessionManager,
            sessio.AsyncStore: sessio.AsyncSessionManager,
        }
        given = {name: option(name, value) for name, value in options.items()}
        self.manager: Any = kinds[type(store)](store, **given)
        self.settle, self.start = settle, start
        # What a change in a transaction does; set by the case that has these sessions.
        self.do: Callable[[dict[str, Any]], None]
        self.open: dict[str, Any] = {}
        self.tokens: dict[str, str] = {}

    def filled_in(self, step: dict[str, Any]) -> dict[str, Any]:
        """The step with remembered tokens in the place of their names."""

        def fill(value: Any) -> Any:
            if isinstance(value, list):
                return [fill(part) for part in value]
            if isinstance(value, str):
                # The longest names first: one may begin with another.
                for name in sorted(self.tokens, key=len, reverse=True):
                    value = value.replace(f"${name}", self.tokens[name])
            return value

        places = ("token", "to", "keep", "cookie", "header", "tokens")
        return {name: fill(value) if name in places else value for name, value in step.items()}

    def step(self, verb: str, fields: Any) -> tuple[bool, Any]:
        """Whether the step is about sessions, and what it gave, in Python's types."""
        match verb:
            case "load":
                self.load(fields)
                return True, None
            case "create":
                self.open[fields.take("as")] = self.manager.create(fields.text("token"))
                return True, None
            case "find_session":
                by_key = fields.maybe("key_text", sessio.Key.from_id)
                name, target = fields.take("as"), by_key or fields.text("token")
                found = self.settle(self.manager.find(target))
                if found is not None:
                    self.open[name] = found
                return True, found is not None
            case "transact":
                return True, self.transact(fields)
            case "list_sessions":
                return True, self.list_sessions(fields)
            case "same":
                return True, len(set(fields.take("tokens"))) == 1
            case "events":
                counter = fields.take("counter")
                return True, self.settle(self.manager.stats())[counter]
        if "in" not in fields.left:
            return False, None
        session = self.open[fields.take("in")]
        return True, self.settle(self.call(session, verb, fields))

    def load(self, fields: Any) -> None:
        """As late as it can be: vectors say when the store is asked."""
        name = fields.take("as")
        lazy = "lazy" if isinstance(self.manager, sessio.AsyncSessionManager) else "load"
        if "cookie" in fields.left:
            session = getattr(self.manager, f"{lazy}_cookie")(fields.take("cookie"))
        elif "header" in fields.left:
            session = getattr(self.manager, f"{lazy}_header")(fields.text("header"))
        else:
            session = getattr(self.manager, lazy)(fields.text_or_none("token"))
        self.open[name] = session

    def transact(self, fields: Any) -> dict[str, Any] | None:
        """Each run of the change does the next list of steps."""
        token, opened, name = fields.text("token"), fields.take("as"), fields.maybe("token_as")
        rounds = iter(fields.take("rounds"))

        def change(session: Any) -> None:
            self.open[opened] = session
            steps = next(rounds, None)
            assert steps is not None, "it was run too often"
            for step in steps:
                self.do(step)

        async def change_beside(session: Any) -> None:
            await asyncio.to_thread(change, session)

        awaited = isinstance(self.manager, sessio.AsyncSessionManager)
        done = self.settle(self.manager.transact(token, change_beside if awaited else change))
        assert next(rounds, None) is None, "it was not run often enough"
        return None if done is None else self.result(done.result, name)

    def list_sessions(self, fields: Any) -> dict[str, Any]:
        names, limit = fields.take("as"), fields.take("limit")
        after = fields.maybe("after", sessio.Key)
        subject = fields.maybe("subject")
        if subject is None:
            page = self.settle(self.manager.list(after=after, limit=limit))
        else:
            page = self.settle(self.manager.list_subject(subject, after=after, limit=limit))
        self.open |= dict(zip(names, page.sessions, strict=False))
        return {"count": len(page.sessions), "next": page.next is not None}

    def call(self, session: Any, verb: str, fields: Any) -> Any:
        """The call of a step on a session, perhaps to be awaited."""
        match verb:
            case "commit":
                return self.commit(session, fields.maybe("token_as"))
            case "ensure_token":
                return self.ensure_token(session, fields.maybe("token_as"))
            case "assign":
                return session.assign(native(fields.take("values")))
            case "put" | "put_if_changed" | "flash" | "append":
                return getattr(session, verb)(fields.text("key"), native(fields.take("value")))
            case "increment":
                return session.increment(fields.text("key"), fields.take("by"))
            case "get" | "take" | "contains" | "remove":
                return getattr(session, verb)(fields.text("key"))
            case "pop":
                return session.pop(fields.text("key"), None)
            case "keys":
                return list(self.settle(session.keys()))
            case "values":
                return dict(session) if isinstance(session, Mapping) else session.values()
            case "clear":
                return session.clear()
            case "merge_from":
                return session.merge_from(fields.text("token"))
            case "touch_session":
                return session.touch()
            case "extra":
                return session.extra(fields.take("name"))
            case "set_extra":
                value = [native(fields.take("value"))] if "value" in fields.left else []
                return session.set_extra(fields.take("name"), *value)
            case "set_idle_timeout":
                span = fields.take("ms")
                return session.set_idle_timeout(None if span is None else span * MILLISECOND)
            case "idle_timeout":
                span = self.settle(session.idle_timeout())
                return None if span is None else int(span / MILLISECOND)
            case "deadline":
                return self.millis(self.settle(session.deadline()))
            case "expires_at":
                instant = self.settle(session.expires_at())
                return None if instant is None else self.millis(instant)
            case "set_deadline":
                return session.set_deadline(self.start + fields.take("at") * MILLISECOND)
            case "remember_me":
                return session.remember_me(fields.take("on"))
            case "set_subject":
                return session.set_subject(fields.text_or_none("subject"))
            case "status":
                return session.status
            case "has_token":
                return session.token is not None
            case _ if verb in PLAIN:
                return getattr(session, verb)()
            case _:
                raise AssertionError(f"unknown step {verb}")

    def ensure_token(self, session: Any, name: str | None) -> bool:
        token = self.settle(session.ensure_token())
        if name is not None and token is not None:
            self.tokens[name] = token
        return token is not None

    def commit(self, session: Any, name: str | None) -> dict[str, Any]:
        return self.result(self.settle(self.manager.commit(session)), name)

    def result(self, result: sessio.CommitResult, name: str | None) -> dict[str, Any]:
        if name is not None and result.token is not None:
            self.tokens[name] = result.token
        expires = None if result.expires_at is None else self.millis(result.expires_at)
        told = {"outcome": result.outcome, "expires": expires, "cookie": self.kind(result)}
        # These are compared where a step has them.
        headers = [
            name if name == "Set-Cookie" else f"{name}: {value}" for name, value in result.headers
        ]
        assert result.set_cookie == dict(result.headers).get("Set-Cookie")
        return Told(told, read=result.was_read, headers=headers, attributes=self.attributes(result))

    @staticmethod
    def kind(result: sessio.CommitResult) -> str | None:
        cookie = None
        if result.set_cookie is not None:
            cookie = "set" if "Max-Age=" in result.set_cookie else "session"
            cookie = "clear" if "Max-Age=0" in result.set_cookie else cookie
        return cookie

    def attributes(self, result: sessio.CommitResult) -> dict[str, Any] | None:
        if result.cookie is None:
            return None
        parts = asdict(result.cookie)
        if parts["value"] == result.token:
            parts["value"] = "token"
        if parts["expires"] is not None:
            parts["expires"] = self.millis(parts["expires"])
        return parts

    def millis(self, instant: datetime) -> int:
        whole, rest = divmod(instant - self.start, MILLISECOND)
        assert not rest, f"{instant} has a part of a millisecond"
        return whole


def check(seen: Any, wanted: Any) -> None:
    if isinstance(seen, Told):
        seen = dict(seen) | {name: seen.more[name] for name in wanted.keys() & seen.more.keys()}
    assert same(seen, native(wanted)), f"it gave {seen!r}"
