"""Type aliases of arguments and results."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

from ._native import Key

Bytes: TypeAlias = bytes | bytearray | memoryview
"""Session data."""

Expiry: TypeAlias = datetime | timedelta | None
"""An aware datetime, a timedelta from now, or None for never."""

Session: TypeAlias = str | Key
"""A session, by the client's token or by the key of a listed session."""

Row: TypeAlias = tuple[Session, Bytes, Expiry] | tuple[Session, Bytes, Expiry, str | None]
"""Token, data, expires_at and optionally the subject: a row of `save_many`."""

Value: TypeAlias = (
    bool | int | float | str | bytes | datetime | list["Value"] | dict[str, "Value"] | None
)
"""A value as it is read from a session."""

Storable: TypeAlias = (
    bool
    | int
    | float
    | str
    | Bytes
    | datetime
    | Sequence["Storable"]
    | Mapping[str, "Storable"]
    | None
)
"""A value that can be put into a session. Of sequences, only list and tuple are accepted."""

Header: TypeAlias = str | Bytes | None
"""The value of a request header; None if the request has none."""

Headers: TypeAlias = Header | list[str] | list[bytes] | tuple[str | bytes, ...]
"""The `Cookie` header of a request, or a list of them: HTTP/2 and ASGI may give several."""

Duration: TypeAlias = timedelta | float | None
"""A timedelta or seconds; None for the default."""

Status: TypeAlias = Literal["unmodified", "modified", "destroyed"]
CommitOutcome: TypeAlias = Literal["unmodified", "saved", "destroyed", "gone", "conflict"]
# Made by `cargo xtask gen` from `api/manager_options.toml`: change that.
Codec: TypeAlias = Literal["json", "msgpack", "gob", "scs_v1", "beego"]
OnConflict: TypeAlias = Literal["merge", "overwrite", "fail"]
OnCorrupt: TypeAlias = Literal["fresh", "fail"]
SameSite: TypeAlias = Literal["lax", "strict", "none", "unset"]
CookieSignature: TypeAlias = Literal["express", "fastify"]
# The end of what `cargo xtask gen` makes.
