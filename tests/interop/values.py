"""The values of the live test: how Go has them, and how all other languages do.

A value of Go is a pair of its type, as %T prints it, and a value of Python's; the parts of lists
and maps are such pairs again.
"""

import json
import struct
from datetime import UTC, datetime, timedelta
from typing import Any

Typed = tuple[str, Any]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
RANGES = {
    "int": (-(2**63), 2**63 - 1),
    "int64": (-(2**63), 2**63 - 1),
    "int32": (-(2**31), 2**31 - 1),
    "uint8": (0, 2**8 - 1),
    "uint64": (0, 2**64 - 1),
}
# Slices that gob knows by itself, and what all their parts are.
SLICES = {"[]string": "string", "[]int": "int", "[]float64": "float64", "[]bool": "bool"}
ACCOUNT = {"ID": "int64", "Email": "string", "Tags": "[]string", "Score": "float32"}
LIST, MAP, TEXTS = "[]interface {}", "map[string]interface {}", "map[string]string"


def micros(at: datetime) -> int:
    """Since 1970."""
    return (at - EPOCH) // timedelta(microseconds=1)


def single(number: float) -> float:
    """The nearest float32."""
    return float(struct.unpack("f", struct.pack("f", number))[0])


def plain(value: Typed) -> Any:
    """What a language without Go's types sees."""
    match value:
        case ("time.Time", nanos):
            return EPOCH + timedelta(microseconds=nanos // 1000)
        case (_, list(parts)):
            return [plain(part) for part in parts]
        case (_, dict(parts)):
            return {key: plain(part) for key, part in parts.items()}
    return value[1]


def default(value: Any) -> Typed:
    """The Go type of what another language puts under a new key."""
    match value:
        case None:
            return ("nil", None)
        case bool():
            return ("bool", value)
        case int():
            return ("int" if value < 2**63 else "uint64", value)
        case float():
            return ("float64", value)
        case str():
            return ("string", value)
        case bytes():
            return ("[]uint8", value)
        case datetime():
            return ("time.Time", micros(value) * 1000)
        case list():
            parts = [default(part) for part in value]
            kinds = {kind for kind, _ in parts}
            for name, kind in SLICES.items():
                if kinds <= {kind}:
                    return (name, parts)
            return (LIST, parts)
        case dict():
            return (MAP, {key: default(part) for key, part in value.items()})
    raise TypeError(type(value))


def typed(value: Any, former: Typed | None) -> Typed | None:
    """The Go type of what another language puts over a value: the former one's, where it is of the
    same kind. None for what does not fit into that, which sessio refuses."""
    fresh = default(value)
    # What sessio writes for an empty list says nothing of what belongs into it.
    if former is None or former == ("[]string", []) or not is_like(fresh[0], former[0]):
        return fresh
    return fitted(value, former)


def is_like(name: str, former: str) -> bool:
    """Whether a value of one Go type may become one of another, for a language without them."""
    kinds = kind_of(name), kind_of(former)
    # JavaScript has whole numbers where Go has floats.
    return kinds[0] == kinds[1] or kinds == ("integer", "float")


def kind_of(name: str) -> str:
    """What a language without Go's types calls a value."""
    if name in RANGES:
        return "integer"
    if name in (LIST, *SLICES):
        return "list"
    if name in (MAP, TEXTS, "wire.Account"):
        return "map"
    return "float" if name.startswith("float") else name


def fitted(value: Any, former: Typed) -> Typed | None:
    """A value as the type that was there. Parts are as the part in their place."""
    name, was = former
    if name in RANGES:
        lowest, highest = RANGES[name]
        return (name, value) if lowest <= value <= highest else None
    if name.startswith("float"):
        exact = isinstance(value, float) or abs(value) <= 2**53
        return (name, single(value) if name == "float32" else float(value)) if exact else None
    if name in SLICES:
        return all_or_none(name, [part_of(SLICES[name], part) for part in value])
    if name == LIST:
        formers = was[: len(value)] + [was[-1] if was else None] * (len(value) - len(was))
        return all_or_none(name, list(map(typed, value, formers)))
    if name == MAP:
        return all_or_none(name, {key: typed(part, was.get(key)) for key, part in value.items()})
    if name == TEXTS:
        return all_or_none(name, {key: part_of("string", part) for key, part in value.items()})
    if name == "wire.Account":
        if value.keys() != ACCOUNT.keys():
            return None
        fields = {key: part_of(kind, value[key]) for key, kind in ACCOUNT.items()}
        return all_or_none(name, fields)
    return (name, value if name != "time.Time" else micros(value) * 1000)


def part_of(name: str, value: Any) -> Typed | None:
    """A value in a place that has a type of its own."""
    return fitted(value, (name, [])) if is_like(default(value)[0], name) else None


def all_or_none(name: str, parts: Any) -> Typed | None:
    each = parts.values() if isinstance(parts, dict) else parts
    return None if None in each else (name, parts)


def of_go(answer: dict[str, Any]) -> Typed:
    """A value in the answer of a Go program."""
    kind, value = answer["type"], answer["value"]
    if isinstance(value, list):
        return (kind, [of_go(part) for part in value])
    if isinstance(value, dict):
        return (kind, {key: of_go(part) for key, part in value.items()})
    if kind in RANGES or kind == "time.Time":
        return (kind, int(value))
    if kind.startswith("float"):
        return (kind, float(value))
    if kind == "json.Number":
        return (kind, json.loads(value))
    if kind == "bool":
        return (kind, value == "true")
    return (kind, bytes.fromhex(value) if kind == "[]uint8" else value)


def for_go(value: Typed) -> dict[str, Any]:
    """A value in what a Go program is asked to put."""
    kind, content = value
    if kind in ("[]string", TEXTS, "wire.Account"):
        return {"type": kind, "value": plain(value)}
    if isinstance(content, list):
        return {"type": kind, "value": [for_go(part) for part in content]}
    if isinstance(content, dict):
        return {"type": kind, "value": {key: for_go(part) for key, part in content.items()}}
    if isinstance(content, bytes):
        return {"type": kind, "value": content.hex()}
    return {"type": kind, "value": repr(content).lower() if kind != "string" else content}


def json_of_go(value: Any) -> Typed:
    """What Go's JSON makes of a value that is spelled as the json codec writes it."""
    match value:
        case None:
            return ("nil", None)
        case bool():
            return ("bool", value)
        case int() | float():
            return ("json.Number", value)
        case str():
            return ("string", value)
        case list():
            return (LIST, [json_of_go(part) for part in value])
    return (MAP, {key: json_of_go(part) for key, part in value.items()})
