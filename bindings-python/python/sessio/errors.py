"""Exceptions: one class for each kind of error, all subclasses of `SessioError`.

Kinds, names and numbers are the same in all languages of sessio. Two errors are of different kinds
only if the caller should react differently. No message contains a token, a key, session data or a
password.
"""

from typing import ClassVar

__all__ = [
    "AlreadyExists",
    "Closed",
    "Corrupt",
    "Forked",
    "Full",
    "Internal",
    "InvalidArgument",
    "Overloaded",
    "Schema",
    "SessioError",
    "Timeout",
    "TooLarge",
    "Unavailable",
    "Unsupported",
]


class SessioError(Exception):
    """The base class of all errors of this package.

    `kind` and `number` identify the kind. `retryable` is true if the same call may succeed a little
    later. `errno` and `sqlstate` are those of the server if the error came from it, otherwise None.
    """

    kind: ClassVar[str] = ""
    number: ClassVar[int] = 0
    retryable: bool = False
    errno: int | None = None
    sqlstate: str | None = None

    def __init__(
        self,
        message: str = "",
        *,
        retryable: bool | None = None,
        errno: int | None = None,
        sqlstate: str | None = None,
    ) -> None:
        super().__init__(message)
        # Set only if they differ from the class: pickle and copy keep instance attributes.
        if retryable is not None and retryable != self.retryable:
            self.retryable = retryable
        if errno is not None:
            self.errno = errno
        if sqlstate is not None:
            self.sqlstate = sqlstate


class InvalidArgument(SessioError, ValueError):
    """An argument is invalid: fix the program."""

    kind = "InvalidArgument"
    number = -1


class AlreadyExists(SessioError):
    """A live session has this token: generate another token."""

    kind = "AlreadyExists"
    number = -2


class TooLarge(SessioError, ValueError):
    """The data exceeds `max_data`, the column, or the server's packet size: store less."""

    kind = "TooLarge"
    number = -3


class Full(SessioError):
    """The memory store has reached `max_sessions` or `max_bytes`: raise it or shed load."""

    kind = "Full"
    number = -4


class Overloaded(SessioError):
    """Too many calls are queued for the server: shed load, or try again later."""

    kind = "Overloaded"
    number = -5
    retryable = True


class Timeout(SessioError, TimeoutError):
    """The store's `timeout` has passed. A write may have happened or not."""

    kind = "Timeout"
    number = -6
    retryable = True


class Unavailable(SessioError, ConnectionError):
    """The server is unreachable, refused the login, or closed the connection."""

    kind = "Unavailable"
    number = -7
    retryable = True


class Schema(SessioError):
    """The table is missing or of an unknown layout: call `migrate`, or check the `table` option."""

    kind = "Schema"
    number = -8


class Unsupported(SessioError):
    """The table's layout does not support this: the message names the migration that adds it."""

    kind = "Unsupported"
    number = -9


class Corrupt(SessioError):
    """The stored data cannot be decoded: it is damaged, or was written by another program."""

    kind = "Corrupt"
    number = -10


class Closed(SessioError):
    """The store was closed: open a new one."""

    kind = "Closed"
    number = -11


class Forked(SessioError):
    """The process forked during the call, and the answer went to the parent: call again."""

    kind = "Forked"
    number = -12
    retryable = True


class Internal(SessioError):
    """A bug in sessio: please report it."""

    kind = "Internal"
    number = -13


_BY_KIND: dict[str, type[SessioError]] = {
    error.kind: error for error in SessioError.__subclasses__()
}


def _make(
    kind: str, message: str, retryable: bool, errno: int | None, sqlstate: str | None
) -> SessioError:
    """Makes the exceptions that the native module raises."""
    return _BY_KIND[kind](message, retryable=retryable, errno=errno, sqlstate=sqlstate)
