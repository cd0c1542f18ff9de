"""One session that holds every value of tests/documents.json, between languages.

    python round_trip.py write URL                   prints `=> TOKEN`
    python round_trip.py read URL TOKEN WRITER       rust, c, python, node, or hand

The table is there already.
"""

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from tagged import native, same

import sessio

DOCUMENTS = Path(__file__).parents[2] / "tests" / "documents.json"
WRITERS = ("rust", "c", "python", "node", "hand")


def values() -> dict[str, Any]:
    """Every value of the list, by its name."""
    documents = json.loads(DOCUMENTS.read_text(encoding="utf-8"))
    return {each["name"]: native(json.loads(each["json"])["values"]["v"]) for each in documents}


def to_milliseconds(value: Any) -> Any:
    """With times rounded down: a `Date` has no more."""
    if isinstance(value, datetime):
        return value.replace(microsecond=value.microsecond // 1000 * 1000)
    if isinstance(value, list):
        return [to_milliseconds(part) for part in value]
    if isinstance(value, dict):
        return {key: to_milliseconds(part) for key, part in value.items()}
    return value


def write(url: str) -> str:
    with sessio.Store(url) as store:
        manager = sessio.SessionManager(store)
        session = manager.load()
        for name, value in values().items():
            session[name] = value
        token = manager.commit(session).token
    assert token is not None
    return token


def read(url: str, token: str, writer: str) -> list[str]:
    """What differs."""
    wanted = values()
    with sessio.Store(url) as store:
        seen: dict[str, Any] = dict(sessio.SessionManager(store).load(token))
    if writer == "node":
        wanted = {name: to_milliseconds(value) for name, value in wanted.items()}
        seen = {name: to_milliseconds(value) for name, value in seen.items()}
    names = sorted(wanted.keys() | seen.keys())
    return [
        f"{name}: {seen.get(name)!r} instead of {wanted.get(name)!r}"
        for name in names
        if name not in wanted or name not in seen or not same(seen[name], wanted[name])
    ]


def main() -> None:
    match sys.argv[1:]:
        case ["write", url]:
            print(f"=> {write(url)}")
        case ["read", url, token, writer] if writer in WRITERS:
            differences = read(url, token, writer)
            if differences:
                sys.exit("\n".join(differences))
            print(f"{len(values())} values")
        case _:
            sys.exit("usage: round_trip.py write URL, or read URL TOKEN WRITER")


if __name__ == "__main__":
    main()
