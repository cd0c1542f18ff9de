"""The shared vectors through `Store` and `SessionManager`, or their asynchronous fellows.

    python run_vectors.py sync|async

Runs on the store that SESSIO_VECTORS_URL names: `memory:` if it names none. SESSIO_VECTOR names one
file or one case, where not all are wanted. The format is described in tests/README.md. An unknown
step, field or format is a failure.
"""

import asyncio
import inspect
import itertools
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from session_steps import Sessions, check

import sessio

VECTORS = Path(__file__).parents[2] / "tests" / "vectors"
START = datetime(2024, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
TABLES = (f"vectors_py_{os.getpid()}_{number}" for number in itertools.count())

Settle = Callable[[Any], Any]


class Fields:
    """A JSON object whose fields are read one by one. A field that is left is an error."""

    def __init__(self, fields: dict[str, Any]) -> None:
        self.left = dict(fields)

    def take(self, name: str) -> Any:
        return self.left.pop(name)

    def maybe(self, name: str, convert: Callable[[Any], Any] = lambda value: value) -> Any:
        value = self.left.pop(name, None)
        return None if value is None else convert(value)

    def text(self, name: str) -> str:
        return text(self.take(name))

    def text_or_none(self, name: str) -> str | None:
        """It must be there, and may be null."""
        value = self.take(name)
        return None if value is None else text(value)

    def end(self) -> None:
        assert not self.left, f"unknown fields {sorted(self.left)}"

    def target(self) -> str | sessio.Key:
        if "key" in self.left:
            return sessio.Key(self.take("key"))
        return text(self.take("token"))

    def content(self) -> tuple[bytes, datetime | timedelta | None]:
        return binary(self.take("data")), expiry(self.take("expires"))

    def subject(self) -> dict[str, str]:
        subject = self.maybe("subject", text)
        return {} if subject is None else {"subject": subject}


def text(value: Any) -> str:
    if isinstance(value, str):
        return value
    fields = Fields(value)
    repeated: str = fields.take("text") * (fields.maybe("times") or 1)
    fields.end()
    return repeated


def binary(value: Any) -> bytes:
    if isinstance(value, dict) and "hex" in value:
        fields = Fields(value)
        repeated = bytes.fromhex(fields.take("hex")) * (fields.maybe("times") or 1)
        fields.end()
        return repeated
    return text(value).encode()


def expiry(value: Any) -> datetime | timedelta | None:
    if value is None:
        return None
    [(kind, milliseconds)] = value.items()
    span = timedelta(milliseconds=milliseconds)
    assert kind in ("at", "after"), f"unknown expiry {kind}"
    return START + span if kind == "at" else span


def seen_record(record: sessio.Record | None) -> Any:
    if record is None:
        return None
    expires = record.expires_at and (record.expires_at - START) / MILLISECOND
    return {"data": record.data, "expires": expires, "subject": record.subject}


def wanted_record(value: Any) -> Any:
    if value is None:
        return None
    fields = Fields(value)
    record = {
        "data": binary(fields.take("data")),
        "expires": fields.take("expires"),
        "subject": fields.maybe("subject", text),
    }
    if "key" in fields.left:
        record["key"] = fields.take("key")
    fields.end()
    return record


def seen_page(page: sessio.Page) -> Any:
    entries = [seen_record(entry.record) | {"key": entry.key.text} for entry in page.entries]
    return {"entries": entries, "next": page.next and page.next.text}


def wanted_page(value: Any) -> Any:
    fields = Fields(value)
    entries = [wanted_record(entry) for entry in fields.take("entries")]
    page = {"entries": entries, "next": fields.take("next")}
    fields.end()
    return page


def rows(value: Any) -> list[Any]:
    result = []
    for row in map(Fields, value):
        result.append((row.target(), *row.content(), *row.subject().values()))
        row.end()
    return result


class Case:
    """One store, on which steps are done."""

    def __init__(
        self, store: Any, sessions: Sessions, settle: Settle, clock: sessio.ManualClock
    ) -> None:
        self.store, self.sessions, self.settle, self.clock = store, sessions, settle, clock
        sessions.do = self.step

    def step(self, step: dict[str, Any]) -> None:
        fields = Fields(self.sessions.filled_in(step))
        verb, fails = fields.take("do"), fields.maybe("fails")
        wanted = fields.left.pop("gives", None)
        try:
            of_sessions, seen = self.sessions.step(verb, fields)
            if not of_sessions:
                seen = self.do(verb, fields)
        except sessio.SessioError as error:
            if error.kind != fails:
                raise
            return
        fields.end()
        assert fails is None, f"it did not fail with {fails}"
        if of_sessions:
            return check(seen, wanted)
        if verb == "find":
            wanted = wanted_record(wanted)
        elif verb == "find_many":
            wanted = [wanted_record(record) for record in wanted]
        elif verb in ("list", "list_subject"):
            wanted = wanted_page(wanted)
        assert seen == wanted, f"it gave {seen!r}"
        assert type(seen) is type(wanted), f"it gave a {type(seen)}"

    def do(self, verb: str, fields: Fields) -> Any:
        """Makes the call with the fields of its verb; returns what it gave in JSON's types."""
        arguments: list[Any] = []
        named: dict[str, Any] = {}
        convert: Callable[[Any], Any] = lambda value: value
        match verb:
            case "find":
                arguments, convert = [fields.target()], seen_record
            case "exists" | "delete":
                arguments = [fields.target()]
            case "save" | "insert" | "update":
                arguments, named = [fields.target(), *fields.content()], fields.subject()
            case "replace":
                expected = binary(fields.take("expected"))
                arguments = [fields.target(), expected, *fields.content()]
                named, convert = fields.subject(), lambda outcome: outcome.value
            case "touch":
                arguments = [fields.target(), expiry(fields.take("expires"))]
            case "rename":
                arguments = [fields.target(), text(fields.take("to"))]
                if "data" in fields.left:
                    arguments += fields.content()
                    named = fields.subject()
            case "find_many":
                arguments = [[text(token) for token in fields.take("tokens")]]
                convert = lambda records: [seen_record(record) for record in records]
            case "save_many":
                arguments = [rows(fields.take("rows"))]
            case "delete_many":
                arguments = [[text(token) for token in fields.take("tokens")]]
            case "list" | "list_subject":
                if verb == "list_subject":
                    arguments = [text(fields.take("subject"))]
                arguments += [fields.maybe("after", sessio.Key), fields.take("limit")]
                convert = seen_page
            case "delete_subject":
                arguments = [text(fields.take("subject"))]
                named = {"keep": fields.maybe("keep", text)}
            case "delete_expired":
                arguments = [fields.take("limit")]
            case "migrate_from":
                arguments = [fields.take("from")]
            case "clear_store":
                verb = "clear"
            case "count" | "migrate" | "ping" | "stop_cleanup" | "close":
                pass
            case "check":
                convert = lambda issues: [issue.code for issue in issues]
            case "stats":
                counter = fields.take("counter")
                convert = lambda stats: stats[counter]
            case "generate_token":
                fields.end()
                return len(sessio.generate_token())
            case "advance":
                span = fields.take("ms") * MILLISECOND
                fields.end()
                return self.clock.advance(span)
            case _:
                raise AssertionError(f"unknown step {verb}")
        fields.end()
        return convert(self.settle(getattr(self.store, verb)(*arguments, **named)))


@contextmanager
def opened(
    kind: Any, url: str, options: dict[str, str], manager: dict[str, str], settle: Settle
) -> Iterator[Case]:
    """A case's own store: on MySQL in a table of its own."""
    clock = sessio.ManualClock(START)
    in_memory = url.startswith("memory:")
    given = {"cleanup_interval": "0"} | ({} if in_memory else {"table": next(TABLES)}) | options
    query = "&".join(f"{name}={quote(value)}" for name, value in given.items())
    store = kind(f"{url}{'&' if '?' in url else '?'}{query}", clock=clock)
    try:
        if not in_memory:
            settle(store.migrate())
        yield Case(store, Sessions(store, manager, settle, START), settle, clock)
    finally:
        settle(store.close())


def run(kind: Any, url: str, settle: Settle) -> tuple[int, int]:
    """Returns the number of cases and steps. An AssertionError names the step that failed."""
    wanted = os.environ.get("SESSIO_VECTOR")
    cases = steps = 0
    for file in sorted(VECTORS.glob("*.json")):
        content = Fields(json.loads(file.read_text(encoding="utf-8")))
        assert content.take("format") == 1, f"{file.name} has an unknown format"
        content.take("about")
        for fields in map(Fields, content.take("cases")):
            name = fields.take("name")
            if wanted is not None and wanted not in (file.stem, name):
                continue
            options = fields.maybe("options") or {}
            manager = fields.maybe("manager") or {}
            with opened(kind, url, options, manager, settle) as case:
                for number, step in enumerate(fields.take("steps"), 1):
                    try:
                        case.step(step)
                    except Exception as error:
                        place = f"{file.name}, {name!r}, step {number} ({step.get('do')})"
                        raise AssertionError(f"{place}: {error}") from error
                    steps += 1
            fields.end()
            cases += 1
        content.end()
    assert cases > 0, f"no file in {VECTORS} and no case has the name {wanted!r}"
    return cases, steps


def run_sync(url: str) -> tuple[int, int]:
    return run(sessio.Store, url, lambda value: value)


def run_async(url: str) -> tuple[int, int]:
    with asyncio.Runner() as runner:

        def settle(value: Any) -> Any:
            if not inspect.iscoroutine(value):
                return value
            if (loop := runner.get_loop()).is_running():
                # The change of a transaction, in a thread of its own.
                return asyncio.run_coroutine_threadsafe(value, loop).result()
            return runner.run(value)

        return run(sessio.AsyncStore, url, settle)


def main() -> None:
    [_, kind] = sys.argv
    url = os.environ.get("SESSIO_VECTORS_URL", "memory:")
    cases, steps = {"sync": run_sync, "async": run_async}[kind](url)
    print(f"vectors: {cases} cases, {steps} steps")


if __name__ == "__main__":
    main()
