"""What the verbs take, under names."""

from datetime import datetime, timedelta
from typing import TypeAlias

from ._native import Key

Bytes: TypeAlias = bytes | bytearray | memoryview
"""Session data."""

Expiry: TypeAlias = datetime | timedelta | None
"""An aware datetime, a timedelta from now, or None for never."""

Session: TypeAlias = str | Key
"""Which session: by the client's token, or by a listed key."""

Row: TypeAlias = tuple[Session, Bytes, Expiry] | tuple[Session, Bytes, Expiry, str | None]
"""Token, data, expires_at and, if there is one, the subject: for `save_many`."""
