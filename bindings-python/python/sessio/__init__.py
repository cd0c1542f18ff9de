"""Server-side web sessions, in MySQL or in memory, shared with every other language.

    import sessio
    with sessio.Store("mysql://user:password@host/app") as store:    # or "memory:"
        token = sessio.generate_token()
        store.save(token, b"...", timedelta(hours=24))
        record = store.find(token)

`Store` waits, `AsyncStore` has the same verbs as coroutines. Both may be shared by threads, and go
on working in a forked child. What happens behind the scenes is logged under `sessio`.
"""

import atexit as _atexit
import logging as _logging
import os as _os

from . import _native
from ._native import Key, ManualClock, Record, Store, generate_token
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
from .results import Entry, Finding, Outcome, Page

__all__ = [
    "AlreadyExists",
    "AsyncStore",
    "Closed",
    "Corrupt",
    "Entry",
    "Finding",
    "Forked",
    "Full",
    "Internal",
    "InvalidArgument",
    "Key",
    "ManualClock",
    "Outcome",
    "Overloaded",
    "Page",
    "Record",
    "Schema",
    "SessioError",
    "Store",
    "Timeout",
    "TooLarge",
    "Unavailable",
    "Unsupported",
    "generate_token",
]

# Silent unless the program asks: set a level and a handler on the logger `sessio`.
_logging.getLogger("sessio").addHandler(_logging.NullHandler())
_atexit.register(_native.drain_log)
_os.register_at_fork(after_in_child=_native.after_fork)
