"""Go, C, Python and Node on the sessions of one table, one operation after another, at random.

    python live.py URL [--variant NAME] [--operations N] [--seed N]

Before each operation the program that does it sees everything that the last one left, whichever it
was: values, and their Go types where it is Go that looks. After it, the bytes of all values that it
did not touch are what they were. A session that one of them ends is ended for all at once. At the
first difference it says who wrote and who read, and fails.
"""

import argparse
import secrets
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from random import Random
from typing import Any

from gob_split import unordered
from peer import spelled
from programs import Program, Server, Table
from tagged import native, same
from values import of_go
from variants import VARIANTS, Beego, Variant

LANGUAGES = ("c", "python", "node")
# Of each of the two systems; of other ways to share their tables, fewer.
OPERATIONS = {"scs": 5000, "beego": 5000}
FEWER = 2000
SESSIONS = 30
KEYS = ("user", "cart", "seen", "theme", "roles", "note", "at", "count", "__extra")
WEIGHTS = {"put": 60, "pop": 14, "renew": 8, "destroy": 5, "expire": 5, "read": 8}


class Different(Exception):
    """One of them does not see what another one left."""


@dataclass
class Session:
    """What all must agree on."""

    token: str | None = None
    values: dict[str, Any] = field(default_factory=dict)
    parts: dict[str, Any] = field(default_factory=dict)
    writer: str = "none"


class Live:
    """The programs, and what each session holds."""

    def __init__(self, variant: Variant, url: str, random: Random, stack: ExitStack) -> None:
        self.variant = variant
        self.form = variant.form()
        self.random = random
        self.table = stack.enter_context(Table(url))
        self.go: Server = stack.enter_context(variant.server(url))
        self.programs: dict[str, Program] = {"go": self.go}
        for language in LANGUAGES:
            self.programs[language] = stack.enter_context(variant.peer(language, url))
        self.sessions = [Session() for _ in range(SESSIONS)]
        self.checks = 0

    def step(self) -> None:
        """One operation, of one program, on one session."""
        session = self.random.choice(self.sessions)
        who = self.random.choice(list(self.programs))
        [what] = self.random.choices(list(WEIGHTS), list(WEIGHTS.values()))
        if session.token is None:
            what = "put"
        if what == "pop" and not session.values:
            what = "read"
        if what == "expire" and isinstance(self.variant, Beego):
            self.expire_row(session)
        else:
            self.operate(session, who, what)

    def operate(self, session: Session, who: str, what: str) -> None:
        before = dict(session.values)
        asked: dict[str, Any] = {"do": what, "token": session.token, "keys": KEYS}
        if what == "put":
            asked["key"] = self.random.choice(KEYS)
            asked |= self.chosen(session, who, asked["key"])
        elif what == "pop":
            asked["key"] = self.random.choice(sorted(session.values))
            popped = session.values.pop(asked["key"])
        answer = self.programs[who].ask(asked)
        self.sees(who, before, answer["before"], session.writer)
        if what == "pop":
            self.sees(who, {asked["key"]: popped}, {asked["key"]: answer["popped"]}, session.writer)
        if what in ("destroy", "expire"):
            self.ended(session, who)
            return
        if what == "renew":
            self.is_over(session.token, who)
        session.token = answer["token"]
        if what != "read":
            session.writer = who
        self.untouched(session, who, asked.get("key"))

    def chosen(self, session: Session, who: str, key: str) -> dict[str, Any]:
        """A value to put, noted as what each program is to see."""
        if who == "go":
            value, session.values[key] = self.form.from_go(self.random)
            return {"value": value}
        value, session.values[key] = self.form.from_others(self.random, session.values.get(key))
        return {"value": spelled(value), "float": isinstance(value, float)}

    def sees(self, who: str, wanted: dict[str, Any], seen: dict[str, Any], writer: str) -> None:
        """Whether a program sees exactly this."""
        for key in sorted(wanted.keys() | seen.keys()):
            self.checks += 1
            if key not in wanted or key not in seen or not self.equal(who, wanted[key], seen[key]):
                raise Different(
                    f"{writer} wrote {wanted.get(key)!r} as {key!r}, {who} reads {seen.get(key)!r}"
                )

    def equal(self, who: str, wanted: Any, seen: Any) -> bool:
        if who == "go":
            return same_go(of_go(seen), self.form.in_go(wanted))
        wanted = self.form.elsewhere(wanted)
        return same(native(seen), as_in_javascript(wanted) if who == "node" else wanted)

    def untouched(self, session: Session, who: str, key: str | None) -> None:
        """Whether the values that an operation had nothing to do with kept their bytes."""
        assert session.token is not None
        [[data]] = self.table.run(self.variant.blob_of, self.variant.key(session.token))
        parts = self.form.parts(data or b"")
        if parts.keys() != session.values.keys():
            raise Different(
                f"after {who} the table has {sorted(parts)}, not {sorted(session.values)}"
            )
        for name in parts.keys() & session.parts.keys() - {key}:
            self.checks += 1
            was, now = session.parts[name], parts[name]
            # Go writes the keys of a map in another order each time; no other program moves them.
            if unordered(was) != unordered(now) if who == "go" else was != now:
                raise Different(f"{who} changed {name!r}, which it left alone, from {was} to {now}")
        session.parts = parts

    def expire_row(self, session: Session) -> None:
        """As time does it: beego itself has no way to end a session later than now."""
        assert session.token is not None
        # A second more for what was rounded up, and one because beego's end is a second later.
        lifetime = Beego.lifetime + 2
        self.table.run(
            "UPDATE session SET session_expiry = session_expiry - ? WHERE session_key = ?",
            lifetime,
            session.token,
        )
        # Beego goes on with what is over until it collects the garbage.
        for language in LANGUAGES:
            self.finds_nothing(language, session.token, "time")
        self.go.post("/gc", {})
        self.ended(session, "time")

    def ended(self, session: Session, who: str) -> None:
        self.is_over(session.token, who)
        session.token, session.values, session.parts = None, {}, {}

    def is_over(self, token: str | None, who: str) -> None:
        """For all four at once."""
        assert token is not None
        for language in self.programs:
            self.finds_nothing(language, token, who)

    def finds_nothing(self, reader: str, token: str, who: str) -> None:
        self.checks += 1
        answer = self.programs[reader].ask({"do": "read", "token": token, "keys": KEYS})
        if answer["before"] or answer.get("found", False):
            raise Different(f"{who} ended the session, {reader} reads {answer['before']}")


