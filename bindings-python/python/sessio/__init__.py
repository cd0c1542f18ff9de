"""Server-side web sessions, in MySQL or in memory, shared with every other language.

    import sessio
    with sessio.Store("mysql://user:password@host/app") as store:    # or "memory:"
        token = sessio.generate_token()
        store.save(token, b"...", timedelta(hours=24))
        record = store.find(token)

A store keeps bytes. What a program keeps about a visitor from one request to the next is a session:

    manager = sessio.SessionManager(store)
    session = manager.load_cookie(header)        # the request's Cookie header
    session["user"] = "ada"
    result = manager.commit(session)               # result.set_cookie goes to the client

`Store` and `SessionManager` wait; `AsyncStore` and `AsyncSessionManager` are for event loops, and
may share the store and the sessions of the others. All may be shared by threads, and go on working
in a forked child. What happens behind the scenes is logged under `sessio`.
"""

import atexit as _atexit
import logging as _logging
import os as _os

from . import _methods, _native
from ._native import (
    AsyncSession,
    Key,
    ManualClock,
    Record,
    CommitResult,
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
from .results import Cookie, Entry, CheckIssue, Outcome, Page, SessionPage, Transacted

__all__ = [
    "AlreadyExists",
    "AsyncSession",
    "AsyncSessionManager",
    "AsyncStore",
    "Closed",
    "Cookie",
    "Corrupt",
    "Entry",
    "CheckIssue",
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
    "CommitResult",
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
# Silent unless the program asks: set a level and a handler on the logger `sessio`.
_logging.getLogger("sessio").addHandler(_logging.NullHandler())
_atexit.register(_native.drain_log)
_os.register_at_fork(after_in_child=_native.after_fork)
