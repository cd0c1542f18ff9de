"""`Session` as a mapping: what mappings do by means of a few methods is the standard library's."""

from collections.abc import MutableMapping

from ._native import Session

__all__ = ["complete"]


def complete() -> None:
    for name in ("keys", "items", "values", "popitem", "update", "setdefault", "__eq__"):
        setattr(Session, name, getattr(MutableMapping, name))
    # As every mapping that can be changed.
    Session.__hash__ = None  # type: ignore[assignment, method-assign]
    MutableMapping.register(Session)
