"""What the live test puts into sessions: values of every type, chosen at random."""

from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

from values import ACCOUNT, EPOCH, LIST, MAP, RANGES, TEXTS, Typed, single

WORDS = (
    "",
    "ada",
    "42",
    "a longer text with some words in it",
    "<&>",
    "ünïcödé \u2603 \U0001f600",
    'q"\\',
)


def text(random: Random) -> str:
    return random.choice(WORDS) + random.choice(("", str(random.randrange(1000))))


def integer(random: Random, kind: str) -> int:
    lowest, highest = RANGES[kind]
    if random.random() < 0.3:
        return random.choice((lowest, highest, 0))
    return random.randint(max(lowest, -1000), min(highest, 1000))


def fraction(random: Random) -> float:
    """Never whole: a line of JSON between programs would make an integer of it in JavaScript."""
    return random.randrange(-1000, 1000) + random.choice((0.5, 0.25, 0.1))


def instant(random: Random) -> Any:
    """In milliseconds, as a Date of JavaScript has them."""
    return EPOCH + timedelta(milliseconds=random.randrange(2**41))


def some(random: Random, make: Callable[[], Any]) -> list[Any]:
    return [make() for _ in range(random.randrange(4))]


def keyed(random: Random, make: Callable[[], Any]) -> dict[str, Any]:
    return {f"k{index}": make() for index in range(random.randrange(4))}


def native(random: Random, depth: int = 2) -> Any:
    """A value of a language without Go's types."""
    kinds = ("int", "large", "float", "bool", "text", "bytes", "time", "null", "texts")
    deep = ("list", "map", "text map", "account")
    match random.choice(kinds + deep if depth else kinds):
        case "int":
            return random.randrange(200)
        case "large":
            return random.choice((-(2**63), 2**53 + 1, 2**63 - 1, 2**64 - 1))
        case "float":
            return fraction(random)
        case "bool":
            return random.random() < 0.5
        case "text":
            return text(random)
        case "bytes":
            return random.randbytes(random.randrange(20))
        case "time":
            return instant(random)
        case "null":
            return None
        case "texts":
            return some(random, lambda: text(random))
        case "list":
            return some(random, lambda: native(random, depth - 1))
        case "map":
            return keyed(random, lambda: native(random, depth - 1))
        case "text map":
            return keyed(random, lambda: text(random))
        case _:
            # Of a struct's fields gob does not tell that they are float32: this one is exact in it.
            score = random.randrange(1000) + 0.5
            return {"ID": 7, "Email": text(random), "Tags": ["a"], "Score": score}


def of_go(random: Random, depth: int = 2) -> Typed:
    """A value of a Go program."""
    kinds = (
        *RANGES,
        "float64",
        "float32",
        "bool",
        "string",
        "[]uint8",
        "time.Time",
        "[]string",
        "nil",
    )
    kind = random.choice(
        (*kinds, LIST, MAP, TEXTS, "wire.Account") if depth == 2 else (*kinds, LIST)
    )
    if depth == 0 and kind == LIST:
        return ("nil", None)
    if kind in RANGES:
        return (kind, integer(random, kind))
    match kind:
        case "float64":
            return (kind, fraction(random))
        case "float32":
            return (kind, single(fraction(random)))
        case "bool":
            return (kind, random.random() < 0.5)
        case "string":
            return (kind, text(random))
        case "[]uint8":
            return (kind, random.randbytes(random.randrange(20)))
        case "time.Time":
            return (kind, (instant(random) - EPOCH) // timedelta(milliseconds=1) * 1_000_000)
        case "[]string":
            return (kind, some(random, lambda: ("string", text(random))))
        case "[]interface {}":
            return (kind, some(random, lambda: of_go(random, depth - 1)))
        case "map[string]interface {}":
            return (kind, keyed(random, lambda: of_go(random, depth - 1)))
        case "map[string]string":
            return (kind, keyed(random, lambda: ("string", text(random))))
        case "wire.Account":
            fields = (
                integer(random, "int64"),
                text(random),
                [("string", text(random))],
                single(fraction(random)),
            )
            parts = zip(ACCOUNT.items(), fields, strict=True)
            return (kind, {name: (type, field) for (name, type), field in parts})
    return ("nil", None)
