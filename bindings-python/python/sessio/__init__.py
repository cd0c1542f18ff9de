"""Server-side web sessions, in MySQL or in memory, shared with every other language.

    import sessio
    with sessio.Store("mysql://user:password@host/app") as store:    # or "memory:"
        token = sessio.generate_token()
        store.save(token, b"...", timedelta(hours=24))
        record = store.find(token)

A `Store` stores bytes under tokens. A `SessionManager` makes sessions of them, which hold what a
program keeps about a visitor between requests:

    manager = sessio.SessionManager(store)
    session = manager.load_cookie(header)        # the request's Cookie header
    session["user"] = "ada"
    result = manager.commit(session)             # add result.headers to the response

Calls of `Store` and `SessionManager` block. `AsyncStore` and `AsyncSessionManager` are for asyncio,
and can share a store and its sessions with the blocking classes. All are thread-safe, and can be
used in a forked child. Background work is logged to the logger `sessio`.
"""

import atexit as _atexit
import logging as _logging
import os as _os

from . import _methods, _native
from ._native import (
    AsyncSession,
    CommitResult,
    Key,
    ManualClock,
    Record,
    Session,
    SessionManager,
    Store,
    generate_token,
)
from ._types import Storable, Value
from .async_sessions import AsyncSessionManager, LazySession
from .asynchronous import AsyncStore
from .errors import (
    AlreadyExists,
    Closed,
    Corrupt,
    Forked,
    Full,
    Internal,
    InvalidArgument,
    Overloaded,
    Schema,
    SessioError,
    Timeout,
    TooLarge,
    Unavailable,
    Unsupported,
)
from .results import CheckIssue, Cookie, Entry, Outcome, Page, SessionPage, Transacted

__all__ = [
    "AlreadyExists",
    "AsyncSession",
    "AsyncSessionManager",
    "AsyncStore",
    "CheckIssue",
    "Closed",
    "CommitResult",
    "Cookie",
    "Corrupt",
    "Entry",
    "Forked",
    "Full",
    "Internal",
    "InvalidArgument",
    "Key",
    "LazySession",
    "ManualClock",
    "Outcome",
    "Overloaded",
    "Page",
    "Record",
    "Schema",
    "SessioError",
    "Session",
    "SessionManager",
    "SessionPage",
    "Storable",
    "Store",
    "Timeout",
    "TooLarge",
    "Transacted",
    "Unavailable",
    "Unsupported",
    "Value",
    "generate_token",
]

_methods.complete()
# Silent by default: a program sets a level and a handler on the logger `sessio`.
_logging.getLogger("sessio").addHandler(_logging.NullHandler())
_atexit.register(_native.drain_log)
_os.register_at_fork(after_in_child=_native.after_fork)
