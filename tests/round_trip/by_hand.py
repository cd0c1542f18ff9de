"""Reads and writes sessions without sessio: SQL, hashlib and json are all that it takes.

by_hand.py write URL prints `=> TOKEN`, and by_hand.py read URL TOKEN WRITER compares with
tests/documents.json. What it knows of the format is what README and the rustdoc of `Codec` say.
"""

import base64
import hashlib
import json
import secrets
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

DOCUMENTS = Path(__file__).parent.parent / "documents.json"
DAY = 24 * 3600


def sql(url: str, statement: str) -> str:
    parts = urlsplit(url)
    command = ["mariadb", "--no-defaults", "--batch", "--raw", "--skip-column-names"]
    command += [f"--host={parts.hostname}", f"--port={parts.port or 3306}"]
    command += [f"--user={unquote(parts.username or '')}"]
    command += [f"--password={unquote(parts.password or '')}", parts.path.strip("/")]
    done = subprocess.run(command, input=statement, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(done.stderr)
    return done.stdout.strip()


def key(token: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(token.encode()).digest()).decode().rstrip("=")


def plain(value: Any) -> Any:
    """A value of the json codec as Python's own; `$map` stands for a map that looks like a tag."""
    if isinstance(value, list):
        return [plain(item) for item in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        ((tag, inner),) = value.items()
        if tag == "$map":
            return {name: plain(item) for name, item in inner.items()}
        if tag == "$int":
            return int(inner)
        if tag == "$float":
            return float(inner)
        if tag == "$bytes":
            return base64.b64decode(inner, validate=True)
        if tag == "$time":
            return datetime.strptime(inner, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
    return {name: plain(item) for name, item in value.items()}


def shown(value: Any, writer: str) -> str:
    """With its type; JavaScript's dates have milliseconds."""
    if isinstance(value, datetime):
        micros = value.microsecond // 1000 * 1000 if writer == "node" else value.microsecond
        return repr(value.replace(microsecond=micros))
    if isinstance(value, list):
        return str([shown(item, writer) for item in value])
    if isinstance(value, dict):
        return str([(name, shown(value[name], writer)) for name in sorted(value)])
    return repr(value)


def documents() -> dict[str, Any]:
    every = json.loads(DOCUMENTS.read_text())
    return {document["name"]: json.loads(document["json"])["values"]["v"] for document in every}


def write(url: str) -> None:
    token, ends = secrets.token_urlsafe(), time.time() + DAY
    text = json.dumps({"deadline": int(ends * 1_000_000), "values": documents()})
    until = datetime.fromtimestamp(ends, UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    data = text.encode().hex()
    columns = "(token, data, expiry)"
    sql(url, f"INSERT INTO sessions {columns} VALUES ('{key(token)}', 0x{data}, '{until}')")
    print(f"=> {token}")


def read(url: str, token: str, writer: str) -> None:
    row = sql(url, f"SELECT HEX(data) FROM sessions WHERE token = '{key(token)}'")
    values = json.loads(bytes.fromhex(row))["values"]
    expected = documents()
    for name in sorted(expected.keys() | values.keys()):
        wanted, found = (shown(plain(of.get(name)), writer) for of in (expected, values))
        if wanted != found:
            sys.exit(f"{name}: {writer} wrote {found}, not {wanted}")
    print(f"{len(values)} values")


def main() -> None:
    match sys.argv[1:]:
        case ["write", url]:
            write(url)
        case ["read", url, token, writer]:
            read(url, token, writer)
        case _:
            sys.exit("usage: by_hand.py write URL, or read URL TOKEN WRITER")


if __name__ == "__main__":
    main()
