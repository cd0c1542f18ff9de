"""The values of vectors and documents, as the json codec writes them and as Python's own."""

import base64
import math
from datetime import UTC, datetime
from typing import Any


def native(value: Any) -> Any:
    """The Python value of a tagged JSON value."""
    if isinstance(value, list):
        return [native(part) for part in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        [(tag, inner)] = value.items()
        match tag:
            case "$bytes":
                return base64.b64decode(inner, validate=True)
            case "$time":
                return datetime.fromisoformat(inner).astimezone(UTC)
            case "$int":
                return int(inner)
            case "$float":
                return {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}[inner]
            case "$map":
                return {key: native(part) for key, part in inner.items()}
    return {key: native(part) for key, part in value.items()}


def same(one: Any, other: Any) -> bool:
    """Whether they are equal and of the same types, all the way down. 0.0 is not -0.0."""
    if type(one) is not type(other):
        return False
    if isinstance(one, float):
        signs = math.copysign(1, one) == math.copysign(1, other)
        return (math.isnan(one) and math.isnan(other)) or (one == other and signs)
    if isinstance(one, datetime):
        return bool(one == other and one.utcoffset() == other.utcoffset())
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    return bool(one == other)
