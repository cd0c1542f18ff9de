"""What the verbs return beside records."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Generic, Literal, NamedTuple, TypeVar

from ._native import Key, Record, CommitResult
from ._types import SameSite

__all__ = ["Cookie", "Entry", "CheckIssue", "Outcome", "Page", "SessionPage", "Transacted"]

_AnySession = TypeVar("_AnySession")
_Changed = TypeVar("_Changed")


class Outcome(StrEnum):
    """How a `replace` ended. True only if it was written."""

    SAVED = "saved"
    CONFLICT = "conflict"
    GONE = "gone"

    def __bool__(self) -> bool:
        """Whether it was written; text would be true whatever it says."""
        return self is Outcome.SAVED


class Entry(NamedTuple):
    """A listed session."""

    key: Key
    """What the table holds for its token; accepted wherever a token is."""
    record: Record


class Page(NamedTuple):
    """A page of a list."""

    entries: list[Entry]
    """Live sessions in ascending order of their keys."""
    next: Key | None
    """What to pass as `after` for the next page; None when this was the last one."""


class SessionPage(NamedTuple, Generic[_AnySession]):
    """A page of sessions, as `Session` or `AsyncSession`."""

    sessions: list[_AnySession]
    """Live sessions in ascending order of their keys."""
    next: Key | None
    """What to pass as `after` for the next page; None when this was the last one."""


class Transacted(NamedTuple, Generic[_Changed]):
    """How a `transact` ended."""

    value: _Changed
    """What the change returned the last time that it ran."""
    result: CommitResult
    """What to send to the client."""


@dataclass(frozen=True, slots=True)
class Cookie:
    """The cookie of a `CommitResult`, part by part. `repr` does not show its value."""

    name: str
    value: str = field(repr=False)
    """As it stands in the header; empty where the client is to forget the cookie."""
    path: str
    domain: str | None
    """None is the host that sets it, alone."""
    expires: datetime | None
    """When the browser forgets it; None is when it is closed."""
    max_age: int | None
    """The same as seconds from now on."""
    secure: bool
    http_only: bool
    same_site: SameSite
    partitioned: bool


class CheckIssue(NamedTuple):
    """One thing that `check` noticed about the table."""

    severity: Literal["advice", "hazard", "broken"]
    """`advice`: works, but not as well as it could. `hazard`: can lose or expose sessions in a
    situation that the message names. `broken`: the table cannot be used."""
    code: str
    """A stable name for programs, such as `missing_table` or `collation`."""
    message: str
    """What is so, and what it can do to you."""
    fix: str
    """The statement or the call that mends it."""
