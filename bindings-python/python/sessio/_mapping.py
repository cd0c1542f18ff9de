"""`Session` as a mapping: what mappings do by means of a few methods is the standard library's."""

from collections.abc import MutableMapping

from ._native import Session

__all__: list[str] = []

for _name in ("keys", "items", "values", "popitem", "update", "setdefault", "__eq__", "__hash__"):
    setattr(Session, _name, getattr(MutableMapping, _name))
MutableMapping.register(Session)