def as_in_javascript(value: Any) -> Any:
    """In its JSON a whole number is an integer."""
    if isinstance(value, list):
        return [as_in_javascript(part) for part in value]
    if isinstance(value, dict):
        return {key: as_in_javascript(part) for key, part in value.items()}
    return int(value) if isinstance(value, float) and value.is_integer() else value


def same_go(one: Any, other: Any) -> bool:
    """Whether two values of Go are equal, types and all."""
    if isinstance(one, tuple):
        return isinstance(other, tuple) and one[0] == other[0] and same_go(one[1], other[1])
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same_go(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same_go, one, other))
    return same(one, other)


def run(name: str, url: str, operations: int, seed: int) -> int:
    """How many checks it took."""
    variant = VARIANTS[name]
    with Table(url) as table:
        table.run(f"DROP TABLE IF EXISTS {variant.table}")
    variant.make_table(url)
    with ExitStack() as stack:
        live = Live(variant, url, Random(f"{seed} {name}"), stack)
        for operation in range(1, operations + 1):
            try:
                live.step()
            except Exception as error:
                sys.exit(
                    f"{name}, operation {operation}, --seed {seed}: {type(error).__name__}: {error}"
                )
            if operation % 500 == 0:
                print(f"{name}: {operation} operations, {live.checks} checks", flush=True)
        return live.checks


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("--variant", choices=VARIANTS, action="append")
    parser.add_argument("--operations", type=int, help="of each variant")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    options = parser.parse_args()
    print(f"--seed {options.seed}")
    start, operations, checks = time.monotonic(), 0, 0
    for name in options.variant or VARIANTS:
        count = options.operations or OPERATIONS.get(name, FEWER)
        checks += run(name, options.url, count, options.seed)
        operations += count
    took = time.monotonic() - start
    print(f"interop: {operations} operations, {checks} checks, {took:.0f} s")


if __name__ == "__main__":
    main()
