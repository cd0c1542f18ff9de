"""The two forms in which sessions are shared: with the types of Go, or with those of JSON."""

import json
from collections.abc import Callable
from random import Random
from typing import Any

import choices
import values
from peer import spelled
from values import Typed


class Gob:
    """Values keep the type that they have in Go."""

    def __init__(self, split: Callable[[bytes], dict[str, Any]], has_null: bool = True) -> None:
        self.split = split
        # Beego ends with a panic when it writes a session that holds one.
        self.has_null = has_null

    def from_go(self, random: Random) -> tuple[dict[str, Any], Typed]:
        """What Go is asked to put, and what there is then."""
        while True:
            value = choices.of_go(random)
            if self.has_null or value[0] != "nil":
                return values.for_go(value), value

    def from_others(self, random: Random, former: Typed | None) -> tuple[Any, Typed]:
        """The same of another language, over what was there."""
        while True:
            value = choices.native(random)
            put = values.typed(value, former)
            if put is not None and (self.has_null or value is not None):
                return value, put

    def in_go(self, value: Typed) -> Typed:
        return value

    def elsewhere(self, value: Typed) -> Any:
        return values.plain(value)

    def parts(self, data: bytes) -> dict[str, Any]:
        """The bytes of each value."""
        return self.split(data)


class Json:
    """Values have the kinds of JSON, for Go too; a number keeps its digits."""

    def from_go(self, random: Random) -> tuple[dict[str, Any], Any]:
        """Only what JSON has and keeps: Go's makes text of times and bytes, and sessio's spells
        integers that JavaScript would round in a way of its own."""
        while True:
            value = choices.of_go(random)
            if not _is_beyond_json(value):
                return values.for_go(value), values.plain(value)

    def from_others(self, random: Random, _former: Any) -> tuple[Any, Any]:
        value = choices.native(random)
        return value, value

    def in_go(self, value: Any) -> Typed:
        return values.json_of_go(spelled(value))

    def elsewhere(self, value: Any) -> Any:
        return value

    def parts(self, data: bytes) -> dict[str, Any]:
        document = json.loads(
            data,
            parse_int=str.encode,
            parse_float=str.encode,
            object_pairs_hook=lambda pairs: ("map", pairs),
        )
        return dict(dict(document[1])["values"][1])


def _is_beyond_json(value: Typed) -> bool:
    kind, content = value
    if isinstance(content, dict | list):
        parts = content.values() if isinstance(content, dict) else content
        return any(map(_is_beyond_json, parts))
    large = isinstance(content, int) and abs(content) >= 2**53
    return large or kind in ("time.Time", "[]uint8", "float32")
