"""Types of results."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Generic, Literal, NamedTuple, TypeVar

from ._native import CommitResult, Key, Record
from ._types import SameSite

__all__ = ["CheckIssue", "Cookie", "Entry", "Outcome", "Page", "SessionPage", "Transacted"]

_AnySession = TypeVar("_AnySession")
_Changed = TypeVar("_Changed")


class Outcome(StrEnum):
    """The outcome of `replace`. True only if the data was written."""

    SAVED = "saved"
    CONFLICT = "conflict"
    GONE = "gone"

    def __bool__(self) -> bool:
        """Whether the data was written. A plain str would always be true."""
        return self is Outcome.SAVED


class Entry(NamedTuple):
    """A listed session."""

    key: Key
    """Identifies the session. Accepted by every verb in place of a token."""
    record: Record


class Page(NamedTuple):
    """A page of listed sessions, as records."""

    entries: list[Entry]
    """Live sessions, in ascending order of their keys."""
    next: Key | None
    """The `after` of the next page; None if this is the last one."""


class SessionPage(NamedTuple, Generic[_AnySession]):
    """A page of listed sessions, as `Session` or `AsyncSession`."""

    sessions: list[_AnySession]
    """Live sessions, in ascending order of their keys."""
    next: Key | None
    """The `after` of the next page; None if this is the last one."""


class Transacted(NamedTuple, Generic[_Changed]):
    """The result of `transact`."""

    value: _Changed
    """The return value of the last call of the change."""
    result: CommitResult
    """The result of the commit, with the headers to send to the client."""


@dataclass(frozen=True, slots=True)
class Cookie:
    """The parts of the cookie of a `CommitResult`. `repr` does not show the value."""

    name: str
    value: str = field(repr=False)
    """The encoded value, as in the header. Empty if the cookie is to be deleted."""
    path: str
    domain: str | None
    """None means only the host that sets the cookie."""
    expires: datetime | None
    """When the browser deletes it, in UTC; None means when the browser is closed."""
    max_age: int | None
    """The same in seconds from now."""
    secure: bool
    http_only: bool
    same_site: SameSite
    partitioned: bool


class CheckIssue(NamedTuple):
    """One problem of the table, found by `check`."""

    severity: Literal["advice", "hazard", "broken"]
    """`advice`: works, but could work better. `hazard`: can lose or expose sessions in a situation
    that the message describes. `broken`: the table cannot be used."""
    code: str
    """A stable name for programs, such as `missing_table` or `collation`."""
    message: str
    """The problem and its consequences."""
    fix: str
    """The SQL statement or the call that fixes it."""
