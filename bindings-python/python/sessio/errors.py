"""Why a call failed: one class for each kind, all under `SessioError`.

The kinds, their names and their numbers are the same in every language that speaks sessio. A kind
exists only where the caller would act differently. No message carries a token, a key, session data
or a password.
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
    """The base of every error of this package.

    `kind` and `number` name the kind, `retryable` says whether the same call may succeed when it
    is made again a little later, and `errno` and `sqlstate` are what the server said, if it was
    the server who said it.
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
        # Only what differs: pickling and copying keep the instance's own attributes.
        if retryable is not None and retryable != self.retryable:
            self.retryable = retryable
        if errno is not None:
            self.errno = errno
        if sqlstate is not None:
            self.sqlstate = sqlstate


class InvalidArgument(SessioError, ValueError):
    """The call itself is wrong: mend the program."""

    kind = "InvalidArgument"
    number = -1


class AlreadyExists(SessioError):
    """A live session already has this token: make another token."""

    kind = "AlreadyExists"
    number = -2


class TooLarge(SessioError, ValueError):
    """The data is over the limit (`max_data`, the column, or the server's packet): store less."""

    kind = "TooLarge"
    number = -3


class Full(SessioError):
    """The memory store is at its cap (`max_sessions`, `max_bytes`): raise it, or shed load."""

    kind = "Full"
    number = -4


class Overloaded(SessioError):
    """Too much is waiting for the server already: shed load, try again later."""

    kind = "Overloaded"
    number = -5
    retryable = True


class Timeout(SessioError, TimeoutError):
    """The deadline passed. A write may have happened or not."""

    kind = "Timeout"
    number = -6
    retryable = True


class Unavailable(SessioError, ConnectionError):
    """The server cannot be reached, refused the login, or went away in mid-call."""

    kind = "Unavailable"
    number = -7
    retryable = True


class Schema(SessioError):
    """The table is missing or of no known layout: run `migrate`, or name the right table."""

    kind = "Schema"
    number = -8


class Unsupported(SessioError):
    """The table's layout cannot do this: the message names the migration that helps."""

    kind = "Unsupported"
    number = -9


class Corrupt(SessioError):
    """What is stored cannot be read: it was damaged, or written by something else."""

    kind = "Corrupt"
    number = -10


class Closed(SessioError):
    """The store was closed: open a new one."""

    kind = "Closed"
    number = -11


class Forked(SessioError):
    """The process forked while this was in flight: its answer is the parent's. Ask again."""

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
    """What the native module raises."""
    return _BY_KIND[kind](message, retryable=retryable, errno=errno, sqlstate=sqlstate)
