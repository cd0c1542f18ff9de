"""The tables that the live test runs on: who shares which sessions, and in what form."""

import base64
import hashlib
import json
from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import quote, urlencode

import gob_split
from forms import Gob, Json
from programs import Peer, Program, Server, Table, dsn

import sessio

# What the Go programs have passed to gob.Register, of what a program could put.
REGISTERED = "time.Time,[]interface {},map[string]interface {},map[string]string"
SCS_TABLE = """CREATE TABLE sessions (
    token CHAR(43) PRIMARY KEY,
    data BLOB NOT NULL,
    expiry TIMESTAMP(6) NOT NULL,
    INDEX sessions_expiry_idx (expiry))"""
BEEGO_TABLE = """CREATE TABLE session (
    session_key char(64) NOT NULL,
    session_data blob,
    session_expiry int(11) unsigned NOT NULL,
    PRIMARY KEY (session_key)) ENGINE=MyISAM DEFAULT CHARSET=utf8"""
SHARED = {"codec": "gob", "gob_registered": REGISTERED}


@dataclass(frozen=True)
class Scs:
    """SCS and its table, as its README makes it, or as sessio does."""

    codec: str
    hashes: bool
    table: ClassVar[str] = "sessions"
    blob_of: ClassVar[str] = "SELECT data FROM sessions WHERE token = ?"

    def make_table(self, url: str) -> None:
        if self.hashes:
            with sessio.Store(url) as store:
                store.migrate()
        else:
            with Table(url) as table:
                table.run(SCS_TABLE)

    def server(self, url: str) -> Server:
        return Server(
            "scs", "-dsn", dsn(url), "-codec", self.codec, f"-hash={str(self.hashes).lower()}"
        )

    def peer(self, language: str, url: str) -> Program:
        settings = SHARED if self.codec == "gob" else {"codec": self.codec}
        options = "" if self.hashes else "?hash_tokens=false"
        return Peer(language, url + options, urlencode(settings, quote_via=quote))

    def form(self) -> Gob | Json:
        return Gob(gob_split.scs_values) if self.codec == "gob" else Json()

    def key(self, token: str) -> str:
        """What the table has for a token."""
        digest = base64.urlsafe_b64encode(hashlib.sha256(token.encode()).digest())
        return digest.decode().rstrip("=") if self.hashes else token


@dataclass(frozen=True)
class Beego:
    """Beego and the table of its documentation, which knows when a row was written."""

    program: str
    table: ClassVar[str] = "session"
    blob_of: ClassVar[str] = "SELECT session_data FROM session WHERE session_key = ?"
    lifetime: ClassVar[int] = 3600

    def make_table(self, url: str) -> None:
        with Table(url) as table:
            table.run(BEEGO_TABLE)

    def config(self, url: str) -> str:
        return json.dumps(
            {
                "cookieName": "gosessionid",
                "enableSetCookie": True,
                "gclifetime": self.lifetime,
                "maxLifetime": self.lifetime,
                "ProviderConfig": dsn(url, ""),
            }
        )

    def server(self, url: str) -> Server:
        return Server(self.program, "-config", self.config(url), cookie="gosessionid")

    def peer(self, language: str, url: str) -> Program:
        """Opened with what the Go program is configured with."""
        settings = {"gob_registered": "time.Time"}
        return Peer(language, self.config(url), urlencode(settings, quote_via=quote))

    def form(self) -> Gob:
        return Gob(gob_split.beego_values, has_null=False)

    def key(self, token: str) -> str:
        return token


Variant = Scs | Beego

VARIANTS: dict[str, Variant] = {
    "scs": Scs("gob", hashes=False),
    "scs-hashed": Scs("gob", hashes=True),
    "scs-json": Scs("json", hashes=True),
    "beego": Beego("beego"),
    "beego-1.4.3": Beego("beego1"),
}
